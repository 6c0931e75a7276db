package seq2seq

import (
	"math"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/tokenize"
)

// TestChunkGradient compares the gradient of chunks, with dropout, with differences of the loss along it.
func TestChunkGradient(t *testing.T) {
	data := twoLanguages(20, 1)
	c := recurrentEmbedderConfig()
	c.Dropout, c.RecurrentDropout = 0.3, 0.2
	m := newEmbedder(t, c, data, 3)
	o := &TrainOptions{BatchSentences: 20, Contrast: ContrastOptions{Chunk: 7, Temperature: 0.5, Sizes: []int{4, 16}}}
	tr, err := m.newTrainer(t.Context(), data, nil, o)
	if err != nil {
		t.Fatal(err)
	}
	loss := func() float64 {
		sum, err := tr.gradients(t.Context(), tr.epoch()[:1], rand.New(rand.NewPCG(1, 1)))
		if err != nil {
			t.Fatal(err)
		}
		return sum.NLL
	}
	loss()
	was, squares := tr.weights(nil), 0.0
	var g []float32
	for p := range m.net.params.All() {
		dense := make([]float32, len(p.W))
		p.GradRows(func(at int, _, v []float32) { copy(dense[at:], v) })
		g = append(g, dense...)
		for _, v := range dense {
			squares += float64(v) * float64(v)
		}
	}
	moved := func(by float64) float64 {
		w := slices.Clone(was)
		for i := range w {
			w[i] += float32(by) * g[i]
		}
		tr.setWeights(w)
		return loss()
	}
	step := 0.02 / math.Sqrt(squares)
	if ratio := (moved(step) - moved(-step)) / (2 * step * squares); math.Abs(ratio-1) > 0.01 {
		t.Errorf("the loss changes %v times as much as the gradient says", ratio)
	}
}

// TestEmbedderBegins holds that a recurrent embedder with a gate begins with the vectors of the mean embedder that it
// takes over, and that judged pairs tune an embedder.
func TestEmbedderBegins(t *testing.T) {
	data := twoLanguages(80, 1)
	mean := newEmbedder(t, embedderConfig(), data, 1)
	path := filepath.Join(t.TempDir(), "mean.retell")
	train(t, mean, data, nil, &TrainOptions{Epochs: 2, BatchSentences: 20, Checkpoint: Checkpoint{Model: path}})
	c := recurrentEmbedderConfig()
	opts := &BeginOptions{From: mean, Partial: true}
	e, taken, err := BeginEmbedder(c, data, 2, opts)
	if err != nil {
		t.Fatal(err)
	}
	lines := sources1(data)
	want := embeddings(t, &Model{mean}, nil, lines...)
	for i, v := range embeddings(t, &Model{e.Network}, nil, lines...) {
		for k := range v {
			if math.Abs(float64(v[k]-want[i][k])) > 1e-6 {
				t.Fatalf("line %d begins with another vector (%d parameters taken)", i, taken.Parameters())
			}
		}
	}
	joint := newEmbedder(t, jointConfig(), data, 1)
	c = embedderConfig()
	c.Encoder, c.Bottleneck.Projection = joint.config.Encoder, ""
	e, taken, err = BeginEmbedder(c, data, 2, &BeginOptions{From: joint, Name: "joint"})
	if err != nil {
		t.Fatal(err)
	}
	if n, of := taken.Numbers(); n != of || !slices.Equal(embeddings(t, &Model{e.Network}, nil, lines[0])[0], embeddings(t, &Model{joint}, nil, lines[0])[0]) {
		t.Errorf("an embedder begins with %d of %d numbers of an autoencoder", n, of)
	}
	judged := twoLanguages(80, 1)
	for i := range judged {
		score := float64(i%4) / 3
		judged[i].Judged = &score
	}
	tuned, _, err := BeginEmbedder(mean.Config(), judged, 3, &BeginOptions{From: mean})
	if err != nil {
		t.Fatal(err)
	}
	o := TrainOptions{
		Epochs: 15, BatchSentences: 20, ValidateBy: "spearman", Schedule: rnn.Schedule{Kind: "constant", Rate: 0.03}, From: path,
		Contrast: ContrastOptions{Judged: rnn.Regression}, Average: 0.5, Patience: -1,
	}
	best := -2.0
	for _, p := range train(t, tuned, judged, judged, &o) {
		if p.Validation != nil {
			r, _ := p.Validation.Figures.Of(figureSpearman)
			if p.Validation.Best != (r > best) {
				t.Errorf("a correlation of %v is the best: %v; the best so far %v", r, p.Validation.Best, best)
			}
			best = max(best, r)
		}
	}
	v, err := tuned.Validate(t.Context(), judged, &o)
	if err != nil {
		t.Fatal(err)
	}
	if r, _ := v.Figures.Of(figureSpearman); r != best || r < 0.7 {
		t.Errorf("tuned to a correlation of %v, at best %v: want the best, and 0.7 or more", r, best)
	}
}

// TestJointBegins holds that the first part of a joined vector is the vector of the mean embedder that the model takes
// over, before and after a training that leaves the embeddings as they are, and that the decoder has its own tokenizer.
func TestJointBegins(t *testing.T) {
	data := twoLanguages(40, 1)
	c := joinedConfig()
	c.Decoder, c.Bottleneck = DecoderConfig{}, embedderConfig().Bottleneck
	c.Encoder.Layers, c.Encoder.Hidden = 0, 0
	mean := newEmbedder(t, c, data, 1)
	c = joinedConfig()
	c.SharedVocab, c.Target = false, tokenize.Config{Kind: tokenize.BPE, Merges: 20}
	for i, e := range data {
		data[i] = corpora.Example{Source: strings.ToUpper(e.Source), Targets: []string{strings.ToUpper(e.Source), e.Targets[0]}}
	}
	n, taken, err := (&BeginOptions{From: mean, Partial: true, Kind: "other", Extend: ExtendNone}).begin(c, data, 2)
	if err != nil {
		t.Fatal(err)
	}
	lines := sources1(data)
	first := &EmbedOptions{Size: 16, Normalize: true}
	want := embeddings(t, &Model{mean}, nil, lines...)
	same := func(when string) {
		t.Helper()
		for i, v := range embeddings(t, &Model{n}, first, lines...) {
			for k := range v {
				if math.Abs(float64(v[k]-want[i][k])) > 1e-6 {
					t.Fatalf("%s: line %d has another first part (%d parameters taken)", when, i, taken.Parameters())
				}
			}
		}
	}
	same("at the beginning")
	o := &TrainOptions{Epochs: 1, BatchSentences: 10, Freeze: []string{"source_embeddings"}, Contrast: ContrastOptions{Weight: 1}}
	for _, p := range train(t, n, data, data, o) {
		if p.Tokens < 100 || !(p.Loss > 0) {
			t.Errorf("step of %d tokens with a loss of %v", p.Tokens, p.Loss)
		}
	}
	same("after training")
	pairs := n.encodeSets(data[:1], o)
	if tgt := pairs[0].tgt; n.target.Decode(tgt) != lines[0] || slices.Equal(tgt, pairs[0].src) {
		t.Errorf("target %v of source %v: want tokens of the target's tokenizer", tgt, pairs[0].src)
	}
}

// TestContrastPlan holds that a plan of contrast counts chunks, and that memory bounds them.
func TestContrastPlan(t *testing.T) {
	if testing.Short() {
		t.Skip("left out with -short")
	}
	data := twoLanguages(600, 1)
	c := recurrentEmbedderConfig()
	c.Encoder.Hidden = 64
	plan := func(o TrainOptions) Plan {
		o.BatchSentences, o.Contrast.Temperature = 200, 0.05
		p, err := newEmbedder(t, c, data, 1).Plan(t.Context(), data, data[:50], &o)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	whole, chunks := plan(TrainOptions{}), plan(TrainOptions{Contrast: ContrastOptions{Chunk: 20}})
	if whole.EpochSteps != 3 || whole.Tokens != 600 || whole.Pairs != 600 {
		t.Errorf("plan %+v: want 3 steps of 600 sets", whole)
	}
	if !(chunks.Memory.Activations < whole.Memory.Activations/3) || chunks.Memory.Weights != whole.Memory.Weights {
		t.Errorf("activations hold %v in chunks of 20, and %v", chunks.Memory.Activations, whole.Memory.Activations)
	}
	bound := whole.Memory.Total() - whole.Memory.Activations/2
	var found []ByteSize
	for _, procs := range []int{1, 3} {
		func() {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
			found = append(found, plan(TrainOptions{Memory: bound}).Memory.Total())
		}()
	}
	if found[0] != found[1] || found[0] > bound || found[0] < bound*8/10 {
		t.Errorf("trainings hold %v: want nearly %v on any number of cores", found, bound)
	}
	m := newEmbedder(t, c, data, 1)
	for _, err := range m.Train(t.Context(), data, nil, &TrainOptions{Memory: 1 << 10, BatchSentences: 200, Contrast: ContrastOptions{Temperature: 0.05}}) {
		if err == nil {
			t.Error("a training within a kilobyte")
		}
		break
	}
}

// TestMixedBatches holds how batches are shared among corpora, and that passes go on from epoch to epoch.
func TestMixedBatches(t *testing.T) {
	var pairs []pair
	for corpus, n := range []int{1000, 100, 3} {
		for range n {
			pairs = append(pairs, pair{corpus: corpus, set: &set{}})
		}
	}
	o := MixtureOptions{Power: 0.5, Ratios: []float64{1, 0, 4}}
	all := o.portions(pairs, 10)
	// 100 + 10 + 1 batches by the weights √1000, √100 and √12
	for i, want := range []int{78, 25, 9} {
		if all[i].epoch != want {
			t.Errorf("corpus %d has %d batches an epoch: want %d", i, all[i].epoch, want)
		}
	}
	seen := make([]int, len(pairs))
	for epoch := range 100 {
		batches := mixedBatches(pairs, all, 1, epoch, false)
		if len(batches) != 78+25+9 {
			t.Fatalf("%d batches in epoch %d", len(batches), epoch)
		}
		for _, b := range batches {
			for _, i := range b {
				if pairs[i].corpus != pairs[b[0]].corpus {
					t.Fatal("a batch of two corpora")
				}
				seen[i]++
			}
		}
	}
	for i, n := range seen { // 78 of 100 batches of a pass in an epoch, 25 of 10, and 9 of 1
		if want := []int{78, 250, 900}[pairs[i].corpus]; n != want {
			t.Fatalf("pair %d of corpus %d is seen %d times in 100 epochs: want %d", i, pairs[i].corpus, n, want)
		}
	}
	if few := o.portions(pairs[1100:], 2); few[0].batches != 1 {
		t.Errorf("three sets make %d batches: want one, where none is alone", few[0].batches)
	}
	one := MixtureOptions{}.portions(pairs, 10)
	if len(one) != 1 || one[0].epoch != 111 {
		t.Errorf("without a power, %d portions of %d batches: want one of 111", len(one), one[0].epoch)
	}
}
