package tokenize

import (
	"bytes"
	"compress/gzip"
	"io"
	"iter"
	"os"
	"strings"
	"testing"

	"github.com/retell-rnn/retell/internal/corporatest"
)

// stream returns lines as Learn takes them.
func stream(lines ...string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for _, line := range lines {
			if !yield(line, nil) {
				return
			}
		}
	}
}

func learn(tb testing.TB, cfg Config, lines ...string) *Codec {
	tb.Helper()
	c, err := Learn(cfg, stream(lines...))
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// readLines returns the lines of a corpus; names that end in .gz are unpacked.
func readLines(tb testing.TB, name string) []string {
	tb.Helper()
	data, err := os.ReadFile(corporatest.Path(tb, name))
	if err != nil {
		tb.Fatal(err)
	}
	if strings.HasSuffix(name, ".gz") {
		r, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			tb.Fatal(err)
		}
		if data, err = io.ReadAll(r); err != nil {
			tb.Fatal(err)
		}
	}
	return strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
}
