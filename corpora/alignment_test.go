package corpora

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseAlignment(t *testing.T) {
	a := Alignment{{0, 1}, {2, 0}, {10, 3}}
	got, err := ParseAlignment(" 0-1 2-0\t10-3 ")
	if diff := cmp.Diff(a, got); err != nil || diff != "" || got.String() != "0-1 2-0 10-3" {
		t.Errorf("%q, error %v; %s", got, err, diff)
	}
	for _, text := range []string{"1", "1-", "-1", "a-b", "1-2-3", "1–2", "0-1,1-0", "-1-2", "99999999999-0"} {
		if a, err := ParseAlignment(text); err == nil || !strings.Contains(err.Error(), "link is ") {
			t.Errorf("%q: %v, error %v: want one about the link", text, a, err)
		}
	}
	text, err := json.Marshal(Example{Source: "a", Alignment: a})
	var back Example
	if err == nil {
		err = json.Unmarshal(text, &back)
	}
	if diff := cmp.Diff(a, back.Alignment); err != nil || diff != "" {
		t.Errorf("%s, error %v; %s", text, err, diff)
	}
}

func TestAligned(t *testing.T) {
	examples := []Example{{Source: "a b", Targets: []string{"A B"}}, {Source: "c", Targets: []string{"C"}}}
	read := func(text string) ([]Example, error) {
		path := filepath.Join(t.TempDir(), "links")
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		return Collect(Aligned(Stream(examples), path, nil))
	}
	got, err := read("0-1 1-0\n\n")
	if err != nil || len(got) != 2 || got[0].Alignment.String() != "0-1 1-0" || got[1].Alignment != nil {
		t.Errorf("%v, error %v", got, err)
	}
	for text, want := range map[string]string{
		"0-1\n":              "file has 1 alignment, fewer than there are examples: want one per example",
		"0-1\n0-0\n0-0\n":    "file has 3 alignments: want 2",
		"0-1\n0-1\n":         ":2: link 0-1 of a pair of 1 word and 1 word: want smaller word numbers, from 0",
		"0-1\nnot aligned\n": `:2: link is "not"`,
	} {
		if _, err := read(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v: want %q", text, err, want)
		}
	}
}
