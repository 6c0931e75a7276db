package seq2seq_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/seq2seq"
)

// A training that a context stops writes its state. Train, called again, resumes and ends with the same bits as a
// training that was never stopped.
func ExampleNetwork_Train_resume() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	opts := seq2seq.TrainOptions{MaxSteps: 10, Schedule: rnn.Schedule{Rate: 0.01}}
	whole := newModel(1)
	learnWith(context.Background(), whole, opts)

	opts.Checkpoint = seq2seq.Checkpoint{Model: filepath.Join(dir, "model.retell"), State: filepath.Join(dir, "model.retell.state")}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	stopped := newModel(1)
	for p, err := range stopped.Train(ctx, sentences(), nil, &opts) {
		if err != nil {
			fmt.Println("stopped:", errors.Is(err, context.Canceled))
			break
		}
		if p.Step == 4 {
			cancel() // as a signal does, see os/signal.NotifyContext
		}
	}
	state, err := seq2seq.ReadState(opts.Checkpoint.State)
	if err != nil {
		panic(err)
	}
	fmt.Println("steps in the state:", state.Steps)

	resumed := newModel(1)
	fmt.Println("first step after the stop:", learnWith(context.Background(), resumed, opts))
	fmt.Println("same bits:", resumed.Fingerprint() == whole.Fingerprint())
	// Output:
	// stopped: true
	// steps in the state: 4
	// first step after the stop: 5
	// same bits: true
}

// learnWith trains a model on the sentences and returns the first step.
func learnWith(ctx context.Context, m *seq2seq.Model, opts seq2seq.TrainOptions) (first int) {
	for p, err := range m.Train(ctx, sentences(), nil, &opts) {
		if err != nil {
			panic(err)
		}
		if first == 0 {
			first = p.Step
		}
	}
	return first
}

// The decoder reads more and more of its own tokens in place of the reference's.
func ExampleScheduledSampling() {
	sampling := seq2seq.ScheduledSampling{Kind: seq2seq.SamplingLinear, K: 200, Least: 0.7}
	_, loss := learn(newModel(1).Network, sentences(), seq2seq.TrainOptions{Epochs: 60, ScheduledSampling: sampling})
	fmt.Println("loss below 1:", loss < 1)
	// Output: loss below 1: true
}

// A trained model goes on to minimize the expected risk of its translations by a metric, here 1 − BLEU.
func ExampleRiskOptions() {
	m := newModel(1)
	learn(m.Network, sentences(), seq2seq.TrainOptions{Epochs: 30})
	opts := seq2seq.TrainOptions{MaxSteps: 3, Risk: seq2seq.RiskOptions{Metric: "bleu", Samples: 4}}
	steps, risk := learn(m.Network, sentences(), opts)
	fmt.Println(steps, "steps, risk from 0 to 1:", risk >= 0 && risk <= 1)
	// Output: 3 steps, risk from 0 to 1: true
}

// Training changes only the parts of a network that are not frozen.
func ExampleTrainOptions_freeze() {
	m := newModel(1)
	line := []string{"the dog runs"}
	before := embed(m, line)
	learn(m.Network, sentences(), seq2seq.TrainOptions{Epochs: 1, Freeze: []string{"encoder", "embeddings"}})
	fmt.Println("the encoder is the same:", before == embed(m, line))
	learn(m.Network, sentences(), seq2seq.TrainOptions{Epochs: 1})
	fmt.Println("the encoder is the same:", before == embed(m, line))
	// Output:
	// the encoder is the same: true
	// the encoder is the same: false
}

// Validate returns every wrong setting with its path.
func ExampleTrainOptions_Validate() {
	err := (&seq2seq.TrainOptions{Epochs: -1, BatchSentences: 8, BatchTokens: 100}).Validate()
	var wrong seq2seq.Violations
	if errors.As(err, &wrong) {
		for _, v := range wrong {
			fmt.Println(v.Path, "–", v.Problem)
		}
	}
	// Output:
	// epochs – -1: want 0 or more
	// batch_tokens – 100 beside batch_sentences: 8: want one of the two
}

// Suited chooses sizes and options by the number of training examples.
func ExampleSuited() {
	for _, n := range []int{1_000, 100_000} {
		c, o := seq2seq.Suited(n)
		fmt.Println(n, "examples:", c.Encoder.Hidden, "hidden units,", o.Epochs, "epochs")
	}
	// Output:
	// 1000 examples: 256 hidden units, 60 epochs
	// 100000 examples: 512 hidden units, 20 epochs
}
