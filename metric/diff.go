package metric

import "strings"

// Edit is a run of tokens in a comparison of two sequences: kept, deleted or inserted.
type Edit[T comparable] struct {
	Kind   EditKind
	Tokens []T
}

// EditKind is the kind of an [Edit].
type EditKind int

const (
	Kept     EditKind = iota // in both sequences
	Deleted                  // in the first sequence only
	Inserted                 // in the second sequence only
)

// Diff returns the edits that turn a into b and keep as many tokens as possible. Adjacent edits differ in kind. Time
// and memory are proportional to the product of the lengths. The edits share memory with a and b.
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

// WordDiff returns the difference of two texts by words, in the notation of GNU wdiff: [-deleted-] and {+inserted+}.
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
