package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestRunsOfOneName checks that logs of one name in two folders get different names.
func TestRunsOfOneName(t *testing.T) {
	dir := t.TempDir()
	var files, want []string
	for _, name := range []string{"a/log.jsonl", "b/log.jsonl", "c.jsonl"} {
		files = append(files, filepath.Join(dir, filepath.FromSlash(name)))
		file := files[len(files)-1]
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o777), os.WriteFile(file, nil, 0o666)); err != nil {
			t.Fatal(err)
		}
	}
	want = append(want, files[0], files[1], "c")
	runs, err := readRuns(files)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range runs {
		got = append(got, r.Name)
	}
	if !slices.Equal(got, want) {
		t.Errorf("names %q: want %q", got, want)
	}
}
