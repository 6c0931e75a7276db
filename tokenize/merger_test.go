package tokenize

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// mergeSlowly is the plainest merger: it repeatedly finds the earliest rule of any pair and merges that pair
// everywhere.
func mergeSlowly(rules merger, symbols []int32) []int32 {
	symbols = slices.Clone(symbols)
	for {
		var best pair
		found := false
		for i := 1; i < len(symbols); i++ {
			p := pair{symbols[i-1], symbols[i]}
			if rule, ok := rules[p]; ok && (!found || rule.rank < rules[best].rank) {
				best, found = p, true
			}
		}
		if !found {
			return symbols
		}
		symbols = replacePair(symbols, best.left, best.right, rules[best].merged)
	}
}

// replacePair merges every occurrence of left and right, from left to right.
func replacePair[T comparable](symbols []T, left, right, merged T) []T {
	var to []T
	for i := 0; i < len(symbols); i++ {
		if i+1 < len(symbols) && symbols[i] == left && symbols[i+1] == right {
			to = append(to, merged)
			i++
		} else {
			to = append(to, symbols[i])
		}
	}
	return to
}

func TestMergerEqualsSlowOne(t *testing.T) {
	var ws mergeSpace
	rapid.Check(t, func(t *rapid.T) {
		// Few symbols and rules in random order: earlier rules may need the products of later ones.
		rules := make(merger)
		made := int32(3)
		for rank := range int32(rapid.IntRange(0, 12).Draw(t, "rules")) {
			p := pair{rapid.Int32Range(0, made).Draw(t, "left"), rapid.Int32Range(0, made).Draw(t, "right")}
			if _, ok := rules[p]; !ok {
				made++
				rules[p] = mergeRule{rank: rank ^ 5, merged: made}
			}
		}
		word := rapid.SliceOfN(rapid.Int32Range(-1, 3), 0, 40).Draw(t, "word")
		want := mergeSlowly(rules, word)
		if got := rules.apply(slices.Clone(word), &ws); !slices.Equal(got, want) {
			t.Fatalf("%v with %v: got %v, want %v", word, rules, got, want)
		}
	})
}

// TestPairLearnerEqualsSlowOne compares the learner with one that counts all pairs before every merge.
func TestPairLearnerEqualsSlowOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.StringMatching(`[abcx]{1,12}`), 1, 12).Draw(t, "words")
		learner := newPairLearner()
		slow := make([][]string, len(words))
		for i, word := range words {
			var symbols []int32
			for _, r := range word {
				slow[i] = append(slow[i], string(r))
				if r == 'x' {
					symbols = append(symbols, noSymbol) // never merged
				} else {
					symbols = append(symbols, learner.symbol(string(r)))
				}
			}
			learner.add(symbols, 1+i%3)
		}
		for range 30 {
			counts := make(map[[2]string]int)
			for i, word := range slow {
				for j := 1; j < len(word); j++ {
					if word[j-1] != "x" && word[j] != "x" {
						counts[[2]string{word[j-1], word[j]}] += 1 + i%3
					}
				}
			}
			var want [2]string
			for p, n := range counts {
				if n > counts[want] || n == counts[want] && slices.Compare(p[:], want[:]) > 0 {
					want = p
				}
			}
			p, id, ok := learner.next()
			if ok != (counts[want] >= 2) {
				t.Fatalf("another merge: %v, want one of %v with count %d", ok, want, counts[want])
			}
			if !ok {
				break
			}
			if got := [2]string{learner.symbols[p.left], learner.symbols[p.right]}; got != want || learner.symbols[id] != want[0]+want[1] {
				t.Fatalf("got %v, want %v with count %d", got, want, counts[want])
			}
			for i, word := range slow {
				slow[i] = replacePair(word, want[0], want[1], want[0]+want[1])
			}
		}
	})
}
