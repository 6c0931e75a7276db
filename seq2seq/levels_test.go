package seq2seq

import (
	"slices"
	"testing"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/rnn"
)

// TestLevelsOfShortLines holds that lines shorter than the coarsest level's tokens have the same states alone and
// beside long ones, and that a line's states depend on its far tokens.
func TestLevelsOfShortLines(t *testing.T) {
	c := smallConfig()
	c.Encoder.Levels, c.Encoder.Bidirectional = 3, true
	c.Encoder.Cell, c.Encoder.LayerNorm = rnn.GRU, true
	m := newModel(t, c, []corpora.Example{{Source: "a b c d", Targets: []string{"x"}}}, 1)
	f := m.net.pack(rnn.Float32)
	states := func(lines ...string) [][]float32 {
		var src []sourceLine
		for _, line := range lines {
			src = append(src, m.encodeSource(line, nil))
		}
		var mem rnn.Buffers
		e := f.encode(&mem, src)
		var out [][]float32
		for s, line := range src {
			var all []float32
			for i := range line.src {
				all = append(all, e.memory[e.layout.Row(s, i)*32:][:32]...)
			}
			out = append(out, append(all, e.last[0].H[s*32:][:32]...))
		}
		return out
	}
	lines := []string{"a", "b c d a b c d a b c d a b c d", "c d", "d c b", "b c d a b c d a b c d a b c a"}
	batch := states(lines...)
	for i, line := range lines {
		if !slices.Equal(states(line)[0], batch[i]) {
			t.Errorf("other states of %q alone", line)
		}
	}
	if slices.Equal(batch[1][:32], batch[4][:32]) {
		t.Error("the first state does not depend on the last token")
	}
}
