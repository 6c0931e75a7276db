package seq2seq

import (
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/tokenize"
)

// aligned returns examples of the task reverse. Their alignments link the i-th words of both sides, which does not help
// to learn the task.
func aligned(t *testing.T, n int) []corpora.Example {
	t.Helper()
	data := collect(t, corpora.Task("reverse", 5, n))
	for i, e := range data {
		words := len(strings.Fields(e.Source))
		for k := range words {
			data[i].Alignment = append(data[i].Alignment, Link{Source: k, Target: k})
		}
	}
	return data
}

// TestAlignedTokens checks the token alignment for links between words.
func TestAlignedTokens(t *testing.T) {
	m := &Network{
		source: learned(t, tokenize.Config{Kind: tokenize.Chars}, "ab c"),
		target: learned(t, tokenize.Config{Kind: tokenize.Words}, "X Y, Z"),
	}
	got := m.alignedTokens(Alignment{{Source: 0, Target: 1}, {Source: 1, Target: 0}, {Source: 1, Target: 1}}, m.source.Encode("ab c"), m.target.Encode("X Y, Z"))
	if len(got) < 4 || len(m.source.Encode("ab c")) != 4 {
		t.Fatalf("%v of the source tokens %q", got, m.source.Tokens("ab c"))
	}
	if diff := cmp.Diff([]int32{3}, got[0]); diff != "" {
		t.Errorf("X: %s", diff)
	}
	if diff := cmp.Diff([]int32{0, 1, 3}, got[1]); diff != "" {
		t.Errorf("Y: %s", diff)
	}
	if last := got[len(got)-1]; last != nil {
		t.Errorf("Z: %v: want nothing", last)
	}
}

// TestGuidedAlignmentLearns holds that a model learns the alignments of the training data only with guidance.
func TestGuidedAlignmentLearns(t *testing.T) {
	data := aligned(t, 300)
	c := smallConfig()
	c.Encoder.Bidirectional, c.Encoder.Hidden = true, 32
	right := func(weight float64) float64 {
		m := newModel(t, c, data, 1)
		train(t, m, data[:250], nil, &TrainOptions{Epochs: 12, BatchSentences: 16, GuidedAlignment: weight, Schedule: rnn.Schedule{Kind: "constant", Rate: 0.01}})
		hits, links := 0, 0
		for _, e := range data[250:] {
			x, err := m.Explain(t.Context(), e.Source, e.Targets[0], nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, l := range x.Alignment {
				links++
				if slices.Contains(e.Alignment, l) {
					hits++
				}
			}
		}
		return float64(hits) / float64(links)
	}
	guided, plain := right(0.5), right(0)
	if guided < 0.9 || plain > 0.5 {
		t.Errorf("%.2f of the links are right with guidance, %.2f without: want 0.9 at least, and at most 0.5", guided, plain)
	}
}

// TestGuidedAlignmentRepeats holds that training has the same bits on any number of cores and after a stop, and that
// changed alignments count as other data.
func TestGuidedAlignmentRepeats(t *testing.T) {
	data := aligned(t, 60)
	data[3].Alignment = nil // trained without guidance
	o := TrainOptions{Epochs: 2, BatchSentences: 16, GuidedAlignment: 0.3}
	run := func(procs int) *Model {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
		m := newModel(t, smallConfig(), data, 3)
		train(t, m, data, nil, &o)
		return m
	}
	m := run(1)
	if !slices.Equal(weights(m), weights(run(3))) {
		t.Error("three cores give other weights than one")
	}
	o.Checkpoint.State = filepath.Join(t.TempDir(), "state")
	for p, err := range newModel(t, smallConfig(), data, 3).Train(t.Context(), data, nil, &o) {
		if err != nil {
			t.Fatal(err)
		}
		if p.Step == 3 {
			break
		}
	}
	other := slices.Clone(data)
	other[5].Alignment = Alignment{{Source: 0, Target: 0}}
	for _, err := range newModel(t, smallConfig(), data, 3).Train(t.Context(), other, nil, &o) {
		if err == nil {
			t.Fatal("a training resumes with other alignments: want an error")
		}
	}
	again := newModel(t, smallConfig(), data, 3)
	train(t, again, data, nil, &o)
	if !slices.Equal(weights(m), weights(again)) {
		t.Error("a stop gives other weights")
	}
}

func TestGuidedAlignmentErrors(t *testing.T) {
	data := aligned(t, 20)
	none := collect(t, corpora.Task("reverse", 5, 20))
	far := slices.Clone(data)
	far[2].Alignment = Alignment{{Source: 99, Target: 0}}
	for want, try := range map[string]struct {
		data   []corpora.Example
		change func(*Config)
		o      TrainOptions
	}{
		"no training example has an alignment":                                {none, nil, TrainOptions{}},
		fmt.Sprintf("example 3 (%q): link 99-0 of a pair of ", far[2].Source): {far, nil, TrainOptions{}},
		"with a model without attention": {
			data, func(c *Config) { c.Decoder.Attention, c.Decoder.InputFeeding = "none", false }, TrainOptions{},
		},
		"with noise, bpe_dropout or risk": {data, nil, TrainOptions{Risk: RiskOptions{Metric: "ser"}}},
	} {
		c := smallConfig()
		if try.change != nil {
			try.change(&c)
		}
		try.o.GuidedAlignment = 0.1
		var got error
		for _, err := range newModel(t, c, try.data, 1).Train(t.Context(), try.data, nil, &try.o) {
			got = err
			break
		}
		if got == nil || !strings.Contains(got.Error(), want) {
			t.Errorf("error %v: want %q", got, want)
		}
	}
}
