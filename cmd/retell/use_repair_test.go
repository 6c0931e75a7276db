package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/seqae/repair"
)

// TestWordEdits checks that edits grow to whole words and meet there.
func TestWordEdits(t *testing.T) {
	r := repair.Repair{Source: "teh  éa bird flysaway", Text: "The  éà bird flies away", Edits: []repair.Edit{
		{Start: 0, End: 1, Text: "T", Probability: 0.9},
		{Start: 1, End: 3, Text: "he", Probability: 0.8},
		{Start: 7, End: 8, Text: "à", Probability: 0.7},
		{Start: 16, End: 17, Text: "ie", Probability: 0.95},
		{Start: 18, End: 18, Text: " ", Probability: 0.6},
	}}
	want := []repair.Edit{
		{Start: 0, End: 3, Text: "The", Probability: 0.8},
		{Start: 5, End: 8, Text: "éà", Probability: 0.7},
		{Start: 14, End: 22, Text: "flies away", Probability: 0.6},
	}
	if diff := cmp.Diff(want, wordEdits(r)); diff != "" {
		t.Error(diff)
	}
}

// TestRawText checks that lines come without line feeds only, and that the end of the last one is known.
func TestRawText(t *testing.T) {
	path := filepath.Join(t.TempDir(), "text")
	for _, text := range []string{"", "a", "a\n", "\ufeffa\r\n\nb", "\n\n", strings.Repeat("x", 100_000) + "\ny\n"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		raw := rawText{name: path}
		lines, err := corpora.Collect(raw.lines)
		got := strings.Join(lines, "\n")
		if raw.ended {
			got += "\n"
		}
		if err != nil || got != text {
			t.Errorf("%q was read as %q, %v", text, got, err)
		}
	}
	for text, want := range map[string]string{
		"a\nb\xff":                          ":2: line is not UTF-8 text: want a file of text",
		"a\x00":                             ":1: line is not UTF-8 text: want a file of text",
		strings.Repeat("x", 3*maxRawLine/2): ":1: line is longer than 1048576 bytes: want shorter ones",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := corpora.Collect((&rawText{name: path}).lines); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("error %v: want %s", err, want)
		}
	}
}
