package tokenize

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/retell-rnn/retell/internal/corporatest"
)

func TestSubwordNMTConformance(t *testing.T) {
	corpus := readLines(t, "subword-nmt/corpus.en")
	codes, err := os.ReadFile(corporatest.Path(t, "subword-nmt/bpe.ref"))
	if err != nil {
		t.Fatal(err)
	}
	want := readLines(t, "subword-nmt/corpus.bpe.ref.en")

	learnt, err := LearnSubwordNMT(1000, stream(corpus...))
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if _, err := learnt.WriteTo(&got); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), codes) {
		t.Errorf("learnt codes differ from bpe.ref: %s", firstDifference(got.String(), string(codes)))
	}

	read, err := ReadSubwordNMT(bytes.NewReader(codes))
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range corpus {
		if got := read.Segment(line); got != want[i] {
			t.Fatalf("line %d:\n got %q\nwant %q", i+1, got, want[i])
		}
	}
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return "got " + g[i] + ", want " + w[i]
		}
	}
	return "lengths"
}
