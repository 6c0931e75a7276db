package tokenize

import (
	"slices"
	"testing"
)

// TestSpellings holds that each token has the text that the line spells it with.
func TestSpellings(t *testing.T) {
	for _, test := range []struct {
		config Config
		line   string
		want   []string
	}{
		{Config{Kind: Words, Lowercase: true}, "The  DOGS [Cat", []string{"The", "DOGS", "[", "￭", "Cat"}},
		{Config{Kind: Words, Stem: "english"}, "The Dogs, unseen.", []string{"The", "Dogs", ",", "unseen", "."}},
		{Config{Kind: Space, Lowercase: true, Stem: "english"}, " Dogs  ran", []string{"Dogs", "ran"}},
		{Config{Kind: Fields, Lowercase: true}, "New York\tIS\t\t▁", []string{"New York", "IS", "", "▁"}},
		{Config{Kind: Line}, "Two words", []string{"Two words"}},
		{Config{Kind: BPE, Merges: 2}, "the", nil},
		{Config{Kind: Space}, "", nil},
	} {
		c := learn(t, test.config, "the dogs, the CAT ran.", "a (dog)")
		got := c.Spellings(test.line)
		if !slices.Equal(got, test.want) {
			t.Errorf("%+v: %q: want %q", test.config, got, test.want)
		}
		if ids := c.Encode(test.line); got != nil && len(ids) != len(got) {
			t.Errorf("%+v: %d spellings of %d tokens", test.config, len(got), len(ids))
		}
	}
}
