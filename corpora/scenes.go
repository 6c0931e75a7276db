package corpora

import (
	"math/rand/v2"
	"strings"
)

// scenes draws English sentences: who does what to whom, where and when.
//
// Models and figures depend on the words, so "grey" keeps its British spelling.
func scenes() drawer {
	colors := []string{"black", "white", "brown", "grey", "red", "golden"}
	sizes := []string{"small", "big", "old", "young", "tired", "happy"}
	nouns := [][2]string{
		{"dog", "dogs"},
		{"cat", "cats"},
		{"bird", "birds"},
		{"horse", "horses"},
		{"fox", "foxes"},
		{"mouse", "mice"},
		{"boy", "boys"},
		{"girl", "girls"},
		{"man", "men"},
		{"woman", "women"},
		{"child", "children"},
		{"sheep", "sheep"},
	}
	alone := [][2]string{{"sleep", "sleeps"}, {"run", "runs"}, {"sing", "sings"}, {"wait", "waits"}, {"play", "plays"}, {"jump", "jumps"}}
	with := [][2]string{{"watch", "watches"}, {"follow", "follows"}, {"carry", "carries"}, {"chase", "chases"}, {"hear", "hears"}, {"find", "finds"}}
	places := []string{
		"in the garden", "in the snow", "on the beach", "near the river", "under a tree", "behind the house", "on a bridge", "in the kitchen",
	}
	times := []string{"today", "every morning", "at night", "in summer"}
	return func(r *rand.Rand) Example {
		pick := func(words []string) string { return words[r.IntN(len(words))] }
		number := func() int { return r.IntN(3) / 2 } // 0 means singular, 1 plural
		group := func(n int) []string {
			words := []string{[...]string{"a", "two"}[n]}
			if r.IntN(3) == 0 {
				words[0] = [...]string{"the", "some"}[n]
			}
			if r.IntN(3) == 0 {
				words = append(words, pick(sizes))
			}
			if r.IntN(2) == 0 {
				words = append(words, pick(colors))
			}
			words = append(words, nouns[r.IntN(len(nouns))][n])
			if words[0] == "a" && words[1] == "old" {
				words[0] = "an"
			}
			return words
		}
		n := number()
		words := group(n)
		if r.IntN(2) == 0 {
			words = append(words, alone[r.IntN(len(alone))][1-n])
		} else {
			words = append(words, with[r.IntN(len(with))][1-n])
			words = append(words, group(number())...)
		}
		words = append(words, pick(places))
		if r.IntN(3) == 0 {
			words = append(words, pick(times))
		}
		line := strings.Join(words, " ")
		return Example{Source: line, Targets: []string{line}}
	}
}
