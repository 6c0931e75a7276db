package tokenize

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestFields holds that each field between tabs is one token, whatever it holds, and that fields decode to themselves.
func TestFields(t *testing.T) {
	fields := []string{"New York", " ", "<unk>", `\<unk>`, "\u200b", "e\u0301", "a  b", "￭▁"}
	line := strings.Join(fields, "\t")
	c := learn(t, Config{Kind: Fields}, line, "New York\t\t ", "")
	if want := numSpecials + len(fields); c.Size() != want {
		t.Errorf("%d tokens: want %d", c.Size(), want)
	}
	if got, want := c.Decode(c.Encode(line)), strings.Replace(line, "e\u0301", "é", 1); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := c.WordIndex(line), []int{0, 1, 2, 3, 4, 5, 6, 7}; !slices.Equal(got, want) {
		t.Errorf("words %v: want %v", got, want)
	}
	for line, want := range map[string][]int32{"": nil, "New": {Unk}, " ": {4}, "\t": {Unk, Unk}, "New York\t": {5, Unk}} {
		if got := c.Encode(line); !slices.Equal(got, want) {
			t.Errorf("%q is %v: want %v", line, got, want)
		}
	}
	folded := learn(t, Config{Kind: Fields}, "new york\tcity")
	if got, want := folded.Tokens("New York\tCITY\tX"), []string{"new york", "city", "X"}; !slices.Equal(got, want) {
		t.Errorf("case: got %q, want %q", got, want)
	}
	any := rapid.SliceOfN(anyLine(), 1, 5)
	rapid.Check(t, func(t *rapid.T) {
		fields := any.Draw(t, "fields")
		for i, f := range fields {
			fields[i] = strings.ReplaceAll(f, "\t", " ") + "."
		}
		line := strings.Join(fields, "\t")
		if got := c.Encode(line); len(got) != len(fields) {
			t.Fatalf("%q: %d tokens: want %d", line, len(got), len(fields))
		}
		c, err := Learn(Config{Kind: Fields}, stream(line, "X.x"))
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		var read Codec
		if err := json.Unmarshal(text, &read); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if got, want := read.Decode(read.Encode(line)), c.Normalize(line); got != want {
			t.Fatalf("%q: got %q, want %q", line, got, want)
		}
	})
	text := `{"version":2,"config":{"kind":"fields"},"tokens":["<pad>","<unk>","<s>","</s>","a\tb"],"counts":[0,0,0,0,1]}`
	if err := json.Unmarshal([]byte(text), new(Codec)); err == nil {
		t.Error("a token with a tab: no error")
	}
}
