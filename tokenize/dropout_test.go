package tokenize

import (
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestEncodeDropout(t *testing.T) {
	codecs := lossless(t)
	line := anyLine()
	rapid.Check(t, func(t *rapid.T) {
		line, p := line.Draw(t, "line"), rapid.Float64Range(0, 1).Draw(t, "p")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		for _, c := range codecs {
			if got, want := c.Decode(c.EncodeDropout(line, p, rng)), c.Normalize(line); got != want {
				t.Fatalf("%+v: %q: decoded %q, want %q", c.Config(), line, got, want)
			}
			if got, want := c.EncodeDropout(line, 0, rng), c.Encode(line); !slices.Equal(got, want) {
				t.Fatalf("%+v: %q without dropout: got %v, want %v", c.Config(), line, got, want)
			}
			// A tiny p drops no merge.
			if got, want := c.EncodeDropout(line, 1e-300, rng), c.Encode(line); !slices.Equal(got, want) {
				t.Fatalf("%+v: %q with a tiny p: got %v, want %v", c.Config(), line, got, want)
			}
			if s, ok := c.scheme.(*bpeScheme); ok {
				var chars []int32
				preTokens(c.Normalize(line), func(text string) { chars = s.spell(chars, text) })
				if got := c.EncodeDropout(line, 1, rng); !slices.Equal(got, chars) {
					t.Fatalf("%+v: %q with p = 1: got %v, want %v", c.Config(), line, got, chars)
				}
			}
		}
	})
}

// TestEncodeDropoutVaries holds that more dropout gives more pieces, that calls differ, and that equal seeds give equal
// pieces.
func TestEncodeDropoutVaries(t *testing.T) {
	lines := madeUpLines(7, 100)
	c := learn(t, Config{Merges: 400}, lines...)
	pieces := func(p float64, seed uint64) (n int, all [][]int32) {
		rng := rand.New(rand.NewPCG(seed, 0))
		for _, line := range lines {
			ids := c.EncodeDropout(line, p, rng)
			n, all = n+len(ids), append(all, ids)
		}
		return n, all
	}
	none, _ := pieces(0, 1)
	some, first := pieces(0.1, 1)
	many, _ := pieces(0.6, 1)
	if some < none*105/100 || many < some*12/10 {
		t.Errorf("%d pieces without dropout, %d with a little, %d with much", none, some, many)
	}
	if _, again := pieces(0.1, 1); !slices.EqualFunc(first, again, slices.Equal) {
		t.Error("equal seeds give different pieces")
	}
	if _, other := pieces(0.1, 2); slices.EqualFunc(first, other, slices.Equal) {
		t.Error("different seeds give equal pieces")
	}
}
