package seq2seq

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/retell-rnn/retell/corpora"
)

// examplesOf makes examples whose targets equal their sources.
func examplesOf(lines ...string) []corpora.Example {
	var out []corpora.Example
	for _, l := range lines {
		out = append(out, corpora.Example{Source: l, Targets: []string{l}})
	}
	return out
}

// TestAdopt holds that rows of shared tokens are copied, parameters of equal shapes too, and nothing else.
func TestAdopt(t *testing.T) {
	c := smallConfig()
	c.Encoder.Layers = 2
	theirs := newModel(t, c, examplesOf("a a a b b c", "only theirs"), 1)
	c.Decoder.Hidden = 24
	ours := newModel(t, c, examplesOf("c c c b b a ours"), 2)
	before := newModel(t, c, examplesOf("c c c b b a ours"), 2)
	adopted, err := ours.adopt(theirs.donor(""))
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range slices.Collect(ours.net.params.All()) {
		a := adopted[i]
		was, have := before.net.params.Get(p.Name), theirs.net.params.Get(p.Name)
		want := 0
		switch {
		case strings.HasPrefix(p.Name, "encoder"):
			want = a.Of
			if !slices.Equal(p.W, have.W) {
				t.Errorf("%s differs from the donor's", p.Name)
			}
		case strings.HasSuffix(p.Name, "embedding.weight") || p.Name == "output.bias":
			want = 4 + 3 // special symbols, a, b, c
			n := len(p.W) / p.Shape[0]
			for id := range int32(p.Shape[0]) {
				row, from := p.W[int(id)*n:][:n], was.W[int(id)*n:][:n]
				if k, ok := theirs.source.Vocab().ID(ours.source.Vocab().Token(id)); ok {
					from = have.W[int(k)*n:][:n]
				}
				if !slices.Equal(row, from) {
					t.Errorf("%s: row of %q differs", p.Name, ours.source.Vocab().Token(id))
				}
			}
		default: // decoder, bridge and output weight differ in size
			if have != nil && slices.Equal(have.Shape, p.Shape) {
				want = a.Of
				break
			}
			if !slices.Equal(p.W, was.W) {
				t.Errorf("%s has changed", p.Name)
			}
		}
		if a.Name != p.Name || a.Taken != want {
			t.Errorf("%s: reports %d of %d rows of %s: want %d", p.Name, a.Taken, a.Of, a.Name, want)
		}
	}
	if ours.Summary().Start == "" {
		t.Error("the summary does not say that weights were copied")
	}
}

// TestAdoptFile holds that a file and its model copy the same rows, each side by its own vocabulary.
func TestAdoptFile(t *testing.T) {
	pair := func(source, target string) []corpora.Example {
		return []corpora.Example{{Source: source, Targets: []string{target}}}
	}
	for _, shared := range []bool{false, true} {
		c := smallConfig()
		c.SharedVocab = shared
		theirs := newModel(t, c, pair("a b c d e", "x y"), 1)
		path := filepath.Join(t.TempDir(), "theirs.retell")
		if err := theirs.Save(path); err != nil {
			t.Fatal(err)
		}
		ours, same := newModel(t, c, pair("e d f", "y z x"), 2), newModel(t, c, pair("e d f", "y z x"), 2)
		want, err := ours.adopt(theirs.donor(""))
		if err != nil {
			t.Fatal(err)
		}
		d, err := openDonor(path)
		if err != nil {
			t.Fatal(err)
		}
		got, err := same.adopt(d)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, want) || !slices.Equal(weights(same), weights(ours)) {
			t.Errorf("shared vocabulary %v: the file gives\n%v: want\n%v", shared, got, want)
		}
		for _, a := range got {
			if strings.HasSuffix(a.Name, "embedding.weight") && a.Taken < 4+2 {
				t.Errorf("shared vocabulary %v: %s: %d rows: want the rows of all shared tokens", shared, a.Name, a.Taken)
			}
		}
	}
}

func TestAdoptRefuses(t *testing.T) {
	data := examplesOf("a b c")
	m := newModel(t, smallConfig(), data, 1)
	if _, err := m.Quantize().adopt(m.donor("")); err == nil || !strings.Contains(err.Error(), "quantized") {
		t.Errorf("error %v: want one about a quantized model", err)
	}
	dir := t.TempDir()
	train(t, m, data, nil, &TrainOptions{Checkpoint: Checkpoint{State: filepath.Join(dir, "state")}, MaxSteps: 1})
	if _, err := openDonor(filepath.Join(dir, "state")); err == nil || !strings.Contains(err.Error(), "is a training state file: want a model file") {
		t.Errorf("error %v: want one about the kind of file", err)
	}
}

// TestTrainFrom holds that a training with From begins with that model's weights, resumes to the same bits, and refuses
// the state of a training that began with other weights.
func TestTrainFrom(t *testing.T) {
	data := collect(t, corpora.Task("copy", 1, 80))
	dir := t.TempDir()
	file := func(seed uint64) string {
		path := filepath.Join(dir, string(rune('a'+seed)))
		if err := newModel(t, smallConfig(), data, seed).Save(path); err != nil {
			t.Fatal(err)
		}
		return path
	}
	o := TrainOptions{Epochs: 2, BatchSentences: 16, From: file(5)}
	whole := newModel(t, smallConfig(), data, 1)
	train(t, whole, data, nil, &o)
	same := newModel(t, smallConfig(), data, 5)
	train(t, same, data, nil, &TrainOptions{Epochs: 2, BatchSentences: 16})
	if !slices.Equal(weights(whole), weights(same)) {
		t.Error("training from a file differs from training with the same first weights")
	}
	o.Checkpoint.State = filepath.Join(dir, "state")
	for p, err := range newModel(t, smallConfig(), data, 1).Train(context.Background(), data, nil, &o) {
		if err != nil {
			t.Fatal(err)
		}
		if p.Step == 4 {
			break
		}
	}
	m := newModel(t, smallConfig(), data, 1)
	train(t, m, data, nil, &o)
	if !slices.Equal(weights(m), weights(whole)) {
		t.Error("other weights after a stop")
	}
	o.From = file(6)
	for _, err := range newModel(t, smallConfig(), data, 1).Train(context.Background(), data, nil, &o) {
		if err == nil || !strings.Contains(err.Error(), "start was ") {
			t.Errorf("error %v: want one about the first weights", err)
		}
		break
	}
}
