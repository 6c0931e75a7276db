package anomaly

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
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
	"github.com/retell-rnn/retell/internal/safetensors"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/seqae"
	"github.com/retell-rnn/retell/seqae/probe"
	"github.com/retell-rnn/retell/tokenize"
)

// sentences returns n random sentences.
func sentences(n int, seed uint64) []string {
	rng := rand.New(rand.NewPCG(seed, 1))
	pick := func(words string) string { list := strings.Fields(words); return list[rng.IntN(len(list))] }
	out := make([]string, n)
	for i := range out {
		out[i] = strings.Join([]string{
			pick("a the"), pick("big small old young"), pick("dog cat man woman"), pick("sees likes finds"), pick("a the"), pick("ball tree house car"),
		}, " ")
	}
	return out
}

// trained returns a small autoencoder trained on sentences.
var trained = sync.OnceValues(func() (*seqae.Model, error) {
	c := seqae.DefaultConfig()
	c.Model.Source = tokenize.Config{Kind: tokenize.Space}
	c.Model.Target = c.Model.Source
	c.Model.Encoder.Hidden, c.Model.Encoder.Embedding, c.Model.Decoder.Hidden, c.Model.Decoder.Embedding = 32, 16, 32, 16
	c.Model.Bottleneck.Size = 24
	lines := sentences(600, 1)
	m, err := seqae.New(c, lines, 1)
	if err != nil {
		return nil, err
	}
	o := seq2seq.TrainOptions{MaxSteps: 300, Epochs: 100, BatchSentences: 32, Schedule: rnn.Schedule{Kind: "constant", Rate: 0.01}}
	for _, err := range m.Train(context.Background(), lines, nil, &o) {
		if err != nil {
			return nil, err
		}
	}
	return m, nil
})

func fitted1(t *testing.T, opts *Options) *Detector {
	t.Helper()
	m, err := trained()
	if err != nil {
		t.Fatal(err)
	}
	d, err := Fit(t.Context(), m, append(sentences(200, 2), "", "  "), opts)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func collect(t *testing.T, seq iter.Seq2[Scored, error]) []Scored {
	t.Helper()
	out, err := corpora.Collect(seq)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestEvaluate finds shuffled sentences among unseen ones. A bag of words cannot find them.
func TestEvaluate(t *testing.T) {
	d := fitted1(t, nil)
	lines := append(sentences(100, 3), "")
	labels := make([]bool, len(lines))
	rng := rand.New(rand.NewPCG(4, 4))
	for i := range 20 {
		words := strings.Fields(lines[5*i])
		rng.Shuffle(len(words), func(a, b int) { words[a], words[b] = words[b], words[a] })
		lines[5*i], labels[5*i] = strings.Join(words, " "), true
	}
	got, err := d.Evaluate(t.Context(), lines, labels)
	if err != nil {
		t.Fatal(err)
	}
	if got.Lines != 100 || got.Anomalies != 20 || got.Error < 0.9 || got.Score < 0.9 || got.TFIDF > 0.7 {
		t.Errorf("%+v: want areas of at least 0.9 by error and score, and near 0.5 by TF-IDF", got)
	}
	// The area equals the share of pairs in which the anomaly has the higher score.
	var score float64
	for i, s := range collect(t, d.Score(t.Context(), corpora.Stream(lines), nil)) {
		if labels[i] {
			for j, other := range collect(t, d.Score(t.Context(), corpora.Stream(lines), nil)) {
				if !labels[j] && lines[j] != "" && s.Score > other.Score {
					score += 1. / (20 * 80)
				}
			}
		}
	}
	if math.Abs(score-got.Score) > 1e-9 {
		t.Errorf("area by counting pairs %v, by Evaluate %v", score, got.Score)
	}
}

func TestScore(t *testing.T) {
	d := fitted1(t, &Options{Neighbors: 3})
	lines := []string{"the old dog sees a ball", "", "the old zebra sees a ball", " ", "a"}
	rows := collect(t, d.Score(t.Context(), corpora.Stream(lines), nil))
	if len(rows) != len(lines) {
		t.Fatalf("%d rows of %d lines", len(rows), len(lines))
	}
	for i, s := range rows {
		if s.Line != lines[i] {
			t.Errorf("row %d has line %q: want %q", i, s.Line, lines[i])
		}
		if strings.TrimSpace(lines[i]) == "" {
			if s.Score != 0 || len(s.Tokens)+len(s.Nearest)+len(s.Surprising)+len(s.Reconstruction) > 0 {
				t.Errorf("blank line: %+v", s)
			}
			continue
		}
		sum := 0.0
		for _, token := range s.Tokens {
			sum -= token.LogProb
		}
		if len(s.Nearest) != 3 || math.Abs(s.Error-sum/float64(len(s.Tokens))) > 1e-9 {
			t.Errorf("%q: %d neighbors, error %v of %v", lines[i], len(s.Nearest), s.Error, s.Tokens)
		}
		if mean := (s.Nearest[0].Distance + s.Nearest[1].Distance + s.Nearest[2].Distance) / 3; math.Abs(mean-s.Distance) > 1e-9 {
			t.Errorf("%q: distance %v: want the mean of %v", lines[i], s.Distance, s.Nearest)
		}
		errs, distances := d.Normal()
		if want := (s.Error-errs.Mean)/errs.Deviation + (s.Distance-distances.Mean)/distances.Deviation; math.Abs(s.Score-want) > 1e-9 {
			t.Errorf("%q: score %v, want %v", lines[i], s.Score, want)
		}
	}
	i := 0
	for r, err := range d.model.Reconstruct(t.Context(), corpora.Stream(lines), &seq2seq.SearchOptions{Beam: 1}) {
		if err != nil || rows[i].Reconstruction != r.Text {
			t.Errorf("%q comes back as %q: want %q, error %v", lines[i], rows[i].Reconstruction, r.Text, err)
		}
		i++
	}
	if got := rows[2].Surprising; len(got) != 3 || got[0].Text != "zebra" || !(rows[2].Score > rows[0].Score) {
		t.Errorf("surprising %v, score %v beside %v: want zebra first, and a greater score", got, rows[2].Score, rows[0].Score)
	}
	if one := collect(t, d.Score(t.Context(), corpora.Stream(lines), &ScoreOptions{BatchLines: 1})); !cmp.Equal(rows, one) {
		t.Errorf("line by line: %s", cmp.Diff(rows, one))
	}
	// Score yields the lines before an error.
	broken := errors.New("broken")
	n := 0
	for _, err := range d.Score(t.Context(), func(yield func(string, error) bool) { _ = yield(lines[0], nil) && yield("", broken) }, nil) {
		if n++; n == 2 && err != broken || n == 1 && err != nil || n > 2 {
			t.Errorf("row %d, error %v", n, err)
		}
	}
	if n != 2 {
		t.Errorf("%d rows: want one and an error", n)
	}
}

func TestFile(t *testing.T) {
	d := fitted1(t, nil)
	dir := t.TempDir()
	path := filepath.Join(dir, "normal.anomaly")
	if err := d.Save(path); err != nil {
		t.Fatal(err)
	}
	l, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := append(sentences(5, 9), "ball ball dog", "")
	want, got := collect(t, d.Score(t.Context(), corpora.Stream(lines), nil)), collect(t, l.Score(t.Context(), corpora.Stream(lines), nil))
	if diff := cmp.Diff(want, got); diff != "" || !slices.Equal(d.lines, l.lines) {
		t.Errorf("the loaded detector gives other scores: %s", diff)
	}

	if _, err := seq2seq.LoadKind(path, seq2seq.AnyKind); err == nil || !strings.HasSuffix(err.Error(), "is a detector file: want a model file") {
		t.Errorf("as a model: %v", err)
	}
	model := filepath.Join(dir, "model")
	if err := d.model.Save(model); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	cut, damaged := filepath.Join(dir, "cut"), filepath.Join(dir, "damaged")
	flipped := slices.Clone(whole)
	flipped[len(flipped)/2] ^= 1
	for name, text := range map[string][]byte{cut: whole[:len(whole)*3/4], damaged: flipped} {
		if err := os.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]struct {
		text string
		kind error
	}{
		model:                    {"is a seqae file: want a detector file, as 'anomaly fit' writes it", seq2seq.ErrKind},
		cut:                      {"the file is truncated", seq2seq.ErrDamaged},
		damaged:                  {"is damaged", seq2seq.ErrDamaged},
		filepath.Join(dir, "no"): {"no such file or directory", fs.ErrNotExist},
		dir:                      {"is not a regular file", nil},
	} {
		_, err := Load(name)
		if err == nil || !strings.HasPrefix(err.Error(), "anomaly: "+name+": ") || !strings.Contains(err.Error(), want.text) {
			t.Errorf("%v: want %q", err, want.text)
		}
		if want.kind != nil && !errors.Is(err, want.kind) {
			t.Errorf("%v: want an error of kind %v", err, want.kind)
		}
	}
}

// TestRead holds that complete files with wrong contents are errors, and of which kind.
func TestRead(t *testing.T) {
	d := fitted1(t, nil)
	file := func(change func(d *Detector)) []byte {
		c := *d
		change(&c)
		var b bytes.Buffer
		if err := c.write(&b); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	nan := func(d *Detector) {
		data := slices.Clone(d.vectors.Data())
		v, err := probe.NewDense(d.vectors.Size(), data)
		if err != nil {
			t.Fatal(err)
		}
		data[0] = float32(math.NaN()) // NewDense keeps data
		d.vectors = v
	}
	for want, change := range map[string]func(*Detector){
		"0 neighbors with 200 lines: want 1 or more, and fewer than lines":             func(d *Detector) { d.neighbors = 0 },
		"200 neighbors with 200 lines: want 1 or more, and fewer than lines":           func(d *Detector) { d.neighbors = 200 },
		"mean 0 and standard deviation 0: want finite numbers and a deviation above 0": func(d *Detector) { d.errors = Distribution{} },
		"tensor vectors has shape [200 24]: want [199 24], a vector for each line":     func(d *Detector) { d.lines = d.lines[1:] },
		"probe: vector 1: number 1 is NaN: want a finite number":                       nan,
	} {
		text := file(change)
		if _, err := read(bytes.NewReader(text), int64(len(text))); err == nil || err.Error() != want || !errors.Is(err, seq2seq.ErrDamaged) {
			t.Errorf("%v: want %s, an ErrDamaged", err, want)
		}
	}
	for _, test := range []struct {
		want string
		kind error
		meta map[string]string
	}{
		{"safetensors file has no retell.kind: want a detector file of retell", seq2seq.ErrKind, nil},
		{"format version 2: this program reads version 1", seq2seq.ErrVersion, map[string]string{metaKind: kind, metaVersion: "2"}},
		{"metadata: retell.anomaly: not JSON: it ends too early", seq2seq.ErrDamaged, map[string]string{metaKind: kind, metaVersion: version}},
		{"has no tensor model of type U8", seq2seq.ErrDamaged, map[string]string{metaKind: kind, metaVersion: version, metaAnomaly: "{}"}},
	} {
		var b bytes.Buffer
		if err := safetensors.Write(&b, test.meta, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := read(bytes.NewReader(b.Bytes()), int64(b.Len())); err == nil || err.Error() != test.want || !errors.Is(err, test.kind) {
			t.Errorf("%v: want %s of kind %v", err, test.want, test.kind)
		}
	}
}

func TestErrors(t *testing.T) {
	m, err := trained()
	if err != nil {
		t.Fatal(err)
	}
	c := m.Config()
	c.Objective.Next = true
	next, err := seqae.New(c, sentences(10, 1), 1)
	if err != nil {
		t.Fatal(err)
	}
	fit := func(m *seqae.Model, o *Options, lines ...string) error {
		_, err := Fit(t.Context(), m, lines, o)
		return err
	}
	d := fitted1(t, nil)
	evaluate := func(lines []string, labels ...bool) error {
		_, err := d.Evaluate(t.Context(), lines, labels)
		return err
	}
	many := sentences(10, 1)
	for _, test := range []struct {
		err  error
		want string
	}{
		{fit(next, nil, many...), "anomaly: the model writes the next sentence: want an autoencoder that writes its source"},
		{fit(m, nil, "a", "", "b"), "anomaly: 2 normal lines that are not blank: want at least 6"},
		{fit(m, &Options{Neighbors: 1}), "anomaly: 0 normal lines that are not blank: want at least 3"},
		{fit(m, &Options{Neighbors: -1}, many...), "anomaly: options: neighbors: -1: want 0 or more"},
		{fit(m, nil, "a\nb"), "anomaly: normal line 1 contains a line break: want one line"},
		{fit(m, nil, slices.Repeat(many[:1], 10)...), "anomaly: errors of 10 normal lines are all"},
		{evaluate(many), "anomaly: 10 lines and 0 labels: want equal numbers"},
		{evaluate(many[:1], true), "anomaly: 1 anomalies in 1 lines that are not blank: want both anomalies and normal lines"},
		{evaluate([]string{"a", ""}, false, true), "anomaly: 0 anomalies in 1 lines that are not blank: want both anomalies and normal lines"},
	} {
		if test.err == nil || !strings.HasPrefix(test.err.Error(), test.want) {
			t.Errorf("%v; want %s", test.err, test.want)
		}
	}
	for _, err := range d.Score(t.Context(), corpora.Stream(many), &ScoreOptions{BatchLines: -1}) {
		if want := "anomaly: score options: batch_lines: -1: want 0 or more"; err == nil || err.Error() != want {
			t.Errorf("%v; want %s", err, want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := d.Evaluate(ctx, many, append([]bool{true}, make([]bool, 9)...)); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}
}

// TestFitVectors holds that a detector of an embedder goes by the distance alone, also from its file.
func TestFitVectors(t *testing.T) {
	var texts []corpora.Example
	for _, line := range sentences(100, 1) {
		texts = append(texts, corpora.Example{Source: line, Targets: []string{line}})
	}
	c := seq2seq.DefaultEmbedderConfig()
	c.Source, c.Target = tokenize.Config{Kind: tokenize.Space}, tokenize.Config{Kind: tokenize.Space}
	c.Encoder.NGrams.Buckets = 5000
	e, _, err := seq2seq.BeginEmbedder(c, texts, 3, nil)
	if err != nil {
		t.Fatal(err)
	}
	d, err := FitVectors(t.Context(), e.Network, append(sentences(200, 2), "!!!", "..."), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(d.lines) != 200 || d.vectors.Len() != 200 {
		t.Errorf("%d normal lines, %d vectors: want 200, without those that have no words", len(d.lines), d.vectors.Len())
	}
	path := filepath.Join(t.TempDir(), "d.retell")
	if err := d.Save(path); err != nil {
		t.Fatal(err)
	}
	again, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := []string{sentences(1, 3)[0], "", "house house house"}
	want, got := collect(t, d.Score(t.Context(), corpora.Stream(lines), nil)), collect(t, again.Score(t.Context(), corpora.Stream(lines), nil))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the loaded detector differs: %s", diff)
	}
	_, distances := again.Normal()
	if s := got[2]; s.Score != distances.standard(s.Distance) || s.Score <= got[0].Score || len(s.Nearest) != 5 || s.Error != 0 || len(s.Tokens) > 0 {
		t.Errorf("scores %+v: want the distance of an odd line alone, greater than that of a normal one", got)
	}
	if s := got[1]; s.Score != 0 || len(s.Nearest) > 0 {
		t.Errorf("a blank line has the scores %+v", s)
	}
	r, err := again.Evaluate(t.Context(), lines, []bool{false, false, true})
	if err != nil || r.Score != 1 || r.Error != 0.5 || r.Distance != 1 {
		t.Errorf("%+v, %v: want areas of 1, and of 0.5 for the error", r, err)
	}
}
