package probe

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"unicode"
)

// TFIDF weighs the words of a line by how rare they are: the baseline that needs no training.
//
//	x[w] = count of w in the line · (1 + ln((1 + lines)/(1 + lines with w))),  scaled to unit length
//
// Words are runs of letters, digits and marks, in lower case. Those that stand in no line that it was fitted to are passed over.
// The zero value fits itself to the lines that it embeds.
type TFIDF struct {
	words []string // ascending
	ids   map[string]int32
	idf   []float32
}

// FitTFIDF returns the weights of the words of some lines.
func FitTFIDF(lines []string) *TFIDF {
	found := make(map[string]int) // in how many lines
	for _, line := range lines {
		seen := make(map[string]bool)
		for _, w := range wordsOf(line) {
			if !seen[w] {
				seen[w] = true
				found[w]++
			}
		}
	}
	t := &TFIDF{words: slices.Sorted(maps.Keys(found))}
	for _, w := range t.words {
		t.idf = append(t.idf, float32(1+math.Log(float64(1+len(lines))/float64(1+found[w]))))
	}
	t.index()
	return t
}

// NewTFIDF returns what words, ascending, and their weights make: those of another TFIDF.
func NewTFIDF(words []string, weights []float32) (*TFIDF, error) {
	if len(words) != len(weights) {
		return nil, fmt.Errorf("probe: TF-IDF of %d words and %d weights: want as many", len(words), len(weights))
	}
	for i := range words {
		if i > 0 && words[i-1] >= words[i] {
			return nil, fmt.Errorf("probe: TF-IDF: word %d, %q, follows %q: want them ascending", i+1, words[i], words[i-1])
		}
		if !(weights[i] > 0) || math.IsInf(float64(weights[i]), 0) {
			return nil, fmt.Errorf("probe: TF-IDF: word %d weighs %v: want a positive number", i+1, weights[i])
		}
	}
	t := &TFIDF{words: words, idf: weights}
	t.index()
	return t, nil
}

func (t *TFIDF) index() {
	t.ids = make(map[string]int32, len(t.words))
	for i, w := range t.words {
		t.ids[w] = int32(i)
	}
}

// Words returns the words, ascending, and their weights. Both belong to t.
func (t *TFIDF) Words() ([]string, []float32) { return t.words, t.idf }

// Name returns TF-IDF.
func (t *TFIDF) Name() string { return "TF-IDF" }

// Embed returns [Sparse] vectors.
func (t *TFIDF) Embed(_ context.Context, lines []string) (Vectors, error) {
	if t.ids == nil {
		t = FitTFIDF(lines)
	}
	v := &Sparse{size: len(t.words), starts: make([]int, 1, len(lines)+1)}
	for _, line := range lines {
		counts := make(map[int32]int)
		for _, w := range wordsOf(line) {
			if id, ok := t.ids[w]; ok {
				counts[id]++
			}
		}
		for _, id := range slices.Sorted(maps.Keys(counts)) {
			v.columns = append(v.columns, id)
			v.values = append(v.values, float32(counts[id])*t.idf[id])
		}
		v.starts = append(v.starts, len(v.columns))
	}
	return v.Unit(), nil
}

// wordsOf returns the words of a line in lower case.
func wordsOf(line string) []string {
	return strings.FieldsFunc(strings.ToLower(line), func(r rune) bool {
		return !unicode.In(r, unicode.Letter, unicode.Number, unicode.Mark)
	})
}
