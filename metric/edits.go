package metric

import "strings"

// EditDistance returns the least number of insertions, deletions and substitutions that turn a into b (Levenshtein,
// Binary codes capable of correcting deletions, insertions, and reversals, 1966).
func EditDistance[T comparable](a, b []T) int {
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	row := make([]int, len(b)+1) // distances of the prefixes of b from the part of a that was read
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

// ErrorRate is the number of edits by the number of tokens in the references, in per cent. Of several references the
// nearest by distance counts, the first of equally near ones; over a corpus both numbers are added up before they are
// divided. Where all references are empty the length counts as 1.
//
// Its statistics are: edits, length of the reference.
type ErrorRate struct {
	name       string
	characters bool
}

// NewWER returns the word error rate: tokens are what stands between white space. (Papers on letter-to-sound conversion
// call SER so, see NewSER.)
func NewWER() *ErrorRate { return &ErrorRate{name: "WER"} }

// NewPER returns the phoneme error rate: tokens are what stands between white space.
func NewPER() *ErrorRate { return &ErrorRate{name: "PER"} }

// NewCER returns the character error rate: tokens are code points, with one space between words.
func NewCER() *ErrorRate { return &ErrorRate{name: "CER", characters: true} }

// Name returns WER, PER or CER.
func (m *ErrorRate) Name() string { return m.name }

// HigherIsBetter returns false.
func (m *ErrorRate) HigherIsBetter() bool { return false }

// Signature is nrefs:1|tok:space|version:….
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

// Score computes the rate; a rate above 100 is possible.
func (m *ErrorRate) Score(sum Stats) Score {
	return Score{
		Metric: m.name,
		Value:  100 * sum[0] / max(1, sum[1]),
		Ratio:  &Ratio{sum[0], sum[1]},
	}
}

// characters returns the code points of a line whose words have one space between them.
func characters(line string) []rune {
	return []rune(strings.Join(fields(line), " "))
}

// nearest returns the distance from the nearest reference and its length.
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
