package noise

import (
	"math/rand/v2"
	"slices"
	"strings"
	"unicode/utf8"
)

// words puts other words, and endings of others, in the places of words. Most of these errors are words themselves, so
// that only the context shows them. Confusable words and endings are those of English; the lexicon's language is free.
type words struct {
	sets    map[string][]string // the other words of a confusable word's set
	endings []replacement
	known   *lexiconIndex // nil: no lexicon
}

func newWords(known *lexiconIndex) words {
	sets := map[string][]string{}
	for _, set := range confusables() {
		all := strings.Fields(set)
		for _, word := range all {
			for _, other := range all {
				if other != word && !slices.Contains(sets[word], other) {
					sets[word] = append(sets[word], other)
				}
			}
		}
	}
	return words{sets, endings(), known}
}

// Apply implements [Kind]; the rate is the share of words.
func (k words) Apply(rng *rand.Rand, rate float64, line string) string {
	return mapCores(line, func(core string) string {
		if rng.Float64() >= rate {
			return core
		}
		if set := k.sets[core]; len(set) > 0 && rng.IntN(3) > 0 {
			return set[rng.IntN(len(set))]
		}
		return k.swap(rng, core)
	})
}

// swap draws an error of one of three kinds: a close word, an ending, a consonant doubled or not. If the word has no
// error of the kind, the next kind is tried.
func (k words) swap(rng *rand.Rand, core string) string {
	start := rng.IntN(3)
	for i := range 3 {
		out := core
		switch (start + i) % 3 {
		case 0:
			if k.known != nil {
				out = k.known.near(rng, core)
			}
		case 1:
			out = wrongEnding(rng, k.endings, core)
		default:
			out = wrongDoubling(rng, core)
		}
		if out != core {
			return out
		}
	}
	return core
}

// wrongEnding replaces the ending of a word of five letters or more by a confusable one.
func wrongEnding(rng *rand.Rand, endings []replacement, core string) string {
	chosen, found := core, 0
	if len(core) < 5 {
		return core
	}
	for _, e := range endings {
		if stem, ok := strings.CutSuffix(core, e.from); ok && len(stem) > 1 {
			if found++; rng.IntN(found) == 0 {
				chosen = stem + e.to
			}
		}
	}
	return chosen
}

// wrongDoubling doubles a consonant between vowels, or writes a doubled one once.
func wrongDoubling(rng *rand.Rand, core string) string {
	const vowels, consonants = "aeiouy", "bcdfglmnprst"
	chosen, found := core, 0
	for i := 1; i+1 < len(core); i++ {
		c := core[i]
		if c >= utf8.RuneSelf || strings.IndexByte(consonants, c) < 0 {
			continue
		}
		out := ""
		switch {
		case core[i+1] == c:
			out = core[:i] + core[i+1:]
		case core[i-1] != c && strings.IndexByte(vowels, core[i-1]) >= 0 && strings.IndexByte(vowels, core[i+1]) >= 0:
			out = core[:i] + string(c) + core[i:]
		default:
			continue
		}
		if found++; rng.IntN(found) == 0 {
			chosen = out
		}
	}
	return chosen
}
