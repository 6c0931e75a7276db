// Command train trains a translator on a file of pairs, then prints its three best translations of each line of
// standard input.
//
//	go run ./examples/train PAIRS.tsv VALID.tsv MODEL < INPUT
//
// Each line of PAIRS.tsv is a source, a tab and a target. Ctrl-C saves the training beside MODEL; the same command
// continues it.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"os/signal"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/seq2seq"
)

func main() {
	if len(os.Args) != 4 {
		log.Fatal("usage: train PAIRS.tsv VALID.tsv MODEL < INPUT")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1], os.Args[2], os.Args[3]); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, pairs, valid, file string) error {
	model, err := train(ctx, pairs, valid, file)
	if err != nil {
		return err
	}
	lines := corpora.Lines("-", nil) // standard input
	for t, err := range model.Translate(ctx, lines, &seq2seq.SearchOptions{Beam: 5, NBest: 3}) {
		if err != nil {
			return err
		}
		for _, h := range t.Hypotheses {
			fmt.Printf("%s\t%.2f\t%s\n", t.Source, h.Probability, h.Text)
		}
	}
	return nil
}

// train returns a model trained on pairs. The training's state is kept beside the model's file.
func train(ctx context.Context, pairs, valid, file string) (*seq2seq.Model, error) {
	format := corpora.Format{Type: corpora.TypeTSV}
	examples, err := corpora.Collect(format.Read(pairs, nil))
	if err != nil {
		return nil, err
	}
	held, err := corpora.Collect(format.Read(valid, nil))
	if err != nil {
		return nil, err
	}
	config, options := seq2seq.Suited(len(examples)) // sizes that fit the data
	options.Checkpoint = seq2seq.Checkpoint{Model: file, State: file + ".state"}
	source, target, err := seq2seq.Learn(config, examples)
	if err != nil {
		return nil, err
	}
	model, err := seq2seq.New(config, source, target, options.Seed)
	if err != nil {
		return nil, err
	}
	for p, err := range model.Train(ctx, examples, held, &options) {
		if err != nil {
			return nil, err
		}
		if v := p.Validation; v != nil {
			log.Printf("step %d of %d: loss %.3f, accuracy %.1f %%", p.Step, p.Steps, v.Loss, 100*v.Accuracy)
		}
	}
	return model, nil
}
