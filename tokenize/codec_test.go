package tokenize

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// training is mostly text that looks like written forms, so that most other text is unknown.
var training = []string{
	"Hello, world. The world (this one) says hello; it's a well-known  world!",
	"<pad> <unk> <s> </s> <0x41> <0x41> <pad><pad> ▁ ￭ \\ \\<pad> \\▁ ￭, ,￭",
	" naïve café 3.14 2024-12-31 \t 東京タワー 👩‍👩‍👧 Ωμέγα ",
	"the world the world the world in the well in the well",
}

func lossless(tb testing.TB) []*Codec {
	return []*Codec{
		learn(tb, Config{Kind: BPE, Merges: 200}, training...),
		learn(tb, Config{Kind: BPE, Merges: 30, MinCount: 3, Lowercase: true, Normalize: NFKC}, training...),
		learn(tb, Config{Kind: BPE, MaxSize: 270, Normalize: None}, training...),
		learn(tb, Config{Kind: BPE, Merges: 200, Lossless: true}, training...),
		learn(tb, Config{Kind: Chars}, training...),
		learn(tb, Config{Kind: Chars, Lossless: true}, training...),
		learn(tb, Config{Kind: Chars, MinCount: 2, MaxSize: 265, Stem: "english"}, training...),
		learn(tb, Config{Kind: Bytes}, training...),
		learn(tb, Config{Kind: Bytes, Lossless: true}, training...),
		learn(tb, Config{Kind: Bytes, Lowercase: true}),
		learn(tb, Config{Merges: 20}, "these letters have one case", "σ ß ı"),
		learn(tb, Config{Kind: Chars}, "THESE TOO"),
	}
}

func checkLossless(tb rapid.TB, c *Codec, line string) {
	tb.Helper()
	ids := c.Encode(line)
	if got, want := c.Decode(ids), c.Normalize(line); got != want {
		tb.Errorf("%+v: %q: decoded %q, want %q", c.Config(), line, got, want)
	}
	tokens := c.Tokens(line)
	if len(tokens) != len(ids) {
		tb.Fatalf("%+v: %q: %d tokens, %d ids", c.Config(), line, len(tokens), len(ids))
	}
	for i, id := range ids {
		if id < numSpecials || int(id) >= c.Size() {
			tb.Fatalf("%+v: %q: id %d", c.Config(), line, id)
		}
		if back, ok := c.Vocab().ID(tokens[i]); !ok || back != id || tokens[i] != c.Vocab().Token(id) {
			tb.Errorf("%+v: %q: token %q has id %d, want %d", c.Config(), line, tokens[i], back, id)
		}
	}
}

// anyLine draws lines of ordinary text, written forms and arbitrary characters.
func anyLine() *rapid.Generator[string] {
	part := rapid.OneOf(
		rapid.SampledFrom(strings.Fields(strings.Join(training, " "))),
		rapid.SampledFrom([]string{" ", "  ", "\t", "\u00a0", "\u0301", "\u200d", "\r", "ﬁ", "<", ">", "￭", "▁", `\`, "<0x0A>", "🇩🇪🇫", "각", ".", "…"}),
		rapid.StringN(0, 5, -1),
	)
	return rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(part, 0, 12).Draw(t, "parts"), rapid.SampledFrom([]string{"", " "}).Draw(t, "between"))
	})
}

func TestLossless(t *testing.T) {
	codecs := lossless(t)
	for _, line := range append(training, "", " ", "  ", "a\xffb", "x\ny", "\u0301", "<0xFF>", strings.Repeat(" ", 300), strings.Repeat("東京都", 100)) {
		for _, c := range codecs {
			checkLossless(t, c, line)
		}
	}
	line := anyLine()
	rapid.Check(t, func(t *rapid.T) {
		line := line.Draw(t, "line")
		for _, c := range codecs {
			checkLossless(t, c, line)
		}
	})
}

func FuzzLossless(f *testing.F) {
	for _, line := range training {
		f.Add(line)
	}
	codecs := lossless(f)
	f.Fuzz(func(t *testing.T, line string) {
		for _, c := range codecs {
			checkLossless(t, c, line)
		}
	})
}

// FuzzDecode holds that arbitrary ids decode to one line of UTF-8.
func FuzzDecode(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 14, 200, 255, 4})
	codecs := append(lossless(f), learn(f, Config{Kind: Words}, training...), learn(f, Config{Kind: Space}, training...), learn(f, Config{Kind: Line}, training...))
	f.Fuzz(func(t *testing.T, data []byte) {
		ids := make([]int32, len(data))
		for i, b := range data {
			ids[i] = int32(b)*3 - 5
		}
		for _, c := range codecs {
			if got := c.Decode(ids); !utf8.ValidString(got) || strings.Contains(got, "\n") {
				t.Errorf("%+v: %v: decoded %q", c.Config(), ids, got)
			}
		}
	})
}

func TestDecodeAnyIDs(t *testing.T) {
	c := learn(t, Config{Kind: Words}, "a b")
	a := c.Encode("a")[0]
	for _, test := range []struct {
		ids  []int32
		want string
	}{
		{nil, ""},
		{[]int32{BOS, a, EOS, Pad, Pad}, "a"},
		{[]int32{a, Unk, a}, "a <unk> a"},
		{[]int32{-1, a, 1 << 30}, "<unk> a <unk>"},
	} {
		if got := c.Decode(test.ids); got != test.want {
			t.Errorf("%v: got %q, want %q", test.ids, got, test.want)
		}
	}
	c = learn(t, Config{Kind: Bytes})
	if got, want := c.Decode([]int32{firstByte + 0xE2, firstByte + '\n', firstByte + 'x', Unk}), "\uFFFD x<unk>"; got != want {
		t.Errorf("invalid bytes and a line feed: got %q, want %q", got, want)
	}
}

// TestSymbolsAreNotText holds that text that looks like a symbol does not become the symbol in any kind.
func TestSymbolsAreNotText(t *testing.T) {
	for kind, first := range map[Kind]int32{Words: numSpecials, Space: numSpecials, Bytes: firstByte, Chars: firstByte + 256, BPE: firstByte + 256} {
		c := learn(t, Config{Kind: kind}, slices.Repeat(training, 3)...)
		for _, text := range []string{"<pad>", "<unk>", "<s>", "</s>", "<0x41>", `\<pad>`, "￭", "▁", `\`} {
			ids := c.Encode(text)
			for _, id := range ids {
				if id < first {
					t.Errorf("%s: %q became %q", kind, text, c.Tokens(text))
				}
			}
			if got := c.Decode(ids); got != text {
				t.Errorf("%s: %q came back as %q", kind, text, got)
			}
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	lines := madeUpLines(5, 200)
	c := learn(t, Config{Merges: 300}, lines...)
	want := make([][]int32, len(lines))
	for i, line := range lines {
		want[i] = c.Encode(line)
	}
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range lines {
				i = (i*7 + g*50) % len(lines)
				if got := c.Encode(lines[i]); !slices.Equal(got, want[i]) {
					t.Errorf("%q: got %v, want %v", lines[i], got, want[i])
					return
				}
			}
		})
	}
	wg.Wait()
}

// TestCacheFills encodes more words than a cache holds.
func TestCacheFills(t *testing.T) {
	c := learn(t, Config{Merges: 50}, training...)
	var b strings.Builder
	for i := range maxCached + 1000 {
		for n := i; n > 0; n /= 26 {
			b.WriteByte(byte('a' + n%26))
		}
		b.WriteByte(' ')
	}
	line := b.String()
	checkLossless(t, c, line)
	if first, second := c.Encode(line), c.Encode(line); !slices.Equal(first, second) {
		t.Error("the same line has other ids the second time")
	}
}

// TestLongLines times out if the time grows faster than n log n.
func TestLongLines(t *testing.T) {
	if testing.Short() {
		t.Skip("long")
	}
	const n = 1 << 18
	codecs := []*Codec{
		learn(t, Config{Merges: 300}, append(training, strings.Repeat("a", 1000))...),
		learn(t, Config{Kind: Chars}, training...),
		learn(t, Config{Kind: Bytes}, training...),
	}
	words, spaced := learn(t, Config{Kind: Words}, training...), learn(t, Config{Kind: Space}, training...)
	for _, unit := range []string{"a", "world", " ", "a ", "a\u0301", "\u0301", "\u200d", ".", "a.", "a\u0301.\u0301", "1,", "👩‍", "🇩", "東", "カ", "\t", "\"א"} {
		line := strings.Repeat(unit, n/len(unit))
		for _, c := range codecs {
			if c.Decode(c.Encode(line)) != c.Normalize(line) {
				t.Errorf("%s: decoding 256 KiB of %q gives another text", c.Config().Kind, unit)
			}
		}
		words.Encode(line)
		spaced.Encode(line)
	}
}

// TestDecodeWith holds that a line whose unknown tokens are extra tokens is decoded completely.
func TestDecodeWith(t *testing.T) {
	for _, kind := range []Kind{Words, Space, Chars, Bytes, BPE} {
		small := Config{Kind: kind}
		if kind != Bytes {
			small.MinCount = 3
		}
		c, all := learn(t, small, training...), learn(t, Config{Kind: kind}, training...)
		for _, line := range training {
			for name, from := range map[string]*Codec{"its own": c, "another": all} {
				var ids []int32
				var extra []string
				for _, token := range from.Tokens(line) {
					id, ok := c.Vocab().ID(token)
					if !ok {
						id = int32(c.Size() + len(extra))
						extra = append(extra, token)
					}
					ids = append(ids, id)
				}
				want := c.Normalize(line)
				if got := c.DecodeWith(ids, extra); got != want {
					t.Errorf("%s, %s tokens: %q becomes %q", kind, name, want, got)
				}
			}
		}
		if got := c.DecodeWith([]int32{int32(c.Size()), int32(c.Size() + 7)}, []string{`\\\ no form`}); !strings.Contains(got, "no form") {
			t.Errorf("%s: a malformed written form becomes %q", kind, got)
		}
	}
}
