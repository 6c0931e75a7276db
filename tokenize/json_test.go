package tokenize

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func marshal(tb testing.TB, c *Codec) string {
	tb.Helper()
	data, err := json.Marshal(c)
	if err != nil {
		tb.Fatal(err)
	}
	return string(data)
}

func TestJSONRoundTrip(t *testing.T) {
	codecs := append(lossless(t),
		learn(t, Config{Kind: Words, MinCount: 2, Lowercase: true}, training...),
		learn(t, Config{Kind: Space, MaxSize: 10}, training...))
	for _, c := range codecs {
		data := marshal(t, c)
		var back Codec
		if err := json.Unmarshal([]byte(data), &back); err != nil {
			t.Errorf("%+v: %v", c.Config(), err)
			continue
		}
		if again := marshal(t, &back); again != data {
			t.Errorf("%+v: other JSON after a round trip", c.Config())
		}
		if back.Config() != c.Config() {
			t.Errorf("configuration: got %+v, want %+v", back.Config(), c.Config())
		}
		for _, line := range append(training, "nothing of thiß wås seen") {
			if got, want := back.Encode(line), c.Encode(line); !slices.Equal(got, want) {
				t.Errorf("%+v: %q: got %v, want %v", c.Config(), line, got, want)
			}
		}
	}
	if _, err := json.Marshal(new(Codec)); err == nil {
		t.Error("an empty codec marshals")
	}
}

func TestJSONRefused(t *testing.T) {
	// edit returns the JSON of a codec after a change to its Go form.
	edit := func(cfg Config, change func(doc *codecJSON)) string {
		c := learn(t, cfg, "abab ab ab c", "ab abab c d")
		var doc codecJSON
		if err := json.Unmarshal([]byte(marshal(t, c)), &doc); err != nil {
			t.Fatal(err)
		}
		change(&doc)
		data, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	words, space, chars, raw, bpe := Config{Kind: Words}, Config{Kind: Space}, Config{Kind: Chars}, Config{Kind: Bytes}, Config{Kind: BPE, Merges: 5}
	const first = firstByte + 256
	for _, test := range []struct{ name, data, want string }{
		{"empty", ``, "it ends too early"},
		{"cut off", edit(space, func(*codecJSON) {})[:50], "it ends too early"},
		{"wrong type", `{"version": "1"}`, "is a JSON string: want a whole number"},
		{"no version", `{}`, "version 0: want 1 to 2"},
		{"newer", edit(bpe, func(d *codecJSON) { d.Version = 3 }), "version 3: want 1 to 2"},
		{"unknown key", `{"version": 1, "dropout": 0.1}`, `unknown field "dropout"`},
		{"bad config", strings.Replace(edit(space, func(*codecJSON) {}), `"kind":"space"`, `"kind":"runes"`, 1), `"runes": want words, space`},
		{"bad case", edit(space, func(d *codecJSON) { d.Case = "title" }), `case "title"`},
		{"other kind", edit(space, func(d *codecJSON) { d.Config.Kind = Chars }), "fixed tokens of kind chars"},
		{"missing count", edit(space, func(d *codecJSON) { d.Counts = d.Counts[1:] }), "tokens and 7 counts"},
		{"special symbol", edit(space, func(d *codecJSON) { d.Tokens[Unk] = "<UNK>" }), "special symbols"},
		{"no byte", edit(bpe, func(d *codecJSON) { d.Tokens[firstByte] = "<0x0>" }), "fixed tokens"},
		{"too few", edit(bpe, func(d *codecJSON) { d.Tokens, d.Counts = d.Tokens[:9], d.Counts[:9] }), "fixed tokens"},
		{"negative count", edit(bpe, func(d *codecJSON) { d.Counts[0] = -1 }), "count -1"},
		{"rare word", edit(space, func(d *codecJSON) { d.Config.MinCount = 2 }), "want at least 2"},
		{"too many", edit(space, func(d *codecJSON) { d.Config.MaxSize = 2 }), "want at most max_size 2"},
		{"order", edit(space, func(d *codecJSON) { d.Counts[4] = 1 }), "want falling counts"},
		{"twice", edit(space, func(d *codecJSON) { d.Tokens[5] = d.Tokens[6]; d.Counts[5] = 9; d.Counts[4] = 9 }), "are both"},
		{"special twice", edit(space, func(d *codecJSON) { d.Tokens[4] = "<s>" }), "tokens 2 and 4 are both"},
		{"space in a token", edit(space, func(d *codecJSON) { d.Tokens[4] = "a b" }), "not a token of kind space"},
		{"empty token", edit(words, func(d *codecJSON) { d.Tokens[6] = "" }), "not the written form"},
		{"two characters", edit(chars, func(d *codecJSON) { d.Tokens[first], d.Counts[first] = "xy", 99 }), "not one character"},
		{"more than bytes", edit(raw, func(d *codecJSON) { d.Tokens = append(d.Tokens, "x"); d.Counts = append(d.Counts, 1) }), "want none"},
		{"merges of words", edit(words, func(d *codecJSON) { d.Merges = [][]int32{{6, 7}} }), "want no more than the configuration allows"},
		{"too many merges", edit(bpe, func(d *codecJSON) { d.Config.Merges = 1 }), "want no more than the configuration allows"},
		{"merge of a byte", edit(bpe, func(d *codecJSON) { d.Merges[0][0] = firstByte }), "neither a character nor the product"},
		{"merge of nothing", edit(bpe, func(d *codecJSON) { d.Merges[0][1] = 1 << 20 }), "neither a character nor the product"},
		{"negative merge", edit(bpe, func(d *codecJSON) { d.Merges[0][1] = -7 }), "neither a character nor the product"},
		{"merges out of order", edit(bpe, func(d *codecJSON) { slices.Reverse(d.Merges) }), "product of an earlier merge"},
		{"merge twice", edit(bpe, func(d *codecJSON) { d.Merges[1] = d.Merges[0] }), "merge is duplicated"},
		{"merge of three", edit(bpe, func(d *codecJSON) { d.Merges[1] = append(d.Merges[1], 262) }), "merge 1 has 3 parts: want 2"},
		{"merge lost", edit(bpe, func(d *codecJSON) { d.Merges = nil }), "no merge produces it"},
		{"merged token lost", edit(bpe, func(d *codecJSON) { d.Merges[0] = []int32{d.Merges[0][1], d.Merges[0][0]} }), "lacks their token"},
	} {
		kept := learn(t, words, "as before")
		err := kept.UnmarshalJSON([]byte(test.data))
		if err == nil || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "tokenize: ") {
			t.Errorf("%s: got %v, want %q", test.name, err, test.want)
		}
		if got := kept.Decode(kept.Encode("as before")); got != "as before" {
			t.Errorf("%s: the codec was changed", test.name)
		}
	}
}

// FuzzJSON holds that every accepted codec can be written and read again, and decodes the lines that it encodes.
func FuzzJSON(f *testing.F) {
	for _, cfg := range []Config{{Kind: BPE, Merges: 5}, {Kind: Words}, {Kind: Space}, {Kind: Chars}, {Kind: Bytes}} {
		f.Add([]byte(marshal(f, learn(f, cfg, "abab ab ab c", "ab, (abab) c <s>"))))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var c Codec
		if c.UnmarshalJSON(data) != nil {
			return
		}
		var again Codec
		if err := again.UnmarshalJSON([]byte(marshal(t, &c))); err != nil {
			t.Fatalf("the codec, written again, is refused: %v", err)
		}
		whole := !slices.Contains([]Kind{Words, Space, Line}, c.Config().kind()) // no unknown tokens
		for _, line := range training {
			if ids := c.Encode(line); whole && c.Decode(ids) != c.Normalize(line) {
				t.Errorf("%q: got %q", line, c.Decode(ids))
			}
		}
	})
}
