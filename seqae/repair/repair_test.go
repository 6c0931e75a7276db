package repair

import (
	"context"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/corpora/noise"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/seq2seq"
)

// sentences makes clean lines of few words.
func sentences(n int, seed uint64) []string {
	rng := rand.New(rand.NewPCG(seed, 1))
	pick := func(all ...string) string { return all[rng.IntN(len(all))] }
	out := make([]string, n)
	for i := range out {
		out[i] = pick("The", "A", "My") + " " + pick("café", "dog", "river", "tree") + " " + pick("is", "was") + " " + pick("très", "old", "near Paris", "here") + "."
	}
	return out
}

// tiny returns a small repairer of case, accents and punctuation.
func tiny(form Form) Config {
	c := DefaultConfig(form)
	c.Model.Encoder.Layers, c.Model.Encoder.Hidden, c.Model.Encoder.Embedding = 1, 32, 16
	c.Model.Decoder.Hidden, c.Model.Decoder.Embedding = 32, 16
	if form != FormWrite {
		c.Model.Decoder = seq2seq.DecoderConfig{}
	}
	c.Model.Dropout = 0
	c.Task.Noise = noise.Spec{{Kind: noise.Case}, {Kind: noise.Accents}, {Kind: noise.Punctuation}}
	return c
}

func trained(t *testing.T, c Config, lines []string, o *seq2seq.TrainOptions) *Repairer {
	t.Helper()
	r, _, err := Begin(c, Lines(lines), 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range r.Train(t.Context(), Lines(lines), Lines(sentences(20, 9)), o) {
		if err != nil {
			t.Fatal(err)
		}
	}
	return r
}

func repaired(t *testing.T, r *Repairer, o *Options, lines ...string) []Repair {
	t.Helper()
	out, err := corpora.Collect(r.Repair(t.Context(), corpora.Stream(lines), o))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

var quick = seq2seq.TrainOptions{Epochs: 10, BatchSentences: 10, Schedule: rnn.Schedule{Rate: 0.02}, Samples: 2}

func TestRepair(t *testing.T) {
	r := trained(t, tiny(FormEdit), sentences(200, 1), &quick)
	dirty, clean := []string{}, sentences(20, 7)
	for _, line := range clean {
		dirty = append(dirty, strings.NewReplacer("é", "e", "è", "e", ".", "").Replace(strings.ToLower(line)))
	}
	right := 0
	for i, f := range repaired(t, r, nil, dirty...) {
		if f.Text == clean[i] {
			right++
		} else {
			t.Logf("%q becomes %q", f.Source, f.Text)
		}
		if f.Source != dirty[i] || applyEdits(f.Source, f.Edits) != f.Text || f.Flagged {
			t.Errorf("%q: %+v", dirty[i], f)
		}
	}
	if right < 18 {
		t.Errorf("%d of %d lines repaired: want 18 or more", right, len(clean))
	}
	for i, f := range repaired(t, r, nil, clean...) {
		if f.Changed() {
			t.Errorf("the clean line %q becomes %q", clean[i], f.Text)
		}
	}
	if f := repaired(t, r, &Options{Threshold: 1}, dirty[0])[0]; f.Changed() {
		t.Errorf("with a threshold of 1 %q becomes %q", f.Source, f.Text)
	}
	same(t, r, dirty)
	t.Run("file", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "fix.retell")
		if err := r.Save(path); err != nil {
			t.Fatal(err)
		}
		loaded, err := Load(path)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := repaired(t, loaded, nil, dirty...), repaired(t, r, nil, dirty...); !reflect.DeepEqual(got, want) {
			t.Error("a loaded model repairs otherwise")
		}
		if !slices.Equal(loaded.Task().Kinds(), []string{"case", "accents", "punctuation"}) {
			t.Errorf("kinds %q", loaded.Task().Kinds())
		}
		if _, err := seq2seq.LoadLabeler(path); !errors.Is(err, seq2seq.ErrKind) {
			t.Errorf("as a labeler: %v", err)
		}
	})
	t.Run("suggestions", func(t *testing.T) {
		f := repaired(t, r, &Options{Suggest: 3}, "the cafe")[0]
		if len(f.Suggestions) == 0 {
			t.Fatal("no suggestions")
		}
		for _, s := range f.Suggestions {
			var sum float64
			for _, c := range s.Candidates {
				sum += c.Probability
			}
			if len(s.Candidates) > 3 || sum > 1.0001 || s.Candidates[0].Probability < s.Candidates[len(s.Candidates)-1].Probability {
				t.Errorf("suggestions for %q: %+v", f.Source[s.Start:s.End], s.Candidates)
			}
		}
	})
}

// same checks that a line's repair depends on no other, and that a model is used concurrently.
func same(t *testing.T, r *Repairer, lines []string) {
	t.Helper()
	odd := append(slices.Clone(lines), "", "  ", "\t", "\xff\xfe", strings.Repeat("the dog is here ", 60))
	want := repaired(t, r, nil, odd...)
	var wait sync.WaitGroup
	for i := range odd {
		wait.Go(func() {
			if got := repaired(t, r, &Options{Batch: 1}, odd[i])[0]; !reflect.DeepEqual(got, want[i]) {
				t.Errorf("%q alone: %+v: want %+v", odd[i], got, want[i])
			}
		})
	}
	wait.Wait()
}

func TestRepairedByWriting(t *testing.T) {
	if testing.Short() {
		t.Skip("trains a decoder")
	}
	c := tiny(FormWrite)
	o := quick
	o.Epochs = 30
	r := trained(t, c, sentences(300, 1), &o)
	clean := sentences(20, 7)
	var dirty []string
	for _, line := range clean {
		dirty = append(dirty, strings.ToLower(line))
	}
	right := 0
	for i, f := range repaired(t, r, nil, dirty...) {
		if f.Text == clean[i] {
			right++
		}
		if applyEdits(f.Source, f.Edits) != f.Text {
			t.Errorf("%q: %+v", dirty[i], f)
		}
	}
	if right < 15 {
		t.Errorf("%d of %d lines repaired: want 15 or more", right, len(clean))
	}
}

// TestPairs checks that a repairer learns from given pairs alone, and that a training that stops goes on.
func TestPairs(t *testing.T) {
	c := tiny(FormEdit)
	c.Task.Noise = nil
	var pairs []corpora.Example
	for _, line := range sentences(100, 3) {
		pairs = append(pairs, corpora.Example{Source: strings.ReplaceAll(line, "o", "0"), Targets: []string{line}})
	}
	run := func(o seq2seq.TrainOptions, stop int) *Repairer {
		r, _, err := Begin(c, pairs, 1, nil)
		if err != nil {
			t.Fatal(err)
		}
		for p, err := range r.Train(t.Context(), pairs, pairs[:10], &o) {
			if err != nil {
				t.Fatal(err)
			}
			if p.Step == stop {
				break
			}
		}
		return r
	}
	o := quick
	o.Epochs = 12
	r := run(o, 0)
	if f := repaired(t, r, nil, "A d0g is 0ld.")[0]; f.Text != "A dog is old." || len(f.Edits) != 2 {
		t.Errorf("%+v", f)
	}
	o.Checkpoint.State = filepath.Join(t.TempDir(), "state")
	run(o, 13)
	if got := run(o, 0); got.Fingerprint() != r.Fingerprint() {
		t.Error("a training that was stopped ends with other weights")
	}
	if _, _, err := Begin(c, Lines(sentences(5, 1)), 1, nil); err == nil || !strings.Contains(err.Error(), "no pair of lines that differ") {
		t.Errorf("clean lines without noise: %v", err)
	}
}

func TestBound(t *testing.T) {
	for _, c := range []struct {
		source, text string
		flagged      bool
	}{
		{"HELLO WORLD OF TREES", "Hello world of trees", false},
		{"helloworldoftrees", "hello world of trees", false},
		{"a quite long line", "a quiet long line", false},
		{"a quite long line", "another line altogether", true},
		{"teh", "the", false},
	} {
		if r := bounded(Repair{Source: c.source, Text: c.text, Edits: []Edit{{End: len(c.source), Text: c.text}}}, 0.3); r.Flagged != c.flagged || r.Flagged && r.Text != c.source {
			t.Errorf("%q to %q: %+v", c.source, c.text, r)
		}
	}
}

func TestWindows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, size := rapid.IntRange(1, 400).Draw(t, "n"), rapid.IntRange(8, 64).Draw(t, "size")
		spans := windowsOf(n, size)
		for i, k := range trusted(n, spans) {
			w := spans[k]
			if i < w.from || i >= w.to || w.to-w.from > size {
				t.Fatalf("token %d of %d is read in %v of at most %d", i, n, w, size)
			}
			if left, right := i-w.from, w.to-1-i; w.from > 0 && left < size/8-1 || w.to < n && right < size/8-1 {
				t.Fatalf("token %d of %d is read at the edge of %v, size %d", i, n, w, size)
			}
		}
	})
}

// TestLessons checks that what the model learns from always describes the clean line, whatever labels it knows.
func TestLessons(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dirty, clean := texts().Draw(t, "dirty"), texts().Draw(t, "clean")
		known := map[string]bool{Keep: true}
		_, labels := Edits(dirty, clean)
		for _, label := range labels {
			known[label] = known[label] || rapid.Bool().Draw(t, "known")
		}
		l := (&teacher{known: known}).lessonOf(dirty, clean)
		if got := Apply(l.tokens, l.labels); got != clean {
			t.Fatalf("lesson of %q and %q makes %q", dirty, clean, got)
		}
		for _, label := range l.labels {
			if !known[label] {
				t.Fatalf("lesson of %q and %q has the unknown label %q", dirty, clean, label)
			}
		}
		var all lesson
		for _, w := range l.windows(rapid.IntRange(4, 12).Draw(t, "size")) {
			all.tokens, all.labels = append(all.tokens, w.tokens...), append(all.labels, w.labels...)
			w.example()
		}
		if !reflect.DeepEqual(all, l) {
			t.Fatal("the windows are not the lesson")
		}
	})
}

// TestCorruptText checks that corrupted windows of a line make clean windows, with as many labels as tokens.
func TestCorruptText(t *testing.T) {
	task := Task{Noise: noise.Spec{{Kind: noise.Typos, Rate: 0.3}, {Kind: noise.Spaces, Rate: 0.3}}}
	teach, err := newTeacher(task, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	line := strings.Repeat("some words of a long line ", 10)
	rng := rand.New(rand.NewPCG(1, 1))
	for _, l := range teach.lessonOf(line, line).windows(64) {
		clean := Apply(l.tokens, l.labels)
		e := l.example()
		whole := 0
		for range 50 {
			s, labels := teach.CorruptText(rng, e.Source, e.Targets[0])
			tokens, all := strings.Split(s, "\t"), strings.Split(labels, "\t")
			got := Apply(tokens, all)
			if len(tokens) != len(all) || !strings.Contains(clean, strings.Trim(got, " ")) {
				t.Fatalf("%q: %q with %q makes %q", clean, tokens, all, got)
			}
			if got == clean {
				whole++
			}
		}
		if whole < 30 {
			t.Errorf("%d of 50 windows are whole", whole)
		}
	}
}

func TestRepairStops(t *testing.T) {
	r, _, err := Begin(tiny(FormEdit), Lines(sentences(5, 1)), 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	_, err = corpora.Collect(r.Repair(ctx, corpora.Stream([]string{"a"}), nil))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	for _, o := range []Options{{Threshold: 2}, {Bound: 1.5}, {Suggest: -1}} {
		var v seq2seq.Violations
		if err := o.Validate(); !errors.As(err, &v) || len(v) != 1 {
			t.Errorf("%+v: %v", o, err)
		}
	}
}

// TestSpacedWords checks that a repairer of spaces learns the words of its text, that files hold them, and that it can
// be told further words.
func TestSpacedWords(t *testing.T) {
	c := tiny(FormEdit)
	c.Task.Noise, c.Task.Lexicon = noise.Spec{{Kind: noise.Spaces}}, []string{"Oslo"}
	r, _, err := Begin(c, Lines([]string{"The dog was in Rome.", "A dog was the dog."}), 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "m")
	if err := r.Save(path); err != nil {
		t.Fatal(err)
	}
	if r, err = Load(path); err != nil {
		t.Fatal(err)
	}
	if got := r.Task(); got.Counts["dog"] != 3 || got.Counts["the"] != 2 || got.Counts["Rome"] != 1 || got.Words() != 7 {
		t.Errorf("counts %v, %d words", got.Counts, got.Words())
	}
	told, err := r.WithLexicon([]string{"elm", "dog"}, map[string]int{"rome": 2})
	if err != nil {
		t.Fatal(err)
	}
	if told, err = told.Quantize(); err != nil {
		t.Fatal(err)
	}
	if got := told.Task(); !slices.Equal(got.Lexicon, []string{"Oslo", "dog", "elm"}) || got.Counts["rome"] != 3 || r.Task().Counts["Rome"] != 1 {
		t.Errorf("told %q, %v", got.Lexicon, got.Counts)
	}
	if _, err := r.WithLexicon(nil, map[string]int{"tree": 0}); err == nil || !strings.Contains(err.Error(), `repair: counts: 0 of "tree": want 1 or more`) {
		t.Errorf("error %v", err)
	}
	repaired(t, told, nil, "thedogwasinRome.", "")
}
