package tokenize

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/retell-rnn/retell/internal/corporatest"
)

// madeUpLines returns n lines of words with frequencies as in a natural language. Some have capitals, accents and
// punctuation.
func madeUpLines(seed uint64, n int) []string {
	rng := rand.New(rand.NewPCG(seed, 0))
	syllables := strings.Fields("ka te mi so lu ra ben dor fi gu hal jo ver ßan né pü wix yo zem tra qui sch ing er")
	words := make([]string, 5000)
	for i := range words {
		var b strings.Builder
		for range 1 + rng.IntN(4) {
			b.WriteString(syllables[rng.IntN(len(syllables))])
		}
		words[i] = b.String()
	}
	zipf := rand.NewZipf(rng, 1.2, 4, uint64(len(words)-1))
	marks := []string{"", "", "", "", "", "", ",", " (so)", ":"}
	lines := make([]string, n)
	for i := range lines {
		var b strings.Builder
		for j := range 5 + rng.IntN(20) {
			if j > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(words[zipf.Uint64()])
			b.WriteString(marks[rng.IntN(len(marks))])
		}
		b.WriteByte('.')
		lines[i] = strings.ToUpper(b.String()[:1]) + b.String()[1:]
	}
	return lines
}

func size(lines []string) (n int64) {
	for _, line := range lines {
		n += int64(len(line))
	}
	return n
}

func BenchmarkEncode(b *testing.B) {
	made := madeUpLines(1, 5000)
	for _, text := range []struct {
		name  string
		lines func(b *testing.B) []string
	}{
		{"made-up", func(*testing.B) []string { return made }},
		{"multi30k", func(b *testing.B) []string { return readLines(b, "multi30k/train.de.gz") }},
	} {
		for _, kind := range []Kind{BPE, Words, Space, Chars, Bytes} {
			b.Run(text.name+"/"+string(kind), func(b *testing.B) {
				lines := text.lines(b)
				c := learn(b, Config{Kind: kind}, lines...)
				b.SetBytes(size(lines))
				for b.Loop() {
					for _, line := range lines {
						c.Encode(line)
					}
				}
			})
		}
	}
}

// BenchmarkStem measures stemming alone.
func BenchmarkStem(b *testing.B) {
	lines := madeUpLines(1, 1000)
	c := learn(b, Config{Kind: Space, Stem: "english"}, lines...)
	b.SetBytes(size(lines))
	for b.Loop() {
		for _, line := range lines {
			c.Encode(line)
		}
	}
}

// BenchmarkEncodeNew measures bpe on new words, which are not in the cache.
func BenchmarkEncodeNew(b *testing.B) {
	c := learn(b, Config{}, madeUpLines(1, 5000)...)
	rng := rand.New(rand.NewPCG(3, 0))
	lines := make([]string, 3000)
	for i := range lines {
		var s strings.Builder
		for range 12 {
			s.WriteByte(' ')
			for range 2 + rng.IntN(12) {
				s.WriteByte(byte('a' + rng.IntN(26)))
			}
		}
		lines[i] = s.String()
	}
	b.SetBytes(size(lines))
	for b.Loop() {
		for _, line := range lines {
			c.Encode(line)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	lines := madeUpLines(1, 5000)
	c := learn(b, Config{}, lines...)
	ids := make([][]int32, len(lines))
	for i, line := range lines {
		ids[i] = c.Encode(line)
	}
	b.SetBytes(size(lines))
	for b.Loop() {
		for _, line := range ids {
			c.Decode(line)
		}
	}
}

// BenchmarkLongLine encodes a line of 1 MiB without spaces, and a line of one character with combining marks.
func BenchmarkLongLine(b *testing.B) {
	train := madeUpLines(1, 1000)
	for _, text := range []struct{ name, line string }{
		{"letters", strings.Repeat("abcdefgh", 1<<17)},
		{"marks", "a" + strings.Repeat("\u0301", 1<<19)},
		{"spaces", strings.Repeat(" ", 1<<20)},
	} {
		for _, kind := range []Kind{BPE, Words, Space, Chars, Bytes} {
			b.Run(text.name+"/"+string(kind), func(b *testing.B) {
				c := learn(b, Config{Kind: kind}, train...)
				b.SetBytes(int64(len(text.line)))
				for b.Loop() {
					c.Encode(text.line)
				}
			})
		}
	}
}

func BenchmarkLearn(b *testing.B) {
	b.Run("made-up", func(b *testing.B) {
		lines := madeUpLines(1, 10000)
		for b.Loop() {
			learn(b, Config{}, lines...)
		}
	})
	b.Run("multi30k", func(b *testing.B) {
		en, de := readLines(b, "multi30k/train.en.gz"), readLines(b, "multi30k/train.de.gz")
		for b.Loop() {
			if _, err := Learn(Config{}, stream(en...), stream(de...)); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkSubwordNMT(b *testing.B) {
	lines := readLines(b, "subword-nmt/corpus.en")
	codes, err := os.Open(filepath.Clean(corporatest.Path(b, "subword-nmt/bpe.ref")))
	if err != nil {
		b.Fatal(err)
	}
	defer codes.Close()
	s, err := ReadSubwordNMT(codes)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("learn", func(b *testing.B) {
		for b.Loop() {
			if _, err := LearnSubwordNMT(1000, stream(lines...)); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("segment", func(b *testing.B) {
		b.SetBytes(size(lines))
		for b.Loop() {
			for _, line := range lines {
				s.Segment(line)
			}
		}
	})
}
