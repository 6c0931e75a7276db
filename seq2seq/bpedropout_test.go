package seq2seq

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/tokenize"
)

// spelled returns examples of words made by merges, with two targets each.
func spelled(n int) []corpora.Example {
	rng := rand.New(rand.NewPCG(4, 4))
	syllables := []string{"ka", "tem", "lor", "bi", "sun"}
	var out []corpora.Example
	for range n {
		word := func() string { return syllables[rng.IntN(5)] + syllables[rng.IntN(5)] }
		a, b := word(), word()
		out = append(out, corpora.Example{Source: a + " " + b, Targets: []string{b, b + " " + a}})
	}
	return out
}

func bpeConfig() Config {
	c := smallConfig()
	c.Source, c.Target = tokenize.Config{Merges: 30}, tokenize.Config{Merges: 30}
	return c
}

// TestBPEDropoutResumes holds that draws depend on seed and step only: a training stopped within an epoch resumes to
// the same bits, and its bits differ from a training without dropout.
func TestBPEDropoutResumes(t *testing.T) {
	data := spelled(120)
	learn, valid := data[:100], data[100:]
	o := TrainOptions{Epochs: 2, BatchSentences: 16, Seed: 4, BPEDropout: BPEDropout{Source: 0.2, Target: 0.1}}
	whole := newModel(t, bpeConfig(), learn, 3)
	steps := train(t, whole, learn, valid, &o)

	o.Checkpoint.State = filepath.Join(t.TempDir(), "state")
	for p, err := range newModel(t, bpeConfig(), learn, 3).Train(context.Background(), learn, valid, &o) {
		if err != nil {
			t.Fatal(err)
		}
		if p.Step == 5 {
			break
		}
	}
	m := newModel(t, bpeConfig(), learn, 3)
	if rest := train(t, m, learn, valid, &o); len(rest) != len(steps)-5 {
		t.Fatalf("%d more steps: want %d", len(rest), len(steps)-5)
	}
	if !slices.Equal(weights(m), weights(whole)) {
		t.Error("other weights after a stop")
	}
	plain := newModel(t, bpeConfig(), learn, 3)
	train(t, plain, learn, valid, &TrainOptions{Epochs: 2, BatchSentences: 16, Seed: 4})
	if slices.Equal(weights(plain), weights(whole)) {
		t.Error("no merge is left out")
	}
}

// TestBPEDropoutSegments holds that each pair is segmented from its own text, anew each time, and only on the sides
// with dropout.
func TestBPEDropoutSegments(t *testing.T) {
	data := spelled(40)
	m := newModel(t, bpeConfig(), data, 1)
	pairs := m.encodePairs(data, true, nil)
	m.keepTexts(pairs, data)
	rng := rand.New(rand.NewPCG(1, 1))
	d := BPEDropout{Target: 0.5}
	varied := 0
	for i, p := range pairs {
		first, second := p, p
		d.segment(m.Network, &first, rng)
		d.segment(m.Network, &second, rng)
		e := data[i/2]
		if got, want := m.target.Decode(first.tgt), e.Targets[i%2]; got != want {
			t.Fatalf("pair %d: target %q: want %q", i, got, want)
		}
		if !slices.Equal(first.src, m.source.Encode(e.Source)) {
			t.Fatalf("pair %d: dropout on the source side", i)
		}
		if !slices.Equal(first.tgt, second.tgt) {
			varied++
		}
	}
	if varied < len(pairs)/2 {
		t.Errorf("%d of %d targets vary", varied, len(pairs))
	}
}

func TestBPEDropoutRefused(t *testing.T) {
	data := spelled(20)
	words, copying := bpeConfig(), bpeConfig()
	words.Target = tokenize.Config{Kind: tokenize.Words}
	copying.Decoder.Copy = true
	for _, test := range []struct {
		config Config
		drop   BPEDropout
		want   string
	}{
		{words, BPEDropout{Target: 0.1}, "bpe_dropout.target: 0.1 with tokens of kind words: want 0, or bpe"},
		{words, BPEDropout{Source: 0.1}, "<nil>"},
		{copying, BPEDropout{Source: 0.1}, "bpe_dropout with a model that copies"},
		{bpeConfig(), BPEDropout{Source: 1.5}, "bpe_dropout.source: 1.5: want 0 to 1"},
	} {
		var err error
		for _, err = range newModel(t, test.config, data, 1).Train(t.Context(), data, nil, &TrainOptions{MaxSteps: 1, BPEDropout: test.drop}) {
		}
		if !strings.Contains(fmt.Sprint(err), test.want) {
			t.Errorf("%+v: got %v, want %s", test.drop, err, test.want)
		}
	}
}
