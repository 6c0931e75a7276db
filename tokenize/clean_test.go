package tokenize

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func allKinds() []Kind { return []Kind{Words, Space, Chars, Bytes, BPE, Line} }

// TestWhiteSpaceChangesNothing holds that other white space and invisible marks between letters do not change the ids.
func TestWhiteSpaceChangesNothing(t *testing.T) {
	var codecs []*Codec
	for _, kind := range allKinds() {
		codecs = append(codecs, learn(t, Config{Kind: kind}, training...), learn(t, Config{Kind: kind, Normalize: None}, training...))
	}
	space := rapid.SliceOfN(rapid.SampledFrom([]string{" ", "\t", "\u00a0", "\u3000", "\r", "\u2028", "\u200b"}), 1, 3)
	mark := rapid.SampledFrom([]string{"", "", "\u200b", "\ufeff", "\u00ad", "\u2060"})
	rapid.Check(t, func(t *rapid.T) {
		line := anyLine().Draw(t, "line")
		var b strings.Builder
		for i, field := range strings.FieldsFunc(line, func(r rune) bool { return r == ' ' }) {
			if s := strings.Join(space.Draw(t, "space"), ""); i == 0 || strings.Trim(s, "\u200b") != "" {
				b.WriteString(s)
			} else {
				b.WriteByte(' ')
			}
			for _, r := range field {
				b.WriteString(string(r) + mark.Draw(t, "mark"))
			}
		}
		other := b.String() + strings.Join(space.Draw(t, "end"), "")
		for _, c := range codecs {
			if got, want := c.Encode(other), c.Encode(line); !slices.Equal(got, want) {
				t.Fatalf("%s: %q is %q: want %q, as %q", c.Config().Kind, other, c.Tokens(other), c.Tokens(line), line)
			}
		}
	})
}

func TestBlankLinesHaveNoTokens(t *testing.T) {
	for _, kind := range allKinds() {
		for _, lossless := range []bool{false, true} {
			c := learn(t, Config{Kind: kind, Lossless: lossless}, append(training, "a  b\t\t\u00a0c \u200b")...)
			for _, line := range []string{"", " ", "   ", "\t", "\u00a0", "\u200b", "\ufeff", " \u2060\u00ad ", "\n", "\r\n", "\u200d"} {
				if !IsBlank(line) || len(c.Encode(line)) > 0 || len(c.Tokens(line)) > 0 || len(c.WordIndex(line)) > 0 || c.Normalize(line) != "" {
					t.Errorf("%s, lossless %v: %q has the tokens %q of %q: want none", kind, lossless, line, c.Tokens(line), c.Normalize(line))
				}
			}
		}
	}
	for _, line := range []string{"a", ".", "\x00", " \u0301", "　x"} {
		if IsBlank(line) {
			t.Errorf("%q is blank", line)
		}
	}
}

func TestLosslessKeepsWhiteSpace(t *testing.T) {
	for _, kind := range []Kind{Words, Chars, Bytes, BPE} {
		c := learn(t, Config{Kind: kind, Lossless: true}, training[0])
		const line = "\ufeff the  world\t "
		if got := c.Decode(c.Encode(line)); kind != Words && got != line {
			t.Errorf("%s: %q comes back as %q", kind, line, got)
		}
		if slices.Equal(c.Encode("the world"), c.Encode("the  world")) {
			t.Errorf("%s: one space is two", kind)
		}
	}
}

// TestVersionOne holds that a codec of version 1 keeps white space, even after it is written again.
func TestVersionOne(t *testing.T) {
	const old = `{"version":1,"config":{"kind":"words","normalize":"","lowercase":false,"stem":"","merges":0,"min_count":0,"max_size":0},` +
		`"tokens":["<pad>","<unk>","<s>","</s>","￭","￭▁￭","a","b"],"counts":[0,0,0,0,0,1,2,1]}`
	var c, again Codec
	if err := json.Unmarshal([]byte(old), &c); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(marshal(t, &c)), &again); err != nil {
		t.Fatal(err)
	}
	for _, c := range []*Codec{&c, &again} {
		if got, want := c.Tokens(" a  b A"), []string{"￭▁￭", "a", "￭▁￭", "￭▁￭", "b", "A"}; !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		if !c.Config().Lossless {
			t.Error("Lossless is not set: want it set for version 1")
		}
	}
}

func TestClean(t *testing.T) {
	if got, want := (Config{Lowercase: true}).Clean(" Cafe\u0301\u00a0 B\u00adC "), "Café BC"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
