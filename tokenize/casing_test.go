package tokenize

import (
	"slices"
	"testing"
)

func TestCasing(t *testing.T) {
	for _, test := range []struct {
		text, line, want string
	}{
		{"the cat", "The CAT, É", "the cat, é"},
		{"THE CAT", "The cat, é ß", "THE CAT, É SS"},
		{"The cat", "THE Cat", "THE Cat"},
		{"1, 2; ？ 東京", "The 東京", "The 東京"},
		{"οδος", "ΟΔΟΣ ΣΑΣ. Σ σ", "οδος σας. σ σ"},
		{"straße ʼn", "STRASSE J\u030C", "strasse \u01F0"},
		{"ǆ", "ǅ Ǆ", "ǆ ǆ"},
		{"ılık süt", "ISPARTA İZMİR", "ısparta izmir"},
		{"ILIK SİS", "ısparta izmir", "ISPARTA İZMİR"},
		{"кот", "КОТ", "кот"},
		{"ªº a", "A", "a"},   // ordinals are no lower case
		{"ⅷ viii", "Ⅷ", "ⅷ"}, // numbers with case fold too
	} {
		for _, kind := range []Kind{Words, Chars, Bytes, BPE} {
			c := learn(t, Config{Kind: kind}, test.text)
			if got := c.Normalize(test.line); got != test.want {
				t.Errorf("%s of %q: %q becomes %q, want %q", kind, test.text, test.line, got, test.want)
			}
			if got := c.Normalize(test.text); got != c.Config().normalize(test.text) {
				t.Errorf("%s of %q: the text itself becomes %q", kind, test.text, got)
			}
		}
	}
	// A text with one Turkish name is not Turkish text.
	text := []string{"a line with many letters, of which all but one are those of english text"}
	text = append(slices.Repeat(text, 20), "ığdır")
	if got, want := learn(t, Config{}, text...).Normalize("IN"), "in"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestKeepCase(t *testing.T) {
	for _, c := range []*Codec{
		learn(t, Config{Kind: Words, KeepCase: true}, "the cat"),
		learn(t, Config{Kind: Words, KeepCase: true}, "THE CAT"),
	} {
		if got := c.Normalize("The Cat"); got != "The Cat" {
			t.Errorf("the case is folded: %q", got)
		}
	}
	// The first text decides the case; an extension is folded to it.
	c := extend(t, learn(t, Config{Kind: Words}, "the cat"), -1, "The Dog")
	if got, want := c.Tokens("A DOG"), []string{"a", "dog"}; !slices.Equal(got, want) || slices.Contains(c.Encode("DOG"), Unk) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestCaseOfTokens holds that a token between spaces takes its known case, and that symbols beside spelled words do not
// change the case of the letters.
func TestCaseOfTokens(t *testing.T) {
	for _, test := range []struct{ text, line, want string }{
		{"the cat sleeps", "The DOG", "the DOG"},
		{"THE CAT", "the cat", "THE CAT"},
		{"+V +PST s e e n", "+PST S E N G +v", "+PST s e n G +v"},
		{"+V +PST S E E N", "+PST s e n", "+PST S E N"},
		{"+V +PST s e e N", "+PST S n", "+PST S n"},
		{"+V;A +PST;B two", "TWO", "TWO"}, // not spelled, and with both cases
	} {
		if got := learn(t, Config{Kind: Line}, test.text).Normalize(test.line + " x"); got != test.line+" x" {
			t.Errorf("%q: a part of the line %q becomes %q", test.text, test.line, got)
		}
		if got := learn(t, Config{Kind: Space}, test.text).Normalize(test.line); got != test.want {
			t.Errorf("%q: %q becomes %q, want %q", test.text, test.line, got, test.want)
		}
	}
}
