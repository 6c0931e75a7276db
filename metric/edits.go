package metric

import "strings"

// EditDistance returns the minimum number of insertions, deletions and substitutions that turn a into b (Levenshtein,
// Binary codes capable of correcting deletions, insertions, and reversals, 1966).
func EditDistance[T comparable](a, b []T) int {
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	row := make([]int, len(b)+1) // distances from the read part of a to each prefix of b
	for j := range row {
		row[j] = j
	}
	for i, x := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j, y := range b {
			substitution := diagonal
			if x != y {
				substitution++
			}
			diagonal = row[j+1]
			row[j+1] = min(substitution, diagonal+1, row[j]+1)
		}
	}
	return row[len(b)]
}

// ErrorRate is the edit distance as a percentage of the reference length. Of several references, the first with the
// smallest distance counts. The rate of a corpus is the sum of distances divided by the sum of lengths. A total length
// of 0 counts as 1.
//
// Its statistics are: edits, length of the reference.
type ErrorRate struct {
	name       string
	characters bool
}

// NewWER returns the word error rate; words are separated by white space. Papers on letter-to-sound conversion use this
// name for the rate of [NewSER].
func NewWER() *ErrorRate { return &ErrorRate{name: "WER"} }

// NewPER returns the phoneme error rate; phonemes are separated by white space.
func NewPER() *ErrorRate { return &ErrorRate{name: "PER"} }

// NewCER returns the character error rate. Characters are code points; words are separated by one space.
func NewCER() *ErrorRate { return &ErrorRate{name: "CER", characters: true} }

// Name returns WER, PER or CER.
func (m *ErrorRate) Name() string { return m.name }

// HigherIsBetter returns false.
func (m *ErrorRate) HigherIsBetter() bool { return false }

// Signature returns the settings, such as nrefs:1|tok:space|version:….
func (m *ErrorRate) Signature(nrefs int) string {
	return signature(nrefs, "tok", choose(m.characters, "char", "space"))
}

// Stats returns the statistics of one sentence.
func (m *ErrorRate) Stats(hyp string, refs []string) Stats {
	if m.characters {
		return nearest(characters(hyp), refs, characters)
	}
	return nearest(fields(hyp), refs, fields)
}

// Score computes the rate, which may exceed 100.
func (m *ErrorRate) Score(sum Stats) Score {
	return Score{
		Metric: m.name,
		Value:  100 * sum[0] / max(1, sum[1]),
		Ratio:  &Ratio{sum[0], sum[1]},
	}
}

// characters returns the code points of a line, with one space between words.
func characters(line string) []rune {
	return []rune(strings.Join(fields(line), " "))
}

// nearest returns the distance to the nearest reference and the length of this reference.
func nearest[T comparable](hyp []T, refs []string, tokens func(string) []T) Stats {
	var edits, length int
	for k, ref := range refs {
		r := tokens(ref)
		if d := EditDistance(hyp, r); k == 0 || d < edits {
			edits, length = d, len(r)
		}
	}
	return Stats{float64(edits), float64(length)}
}
