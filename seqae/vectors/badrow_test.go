package vectors

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/retell-rnn/retell/corpora"
)

// rowsAndErrors returns the rows of a file as text, with !N for an error about row N.
func rowsAndErrors(path string, opts *ReadOptions) []string {
	var out []string
	for r, err := range Read(path, opts) {
		e, _ := err.(interface{ Unwrap() error })
		var place *Error
		switch {
		case corpora.IsLineError(err):
			place, _ = e.Unwrap().(*Error)
			out = append(out, fmt.Sprint("!", place.Row))
		case err != nil:
			out = append(out, "error: "+err.Error())
		default:
			out = append(out, fmt.Sprint(r.Text, r.Vector))
		}
	}
	return out
}

// TestBadRows holds that an error in a row costs that row alone, and that the other texts stay with their vectors.
func TestBadRows(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
		return path
	}
	jsonl := write("v.jsonl", `{"text":"a","vector":[1,2]}
{"text":"b","vector":[1]}
{"text":"c"}
nothing
{"text":"d","vector":[3,4]}
`)
	if got, want := rowsAndErrors(jsonl, nil), []string{"a[1 2]", "!2", "!3", "!4", "d[3 4]"}; !slices.Equal(got, want) {
		t.Errorf("jsonl: %q, want %q", got, want)
	}
	tsv := write("v.tsv", "1\t2\nx\t2\n1\t2\t3\n3\t4\n")
	write("v.meta.tsv", "a\nb\nc\nd\n")
	if got, want := rowsAndErrors(tsv, nil), []string{"a[1 2]", "!2", "!3", "d[3 4]"}; !slices.Equal(got, want) {
		t.Errorf("tsv: %q, want %q", got, want)
	}

	x := index(t, &Matrix{Width: 2, Data: []float32{1, 0, 0, 1}, Texts: []string{"east", "north"}}, nil)
	for _, batch := range []int{1, 0} {
		var found []string
		for r, err := range x.Search(t.Context(), Read(jsonl, nil), &SearchOptions{K: 1, Batch: batch}) {
			if !corpora.IsLineError(err) && err != nil {
				t.Fatal(err)
			}
			if found = append(found, "!"); err == nil {
				found[len(found)-1] = r.Query + " " + r.Neighbors[0].Text
			}
		}
		if want := []string{"a north", "!", "!", "!", "d north"}; !slices.Equal(found, want) {
			t.Errorf("search: %q, want %q", found, want)
		}
	}
}
