package tokenize

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestLineTokens holds that any line is one token that decodes to the same line.
func TestLineTokens(t *testing.T) {
	lines := []string{"Very Good", "<unk>", `\<unk>`, "</s>", "<0x41>", "a ￭▁ b"}
	c := learn(t, Config{Kind: Line}, slices.Concat(lines, lines[:1], []string{""})...)
	if c.Size() != numSpecials+len(lines) || c.Vocab().Count(numSpecials) != 2 {
		t.Errorf("%d tokens, the first seen %d times: want %d and 2", c.Size(), c.Vocab().Count(numSpecials), numSpecials+len(lines))
	}
	for _, line := range lines {
		ids := c.Encode(line)
		if len(ids) != 1 || ids[0] < numSpecials || c.Decode(ids) != line {
			t.Errorf("%q is %v, %q: want one token", line, ids, c.Decode(ids))
		}
	}
	if ids := c.Encode("Very"); !slices.Equal(ids, []int32{Unk}) {
		t.Errorf("a part of a line is %v: want <unk>", ids)
	}
	if ids := c.Encode(""); len(ids) != 0 {
		t.Errorf("an empty line is %v: want nothing", ids)
	}
	any := anyLine()
	rapid.Check(t, func(t *rapid.T) {
		line := any.Draw(t, "line")
		c, err := Learn(Config{Kind: Line}, stream(line, "x"))
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
	for _, token := range []string{"", "<unk>", "a\nb"} {
		text := strings.Replace(`{"version":1,"config":{"kind":"line"},"tokens":["<pad>","<unk>","<s>","</s>",T],"counts":[0,0,0,0,1]}`, "T", quoted(t, token), 1)
		if err := json.Unmarshal([]byte(text), new(Codec)); err == nil {
			t.Errorf("token %q: no error", token)
		}
	}
}

func quoted(t *testing.T, s string) string {
	t.Helper()
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
