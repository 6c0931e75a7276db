package repair

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Costs of edits. A space prefers to be inserted or deleted; a change of case or of marks is nearly free; a letter
// prefers a letter.
const (
	costCase   = 2
	costMark   = 3
	costBlank  = 3 // one kind of white space for another
	costInsert = 10
	costSpace  = 9 // to insert or delete white space
	costSame   = 10
	costOther  = 13 // a letter for a sign, or a sign for white space
	costLetter = 30 // a letter for white space
	costSwap   = 11
)

// fullAlignment is the length from which a line is aligned within a band about the diagonal.
const (
	fullAlignment = 1024
	alignmentBand = 96
)

// symbol is a character as alignment sees it.
type symbol struct {
	text  string
	lower rune
	base  rune // lower without marks
	class byte
}

// Classes of characters.
const (
	classSign byte = iota
	classLetter
	classSpace
)

func symbols(line string) []symbol {
	chars := characters(line)
	out := make([]symbol, len(chars))
	for i, c := range chars {
		r, n := utf8.DecodeRuneInString(c)
		s := symbol{text: c, lower: unicode.ToLower(r), class: classSign}
		s.base = s.lower
		switch {
		case unicode.IsSpace(r):
			s.class = classSpace
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			s.class = classLetter
		}
		if r >= utf8.RuneSelf && s.class == classLetter || n < len(c) {
			s.base, _ = utf8.DecodeRuneInString(strings.ToLower(plain(c)))
			if n < len(c) {
				s.lower = -1 // marks that follow: equal texts alone are equal in all but case
			}
		}
		out[i] = s
	}
	return out
}

// substitution returns the cost of replacing a symbol by another.
func substitution(a, b *symbol) int32 {
	switch {
	case a.text == b.text:
		return 0
	case a.class == classSpace && b.class == classSpace:
		return costBlank
	case a.class == classSpace || b.class == classSpace:
		if a.class == classSign || b.class == classSign {
			return costOther
		}
		return costLetter
	case a.lower == b.lower && a.lower >= 0:
		return costCase
	case a.base == b.base:
		return costMark
	case a.class == b.class:
		return costSame
	}
	return costOther
}

// indel returns the cost of inserting or deleting a symbol.
func indel(a *symbol) int32 {
	if a.class == classSpace {
		return costSpace
	}
	return costInsert
}

// swaps reports whether the first two symbols of a are those of b in the other order.
func swaps(a, b []symbol) bool {
	return len(a) > 1 && len(b) > 1 && a[0].text == b[1].text && a[1].text == b[0].text && a[0].text != a[1].text
}

// step is a step of an alignment.
type step byte

const (
	stepChange step = iota // one character for one, equal or not
	stepInsert
	stepDelete
	stepSwap
)

// align returns the steps of least cost from one line to another. Of steps with equal costs it takes the first in the
// order of the constants, from the start of the line on.
func align(from, to []symbol) []step {
	head := 0
	for head < len(from) && head < len(to) && from[head].text == to[head].text {
		head++
	}
	tail := 0
	for tail < len(from)-head && tail < len(to)-head && from[len(from)-1-tail].text == to[len(to)-1-tail].text {
		tail++
	}
	steps := make([]step, head, len(from)+8)
	steps = alignMiddle(steps, from[head:len(from)-tail], to[head:len(to)-tail])
	return append(steps, make([]step, tail)...)
}

// alignMiddle appends the steps between two parts of lines. costs[i][j-low(i)] is the cost of the rest, from[i:] to
// to[j:].
func alignMiddle(steps []step, from, to []symbol) []step {
	n, m := len(from), len(to)
	band := m
	if max(n, m) > fullAlignment {
		band = min(m, alignmentBand+max(n-m, m-n))
	}
	width := min(2*band, m) + 1
	low := func(i int) int { // first column of row i
		if width == m+1 {
			return 0
		}
		return min(max(i*m/max(n, 1)-band, 0), m+1-width)
	}
	const far = int32(1) << 30
	costs := make([]int32, (n+1)*width)
	at := func(i, j int) int32 {
		k := j - low(i)
		if i > n || k < 0 || k >= width {
			return far
		}
		return costs[i*width+k]
	}
	best := func(i, j int) (step, int32) {
		how, least := stepDelete, far
		if i < n && j < m {
			how, least = stepChange, at(i+1, j+1)+substitution(&from[i], &to[j])
		}
		if j < m {
			if c := at(i, j+1) + indel(&to[j]); c < least {
				how, least = stepInsert, c
			}
		}
		if i < n {
			if c := at(i+1, j) + indel(&from[i]); c < least {
				how, least = stepDelete, c
			}
		}
		if swaps(from[i:], to[j:]) {
			if c := at(i+2, j+2) + costSwap; c < least {
				how, least = stepSwap, c
			}
		}
		return how, least
	}
	for i := n; i >= 0; i-- {
		first := low(i)
		for j := min(first+width-1, m); j >= first; j-- {
			if i < n || j < m {
				_, costs[i*width+j-first] = best(i, j)
			}
		}
	}
	for i, j := 0, 0; i < n || j < m; {
		how, _ := best(i, j)
		steps = append(steps, how)
		switch how {
		case stepChange:
			i, j = i+1, j+1
		case stepInsert:
			j++
		case stepDelete:
			i++
		case stepSwap:
			i, j = i+2, j+2
		}
	}
	return steps
}
