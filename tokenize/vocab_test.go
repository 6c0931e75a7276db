package tokenize

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// listing returns the tokens from id on with their counts.
func listing(v *Vocab, from int) []string {
	var out []string
	for id := from; id < v.Size(); id++ {
		out = append(out, fmt.Sprintf("%s %d", v.Token(int32(id)), v.Count(int32(id))))
	}
	return out
}

func TestVocabOrder(t *testing.T) {
	lines := []string{"b a c a", "c é é, d", "b\u0000 Z"}
	for _, test := range []struct {
		config Config
		want   []string
	}{
		{Config{Kind: Space}, []string{"<pad> 0", "<unk> 0", "<s> 0", "</s> 0", "a 2", "c 2", "Z 1", "b 1", "b\x00 1", "d 1", "é 1", "é, 1"}},
		{Config{Kind: Space, MinCount: 2}, []string{"<pad> 0", "<unk> 6", "<s> 0", "</s> 0", "a 2", "c 2"}},
		{Config{Kind: Space, MaxSize: 3}, []string{"<pad> 0", "<unk> 5", "<s> 0", "</s> 0", "a 2", "c 2", "Z 1"}},
		{Config{Kind: Words, MaxSize: 6}, []string{"<pad> 0", "<unk> 4", "<s> 0", "</s> 0", "￭ 0", "￭▁￭ 0", "a 2", "b 2", "c 2", "é 2"}},
	} {
		c := learn(t, test.config, lines...)
		if got := listing(c.Vocab(), 0); !slices.Equal(got, test.want) {
			t.Errorf("%+v:\n got %q\nwant %q", test.config, got, test.want)
		}
	}
	chars := learn(t, Config{Kind: Chars, MinCount: 2}, lines...)
	if got, want := listing(chars.Vocab(), firstByte+256), []string{"▁ 7", "a 2", "b 2", "c 2", "é 2"}; !slices.Equal(got, want) {
		t.Errorf("chars: got %q, want %q", got, want)
	}
	bytes := learn(t, Config{Kind: Bytes}, lines...)
	if got := bytes.Vocab(); got.Size() != 260 || got.Token(4+0xC3) != "<0xC3>" || got.Count(4+0xC3) != 2 || got.Count(4+' ') != 7 {
		t.Errorf("bytes: size %d, %q seen %d times", got.Size(), got.Token(4+0xC3), got.Count(4+0xC3))
	}
}

func TestVocabLookups(t *testing.T) {
	v := learn(t, Config{Kind: Words}, "a").Vocab()
	for id := range int32(v.Size()) {
		if back, ok := v.ID(v.Token(id)); !ok || back != id {
			t.Errorf("token %d: %q has id %d", id, v.Token(id), back)
		}
	}
	if id, ok := v.ID("b"); ok {
		t.Errorf("an unknown token has id %d", id)
	}
	for _, id := range []int32{-1, int32(v.Size())} {
		if v.Token(id) != "" || v.Count(id) != 0 {
			t.Errorf("id %d: %q, %d: want nothing", id, v.Token(id), v.Count(id))
		}
	}
}

// TestBPEVocabulary is an example worked by hand. (a, b) occurs four times. Then (▁, ab), (▁, c) and (c, ab) occur
// twice. The largest is (c, ab), because the ▁ of written forms is a space. Then (▁, cab) is larger than (▁, ab),
// which comes last.
func TestBPEVocabulary(t *testing.T) {
	c := learn(t, Config{}, "ab cab", "ab, cab")
	if len(c.merges) != 4 {
		t.Errorf("%d merges, want 4", len(c.merges))
	}
	if got, want := listing(c.Vocab(), firstByte+256), []string{"▁ab 2", "▁cab 2", ", 1", "a 0", "ab 0", "b 0", "c 0", "cab 0", "▁ 0"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := c.Tokens("ab cabé"), []string{"▁ab", "▁cab", "<0xC3>", "<0xA9>"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestBPELimits(t *testing.T) {
	lines := madeUpLines(2, 300)
	for _, config := range []Config{
		{Merges: 1},
		{Merges: 100},
		{MaxSize: 400},
		{MaxSize: 257},
		{MaxSize: 300, MinCount: 1000},
		{MinCount: 1 << 30},
	} {
		c := learn(t, config, lines...)
		if n := c.Size() - numSpecials; config.MaxSize > 0 && n > config.MaxSize {
			t.Errorf("%+v: %d tokens", config, n)
		}
		if len(c.merges) > config.merges() || config.Merges > 0 && len(c.merges) != config.Merges {
			t.Errorf("%+v: %d merges", config, len(c.merges))
		}
		counts := make([]int, c.Size())
		for _, line := range lines {
			for _, id := range c.Encode(line) {
				counts[id]++
			}
		}
		for id, count := range counts {
			if got := c.Vocab().Count(int32(id)); got != count {
				t.Fatalf("%+v: %q: count %d, want %d, as it is encoded", config, c.Vocab().Token(int32(id)), got, count)
			}
		}
	}
}

// TestSharedVocabulary holds that a codec of two streams equals the codec of their lines in any order.
func TestSharedVocabulary(t *testing.T) {
	en, de := madeUpLines(3, 100), madeUpLines(4, 100)
	all := slices.Concat(de, en)
	slices.Reverse(all)
	for _, kind := range []Kind{Words, Space, Chars, Bytes, BPE} {
		shared, err := Learn(Config{Kind: kind}, stream(en...), stream(de...))
		if err != nil {
			t.Fatal(err)
		}
		one := learn(t, Config{Kind: kind}, all...)
		if got, want := marshal(t, shared), marshal(t, one); got != want {
			t.Errorf("%s: the order of lines matters", kind)
		}
	}
}

func TestWrittenForms(t *testing.T) {
	for text, want := range map[string]string{
		"a": "a", " a": "▁a", "▁": `\▁`, "￭": `\￭`, `\`: `\\`, "<pad>": `\<pad>`, "</s>": `\</s>`, "<0x4F>": `\<0x4F>`,
		"<0x4f>": "<0x4f>", "<0x4>": "<0x4>", "<s": "<s", `\<s>`: `\\<s>`, "<>": "<>",
	} {
		if got := write(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	for _, written := range []string{"", "a b", "￭a￭b", `\`, `\a`, `a\`, "<pad>", "<0x00>", "\xff", "￭"} {
		if text, err := read(written); err == nil {
			t.Errorf("%q: read as %q, want an error", written, text)
		}
	}
	part := rapid.SampledFrom([]string{"a", " ", "▁", "￭", `\`, "<pad>", "<s>", "<0xFF>", "é", "<", ">"})
	rapid.Check(t, func(t *rapid.T) {
		text := ""
		for _, p := range rapid.SliceOfN(part, 1, 6).Draw(t, "parts") {
			text += p
		}
		if back, err := read(write(text)); err != nil || back != text {
			t.Fatalf("%q: written %q, read %q, %v", text, write(text), back, err)
		}
		j := join(rapid.IntRange(0, int(joinBoth)).Draw(t, "join"))
		if back, k, err := readWord(writeWord(text, j)); err != nil || back != text || k != j {
			t.Fatalf("%q, %d: written %q, read %q, %d, %v", text, j, writeWord(text, j), back, k, err)
		}
		spaced := singleSpaces(text)
		if back, err := readSpaced(writeSpaced(spaced)); spaced != "" && !slices.Contains([]byte(spaced), ' ') && (err != nil || back != spaced) {
			t.Fatalf("%q: written %q, read %q, %v", spaced, writeSpaced(spaced), back, err)
		}
	})
}
