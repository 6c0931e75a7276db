package rnn

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gorgonia.org/gorgonia"
)

// testConfig describes an encoder-decoder, with any of the package's parts.
type testConfig struct {
	cell, decCell     Cell
	encLayers, layers int
	bidirectional     bool
	vocab, embed      int
	encHidden, hidden int
	score             Attention
	feed              bool
	eps               float64
	dropout           float64
	tied              bool
	residual          bool
	sequence          bool // dropout by sequence
	recurrent         float64
	norm              bool
	coverage          bool
	copy              bool
	factor            bool    // source tokens have a second embedding
	repeated          float64 // weight of the coverage loss
	guided            float64 // weight of the guided attention
	condition         int     // size of the encoder's last state if every decoder step reads it, else 0
}

type testModel struct {
	testConfig
	params         *Params
	srcEmb, tgtEmb *Embedding
	factor         *Embedding // nil without
	encoder        []*Layer
	bridge         *Bridge
	decoder        *Decoder
	output         *Output
	copier         *Copier // nil without
	pass           Pass
	stats          LossStats
	decoding       Precision // of steps
}

func newTestModel(tb testing.TB, c testConfig, seed uint64) *testModel {
	tb.Helper()
	check := func(err error) {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
	}
	c.cell, c.decCell = cmp.Or(c.cell, LSTM), cmp.Or(c.decCell, LSTM)
	ps := NewParams(rand.New(rand.NewPCG(seed, 1)))
	in := Inits{Matrix: func(int) Init { return Uniform(0.3) }, ForgetBias: 1}
	m := &testModel{testConfig: c, params: ps}
	m.srcEmb = NewEmbedding(ps, "source", c.vocab, c.embed, in)
	m.tgtEmb = NewEmbedding(ps, "target", c.vocab, c.embed, in)
	size := c.embed
	if c.factor {
		m.factor = NewEmbedding(ps, "factor", c.vocab, 3, in)
		size += 3
	}
	for l := range c.encLayers {
		layer, err := NewLayer(ps, fmt.Sprintf("encoder.%d", l), LayerConfig{
			Cell: c.cell, In: size, Hidden: c.encHidden, Bidirectional: c.bidirectional, Recurrent: c.recurrent, Norm: c.norm, Init: in,
		})
		check(err)
		m.encoder = append(m.encoder, layer)
		size = c.encHidden
	}
	m.bridge = NewBridge(ps, "bridge", c.cell, c.encLayers, c.encHidden, c.decCell, c.layers, c.hidden, in)
	var err error
	m.decoder, err = NewDecoder(ps, "decoder", DecoderConfig{
		Cell: c.decCell, Layers: c.layers, In: c.embed, Hidden: c.hidden, Attention: c.score, Memory: c.encHidden, Out: c.embed,
		InputFeeding: c.feed, Condition: c.condition, Dropout: c.dropout,
		Sequence: c.sequence, Recurrent: c.recurrent, Residual: c.residual, Coverage: c.coverage, Norm: c.norm, Init: in,
	})
	check(err)
	var tie *Embedding
	if c.tied {
		tie = m.tgtEmb
	}
	m.output, err = NewOutput(ps, "output", m.decoder.Out, c.vocab, tie, in)
	check(err)
	if c.copy {
		m.copier = NewCopier(ps, "copy", m.output, in)
	}
	// Biases are not zero, so that a missing one shows.
	for p := range ps.All() {
		if len(p.Shape) == 1 {
			Uniform(0.3)(p, ps.rng)
		}
	}
	return m
}

// build adds the whole model to the pass and returns its loss.
func (m *testModel) build(rng *rand.Rand, src, tgt [][]int32) *gorgonia.Node {
	p := &m.pass
	p.Start(rng)
	sl, tl := NewLayout(lengths(src)), NewLayout(lengths(tgt))
	read := sl.Place(src)
	x := m.srcEmb.Forward(p, read)
	if m.factor != nil {
		x = Join(p, x, m.factor.Forward(p, read))
	}
	if m.sequence {
		x = SequenceDropout(p, TypeDropout(p, x, sl, read, m.dropout), sl, m.dropout)
	} else {
		x = Dropout(p, x, m.dropout)
	}
	var last []State
	for i, l := range m.encoder {
		y, s := l.Forward(p, x, sl, State{})
		if m.residual && i > 0 {
			y = Add(p, y, x)
		}
		x, last = y, append(last, s)
	}
	in := make([][]int32, len(tgt))
	for i, t := range tgt {
		in[i] = append([]int32{2}, t[:len(t)-1]...)
		for k, id := range in[i] {
			in[i][k] = m.known(id)
		}
	}
	var condition *gorgonia.Node
	if m.condition > 0 {
		condition = last[len(last)-1].H
	}
	y := m.decoder.Forward(p, m.tgtEmb.Forward(p, tl.Place(in)), tl, x, sl, m.bridge.Forward(p, last), condition)
	var loss *gorgonia.Node
	if m.copier == nil {
		loss = m.output.Loss(p, y.Out, tl.Place(tgt), m.eps, &m.stats)
	} else {
		copies := make([]Copies, tl.Rows())
		for s := range tgt {
			for t := range tgt[s] {
				copies[tl.Row(s, t)] = m.copies(src[s])
			}
		}
		loss = m.copier.Loss(p, y.Out, y.Attention, copies, tl.Place(tgt), m.eps, &m.stats)
	}
	if m.repeated > 0 {
		loss = p.Sum(loss, p.Scale(y.Repeated, m.repeated))
	}
	if m.guided > 0 {
		wanted := make([][]int32, tl.Rows())
		weights := make([]float32, tl.Rows())
		for s := range tgt {
			for t := range tgt[s] {
				r := tl.Row(s, t)
				wanted[r], weights[r] = m.wanted(src[s], t), m.wantedWeight(t)
			}
		}
		loss = p.Sum(loss, p.Scale(GuidedAttention(p, y.Attention, wanted, weights), m.guided))
	}
	return loss
}

// wanted returns the source tokens that a row should attend to: one, two or none.
func (m *testModel) wanted(src []int32, t int) []int32 {
	n := int32(len(src))
	switch at := int32(t) % n; {
	case t%3 == 2:
		return nil
	case t%3 == 1 && n > 1:
		return []int32{at, (at + 1) % n}
	default:
		return []int32{at}
	}
}

func (m *testModel) wantedWeight(t int) float32 { return float32(1 + t%2) }

// copies returns a source's tokens as target ids. Even ids are outside the target's vocabulary.
func (m *testModel) copies(src []int32) Copies {
	ids := make([]int32, len(src))
	for i, id := range src {
		if ids[i] = id; id%2 == 0 {
			ids[i] = int32(m.vocab) + id
		}
	}
	return NewCopies(ids)
}

// known returns id, or 1 if it is outside the target's vocabulary.
func (m *testModel) known(id int32) int32 {
	if int(id) >= m.vocab {
		return 1
	}
	return id
}

// copied replaces some of the targets by copies of source tokens.
func (m *testModel) copied(rng *rand.Rand, src, tgt [][]int32) {
	for i, t := range tgt {
		ids := m.copies(src[i]).ids
		for k := range t {
			if m.copy && rng.IntN(2) == 0 {
				t[k] = ids[rng.IntN(len(ids))]
			}
		}
	}
}

func lengths(seqs [][]int32) []int {
	n := make([]int, len(seqs))
	for i, s := range seqs {
		n[i] = len(s)
	}
	return n
}

func randomSeqs(rng *rand.Rand, vocab int, lens ...int) [][]int32 {
	out := make([][]int32, len(lens))
	for i, n := range lens {
		for range n {
			out[i] = append(out[i], int32(3+rng.IntN(vocab-3)))
		}
	}
	return out
}

// checkGradients compares the loss, and up to n gradients of every parameter, with the reference.
func (m *testModel) checkGradients(t *testing.T, src, tgt [][]int32, n int) {
	t.Helper()
	loss := m.build(nil, src, tgt)
	m.params.ZeroGrads()
	if _, err := m.pass.Backward(loss); err != nil {
		t.Fatal(err)
	}
	ref := &refModel{m, map[string][]float64{}}
	for p := range m.params.All() {
		for _, v := range p.W {
			ref.w[p.Name] = append(ref.w[p.Name], float64(v))
		}
	}
	want := func() float64 {
		sum := 0.0
		for i := range src {
			sum += ref.sentence(src[i], tgt[i])
		}
		return sum
	}
	got, exact := float64(Floats(loss)[0]), want()
	if math.Abs(got-exact) > 2e-5*math.Abs(exact) {
		t.Errorf("loss %.8g: want %.8g", got, exact)
	}
	rng := rand.New(rand.NewPCG(5, 5))
	for p := range m.params.All() {
		grad := make([]float32, len(p.W))
		p.GradRows(func(at int, _, g []float32) { copy(grad[at:], g) })
		scale := 0.0
		for _, g := range grad {
			scale = max(scale, math.Abs(float64(g)))
		}
		w := ref.w[p.Name]
		for range min(n, len(w)) {
			i := rng.IntN(len(w))
			const h = 1e-5
			was := w[i]
			w[i] = was + h
			up := want()
			w[i] = was - h
			d := (up - want()) / (2 * h)
			w[i] = was
			if math.Abs(float64(grad[i])-d) > 1e-4*(math.Abs(d)+scale)+1e-6 {
				t.Errorf("%s[%d]: gradient %.7g: want %.7g (greatest %.3g)", p.Name, i, grad[i], d, scale)
			}
		}
	}
}

// gradientCases returns changes of the configuration that TestGradients begins with.
func gradientCases() map[string]func(*testConfig) {
	return map[string]func(*testConfig){
		"lstm":     func(*testConfig) {},
		"gru":      func(c *testConfig) { c.cell, c.decCell = GRU, GRU },
		"mgu":      func(c *testConfig) { c.cell, c.decCell = MGU, MGU },
		"peephole": func(c *testConfig) { c.cell, c.decCell = Peephole, Peephole },
		"peephole-deep": func(c *testConfig) {
			c.cell, c.decCell, c.layers, c.bidirectional, c.score, c.feed = Peephole, Peephole, 2, true, General, true
		},
		"lstm-peephole":     func(c *testConfig) { c.decCell = Peephole },
		"lstm-gru":          func(c *testConfig) { c.decCell = GRU },
		"gru-lstm":          func(c *testConfig) { c.cell = GRU },
		"deep":              func(c *testConfig) { c.encLayers, c.layers = 2, 3 },
		"deep-gru":          func(c *testConfig) { c.encLayers, c.layers, c.cell, c.decCell = 3, 2, GRU, GRU },
		"bidirectional":     func(c *testConfig) { c.bidirectional = true },
		"bidirectional-gru": func(c *testConfig) { c.bidirectional, c.cell, c.decCell, c.encLayers = true, GRU, GRU, 2 },
		"bridge":            func(c *testConfig) { c.encHidden, c.bidirectional = 8, true },
		"odd":               func(c *testConfig) { c.encHidden, c.hidden, c.embed = 7, 13, 9 },
		"smoothed":          func(c *testConfig) { c.eps = 0.1 },
		"dot":               func(c *testConfig) { c.score = Dot },
		"dot-feed":          func(c *testConfig) { c.score, c.feed = Dot, true },
		"scaled-dot":        func(c *testConfig) { c.score, c.encHidden, c.hidden = ScaledDot, 16, 16 },
		"scaled-dot-feed":   func(c *testConfig) { c.score, c.feed, c.guided = ScaledDot, true, 0.5 },
		"general":           func(c *testConfig) { c.score, c.bidirectional, c.hidden = General, true, 7 },
		"general-feed":      func(c *testConfig) { c.score, c.feed, c.bidirectional, c.hidden = General, true, true, 4 },
		"general-feed-deep": func(c *testConfig) { c.score, c.feed, c.layers, c.encLayers = General, true, 2, 2 },
		"concat":            func(c *testConfig) { c.score, c.hidden = Concat, 7 },
		"concat-feed-gru":   func(c *testConfig) { c.score, c.feed, c.cell, c.decCell = Concat, true, GRU, GRU },
		"bahdanau":          func(c *testConfig) { c.score = Bahdanau },
		"bahdanau-feed":     func(c *testConfig) { c.score, c.feed, c.bidirectional = Bahdanau, true, true },
		"tied":              func(c *testConfig) { c.score, c.tied = General, true },
		"factor":            func(c *testConfig) { c.factor, c.bidirectional = true, true },
		"copy":              func(c *testConfig) { c.copy, c.score = true, General },
		"copy-smoothed":     func(c *testConfig) { c.copy, c.score, c.eps, c.feed = true, Bahdanau, 0.1, true },
		"copy-coverage": func(c *testConfig) {
			c.copy, c.score, c.coverage, c.repeated, c.tied = true, Bahdanau, true, 0.5, true
		},
		"coverage":      func(c *testConfig) { c.coverage, c.score = true, Bahdanau },
		"coverage-loss": func(c *testConfig) { c.coverage, c.score, c.repeated, c.feed = true, Concat, 0.7, true },
		"guided":        func(c *testConfig) { c.guided, c.score = 0.4, General },
		"guided-feed":   func(c *testConfig) { c.guided, c.score, c.feed, c.layers, c.decCell = 0.4, Bahdanau, true, 2, GRU },
		"guided-dot":    func(c *testConfig) { c.guided, c.score, c.feed, c.bidirectional = 2, Dot, true, true },
		"guided-all": func(c *testConfig) {
			c.guided, c.score, c.feed, c.copy, c.coverage, c.repeated = 0.7, Concat, true, true, true, 0.5
		},
		"norm":          func(c *testConfig) { c.norm = true },
		"norm-gru":      func(c *testConfig) { c.norm, c.cell, c.decCell = true, GRU, GRU },
		"norm-mgu":      func(c *testConfig) { c.norm, c.cell, c.decCell, c.layers = true, MGU, MGU, 2 },
		"norm-peephole": func(c *testConfig) { c.norm, c.cell, c.decCell, c.layers = true, Peephole, Peephole, 2 },
		"norm-deep": func(c *testConfig) {
			c.norm, c.encLayers, c.layers, c.score, c.feed, c.bidirectional, c.condition = true, 2, 2, General, true, true, c.encHidden
		},
		"norm-deep-gru": func(c *testConfig) {
			c.norm, c.encLayers, c.layers, c.score, c.cell, c.decCell = true, 2, 2, Bahdanau, GRU, GRU
		},
		"residual": func(c *testConfig) { c.encLayers, c.layers, c.residual = 3, 3, true },
		"residual-feed": func(c *testConfig) {
			c.encLayers, c.layers, c.residual, c.score, c.feed, c.decCell, c.bidirectional = 2, 3, true, General, true, GRU, true
		},
		"residual-bahdanau": func(c *testConfig) { c.encLayers, c.layers, c.residual, c.score = 2, 2, true, Bahdanau },
		"condition":         func(c *testConfig) { c.condition = c.encHidden },
		"condition-feed-deep": func(c *testConfig) {
			c.condition, c.score, c.feed, c.layers, c.decCell = c.encHidden, General, true, 2, GRU
		},
	}
}

func TestGradients(t *testing.T) {
	base := testConfig{encLayers: 1, layers: 1, vocab: 11, embed: 5, encHidden: 6, hidden: 6}
	batches := map[string][2][]int{
		"one":     {{1}, {1}},
		"single":  {{4}, {3}},
		"uniform": {{3, 3, 3}, {4, 4, 4}},
		"mixed":   {{2, 5, 1, 3, 5}, {4, 1, 6, 6, 2}},
	}
	for name, change := range gradientCases() {
		c := base
		change(&c)
		for batch, lens := range batches {
			if testing.Short() && batch != "one" && batch != "mixed" {
				continue
			}
			t.Run(name+"/"+batch, func(t *testing.T) {
				m, rng := newTestModel(t, c, 7), rand.New(rand.NewPCG(3, 3))
				src, tgt := randomSeqs(rng, c.vocab, lens[0]...), randomSeqs(rng, c.vocab, lens[1]...)
				m.copied(rng, src, tgt)
				m.checkGradients(t, src, tgt, 12)
			})
		}
	}
}
