package seqae

import (
	"errors"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/tokenize"
)

func TestVariation(t *testing.T) {
	if got, want := words("Aren't they, 2 o'clock' “rätsel”?"), []string{"Aren't", " ", "they", ", ", "2", " ", "o'clock", "' “", "rätsel", "”?"}; !slices.Equal(got, want) {
		t.Errorf("words %q: want %q", got, want)
	}
	v := newVariation(1, []string{"Tom öffnet", "- Das Fenster!", "Ja."})
	if want := []string{"öffnet", "Fenster"}; !slices.Equal(v.words, want) {
		t.Fatalf("words %q: want those within lines, %q", v.words, want)
	}
	rng := rand.New(rand.NewPCG(1, 1))
	seen := map[string]int{}
	for range 50 {
		s, target := v.CorruptText(rng, "«Wer singt?»", "")
		if s != target {
			t.Fatalf("target %q of %q", target, s)
		}
		seen[s]++
	}
	for _, want := range []string{"«Öffnet öffnet?»", "«Öffnet Fenster?»", "«Fenster öffnet?»", "«Fenster Fenster?»"} {
		if seen[want] == 0 {
			t.Errorf("variations %v: want %s, too", seen, want)
		}
	}
	if s, _ := newVariation(1, []string{"Ja."}).CorruptText(rng, "Nein.", ""); s != "Nein." {
		t.Errorf("%q of a corpus without other words", s)
	}
	lines := slices.Repeat([]string{"a b c d e f g h i j"}, 100)
	v.Vary, v.words = 0.2, []string{"x"}
	hits := 0
	for _, line := range lines {
		s, _ := v.CorruptText(rng, line, line)
		hits += strings.Count(s, "x")
	}
	if hits < 150 || hits > 250 {
		t.Errorf("%d of 1,000 words replaced: want about 200", hits)
	}
}

// TestVaryTexts trains an autoencoder that reads the n-grams of words and writes pairs of bytes, with variation.
// A stopped training continues to the same bits.
func TestVaryTexts(t *testing.T) {
	c := smallConfig()
	c.Model.SharedVocab = false
	c.Model.Source = tokenize.Config{Kind: tokenize.Words, Lowercase: true}
	c.Model.Target = tokenize.Config{Kind: tokenize.BPE, Merges: 10}
	c.Model.Encoder.NGrams = seq2seq.NGramConfig{Max: 3, Buckets: 100, Only: true}
	c.Objective.Noise.Vary = 0.5
	lines := digits(60)
	o := seq2seq.TrainOptions{Epochs: 2, BatchSentences: 10}
	weights := func(o seq2seq.TrainOptions, steps int) string {
		m, err := New(c, lines, 1)
		if err != nil {
			t.Fatal(err)
		}
		for p, err := range m.Train(t.Context(), lines[:50], lines[50:], &o) {
			if err != nil {
				t.Fatal(err)
			}
			if p.Step == steps {
				break
			}
		}
		return m.Fingerprint()
	}
	whole := weights(o, 0)
	o.Checkpoint.State = filepath.Join(t.TempDir(), "state")
	weights(o, 7)
	if weights(o, 0) != whole {
		t.Error("other weights after a stop")
	}
	o.Checkpoint.State = ""
	c.Objective.Noise.Vary = 0
	if weights(o, 0) == whole {
		t.Error("the same weights without variation")
	}
	c.Objective.Noise.Vary = 0.5
	m, err := New(c, lines, 1)
	if err != nil {
		t.Fatal(err)
	}
	o.Contrast.Weight = 1
	for _, err = range m.TrainSets(t.Context(), c.Objective.Examples(lines), nil, &o) {
		break
	}
	if err == nil || !strings.Contains(err.Error(), "noise in texts with contrast") {
		t.Errorf("error %v with contrast", err)
	}
	c.Objective.Next = true
	var v seq2seq.Violations
	if err := c.Validate(); !errors.As(err, &v) || !strings.Contains(err.Error(), "autoencoder.noise.vary: 0.5 with autoencoder.next: want 0") {
		t.Errorf("error %v: want one about next", err)
	}
}
