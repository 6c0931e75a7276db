package probe

import (
	"context"
	"maps"
	"math"
	"slices"
	"strings"
	"unicode"
)

// TFIDF is a baseline without training: it weights each word of a line by its rarity.
//
//	x[w] = count of w in the line · (1 + ln((1 + lines)/(1 + lines with w))),  scaled to length 1
//
// Words are runs of letters, digits and marks, in lower case. Words that do not occur in the fitted lines are ignored.
// The zero value fits the lines that it embeds.
type TFIDF struct {
	ids map[string]int32 // index of each word, in alphabetical order
	idf []float32        // weight of each word, by index
}

// FitTFIDF fits the weights to lines.
func FitTFIDF(lines []string) *TFIDF {
	found := make(map[string]int) // number of lines with each word
	for _, line := range lines {
		seen := make(map[string]bool)
		for _, w := range wordsOf(line) {
			if !seen[w] {
				seen[w] = true
				found[w]++
			}
		}
	}
	t := &TFIDF{ids: make(map[string]int32, len(found))}
	for i, w := range slices.Sorted(maps.Keys(found)) {
		t.ids[w] = int32(i)
		t.idf = append(t.idf, float32(1+math.Log(float64(1+len(lines))/float64(1+found[w]))))
	}
	return t
}

// Name returns "TF-IDF".
func (t *TFIDF) Name() string { return "TF-IDF" }

// Embed returns [Sparse] vectors.
func (t *TFIDF) Embed(_ context.Context, lines []string) (Vectors, error) {
	if t.ids == nil {
		t = FitTFIDF(lines)
	}
	v := &Sparse{size: len(t.idf), starts: make([]int, 1, len(lines)+1)}
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
