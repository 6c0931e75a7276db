package metric

import "strings"

// Edit is a piece of a comparison of two sequences: tokens of both, of the first alone, or of the second alone.
type Edit[T comparable] struct {
	Kind   EditKind
	Tokens []T
}

// EditKind says which of two sequences the tokens of an [Edit] belong to.
type EditKind int

const (
	Kept     EditKind = iota // tokens of both
	Deleted                  // tokens of the first alone
	Inserted                 // tokens of the second alone
)

// Diff returns the pieces that turn a into b: as many tokens as possible are kept, and neighboring pieces differ in
// kind. It takes time and memory in proportion to the product of the lengths. The pieces share memory with a and b.
func Diff[T comparable](a, b []T) []Edit[T] {
	length := commonLengths(a, b)
	var edits []Edit[T]
	add := func(kind EditKind, from []T, at int) {
		if last := len(edits) - 1; last >= 0 && edits[last].Kind == kind {
			n := len(edits[last].Tokens)
			edits[last].Tokens = from[at-n : at+1 : at+1]
			return
		}
		edits = append(edits, Edit[T]{kind, from[at : at+1 : at+1]})
	}
	i, k := 0, 0
	for i < len(a) || k < len(b) {
		switch {
		case i < len(a) && k < len(b) && a[i] == b[k]:
			add(Kept, a, i)
			i, k = i+1, k+1
		case i < len(a) && (k == len(b) || length[i+1][k] >= length[i][k+1]):
			add(Deleted, a, i)
			i++
		default:
			add(Inserted, b, k)
			k++
		}
	}
	return edits
}

// commonLengths returns the lengths of the longest common subsequences of a[i:] and b[k:], [len(a)+1][len(b)+1].
func commonLengths[T comparable](a, b []T) [][]int {
	length := make([][]int, len(a)+1)
	for i := range length {
		length[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for k := len(b) - 1; k >= 0; k-- {
			length[i][k] = max(length[i+1][k], length[i][k+1])
			if a[i] == b[k] {
				length[i][k] = length[i+1][k+1] + 1
			}
		}
	}
	return length
}

// WordDiff returns the words of two texts in the marks of GNU wdiff: [-deleted-] and {+inserted+}.
func WordDiff(a, b string) string {
	var parts []string
	for _, e := range Diff(strings.Fields(a), strings.Fields(b)) {
		text := strings.Join(e.Tokens, " ")
		switch e.Kind {
		case Deleted:
			text = "[-" + text + "-]"
		case Inserted:
			text = "{+" + text + "+}"
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, " ")
}
