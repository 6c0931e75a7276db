package seq2seq

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// renaming is a noise that renames people on both sides.
type renaming struct{}

func (renaming) CorruptText(rng *rand.Rand, source, target string) (s, t string) {
	if rng.IntN(2) == 0 {
		return source, target
	}
	return strings.ReplaceAll(source, "n", "m"), strings.ReplaceAll(target, "n", "m")
}

// TestTextNoiseWithCopying holds that a model that copies reads the words of corrupted texts, and learns to copy them.
func TestTextNoiseWithCopying(t *testing.T) {
	c := smallConfig()
	c.Decoder.Copy = true
	c.Source.MinCount, c.Target.MinCount = 10, 10
	data := names(0, 40, 1)
	o := TrainOptions{Epochs: 1, BatchSentences: 20, TextNoise: renaming{}}
	m := newModel(t, c, data, 1)
	tr, err := m.newTrainer(t.Context(), data, nil, &o)
	if err != nil {
		t.Fatal(err)
	}
	all := make([]int, len(data))
	for i := range all {
		all[i] = i
	}
	renamed := 0
	pairs, err := tr.corrupted(all, rand.New(rand.NewPCG(1, 1)))
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range pairs {
		first := strings.Fields(p.texts.source)[0]
		if first[0] == 'm' {
			renamed++
		}
		if want := []string{first}; !slices.Equal(p.oovWords()[:1], want) || int(p.tgt[0]) != m.Target().Size() || p.copies == nil {
			t.Errorf("pair %d (%s): words %q, target %d: want %q and %d", i, p.texts.source, p.oovWords(), p.tgt[0], want, m.Target().Size())
		}
		if old := tr.train[i].oovWords()[0]; old[0] != 'n' {
			t.Errorf("pair %d itself has changed: %q", i, old)
		}
	}
	if renamed == 0 {
		t.Error("no pair has changed")
	}
	for _, p := range train(t, m, data, data[:5], &o) {
		if !(p.Loss > 0) {
			t.Errorf("loss %g: want more than 0", p.Loss)
		}
	}
}
