package seq2seq

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/rnn"
)

// names makes examples "NAME knows NAME ." → "NAME kennt NAME .". Sets with other numbers from first on have other
// names.
func names(first, n int, seed uint64) []corpora.Example {
	rng := rand.New(rand.NewPCG(seed, 1))
	verbs := [][2]string{{"knows", "kennt"}, {"sees", "sieht"}, {"hears", "hört"}}
	out := make([]corpora.Example, n)
	for i := range out {
		a, b := fmt.Sprintf("n%d", first+rng.IntN(200)), fmt.Sprintf("n%d", first+rng.IntN(200))
		v := verbs[rng.IntN(len(verbs))]
		out[i] = corpora.Example{Source: a + " " + v[0] + " " + b + " .", Targets: []string{a + " " + v[1] + " " + b + " ."}}
	}
	return out
}

// TestCopiesUnseenWords holds that greedy and beam search copy words unseen in training to the right places, and that
// scoring gives them a probability.
func TestCopiesUnseenWords(t *testing.T) {
	c := smallConfig()
	c.Encoder.Bidirectional, c.Decoder.Copy, c.Decoder.Attention = true, true, "bahdanau"
	c.Source.MinCount, c.Target.MinCount = 50, 50 // the vocabulary has no names
	learn, unseen := names(0, 600, 1), names(1000, 40, 2)
	m := newModel(t, c, learn, 1)
	train(t, m, learn, nil, &TrainOptions{Epochs: 20, BatchSentences: 20, Schedule: rnn.Schedule{Rate: 0.01}})
	ctx := context.Background()
	for _, beam := range []int{1, 4} {
		r, err := m.Evaluate(ctx, unseen, &EvalOptions{Search: &SearchOptions{Beam: beam}})
		if err != nil {
			t.Fatal(err)
		}
		if r.Exact < 0.95 || r.Loss > 0.1 {
			t.Errorf("beam of %d: exact match %g, loss %g: want 0.95 and less than 0.1 (%s → %s)", beam, r.Exact, r.Loss, unseen[0].Source, r.Translations[0])
		}
	}
	tr := collect(t, m.Translate(ctx, lines(unseen[0].Source), &SearchOptions{Beam: 3, NBest: 3}))[0]
	want := append(strings.Fields(unseen[0].Targets[0]), endMark)
	if got := tr.Hypotheses[0].Tokens; !slices.Equal(got, want) {
		t.Errorf("tokens %q: want %q", got, want)
	}
	stream := func(yield func(corpora.Example, error) bool) { yield(unseen[0], nil) }
	s := collect(t, m.Score(ctx, stream, nil))[0].Targets[0]
	if got := tr.Hypotheses[0].LogProb; !slices.Equal(s.Tokens, want) || s.LogProb() < got-1e-4 || s.LogProb() > got+1e-4 {
		t.Errorf("scored %q %g: want %q %g", s.Tokens, s.LogProb(), want, got)
	}
	// A model without copying and a model with other source tokens can join it in an ensemble.
	c.Decoder.Copy, c.Source.MinCount = false, 1
	other := newModel(t, c, learn, 2)
	other.target = m.target
	if other.net.params.Get("target.embedding.weight").Shape[0] != m.target.Size() {
		t.Fatal("the vocabularies differ")
	}
	if got := collect(t, ensemble(t, other, m).Translate(ctx, lines(unseen[0].Source), nil)); len(got[0].Text) == 0 {
		t.Error("the ensemble finds no translation")
	}
}
