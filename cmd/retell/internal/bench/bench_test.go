package bench

import (
	"fmt"
	"testing"
)

// BenchmarkTrainStep measures a whole step, forward to Adam, in the configurations of [Cases].
func BenchmarkTrainStep(b *testing.B) {
	for _, c := range Cases() {
		b.Run(c.name, func(b *testing.B) { benchSteps(b, c) })
	}
}

func TestCases(t *testing.T) {
	want := map[string]float64{ // millions of parameters, as counted by the same models in PyTorch
		"lstm": 11.35, "attn": 11.62, "attn-feed": 12.66, "bahdanau-feed": 12.93, "gru2": 13.72, "char": 0.75, "char-lstm": 0.68, "ae": 10.83,
	}
	for _, c := range Cases() {
		m, err := c.model()
		if err != nil {
			t.Fatal(err)
		}
		got := float64(m.Parameters()) / 1e6
		if d := got - want[c.name]; d > 0.006 || d < -0.006 {
			t.Errorf("%s: %.3f million parameters: want %.2f", c.name, got, want[c.name])
		}
		if m.Source().Size() != c.vocab || m.Target().Size() != c.vocab {
			t.Errorf("%s: vocabularies of %d and %d: want %d", c.name, m.Source().Size(), m.Target().Size(), c.vocab)
		}
		for _, e := range c.examples(false) {
			if n := len(m.Source().Encode(e.Source)); n != c.length {
				t.Fatalf("%s: a source of %d tokens: want %d", c.name, n, c.length)
			}
			if n := len(m.Target().Encode(e.Targets[0])); n != c.length-1 {
				t.Fatalf("%s: a target of %d tokens: want %d", c.name, n, c.length-1)
			}
		}
	}
	if _, err := Find("nosuch"); err == nil {
		t.Error("an unknown name: want an error")
	}
}

func TestRun(t *testing.T) {
	c, err := Find("char")
	if err != nil {
		t.Fatal(err)
	}
	c.config.Encoder.Hidden, c.config.Decoder.Hidden, c.batch = 8, 8, 3
	r, err := c.Run(t.Context(), &Options{Steps: 2, Beam: 2, Mixed: true})
	if err != nil {
		t.Fatal(err)
	}
	for name, v := range map[string]float64{"training": r.TrainTokS, "greedy": r.GreedyS, "one": r.GreedyOne, "beam": r.BeamS, "limit": r.Limit, "arithmetic": r.Flops} {
		if !(v > 0) {
			t.Errorf("%s: %g: want more than 0", name, v)
		}
	}
}

// BenchmarkDecode decodes batches of sentences, greedily and with a beam of 5, and single sentences.
func BenchmarkDecode(b *testing.B) {
	for _, c := range Cases() {
		m, err := c.model()
		if err != nil {
			b.Fatal(err)
		}
		sources := c.sources()
		for _, s := range []struct {
			name            string
			sentences, beam int
		}{{"greedy", len(sources), 1}, {"one", 1, 1}, {"beam", len(sources), 5}} {
			b.Run(c.name+"/"+s.name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if err := c.decode(b.Context(), m, sources[:s.sentences], s.beam); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.N*s.sentences)/b.Elapsed().Seconds(), "sentences/s")
			})
		}
	}
}

// BenchmarkGrowth varies one size of the case lstm at a time.
func BenchmarkGrowth(b *testing.B) {
	for _, s := range []struct {
		name  string
		sizes []int
		set   func(c *Case, n int)
	}{
		{"batch", []int{16, 64, 256}, func(c *Case, n int) { c.batch = n }},
		{"hidden", []int{128, 256, 512, 1024}, func(c *Case, n int) { c.config.Encoder.Hidden, c.config.Decoder.Hidden = n, n }},
		{"length", []int{7, 14, 28, 56}, func(c *Case, n int) { c.length = n }},
		{"vocabulary", []int{2000, 8000, 32000}, func(c *Case, n int) { c.vocab = n }},
	} {
		for _, n := range s.sizes {
			c, err := Find("lstm")
			if err != nil {
				b.Fatal(err)
			}
			s.set(&c, n)
			b.Run(fmt.Sprintf("%s=%d", s.name, n), func(b *testing.B) { benchSteps(b, c) })
		}
	}
}

// benchSteps times training steps of a configuration.
func benchSteps(b *testing.B, c Case) {
	m, err := c.model()
	if err != nil {
		b.Fatal(err)
	}
	const warm = 2
	b.ReportAllocs()
	for p, err := range m.Train(b.Context(), c.examples(false), nil, c.trainOptions(1<<30, "")) {
		if err != nil {
			b.Fatal(err)
		}
		if p.Step > warm && !b.Loop() {
			break
		}
	}
	b.ReportMetric(float64(b.N*c.batch*c.length)/b.Elapsed().Seconds(), "tokens/s")
}
