package seq2seq

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/corporatest"
	"github.com/retell-rnn/retell/internal/safetensors"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/tokenize"
)

// trained returns a small trained model and its data.
func trained(tb testing.TB) (*Model, []corpora.Example) {
	tb.Helper()
	data := collect(tb, corpora.Task("reverse", 5, 60))
	c := smallConfig()
	c.Encoder.Layers, c.Decoder.Layers, c.Encoder.Bidirectional, c.Encoder.Hidden = 2, 2, true, 40
	m := newModel(tb, c, data, 1)
	train(tb, m, data, nil, &TrainOptions{MaxSteps: 12, Epochs: 100, BatchSentences: 30, Schedule: rnn.Schedule{Rate: 0.01}})
	return m, data
}

func lines(l ...string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for _, s := range l {
			if !yield(s, nil) {
				return
			}
		}
	}
}

func sourcesOf(examples []corpora.Example) []string {
	var out []string
	for _, e := range examples {
		out = append(out, e.Source)
	}
	return out
}

func TestSaveAndLoad(t *testing.T) {
	m, data := trained(t)
	m.SetFormat(corpora.Format{Type: "reverse"})
	path := filepath.Join(t.TempDir(), "m.retell")
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	l, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(weights(l), weights(m)) {
		t.Error("other weights")
	}
	if diff := cmp.Diff(l.Config(), m.Config()); diff != "" {
		t.Error("configuration:", diff)
	}
	if diff := cmp.Diff(l.Summary(), m.Summary()); diff != "" {
		t.Error("summary:", diff)
	}
	src := sourcesOf(data)
	got := collect(t, l.Translate(context.Background(), lines(src...), nil))
	if diff := cmp.Diff(got, collect(t, m.Translate(context.Background(), lines(src...), nil))); diff != "" {
		t.Error("translations:", diff)
	}
}

// fileWith returns a file of the model with changed metadata. Keys with empty values are left out.
func fileWith(t *testing.T, m *Model, change map[string]string, tensors []safetensors.Tensor) []byte {
	t.Helper()
	meta, err := m.metadata()
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range change {
		if v == "" {
			delete(meta, k)
		} else {
			meta[k] = v
		}
	}
	var b strings.Builder
	if err := safetensors.Write(&b, meta, tensors); err != nil {
		t.Fatal(err)
	}
	return []byte(b.String())
}

// TestLoadRefuses holds that Load refuses files that are damaged, foreign or of a later version, and says why.
func TestLoadRefuses(t *testing.T) {
	m, data := trained(t)
	dir := t.TempDir()
	good := filepath.Join(dir, "good")
	state := filepath.Join(dir, "state")
	if err := m.Save(good); err != nil {
		t.Fatal(err)
	}
	train(t, newModel(t, smallConfig(), data, 1), data, nil, &TrainOptions{Checkpoint: Checkpoint{State: state}, MaxSteps: 1})
	whole, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	with := func(change map[string]string, tensors []safetensors.Tensor) []byte {
		return fileWith(t, m, change, tensors)
	}
	all := m.net.tensors("")
	damaged := slices.Clone(whole)
	damaged[len(damaged)-100] ^= 4
	stateFile, err := os.ReadFile(state)
	if err != nil {
		t.Fatal(err)
	}
	config := m.config
	config.Dropout = 7
	badConfig, err := json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	wrongShape := slices.Clone(all)
	wrongShape[0].Shape = []int{len(wrongShape[0].Data)}
	for name, c := range map[string]struct {
		file []byte
		want string
		kind error
	}{
		"empty":         {nil, "file is empty", ErrKind},
		"truncated":     {whole[:len(whole)-5], "bytes", ErrDamaged},
		"damaged":       {damaged, "checksum", ErrDamaged},
		"state":         {stateFile, "is a training state file: want a seq2seq file", ErrKind},
		"other":         {with(map[string]string{metaKind: ""}, nil), "no retell.kind", ErrKind},
		"future":        {with(map[string]string{metaVersion: "3"}, all), "format version 3: this program reads versions up to 2", ErrVersion},
		"no vocabulary": {with(map[string]string{metaTarget: ""}, all), "retell.target", ErrDamaged},
		"bad settings":  {with(map[string]string{metaConfig: string(badConfig)}, all), "dropout: 7", ErrDamaged},
		"unknown key":   {with(map[string]string{metaSummary: `{"new": 7}`}, all), `unknown field "new"`, ErrDamaged},
		"bad json":      {with(map[string]string{metaSource: `{`}, all), "retell.source", ErrDamaged},
		"tensor gone":   {with(nil, all[1:]), "source.embedding.weight is missing", ErrDamaged},
		"shape":         {with(nil, wrongShape), "source.embedding.weight is of shape", ErrDamaged},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(dir, "bad")
			if err := os.WriteFile(path, c.file, 0o644); err != nil {
				t.Fatal(err)
			}
			_, err := Load(path)
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "\n") {
				t.Errorf("error %v: want one line about %q and %s", err, c.want, path)
			}
			for _, kind := range []error{ErrKind, ErrVersion, ErrDamaged} {
				if errors.Is(err, kind) != (kind == c.kind) {
					t.Errorf("error %v is %v: %v", err, kind, kind != c.kind)
				}
			}
		})
	}
	if _, err := Load(filepath.Join(dir, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v: want that the file does not exist", err)
	}
	if _, err := Load(dir); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("error %v: want one about a regular file", err)
	}
}

func TestTranslateKeepsLines(t *testing.T) {
	for _, batch := range []int{1, 4, 7, 10} { // few rows and many rows
		t.Run(fmt.Sprint("batches of ", batch), func(t *testing.T) { testTranslateKeepsLines(t, batch) })
	}
}

func testTranslateKeepsLines(t *testing.T, batch int) {
	m, data := trained(t)
	src := slices.Concat(sourcesOf(data[:7]), []string{""}, sourcesOf(data[7:9]), []string{"", ""})
	ctx := context.Background()
	together := collect(t, m.Translate(ctx, lines(src...), &SearchOptions{BatchSentences: batch, NBest: 3}))
	if len(together) != len(src) {
		t.Fatalf("%d translations of %d lines", len(together), len(src))
	}
	for i, line := range src {
		got := together[i]
		if got.Source != line {
			t.Errorf("translation %d is of %q: want %q", i, got.Source, line)
		}
		if line == "" {
			if got.Text != "" || got.Hypotheses != nil {
				t.Errorf("the empty line becomes %+v", got)
			}
			continue
		}
		alone := collect(t, m.Translate(ctx, lines(line), &SearchOptions{BatchSentences: batch, NBest: 3}))
		if diff := cmp.Diff(alone[0], got); diff != "" {
			t.Errorf("%q alone: %s", line, diff)
		}
		if len(got.Hypotheses) != 3 || got.Text != got.Hypotheses[0].Text {
			t.Errorf("%q: %d hypotheses, text %q", line, len(got.Hypotheses), got.Text)
		}
	}
}

// TestTranslateYieldsWhatPrecedesAnError holds that all lines before an error are translated.
func TestTranslateYieldsWhatPrecedesAnError(t *testing.T) {
	m, data := trained(t)
	bad := errors.New("bad line")
	stream := func(yield func(string, error) bool) {
		_ = yield(data[0].Source, nil) && yield(data[1].Source, nil) && yield("", bad)
	}
	var got []string
	var end error
	for tr, err := range m.Translate(context.Background(), stream, nil) {
		if end = err; err == nil {
			got = append(got, tr.Source)
		}
	}
	if want := []string{data[0].Source, data[1].Source}; !slices.Equal(got, want) || !errors.Is(end, bad) {
		t.Errorf("translations of %q, then %v: want %q, then %v", got, end, want, bad)
	}
}

// TestScoreAgreesWithSearch holds that Score and Translate give a translation's tokens the same probabilities.
func TestScoreAgreesWithSearch(t *testing.T) {
	m, data := trained(t)
	ctx := context.Background()
	var found []corpora.Example
	var hyps []Hypothesis
	for _, tr := range collect(t, m.Translate(ctx, lines(sourcesOf(data)...), nil)) {
		if h := tr.Hypotheses[0]; !h.Cut {
			found, hyps = append(found, corpora.Example{Source: tr.Source, Targets: []string{tr.Text, "1"}}), append(hyps, h)
		}
	}
	if len(found) < 10 {
		t.Fatalf("only %d translations end", len(found))
	}
	stream := func(yield func(corpora.Example, error) bool) {
		for _, e := range found {
			if !yield(e, nil) {
				return
			}
		}
	}
	for i, s := range collect(t, m.Score(ctx, stream, &ScoreOptions{BatchSentences: 7})) {
		got := s.Targets[0]
		if !slices.Equal(got.Tokens, hyps[i].Tokens) {
			t.Fatalf("tokens %q: want %q", got.Tokens, hyps[i].Tokens)
		}
		if math.Abs(got.LogProb()-hyps[i].LogProb) > 1e-4 {
			t.Errorf("log probability %g: the search has %g", got.LogProb(), hyps[i].LogProb)
		}
		if n := len(s.Targets[1].LogProbs); n != 2 {
			t.Errorf("second target has %d tokens: want 2", n)
		}
	}
}

// TestEvaluateAgreesWithTraining compares the stepwise loss with the graph's loss.
func TestEvaluateAgreesWithTraining(t *testing.T) {
	m, data := trained(t)
	r, err := m.Evaluate(context.Background(), data, nil)
	if err != nil {
		t.Fatal(err)
	}
	var pass rnn.Pass
	var stats rnn.LossStats
	pass.Start(nil)
	m.net.loss(&pass, m.encodePairs(data, false, nil), lossTerms{stats: &stats})
	if err := pass.Forward(); err != nil {
		t.Fatal(err)
	}
	if want := stats.NLL / float64(stats.Tokens); math.Abs(r.Loss-want) > 1e-6*want || r.Tokens != stats.Tokens {
		t.Errorf("loss %.12g of %d tokens: want %.12g of %d", r.Loss, r.Tokens, want, stats.Tokens)
	}
	if want := float64(stats.Hits) / float64(stats.Tokens); r.Accuracy != want {
		t.Errorf("accuracy %g: want %g", r.Accuracy, want)
	}
}

func TestConcurrentUse(t *testing.T) {
	m, data := trained(t)
	src := sourcesOf(data[:12])
	want := collect(t, m.Translate(context.Background(), lines(src...), nil))
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			got := collect(t, m.Translate(context.Background(), lines(src...), &SearchOptions{BatchSentences: 7 + 3*i}))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	wg.Wait()
}

// TestLearnsTasks trains on made-up tasks with a fresh seed and checks the translations of unseen examples.
func TestLearnsTasks(t *testing.T) {
	if testing.Short() {
		t.Skip("trains for a minute")
	}
	for i, task := range []string{"copy", "reverse", "sort"} {
		t.Run(task, func(t *testing.T) {
			all := collect(t, corpora.Task(task, 7, 10_500))
			c := smallConfig()
			c.Encoder.Bidirectional, c.Encoder.Hidden, c.Decoder.Hidden = true, 128, 128
			c.Encoder.Embedding, c.Decoder.Embedding = 32, 32
			m := newModel(t, c, all[:10_000], uint64(i))
			train(t, m, all[:10_000], all[10_000:10_100], &TrainOptions{Epochs: 4, Seed: uint64(i), Schedule: rnn.Schedule{Kind: "cosine", Rate: 0.004, Steps: 628}})
			r, err := m.Evaluate(context.Background(), all[10_100:], nil)
			if err != nil {
				t.Fatal(err)
			}
			if r.Exact < 0.99 {
				t.Errorf("exact match %g: want 0.99", r.Exact)
			}
		})
	}
}

// TestRealText trains on real sentences for a few steps with every tokenizer, and checks that the loss falls.
func TestRealText(t *testing.T) {
	source, target := corporatest.Path(t, "multi30k/val.en.gz"), corporatest.Path(t, "multi30k/val.de.gz")
	data := collect(t, corpora.Pairs(source, target, nil))
	rng := rand.New(rand.NewPCG(1, 1))
	for _, kind := range []tokenize.Kind{tokenize.Words, tokenize.Space, tokenize.Chars, tokenize.Bytes, tokenize.BPE} {
		c := smallConfig()
		c.Source = tokenize.Config{Kind: kind}
		if kind == tokenize.BPE {
			c.Source.Merges = 300
		}
		c.Target = c.Source
		c.SharedVocab = rng.IntN(2) == 0
		m := newModel(t, c, data, 1)
		p := train(t, m, data, nil, &TrainOptions{MaxSteps: 12, BatchSentences: 16, Schedule: rnn.Schedule{Rate: 0.005}})
		if first, last := p[0].Loss, p[len(p)-1].Loss; last > 0.9*first {
			t.Errorf("%s: the loss goes from %g to %g in 12 steps", kind, first, last)
		}
	}
}
