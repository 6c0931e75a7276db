package rnn

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/retell-rnn/retell/internal/kernel"
	"gorgonia.org/gorgonia"
)

func allParts(c *testConfig) {
	c.encLayers, c.layers, c.bidirectional, c.score, c.feed = 2, 2, true, General, true
}

func testConfigs() map[string]testConfig {
	base := testConfig{encLayers: 1, layers: 1, vocab: 23, embed: 9, encHidden: 22, hidden: 17}
	out := map[string]testConfig{"plain": base}
	c := base
	allParts(&c)
	c.condition = c.encHidden
	out["feed"] = c
	c.condition = 0
	c.cell, c.decCell, c.score = GRU, GRU, Bahdanau
	out["gru"] = c
	c.cell, c.decCell = MGU, MGU
	out["mgu"] = c
	c.cell, c.decCell = Peephole, Peephole
	out["peephole"] = c
	c.cell, c.decCell = LSTM, GRU
	out["lstm-gru"] = c
	c.residual, c.sequence, c.recurrent = true, true, 0.2
	out["residual"] = c
	c.norm, c.coverage, c.repeated = true, true, 0.3
	out["norm"] = c
	c.copy = true
	out["copy"] = c
	return out
}

// steps returns the logits of teacher forcing, computed step by step, by sequence and token.
func (m *testModel) steps(src, tgt [][]int32) [][][]float32 {
	var mem Buffers
	lay := NewLayout(lengths(src))
	x := mem.Take(lay.Rows() * m.embed)
	m.srcEmb.Pack().Forward(x, lay.Place(src))
	var last []StateValues
	for i, l := range m.encoder {
		y, s := l.Pack(m.decoding).Forward(&mem, x, lay)
		if m.residual && i > 0 {
			kernel.Add(y, y, x)
		}
		x, last = y, append(last, s)
	}
	d := m.decoder.Pack(m.decoding).Start(&mem, DecoderInit{
		Batch: len(src), Memory: x, Source: lay, States: m.bridge.Pack(Float32).Forward(&mem, len(src), last), Condition: last[len(last)-1].H,
	}, len(src))
	out := m.output.Pack(m.decoding)
	logits := make([][][]float32, len(src))
	alive := make([]int, len(src))
	for i := range alive {
		alive[i] = i
	}
	for t := 0; len(alive) > 0; t++ {
		var ids []int32
		for _, i := range alive {
			if t == 0 {
				ids = append(ids, 2)
			} else {
				ids = append(ids, m.known(tgt[i][t-1]))
			}
		}
		x := make([]float32, len(ids)*m.embed)
		m.tgtEmb.Pack().Forward(x, ids)
		y := make([]float32, len(ids)*m.vocab)
		h := d.Step(x)
		out.Logits(len(ids), y, m.vocab, h)
		var keep, next []int
		for r, i := range alive {
			row := append([]float32(nil), y[r*m.vocab:][:m.vocab]...)
			if m.copier != nil {
				row = append(row, make([]float32, m.vocab)...)
				m.copier.PackGate().LogProbs(row, h[r*m.decoder.Out:][:m.decoder.Out], d.Attention(r), m.copies(src[i]), make([]float32, len(src[i])))
			}
			logits[i] = append(logits[i], row)
			if t+1 < len(tgt[i]) {
				keep, next = append(keep, r), append(next, i)
			}
		}
		d.Reorder(keep)
		alive = next
	}
	return logits
}

func TestGraphEqualsSteps(t *testing.T) {
	for name, c := range testConfigs() {
		t.Run(name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, 2))
			m := newTestModel(t, c, 3)
			src, tgt := randomSeqs(rng, c.vocab, 3, 7, 1, 4), randomSeqs(rng, c.vocab, 5, 2, 6, 1)
			m.copied(rng, src, tgt)
			loss := m.build(nil, src, tgt)
			if err := m.pass.Forward(); err != nil {
				t.Fatal(err)
			}
			sum, hits := 0.0, 0
			for i, seq := range m.steps(src, tgt) {
				for k, y := range seq {
					nll, _, hit := kernel.CrossEntropyLoss(y, int(tgt[i][k]), 0)
					if sum += float64(nll); hit {
						hits++
					}
				}
			}
			if hits != m.stats.Hits {
				t.Errorf("%d hits by steps: want %d", hits, m.stats.Hits)
			}
			if math.Abs(sum-m.stats.NLL) > 1e-6*sum {
				t.Errorf("steps give a loss of %.12g, the graph %.12g (%v)", sum, m.stats.NLL, Floats(loss))
			}
			if m.stats.Tokens != 14 {
				t.Errorf("%d tokens: want 14", m.stats.Tokens)
			}
		})
	}
}

func TestAloneAndInABatch(t *testing.T) {
	for _, prec := range []Precision{Float32, Int8} {
		t.Run(prec.String(), func(t *testing.T) { testAlone(t, prec) })
	}
}

func testAlone(t *testing.T, prec Precision) {
	for name, c := range testConfigs() {
		t.Run(name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, 2))
			m := newTestModel(t, c, 3)
			m.decoding = prec
			var lens []int
			for range 37 {
				lens = append(lens, 1+rng.IntN(9))
			}
			src, tgt := randomSeqs(rng, c.vocab, lens...), randomSeqs(rng, c.vocab, lens...)
			for i, seq := range m.steps(src, tgt) {
				alone := m.steps(src[i:i+1], tgt[i:i+1])[0]
				for k := range seq {
					if !slices.Equal(seq[k], alone[k]) {
						t.Fatalf("sequence %d, token %d has other logits alone", i, k)
					}
				}
			}
		})
	}
}

func TestDecoderDoesNotSeeTheFuture(t *testing.T) {
	for name, c := range testConfigs() {
		t.Run(name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, 2))
			m := newTestModel(t, c, 3)
			src, tgt := randomSeqs(rng, c.vocab, 6), randomSeqs(rng, c.vocab, 8)
			before := m.steps(src, tgt)[0]
			const at = 4
			tgt[0][at] = 3 + (tgt[0][at]-2)%int32(c.vocab-3)
			after := m.steps(src, tgt)[0]
			for k := range before {
				if same := slices.Equal(before[k], after[k]); same != (k <= at) {
					t.Errorf("token %d changed; logits at %d are the same: %v", at, k, same)
				}
			}
		})
	}
}

// TestCores checks that gradients have the same bits on any number of cores.
func TestCores(t *testing.T) {
	eachPrecision(t, testCores)
}

func testCores(t *testing.T, prec Precision) {
	for name, c := range testConfigs() {
		t.Run(name, func(t *testing.T) {
			c.dropout = 0.3
			var want []float32
			for _, procs := range []int{1, 2, 3, 8} {
				func() {
					defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
					rng := rand.New(rand.NewPCG(8, 8))
					m := newTestModel(t, c, 3)
					m.pass.Precision = prec
					loss := m.build(rng, randomSeqs(rng, c.vocab, 3, 7, 1, 4, 7, 2, 2), randomSeqs(rng, c.vocab, 5, 2, 6, 1, 3, 3, 9))
					if _, err := m.pass.Backward(loss); err != nil {
						t.Fatal(err)
					}
					var got []float32
					for p := range m.params.All() {
						p.GradRows(func(_ int, _, g []float32) { got = append(got, g...) })
					}
					if want == nil {
						want = got
					}
					if !slices.Equal(got, want) {
						t.Errorf("%d cores give other gradients than 1", procs)
					}
				}()
			}
		})
	}
}

// TestDropoutGradient compares the gradient with differences of the loss along a random direction, masks unchanged.
func TestDropoutGradient(t *testing.T) {
	for name, c := range testConfigs() {
		t.Run(name, func(t *testing.T) {
			c.dropout = 0.4
			m := newTestModel(t, c, 3)
			data := rand.New(rand.NewPCG(8, 8))
			src, tgt := randomSeqs(data, c.vocab, 3, 7, 1, 4), randomSeqs(data, c.vocab, 5, 2, 6, 1)
			run := func() float64 {
				loss := m.build(rand.New(rand.NewPCG(9, 9)), src, tgt)
				m.params.ZeroGrads()
				if _, err := m.pass.Backward(loss); err != nil {
					t.Fatal(err)
				}
				return m.stats.NLL
			}
			kept := run()
			slope, dirs := 0.0, map[*Param][]float32{}
			for p := range m.params.All() {
				d := make([]float32, len(p.W))
				for i := range d {
					d[i] = float32(data.NormFloat64())
				}
				p.GradRows(func(at int, _, g []float32) {
					for i := range g {
						slope += float64(g[i]) * float64(d[at+i])
					}
				})
				dirs[p] = d
			}
			const h = 1e-3
			move := func(by float32) float64 {
				for p, d := range dirs {
					kernel.Axpy(by, d, p.W)
				}
				return run()
			}
			diff := (move(h) - move(-2*h)) / (2 * h)
			if math.Abs(diff-slope) > 5e-3*math.Abs(slope)+1e-2 {
				t.Errorf("gradient %.6g: difference %.6g", slope, diff)
			}
			m.build(nil, src, tgt)
			if err := m.pass.Forward(); err != nil {
				t.Fatal(err)
			}
			if m.stats.NLL == kept {
				t.Error("dropout changes nothing")
			}
		})
	}
}

// TestLargeGradients checks sizes at which gates, steps and rows no longer fit into one byte, where gorgonia's own
// slicing fails.
func TestLargeGradients(t *testing.T) {
	if testing.Short() {
		t.Skip("the reference takes seconds")
	}
	rng := rand.New(rand.NewPCG(1, 2))
	t.Run("hidden 256", func(t *testing.T) {
		c := testConfig{encLayers: 1, layers: 1, vocab: 300, embed: 16, encHidden: 256, hidden: 256, score: General, feed: true}
		newTestModel(t, c, 1).checkGradients(t, randomSeqs(rng, c.vocab, 3), randomSeqs(rng, c.vocab, 3), 2)
	})
	t.Run("300 steps", func(t *testing.T) {
		c := testConfig{encLayers: 1, layers: 1, vocab: 20, embed: 5, encHidden: 6, hidden: 6, score: Dot, cell: GRU, decCell: GRU}
		newTestModel(t, c, 1).checkGradients(t, randomSeqs(rng, c.vocab, 300, 2), randomSeqs(rng, c.vocab, 300, 257), 2)
	})
}

func TestDropBags(t *testing.T) {
	var p Pass
	dropped := func(rng *rand.Rand, rate float64) (n int) {
		p.Start(rng)
		bags := make([][]int32, 10_000)
		for i := range bags {
			bags[i] = []int32{7}
		}
		DropBags(&p, bags, rate)
		for _, bag := range bags {
			if bag == nil {
				n++
			}
		}
		return n
	}
	rng := rand.New(rand.NewPCG(4, 4))
	if n := dropped(rng, 0.3); n < 2800 || n > 3200 {
		t.Errorf("%d of 10,000 bags dropped: want about 3,000", n)
	}
	if n := dropped(rng, 1); n != 10_000 {
		t.Errorf("%d of 10,000 bags dropped: want all", n)
	}
	if n := dropped(rng, 0) + dropped(nil, 1); n != 0 {
		t.Errorf("%d bags dropped at rate 0 and without random decisions: want none", n)
	}
}

func TestDropTokens(t *testing.T) {
	var p Pass
	ids := make([]int32, 10_000)
	dropped := func(rng *rand.Rand, rate float64) int {
		p.Start(rng)
		for i := range ids {
			ids[i] = 7
		}
		DropTokens(&p, ids, rate, 1)
		n := 0
		for _, id := range ids {
			if id == 1 {
				n++
			}
		}
		return n
	}
	rng := rand.New(rand.NewPCG(4, 4))
	if n := dropped(rng, 0.3); n < 2800 || n > 3200 {
		t.Errorf("%d of 10,000 tokens dropped: want about 3,000", n)
	}
	if n := dropped(rng, 1); n != len(ids) {
		t.Errorf("%d tokens dropped: want all", n)
	}
	if n := dropped(nil, 0.3); n != 0 {
		t.Errorf("%d tokens dropped without random decisions", n)
	}
}

// TestSequenceMasks checks that sequence dropout drops the same elements at every step of a sequence, that type dropout
// drops all tokens of an id or none, and that both drop about the wanted share.
func TestSequenceMasks(t *testing.T) {
	var p Pass
	rng := rand.New(rand.NewPCG(4, 4))
	lens := make([]int, 300)
	for i := range lens {
		lens[i] = 1 + rng.IntN(9)
	}
	lay := NewLayout(lens)
	const n = 7
	ones := slices.Repeat([]float32{1}, lay.Rows()*n)
	ids := make([]int32, lay.Rows())
	for i := range ids {
		ids[i] = int32(rng.IntN(4))
	}
	p.Start(rng)
	x := p.Input(lay.Rows(), n, ones)
	bySequence, byType := SequenceDropout(&p, x, lay, 0.5), TypeDropout(&p, x, lay, ids, 0.5)
	if err := p.Forward(); err != nil {
		t.Fatal(err)
	}
	zeros := [2]int{}
	for s, length := range lens {
		types := map[int32]float32{}
		for step := range length {
			r := lay.Row(s, step)
			for i := range n {
				if got, want := Floats(bySequence)[r*n+i], Floats(bySequence)[lay.Row(s, 0)*n+i]; got != want {
					t.Fatalf("sequence %d, step %d: %g: want %g as at first", s, step, got, want)
				}
				got := Floats(byType)[r*n+i]
				if want, ok := types[ids[r]]; ok && got != want {
					t.Fatalf("sequence %d, step %d: %g: want %g as for the same id before", s, step, got, want)
				}
				types[ids[r]] = got
				for k, x := range []*gorgonia.Node{bySequence, byType} {
					switch Floats(x)[r*n+i] {
					case 0:
						zeros[k]++
					case 2:
					default:
						t.Fatalf("%g in a mask: want 0 or 2", Floats(x)[r*n+i])
					}
				}
			}
		}
	}
	for _, z := range zeros {
		if share := float64(z) / float64(len(ones)); share < 0.4 || share > 0.6 {
			t.Errorf("%.2f of the numbers dropped: want about 0.5", share)
		}
	}
}
