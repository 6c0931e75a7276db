package corpora

import (
	"fmt"
	"strings"
	"testing"
)

const benchLines = 20_000

// measure reports lines per second of run, which handles benchLines lines.
func measure(b *testing.B, run func() error) {
	b.Helper()
	b.ReportAllocs()
	for b.Loop() {
		if err := run(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*benchLines/b.Elapsed().Seconds(), "lines/s")
}

func benchRead(b *testing.B, format Format, content string) {
	path := file(b, "bench", content)
	b.SetBytes(int64(len(content)))
	measure(b, func() error {
		_, err := Collect(format.Read(path, nil))
		return err
	})
}

func BenchmarkLines(b *testing.B) {
	content := strings.Repeat("A line of about the length that captions have, in bytes.\n", benchLines)
	for name, content := range map[string]string{"plain": content, "gzip": zipped(b, content)} {
		b.Run(name, func(b *testing.B) {
			path := file(b, "bench", content)
			measure(b, func() error {
				_, err := Collect(Lines(path, nil))
				return err
			})
		})
	}
}

func BenchmarkPairs(b *testing.B) {
	path := file(b, "bench", strings.Repeat("A line of about the length that captions have, in bytes.\n", benchLines))
	measure(b, func() error {
		_, err := Collect(Pairs(path, path, nil))
		return err
	})
}

func BenchmarkTSV(b *testing.B) {
	benchRead(b, Format{Type: TypeTSV}, strings.Repeat("a source of some words\ta target of some more words\n", benchLines))
}

func BenchmarkJSONL(b *testing.B) {
	benchRead(b, Format{Type: TypeJSONL}, strings.Repeat(`{"source":"a source of some words","target":"a target of some more words"}`+"\n", benchLines))
}

func BenchmarkCMUdict(b *testing.B) {
	var content strings.Builder
	for i := range benchLines {
		fmt.Fprintf(&content, "word%d W ER1 D N AH1 M B ER0\n", i)
	}
	benchRead(b, Format{Type: TypeCMUdict}, content.String())
}

func BenchmarkSIGMORPHON(b *testing.B) {
	benchRead(b, Format{Type: TypeSIGMORPHON}, strings.Repeat("schreiben\tgeschrieben\tV.PTCP;PST\n", benchLines))
}

func BenchmarkTask(b *testing.B) {
	for _, name := range Tasks() {
		b.Run(name, func(b *testing.B) {
			measure(b, func() error {
				_, err := Collect(Task(name, 1, benchLines))
				return err
			})
		})
	}
}

func BenchmarkDedup(b *testing.B) {
	examples := many(benchLines)
	measure(b, func() error {
		_, err := Collect(Dedup(Stream(examples), nil, nil))
		return err
	})
}

func BenchmarkSplitByKey(b *testing.B) {
	examples := many(benchLines)
	measure(b, func() error {
		_, _, err := SplitByKey(Stream(examples), nil, 1, 0.9, 0.1)
		return err
	})
}

func BenchmarkMeasure(b *testing.B) {
	examples := many(benchLines)
	measure(b, func() error {
		_, err := Measure(Sources(Stream(examples)), nil)
		return err
	})
}
