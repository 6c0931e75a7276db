package tokenize

import (
	"errors"
	"strings"
	"testing"
)

func TestValidate(t *testing.T) {
	for _, c := range []Config{
		{},
		{Kind: Words, Normalize: NFKC, Lowercase: true, Stem: "hungarian", MinCount: 2, MaxSize: 3},
		{Kind: Space, MaxSize: 1},
		{Kind: BPE, Merges: 10, MaxSize: 257},
		{Kind: Bytes, Normalize: None, MinCount: 1},
	} {
		if err := c.Validate(); err != nil {
			t.Errorf("%+v: %v", c, err)
		}
	}
	for _, test := range []struct {
		config Config
		want   []string // parts of the messages, one for each violation
	}{
		{Config{Kind: "wrods"}, []string{`kind: "wrods": want words, space, chars, bytes, bpe, line or fields`}},
		{Config{Normalize: "nfd"}, []string{`normalize: "nfd": want nfc, nfkc or none`}},
		{Config{Stem: "german"}, []string{`stem: "german": want english, spanish, french, russian, swedish, norwegian, hungarian`}},
		{Config{Merges: -1, MinCount: -1, MaxSize: -1}, []string{"merges: -1", "min_count: -1", "max_size: -1"}},
		{Config{Kind: Words, Merges: 5, MaxSize: 2}, []string{"merges: 5 with kind words", "max_size: 2 with kind words: want 0 (no limit) or at least 3"}},
		{Config{MaxSize: 256}, []string{"at least 257"}},
		{Config{Kind: Bytes, MinCount: 2, MaxSize: 300}, []string{"min_count: 2", "max_size: 300"}},
	} {
		err := test.config.Validate()
		got, _ := errors.AsType[Violations](err)
		if len(got) != len(test.want) {
			t.Errorf("%+v: got %v, want %d errors", test.config, err, len(test.want))
			continue
		}
		for i, want := range test.want {
			if !strings.Contains(got[i].Error(), want) {
				t.Errorf("%+v: got %q, want %q in it", test.config, got[i], want)
			}
		}
		if _, err := Learn(test.config, stream("a")); err == nil {
			t.Errorf("%+v: Learn accepts it", test.config)
		}
	}
}

func TestLearnErrors(t *testing.T) {
	broken := errors.New("file: 3: no")
	failing := func(yield func(string, error) bool) {
		if yield("a line", nil) {
			yield("", broken)
		}
	}
	for _, kind := range []Kind{Words, Space, Chars, Bytes, BPE} {
		if _, err := Learn(Config{Kind: kind}, stream("x"), failing); !errors.Is(err, broken) {
			t.Errorf("%s: got %v, want the stream's error", kind, err)
		}
		_, err := Learn(Config{Kind: kind}, stream("", ""))
		if want := kind != Bytes; (err != nil) != want {
			t.Errorf("%s: text without tokens: got %v, want an error: %v", kind, err, want)
		}
	}
	_, err := Learn(Config{Kind: Words, MinCount: 3}, stream("a b b"))
	if want := `tokenize: min_count: 3: want 2 or less, the number of times that the most frequent token, "b", occurs`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
