package probe

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/retell-rnn/retell/internal/kernel"
)

// TFIDF is a baseline without training: it weights each term of a line by its rarity.
//
//	x[t] = count of t in the line · (1 + ln((1 + lines)/(1 + lines with t))),  scaled to length 1
//
// Terms are words, or the character n-grams of words. Words are runs of letters, digits and marks, in lower case. Terms
// that do not occur in the fitted lines are ignored. The zero value has words and fits the lines that it embeds.
type TFIDF struct {
	// Min and Max are the lengths of character n-grams, in characters, of a word between two spaces; a shorter word is one
	// term. If Max is 0, terms are words.
	Min, Max int

	ids map[string]int32 // index of each term, in alphabetical order
	idf []float32        // weight of each term, by index
}

// FitTFIDF fits the weights of words to lines.
func FitTFIDF(lines []string) *TFIDF { return TFIDF{}.Fit(lines) }

// Fit returns a copy whose weights are fitted to lines.
func (t TFIDF) Fit(lines []string) *TFIDF {
	t.ids = make(map[string]int32)
	var found, last []int // by term: number of lines with it, and the last of them
	var terms []string
	for i, line := range lines {
		t.each(line, func(term string) {
			id, ok := t.ids[term]
			if !ok {
				id = int32(len(terms))
				t.ids[term] = id
				terms, found, last = append(terms, term), append(found, 0), append(last, -1)
			}
			if last[id] != i {
				last[id] = i
				found[id]++
			}
		})
	}
	order := allRows(len(terms))
	slices.SortFunc(order, func(a, b int32) int { return strings.Compare(terms[a], terms[b]) })
	t.idf = make([]float32, len(terms))
	for id, old := range order {
		t.ids[terms[old]] = int32(id)
		t.idf[id] = float32(1 + math.Log(float64(1+len(lines))/float64(1+found[old])))
	}
	return &t
}

// NewTFIDF returns the weights of given words, which are ascending, as [TFIDF.Words] returns them.
func NewTFIDF(words []string, weights []float32) (*TFIDF, error) {
	if len(words) != len(weights) {
		return nil, fmt.Errorf("probe: %d words and %d weights: want equal numbers", len(words), len(weights))
	}
	t := &TFIDF{ids: make(map[string]int32, len(words)), idf: weights}
	for i, word := range words {
		if i > 0 && word <= words[i-1] {
			return nil, fmt.Errorf("probe: word %d is %q: want ascending words", i+1, word)
		}
		if x := float64(weights[i]); math.IsNaN(x) || math.IsInf(x, 0) {
			return nil, fmt.Errorf("probe: the weight of %q is %v: want a finite number", word, x)
		}
		t.ids[word] = int32(i)
	}
	return t, nil
}

// Words returns the fitted terms in alphabetical order, and the weight of each.
func (t *TFIDF) Words() (words []string, weights []float32) {
	words = make([]string, len(t.ids))
	for word, id := range t.ids {
		words[id] = word
	}
	return words, t.idf
}

// Name returns "TF-IDF", or "TF-IDF characters".
func (t *TFIDF) Name() string {
	if t.Max > 0 {
		return "TF-IDF characters"
	}
	return "TF-IDF"
}

// Embed returns [Sparse] vectors.
func (t *TFIDF) Embed(ctx context.Context, lines []string) (Vectors, error) {
	if t.ids == nil {
		t = t.Fit(lines)
	}
	rows := make([][]entry, len(lines))
	const stretch = 256 // lines that share memory
	kernel.Tasks((len(lines)+stretch-1)/stretch, func(part int) {
		if ctx.Err() != nil {
			return
		}
		var ids []int32
		for i := part * stretch; i < min(len(lines), (part+1)*stretch); i++ {
			ids = t.terms(ids[:0], lines[i])
			rows[i] = t.weights(ids)
		}
	})
	v := &Sparse{size: len(t.idf), starts: make([]int, 1, len(lines)+1)}
	for _, row := range rows {
		for _, e := range row {
			v.columns, v.values = append(v.columns, e.column), append(v.values, e.value)
		}
		v.starts = append(v.starts, len(v.columns))
	}
	return v.Unit(), ctx.Err()
}

// entry is a number of a sparse vector.
type entry struct {
	column int32
	value  float32
}

// terms appends the indices of a line's terms, in their order.
func (t *TFIDF) terms(ids []int32, line string) []int32 {
	t.each(line, func(term string) {
		if id, ok := t.ids[term]; ok {
			ids = append(ids, id)
		}
	})
	return ids
}

// weights returns the entries of terms, which it sorts.
func (t *TFIDF) weights(ids []int32) []entry {
	slices.SortFunc(ids, cmp.Compare[int32])
	var row []entry
	for i := 0; i < len(ids); {
		j := i
		for j < len(ids) && ids[j] == ids[i] {
			j++
		}
		row = append(row, entry{ids[i], float32(j-i) * t.idf[ids[i]]})
		i = j
	}
	return row
}

// each calls yield with every term of a line.
func (t *TFIDF) each(line string, yield func(term string)) {
	for word, rest := nextWord(nil, line); len(word) > 0; word, rest = nextWord(word, rest) {
		if t.Max == 0 {
			yield(string(word))
			continue
		}
		padded := " " + string(word) + " "
		long := utf8.RuneCountInString(padded)
		for n := t.Min; n <= t.Max; n++ {
			if n >= long {
				yield(padded)
				break
			}
			from, to := 0, 0
			for range n {
				to += runeWidth(padded, to)
			}
			for yield(padded[from:to]); to < len(padded); yield(padded[from:to]) {
				from, to = from+runeWidth(padded, from), to+runeWidth(padded, to)
			}
		}
	}
}

// runeWidth returns the number of bytes of the character at a place of a text.
func runeWidth(text string, at int) int {
	_, n := utf8.DecodeRuneInString(text[at:])
	return n
}
