package seq2seq

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/tokenize"
)

// TestResolved checks that resolved settings are valid, hold no defaults, and mean the same as the given settings.
func TestResolved(t *testing.T) {
	sum := DefaultConfig()
	sum.Encoder.Factors = FactorConfig{Case: true, Join: "sum"}
	bottleneck := DefaultConfig()
	bottleneck.Decoder.Attention, bottleneck.Decoder.InputFeeding = "none", false
	bottleneck.Bottleneck.Size = 8
	words := DefaultConfig()
	words.Source, words.Target = tokenize.Config{Kind: tokenize.Words}, tokenize.Config{Kind: tokenize.Bytes}
	for i, c := range []Config{DefaultConfig(), sum, bottleneck, words} {
		r := c.Resolved()
		if err := r.Validate(); err != nil {
			t.Errorf("configuration %d, resolved: %v", i, err)
		}
		if diff := cmp.Diff(r, r.Resolved()); diff != "" {
			t.Errorf("configuration %d, resolved twice:\n%s", i, diff)
		}
		if r.Source.Kind == "" || r.Source.Normalize == "" || r.Decoder.Cell == "" || r.TiedEmbeddings == "" || r.Init.Scale == 0 {
			t.Errorf("configuration %d, resolved, holds defaults: %+v", i, r)
		}
		if got, want := r.resolved().Encoder, c.resolved().Encoder; got != want {
			t.Errorf("configuration %d: encoder %+v: want %+v", i, got, want)
		}
	}
	if r := bottleneck.Resolved(); r.Bottleneck.Pool != "mean" {
		t.Errorf("pool of a bottleneck: %q", r.Bottleneck.Pool)
	}

	var none *TrainOptions
	for i, o := range []*TrainOptions{
		none, {BatchTokens: 100}, {Memory: 1 << 30}, {Optimizer: OptimizerOptions{Kind: "sgd"}}, {Schedule: rnn.Schedule{Kind: "cosine"}},
	} {
		r := o.Resolved()
		if err := r.Validate(); err != nil {
			t.Errorf("options %d, resolved: %v", i, err)
		}
		if again := r.Resolved(); !cmp.Equal(r, again) {
			t.Errorf("options %d, resolved twice: %s", i, cmp.Diff(r, again))
		}
		if r.Epochs == 0 || r.Schedule.Rate == 0 || r.Optimizer.Kind == "" || r.Clip == 0 || r.Log != nil || r.Now != nil {
			t.Errorf("options %d, resolved: %+v", i, r)
		}
	}
	if r := (&TrainOptions{BatchTokens: 100}).Resolved(); r.BatchSentences != 0 {
		t.Errorf("sentences of batches of tokens: %d: want 0", r.BatchSentences)
	}
}
