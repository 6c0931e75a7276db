package anomaly_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/seqae"
	"github.com/retell-rnn/retell/seqae/anomaly"
	"github.com/retell-rnn/retell/tokenize"
)

// normalLines returns all lines of a small log.
func normalLines() []string {
	var lines []string
	for _, host := range []string{"alpha", "beta", "gamma", "delta"} {
		for _, event := range []string{"disk check passed", "user logged in", "user logged out", "backup started", "backup finished"} {
			lines = append(lines, host+" "+event, "server "+host+" "+event)
		}
	}
	return lines
}

// A detector is fitted to normal lines, saved, loaded, and gives strange lines the highest scores.
func Example() {
	ctx := context.Background()
	c := seqae.DefaultConfig()
	c.Model.Source = tokenize.Config{Kind: tokenize.Words}
	c.Model.Target = c.Model.Source
	c.Model.Encoder.Hidden, c.Model.Decoder.Hidden, c.Model.Bottleneck.Size = 32, 32, 16
	model, err := seqae.New(c, normalLines(), 1)
	if err != nil {
		log.Fatal(err)
	}
	opts := &seq2seq.TrainOptions{Epochs: 60, BatchSentences: 8}
	opts.Schedule.Kind, opts.Schedule.Rate = "constant", 0.01
	for _, err := range model.Train(ctx, normalLines(), nil, opts) {
		if err != nil {
			log.Fatal(err)
		}
	}

	fitted, err := anomaly.Fit(ctx, model, normalLines(), nil)
	if err != nil {
		log.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "log.anomaly")
	if err := fitted.Save(path); err != nil {
		log.Fatal(err)
	}
	detector, err := anomaly.Load(path)
	if err != nil {
		log.Fatal(err)
	}

	lines := []string{"beta user logged in", "in passed backup delta user"}
	var scores []float64
	for s, err := range detector.Score(ctx, corpora.Stream(lines), nil) {
		if err != nil {
			log.Fatal(err)
		}
		scores = append(scores, s.Score)
	}
	fmt.Println(detector.Lines(), "normal lines; the second line is stranger:", scores[1] > scores[0])
	evaluation, err := detector.Evaluate(ctx, lines, []bool{false, true})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("AUROC", evaluation.Score)
	// Output:
	// 40 normal lines; the second line is stranger: true
	// AUROC 1
}
