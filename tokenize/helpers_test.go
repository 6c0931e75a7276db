package tokenize

import (
	"bytes"
	"compress/gzip"
	"flag"
	"io"
	"iter"
	"os"
	"strings"
	"testing"

	"github.com/retell-rnn/retell/internal/corporatest"
)

// TestMain fixes the seed of the property tests unless -rapid.seed sets another.
func TestMain(m *testing.M) {
	flag.Parse()
	if seed := flag.Lookup("rapid.seed"); seed.Value.String() == "0" {
		if err := seed.Value.Set("1"); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// stream streams lines.
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

// readLines returns the lines of a corpus. It decompresses files whose names end in .gz.
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
