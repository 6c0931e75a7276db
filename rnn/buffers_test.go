package rnn

import (
	"testing"

	"pgregory.net/rapid"
)

// TestBuffers checks that buffers do not overlap, and that a batch allocates nothing after an equal batch.
func TestBuffers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b Buffers
		sizes := rapid.SliceOfN(rapid.IntRange(0, 200), 1, 20)
		for range 3 {
			b.Reset()
			var taken [][]float32
			for i, n := range sizes.Draw(t, "sizes") {
				buf := b.Take(n)
				if len(buf) != n || cap(buf) != n {
					t.Fatalf("buffer of %d elements, room for %d: want %d", len(buf), cap(buf), n)
				}
				for k := range buf {
					buf[k] = float32(i)
				}
				taken = append(taken, buf)
			}
			for i, buf := range taken {
				for _, v := range buf {
					if v != float32(i) {
						t.Fatalf("buffer %d was overwritten by buffer %v", i, v)
					}
				}
			}
		}
	})
	var b Buffers
	batch := func() {
		b.Reset()
		for n := range 30 {
			b.Take(100 * n)
		}
	}
	batch()
	batch()
	if n := testing.AllocsPerRun(5, batch); n != 0 {
		t.Errorf("%v allocations a batch: want none", n)
	}
}
