package spelling

import (
	"iter"
	"maps"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/corpora/noise"
)

// channelOf returns the channel of pairs of written and meant words.
func channelOf(t *testing.T, pairs ...[2]string) *Channel {
	t.Helper()
	c, err := noise.Fit(func(yield func(corpora.Example, error) bool) {
		for _, p := range pairs {
			if !yield(corpora.Example{Source: p[0], Targets: []string{p[1]}}, nil) {
				return
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return NewChannel(c)
}

func counts(words map[string]int) iter.Seq2[string, int] {
	return func(yield func(string, int) bool) {
		for _, w := range slices.Sorted(maps.Keys(words)) {
			if !yield(w, words[w]) {
				return
			}
		}
	}
}

func words(candidates []Candidate) []string {
	var out []string
	for _, c := range candidates {
		out = append(out, c.Word)
	}
	return out
}

func TestCandidates(t *testing.T) {
	l := NewLexicon(counts(map[string]int{"receive": 5, "recipe": 5, "relieve": 1, "a lot": 3, "alto": 1, "piece": 4, "peace": 4}))
	c := channelOf(t, [2]string{"beleive", "believe"}, [2]string{"percieve", "perceive"}, [2]string{"alot", "a lot"}, [2]string{"alot", "a lot"})
	for _, test := range []struct {
		written string
		want    []string
	}{
		{"recieve", []string{"receive", "relieve"}},
		{"alot", []string{"a lot"}},
		{"piece", []string{"piece"}},
	} {
		if got := words(l.Candidates(c, test.written, 2)); !slices.Equal(got, test.want) {
			t.Errorf("%s: candidates %q: want %q", test.written, got, test.want)
		}
	}
	if n, known := l.Count("peace"); n != 4 || !known {
		t.Errorf("peace occurs %d times, known %v: want 4, true", n, known)
	}
	if p, q := l.LogProb("receive"), l.LogProb("relieve"); p <= q {
		t.Errorf("log-probabilities %v and %v: want the frequent word above", p, q)
	}
	if got := NewLexicon(counts(nil)).Candidates(c, "word", 3); len(got) != 0 {
		t.Errorf("an empty lexicon has candidates %q", words(got))
	}
}

// cost is the definition: the least cost of all ways to write a word. peak is the cost of the dearest of the word's
// beginnings, each written as cheaply as any part of the written word allows.
func (c *Channel) cost(written, word string) (cost, peak float64) {
	d, w := []rune(" "+written+" "), []rune(" "+word+" ")
	least := map[[2]int]float64{}
	var from func(i, j int) float64
	from = func(i, j int) float64 {
		if i == 0 && j == 0 {
			return 0
		}
		if i == 0 {
			return math.Inf(1)
		}
		if v, ok := least[[2]int{i, j}]; ok {
			return v
		}
		inside := w[i-1] != ' '
		best := math.Inf(1)
		if j > 0 && d[j-1] == w[i-1] {
			best = from(i-1, j-1) + float64(c.kept(w[i-1]))
		} else if inside && j > 1 && j < len(d) {
			best = from(i-1, j-1) + unseen
		}
		if inside {
			best = min(best, from(i-1, j)+unseen)
		}
		insert := func(n int, cost float64) {
			if inside && j < len(d) && j > n {
				best = min(best, from(i, j-n)+cost)
			}
		}
		insert(1, unseen)
		for _, r := range c.added {
			if n := len(r.to); n <= j && string(d[j-n:j]) == string(r.to) {
				insert(n, float64(r.cost))
			}
		}
		at := int32(0)
		for k := 1; k <= min(i, maxRule); k++ {
			next, ok := c.nodes[at].next[w[i-k]]
			if !ok {
				break
			}
			at = next
			for _, r := range c.nodes[at].rules {
				if n := len(r.to); n <= j && string(d[j-n:j]) == string(r.to) {
					best = min(best, from(i-k, j-n)+float64(r.cost))
				}
			}
		}
		least[[2]int{i, j}] = best
		return best
	}
	for i := range w {
		least := math.Inf(1)
		for j := range len(d) + 1 {
			least = min(least, from(i+1, j))
		}
		peak = max(peak, least)
	}
	return from(len(w), len(d)), peak
}

// The search finds the words within the bound, at the costs of the definition, unless one of their beginnings is beyond
// the bound.
func TestSearchIsExact(t *testing.T) {
	c := channelOf(t, [2]string{"bab", "abb"}, [2]string{"bca", "ba"}, [2]string{"cc", "ac"}, [2]string{"a", "aa"}, [2]string{"ccb", "cab"})
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching("[abc]{1,5}")
		l := NewLexicon(counts(rapid.MapOf(word, rapid.IntRange(0, 9)).Draw(t, "lexicon")))
		written, bound := word.Draw(t, "written"), rapid.Float64Range(0, 20).Draw(t, "bound")
		found := map[string]float64{}
		for _, x := range l.Near(c, written, bound, l.Len()) {
			found[x.Word] = x.Cost
		}
		for _, w := range l.words {
			want, peak := c.cost(written, w)
			for _, x := range c.words[written] {
				if x.Word == w {
					want = min(want, x.Cost)
				}
			}
			got, ok := found[w]
			if math.Abs(want-bound) < 1e-3 || math.Abs(peak-bound) < 1e-3 {
				continue // rounding decides
			}
			if ok != (max(want, peak) <= bound) && !slices.ContainsFunc(c.words[written], func(x Candidate) bool { return x.Word == w }) {
				t.Fatalf("%s for %s costs %v: found %v within %v", w, written, want, ok, bound)
			}
			if ok && math.Abs(got-want) > 1e-3 {
				t.Fatalf("%s for %s costs %v: want %v", w, written, got, want)
			}
		}
	})
}

func BenchmarkCandidates(b *testing.B) {
	all := map[string]int{}
	letters := []rune("etaoinshrdlu")
	for i := range 100_000 { // made-up words
		w, n := "", i
		for range 3 + i%6 {
			w += string(letters[n%len(letters)])
			n = n/len(letters)*7 + n*31
		}
		all[w]++
	}
	l := NewLexicon(counts(all))
	c := NewChannel(&noise.Confusions{Edits: []noise.Edit{
		{From: "e", To: "a", Count: 50, Of: 1000}, {From: "ei", To: "ie", Count: 20, Of: 100}, {From: "t", To: "tt", Count: 20, Of: 900}, {From: "", To: "e", Count: 30, Of: 9000},
	}})
	for b.Loop() {
		l.Candidates(c, "thoresanit", 10)
	}
}
