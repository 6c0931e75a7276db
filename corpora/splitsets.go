package corpora

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"unicode"
)

// TextKey returns a text in lower case without punctuation and marks, its words separated by single spaces, so that
// near copies have one key. A text without letters and digits is its own key.
func TextKey(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	apart := false
	for _, r := range text {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
			if apart && b.Len() > 0 {
				b.WriteByte(' ')
			}
			apart = false
			b.WriteRune(unicode.ToLower(r))
		case r != '\'' && r != '’':
			apart = true
		}
	}
	if b.Len() == 0 {
		return text
	}
	return b.String()
}

// Texts streams the source, the targets and the negatives of an example.
func (e Example) Texts() iter.Seq[string] {
	return func(yield func(string) bool) {
		if !yield(e.Source) {
			return
		}
		for _, texts := range [...][]string{e.Targets, e.Negatives} {
			for _, text := range texts {
				if !yield(text) {
					return
				}
			}
		}
	}
}

// textKeys is a set of the digests of texts' keys.
type textKeys map[[16]byte]struct{}

func (k textKeys) add(e Example) {
	for text := range e.Texts() {
		k[digest(TextKey(text))] = struct{}{}
	}
}

// has reports whether any text of an example is in the set.
func (k textKeys) has(e Example) bool {
	for text := range e.Texts() {
		if _, ok := k[digest(TextKey(text))]; ok {
			return true
		}
	}
	return false
}

// WithoutTexts returns the examples that share no text with the held-out ones, by [TextKey], in their order, and the
// number of the others.
func WithoutTexts(examples, held []Example) (kept []Example, dropped int) {
	if len(held) == 0 {
		return examples, 0
	}
	keys := textKeys{}
	for _, e := range held {
		keys.add(e)
	}
	for _, e := range examples {
		if keys.has(e) {
			dropped++
		} else {
			kept = append(kept, e)
		}
	}
	return kept, dropped
}

// SplitSets splits examples into parts so that no text, by [TextKey], is in two parts. The first part of the result is
// the rest; one part for each count follows and has exactly as many examples. Examples of the rest that share a text
// with another part are left out, and so are examples that would bring a text of one count's part into another's; the
// report counts them.
//
// Sources go to parts in the order of the hash of their key with seed, so neither the order of a corpus nor its other
// columns move an example. It is an error if a part cannot be filled.
func SplitSets(examples []Example, seed uint64, counts ...int) ([][]Example, *SplitReport, error) {
	groups, keys := grouped(examples, func(e Example) string { return TextKey(e.Source) }, seed)
	s := setSplit{examples: examples, counts: counts, of: make([]textKeys, len(counts)), partOf: make([]int, len(examples))}
	s.report.Parts = make([]SplitPart, 1+len(counts))
	for i := range s.of {
		s.of[i] = textKeys{}
	}
	for _, k := range keys {
		s.place(groups[k])
	}
	for i, count := range counts {
		if got := s.report.Parts[1+i].Examples; got != count {
			return nil, nil, fmt.Errorf("corpora: part %d of the split has %d examples without sharing a text: want %d", 1+i, got, count)
		}
	}
	return s.parts(), &s.report, nil
}

// setSplit is a split by texts that is being made.
type setSplit struct {
	examples []Example
	counts   []int
	of       []textKeys // texts of the part of each count
	partOf   []int      // part of each example: 0 for the rest, -1 for none
	report   SplitReport
}

// place puts the examples of one source into the first part that has room for them, or into the rest.
func (s *setSplit) place(group []int) {
	to := 1
	for to <= len(s.counts) && s.report.Parts[to].Examples+len(group) > s.counts[to-1] {
		to++
	}
	if to > len(s.counts) {
		return // the rest
	}
	for i, keys := range s.of {
		shared := func(at int) bool { return keys.has(s.examples[at]) }
		if i != to-1 && slices.ContainsFunc(group, shared) {
			for _, at := range group {
				s.partOf[at] = -1
			}
			s.report.Dropped += len(group)
			return
		}
	}
	for _, at := range group {
		s.partOf[at] = to
		s.of[to-1].add(s.examples[at])
	}
	s.report.Parts[to].Examples += len(group)
	s.report.Parts[to].Keys++
}

// parts returns the examples of each part, and completes the report.
func (s *setSplit) parts() [][]Example {
	parts := make([][]Example, 1+len(s.counts))
	var held []Example
	for i, e := range s.examples {
		if to := s.partOf[i]; to >= 0 {
			parts[to] = append(parts[to], e)
		}
	}
	for _, part := range parts[1:] {
		held = append(held, part...)
	}
	rest, dropped := WithoutTexts(parts[0], held)
	sources := map[string]struct{}{}
	for _, e := range rest {
		sources[TextKey(e.Source)] = struct{}{}
	}
	parts[0] = rest
	s.report.Dropped += dropped
	s.report.Parts[0] = SplitPart{Examples: len(rest), Keys: len(sources)}
	return parts
}
