package tokenize

import (
	"slices"
	"testing"
)

func TestUnseen(t *testing.T) {
	const text = "Hello, (world) hello ab"
	for _, test := range []struct {
		config Config
		line   string
		want   []string
	}{
		{Config{Kind: Words}, "hello moon, (Moon) , world hello: moon", []string{"moon", "Moon", ",", ":", "moon"}},
		{Config{Kind: Space}, "hello moon <pad> ab moon", []string{"moon", "<pad>", "moon"}},
		{Config{Kind: Chars}, "hellö\u0308 👩‍👩 xab", []string{"ö", "\u0308", "👩", "\u200d", "👩", "x"}},
		{Config{Merges: 5}, "hellö wxrld", []string{"ö", "x"}},
		{Config{Kind: Bytes}, "hellö wxrld!", []string{"ö", "x", "!"}},
		{Config{Kind: Words}, " \u200b", nil},
		{Config{Kind: Line}, "hello", []string{"hello"}},
	} {
		c := learn(t, test.config, text)
		if got := c.Unseen(test.line); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q: got %q, want %q", test.config.kind(), test.line, got, test.want)
		}
		if got := c.Unseen(text); len(got) > 0 {
			t.Errorf("%s: the text itself has unseen %q", test.config.kind(), got)
		}
	}
	if got := learn(t, Config{Kind: Bytes}).Unseen("a"); got != nil {
		t.Errorf("bytes without a text: %q", got)
	}
}
