package seq2seq

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/retell-rnn/retell/rnn"
)

// BenchmarkTrainStep is a whole step, forward to Adam, in the configurations of [Benchmarks].
func BenchmarkTrainStep(b *testing.B) {
	for _, c := range Benchmarks() {
		b.Run(c.Name, func(b *testing.B) { benchSteps(b, c) })
	}
}

func benchTrainer(tb testing.TB, c Benchmark) (*trainer, []int) {
	tb.Helper()
	net, err := newNetwork(c.Config, c.Vocab, c.Vocab, rand.New(rand.NewPCG(1, 1)))
	if err != nil {
		tb.Fatal(err)
	}
	t := &trainer{Model: &Model{net: net}, train: c.pairs(false), o: (&TrainOptions{}).defaults(), opt: &rnn.Adam{}}
	if t.objective, err = newObjective(t.Model, &t.o, &t.pass); err != nil {
		tb.Fatal(err)
	}
	batch := make([]int, len(t.train))
	for i := range batch {
		batch[i] = i
	}
	return t, batch
}

func TestBenchmarks(t *testing.T) {
	want := map[string]float64{ // millions of parameters, as the PyTorch twin counts them
		"lstm": 11.35, "attn": 11.62, "attn-feed": 12.66, "bahdanau-feed": 12.93, "gru2": 13.72, "char": 0.75, "char-lstm": 0.68, "ae": 10.83,
	}
	for _, b := range Benchmarks() {
		tr, _ := benchTrainer(t, b)
		got := float64(tr.net.params.Count()) / 1e6
		if d := got - want[b.Name]; d > 0.006 || d < -0.006 {
			t.Errorf("%s: %.3f million parameters: want %.2f", b.Name, got, want[b.Name])
		}
	}
	if _, err := FindBenchmark("nosuch"); err == nil {
		t.Error("an unknown name is no error")
	}
	b, err := FindBenchmark("char")
	if err != nil {
		t.Fatal(err)
	}
	b.Config.Encoder.Hidden, b.Config.Decoder.Hidden, b.Batch = 8, 8, 3
	r, err := b.Run(t.Context(), &BenchmarkOptions{Steps: 2, Beam: 2, Mixed: true})
	if err != nil {
		t.Fatal(err)
	}
	for name, v := range map[string]float64{"training": r.TrainTokS, "greedy": r.GreedyS, "one": r.GreedyOne, "beam": r.BeamS, "limit": r.Limit} {
		if !(v > 0) {
			t.Errorf("%s: %g: want more than 0", name, v)
		}
	}
}

// BenchmarkDecode decodes batches of sentences, greedily and with a beam of 5, and one sentence alone.
func BenchmarkDecode(b *testing.B) {
	for _, c := range Benchmarks() {
		t, _ := benchTrainer(b, c)
		m, src := c.decoder(t, false), sources(c.pairs(false))
		for _, s := range []struct {
			name            string
			sentences, beam int
		}{{"greedy", len(src), 1}, {"one", 1, 1}, {"beam", len(src), 5}} {
			b.Run(c.Name+"/"+s.name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if err := c.decode(b.Context(), m, src[:s.sentences], s.beam); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.N*s.sentences)/b.Elapsed().Seconds(), "sentences/s")
			})
		}
	}
}

// BenchmarkGrowth varies one size of lstm at a time.
func BenchmarkGrowth(b *testing.B) {
	for _, s := range []struct {
		name  string
		sizes []int
		set   func(c *Benchmark, n int)
	}{
		{"batch", []int{16, 64, 256}, func(c *Benchmark, n int) { c.Batch = n }},
		{"hidden", []int{128, 256, 512, 1024}, func(c *Benchmark, n int) { c.Config.Encoder.Hidden, c.Config.Decoder.Hidden = n, n }},
		{"length", []int{7, 14, 28, 56}, func(c *Benchmark, n int) { c.Length = n }},
		{"vocabulary", []int{2000, 8000, 32000}, func(c *Benchmark, n int) { c.Vocab = n }},
	} {
		for _, n := range s.sizes {
			c, err := FindBenchmark("lstm")
			if err != nil {
				b.Fatal(err)
			}
			s.set(&c, n)
			b.Run(fmt.Sprintf("%s=%d", s.name, n), func(b *testing.B) { benchSteps(b, c) })
		}
	}
}

// benchSteps times training steps of a configuration.
func benchSteps(b *testing.B, c Benchmark) {
	t, batch := benchTrainer(b, c)
	step := func() {
		if _, err := t.step(b.Context(), [][]int{batch}); err != nil {
			b.Fatal(err)
		}
	}
	step()
	step()
	b.ReportAllocs()
	for b.Loop() {
		step()
	}
	b.ReportMetric(float64(b.N*c.Batch*c.Length)/b.Elapsed().Seconds(), "tokens/s")
}
