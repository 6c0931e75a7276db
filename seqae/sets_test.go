package seqae

import (
	"testing"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/tokenize"
)

// TestTrainSets trains an autoencoder whose vectors contrast trains, too.
func TestTrainSets(t *testing.T) {
	c := DefaultConfig()
	c.Model.Source = tokenize.Config{Kind: tokenize.Words}
	c.Model.Target = c.Model.Source
	c.Model.Encoder.Embedding, c.Model.Encoder.Hidden, c.Model.Decoder.Embedding, c.Model.Decoder.Hidden, c.Model.Bottleneck.Size = 4, 4, 4, 4, 4
	sets := []corpora.Example{{Source: "a dog", Targets: []string{"one dog"}}, {Source: "a cat", Targets: []string{"one cat"}}}
	m, err := New(c, []string{"a dog", "one dog", "a cat", "one cat"}, 1)
	if err != nil {
		t.Fatal(err)
	}
	o := &seq2seq.TrainOptions{Epochs: 1, BatchSentences: 2}
	for _, err := range m.TrainSets(t.Context(), sets, sets, o) {
		if err == nil {
			t.Error("no error without contrast")
		}
	}
	o.Contrast.Weight = 1
	steps := 0
	for p, err := range m.TrainSets(t.Context(), sets, sets, o) {
		if err != nil {
			t.Fatal(err)
		}
		steps++
		if _, ok := p.Validation.Figures.Of("contrast.recall@1"); !ok || p.Rewritten == nil || p.Rewritten.Lines != 2 {
			t.Errorf("validation %+v, rewritten %+v: want contrast and two lines", p.Validation.Figures, p.Rewritten)
		}
	}
	if steps != 1 {
		t.Errorf("%d steps: want 1", steps)
	}
}
