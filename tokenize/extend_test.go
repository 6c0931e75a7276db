package tokenize

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func extend(tb rapid.TB, c *Codec, n int, lines ...string) *Codec {
	more, err := c.Extend(n, stream(lines...))
	if err != nil {
		tb.Fatalf("%v", err)
	}
	return more
}

// added returns the tokens of the extended codec after those of c.
func added(c, more *Codec) []string {
	var out []string
	for id := c.Size(); id < more.Size(); id++ {
		out = append(out, more.Vocab().Token(int32(id)))
	}
	return out
}

func TestExtend(t *testing.T) {
	for _, test := range []struct {
		config     Config
		base, more string
		n          int
		want       string
	}{
		{Config{Kind: Space}, "the cat", "a dog a cat dog dog owl", -1, "dog a owl"},
		{Config{Kind: Space}, "the cat", "a dog a cat dog dog owl", 1, "dog"},
		{Config{Kind: Space, MaxSize: 2}, "the cat", "dog", 5, "dog"},
		{Config{Kind: Space, MinCount: 2}, "the the cat cat", "dog owl owl", -1, "owl"},
		{Config{Kind: Space}, "the cat", "the dog", 0, ""},
		{Config{Kind: Words}, "(the) cat.", "(cat) the. dog? (dog) .", -1, "dog . ￭?"},
		{Config{Kind: Chars}, "the cat", "dog oh dog", -1, "o d g"},
		{Config{Kind: Chars}, "the cat", "dog oh dog", 2, "o d"},
		{Config{Kind: Bytes}, "the cat", "dog", 9, ""},
		// Characters come first, then merges of old pieces.
		{Config{}, "ab ab", "abab abab ö", -1, "▁abab ö"},
		{Config{}, "ab ab", "abab abab ö", 1, "ö"},
		{Config{}, "ab ab", "ab ab", -1, ""},
		// With a negative n, a new pair must be as frequent as the token of the last merge.
		{Config{Merges: 1}, "ab ab ab ab", "xy xy ab", -1, "x y"},
		{Config{Merges: 1}, "ab ab ab ab", "xy xy ab", 9, "▁xy x xy y"},
	} {
		c := learn(t, test.config, test.base)
		more := extend(t, c, test.n, test.more)
		got := added(c, more)
		want := strings.Fields(test.want)
		if slices.Sort(got); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
			t.Errorf("%+v: %q with %d of %q: added %q, want %q", test.config, test.base, test.n, test.more, got, want)
		}
	}
}

// TestExtendOrder holds that the tokens of each extension follow all earlier ones, by falling count.
func TestExtendOrder(t *testing.T) {
	c := learn(t, Config{Kind: Space}, "b b a")
	more := extend(t, extend(t, c, -1, "z y y"), -1, "x x x w", "x x")
	want := []string{"b 2", "a 1", "y 2", "z 1", "x 5", "w 1"}
	if got := listing(more.Vocab(), numSpecials); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	small := extend(t, c, 1, "z y y")
	if got := small.Vocab().Count(Unk); got != 1 {
		t.Errorf("count of <unk> is %d: want 1, for the dropped word", got)
	}
}

// TestExtendDomain holds that a corpus of other words uses all new tokens and needs fewer tokens with them, and that
// old whole words do not change.
func TestExtendDomain(t *testing.T) {
	old, lines := madeUpLines(2, 400), madeUpLines(9, 400)
	c := learn(t, Config{Merges: 500}, old...)
	more := extend(t, c, 200, lines...)
	if more.Size() != c.Size()+200 {
		t.Errorf("%d tokens from %d: want 200 more", more.Size(), c.Size())
	}
	before, after := 0, 0
	for _, line := range lines {
		before, after = before+len(c.Encode(line)), after+len(more.Encode(line))
	}
	if after*10 > before*9 {
		t.Errorf("%d tokens become %d: want fewer by a tenth", before, after)
	}
	if again := extend(t, c, 200, lines...); marshal(t, again) != marshal(t, more) {
		t.Error("two equal extensions give different codecs")
	}
}

func TestExtendProperties(t *testing.T) {
	line := anyLine()
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom(allKinds()).Draw(t, "kind")
		base := rapid.SliceOfN(line, 1, 4).Draw(t, "base")
		c, err := Learn(Config{Kind: kind}, stream(append(base, "x")...))
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			n := rapid.IntRange(-1, 12).Draw(t, "n")
			lines := rapid.SliceOfN(line, 0, 4).Draw(t, "more")
			more := extend(t, c, n, lines...)
			checkExtended(t, c, more, n, base, lines)
			c = more
		}
	})
}

// checkExtended checks that more is c extended by up to n tokens of new lines.
func checkExtended(t *rapid.T, c, more *Codec, n int, old, lines []string) {
	if added := more.Size() - c.Size(); added < 0 || n >= 0 && added > n {
		t.Fatalf("%d tokens added: want up to %d", added, n)
	}
	for id := range int32(c.Size()) {
		if c.Vocab().Token(id) != more.Vocab().Token(id) {
			t.Fatalf("token %d was %q and is %q", id, c.Vocab().Token(id), more.Vocab().Token(id))
		}
	}
	if !slices.Equal(c.merges, more.merges[:len(c.merges)]) {
		t.Fatal("old merges have changed")
	}
	var back Codec
	if err := json.Unmarshal([]byte(mustMarshal(t, more)), &back); err != nil {
		t.Fatalf("the extended codec is refused: %v", err)
	}
	kind := c.Config().Kind
	for _, line := range slices.Concat(old, lines) {
		before, after := c.Encode(line), more.Encode(line)
		if !slices.Equal(after, back.Encode(line)) {
			t.Fatalf("%q: other ids after a round trip", line)
		}
		if kind != Words && kind != Space && kind != Line || !slices.Contains(after, Unk) {
			if got := more.Decode(after); got != more.Normalize(line) {
				t.Fatalf("%q: decoded %q", line, got)
			}
		}
		unknown := slices.Contains(before, Unk) || (kind == BPE || kind == Chars) && slices.ContainsFunc(before, isByte)
		switch {
		case n < 0 && slices.Contains(lines, line) && (slices.Contains(after, Unk) || kind == Chars && slices.ContainsFunc(after, isByte)):
			t.Fatalf("%q: still unknown", line)
		case kind == BPE && len(after) > len(before):
			t.Fatalf("%q: %v becomes %v: want no more pieces", line, before, after)
		case kind != BPE && !unknown && !slices.Equal(before, after):
			t.Fatalf("%q: %v becomes %v", line, before, after)
		}
	}
}

func mustMarshal(t rapid.TB, c *Codec) string {
	data, err := json.Marshal(c)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return string(data)
}

func TestExtensionsRefused(t *testing.T) {
	c := extend(t, learn(t, Config{Merges: 3}, "abab ab ab c"), 4, "xyxy xy xy c")
	for name, test := range map[string]struct {
		change func(doc *codecJSON)
		want   string
	}{
		"too many tokens":   {func(d *codecJSON) { d.Extensions[0].Tokens = 1 << 20 }, "extension 0: 1048576 tokens"},
		"too many merges":   {func(d *codecJSON) { d.Extensions[0].Merges = 99 }, "and 99 merges"},
		"negative":          {func(d *codecJSON) { d.Extensions[0].Tokens = -1 }, "extension 0: -1 tokens"},
		"empty":             {func(d *codecJSON) { d.Extensions = append(d.Extensions, extension{}) }, "extension 1: 0 tokens"},
		"not told of":       {func(d *codecJSON) { d.Extensions = nil }, "merges: want no more than"},
		"order in the part": {func(d *codecJSON) { d.Counts[len(d.Counts)-1] = 99 }, "falling counts"},
	} {
		var doc codecJSON
		if err := json.Unmarshal([]byte(marshal(t, c)), &doc); err != nil {
			t.Fatal(err)
		}
		test.change(&doc)
		data, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		if err := new(Codec).UnmarshalJSON(data); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %q", name, err, test.want)
		}
	}
}
