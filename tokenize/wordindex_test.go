package tokenize

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestWordIndex holds that the joined tokens of a word are the word.
func TestWordIndex(t *testing.T) {
	var codecs []*Codec
	for _, c := range []Config{
		{Kind: Words},
		{Kind: Words, MinCount: 3},
		{Kind: Space},
		{Kind: Chars},
		{Kind: Bytes},
		{Kind: BPE, Merges: 60},
		{Kind: BPE, Merges: 60, MinCount: 3},
		{Kind: Words, Lossless: true},
		{Kind: Space, Lossless: true},
		{Kind: Chars, Lossless: true},
		{Kind: Bytes, Lossless: true},
		{Lossless: true},
	} {
		codecs = append(codecs, learn(t, c, training...))
	}
	check := func(t rapid.TB, line string) {
		for _, c := range codecs {
			line := strings.Trim(c.Normalize(line), " ")
			words := strings.FieldsFunc(line, func(r rune) bool { return r == ' ' })
			ids, at := c.Encode(line), c.WordIndex(line)
			if len(at) != len(ids) {
				t.Fatalf("%s: %q: %d places of %d tokens", c.Config().Kind, line, len(at), len(ids))
			}
			size := c.Size()
			tokens, extra := c.Tokens(line), []string(nil)
			made := make([][]int32, len(words))
			for i, id := range ids {
				if at[i] < 0 || at[i] >= len(words) || i > 0 && at[i] < at[i-1] {
					t.Fatalf("%s: %q: places %v of %q", c.Config().Kind, line, at, tokens)
				}
				if id == Unk {
					id = int32(size + len(extra))
					extra = append(extra, tokens[i])
				}
				made[at[i]] = append(made[at[i]], id)
			}
			for k, word := range words {
				if got := strings.Trim(c.DecodeWith(made[k], extra), " "); got != word {
					t.Fatalf("%s: %q: word %d is %q: want %q (%v of %q)", c.Config().Kind, line, k, got, word, at, tokens)
				}
			}
		}
	}
	for _, line := range training {
		check(t, line)
	}
	rapid.Check(t, func(t *rapid.T) { check(t, anyLine().Draw(t, "line")) })
}

func TestStem(t *testing.T) {
	for word, want := range map[string]string{"Running": "run", "dogs": "dog", "": ""} {
		if got := Stem(word, "english"); got != want {
			t.Errorf("stem of %q is %q: want %q", word, got, want)
		}
	}
}
