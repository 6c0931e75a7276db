package corpora

import (
	"cmp"
	"errors"
	"iter"
	"slices"
	"strings"
	"unicode"
)

// Skipped counts the lines that [Skip] skipped.
type Skipped struct {
	Read    int       `json:"read"`              // number of items and skipped lines
	Reasons []SkipFor `json:"reasons,omitempty"` // reasons, in the order of the first skipped line
}

// SkipFor is one reason to skip lines.
type SkipFor struct {
	First error  `json:"-"`     // error of the first such line, with its place
	Lines int    `json:"lines"` // number of skipped lines
	kind  string // see kindOfError
}

// Lines returns the number of skipped lines.
func (s *Skipped) Lines() int {
	n := 0
	for _, r := range s.Reasons {
		n += r.Lines
	}
	return n
}

// First returns the error of the first skipped line; nil if there is none.
func (s *Skipped) First() error {
	if len(s.Reasons) == 0 {
		return nil
	}
	return s.Reasons[0].First
}

// Skip streams items and skips errors about single lines, which it counts in skipped. Other errors end the stream.
func Skip[T any](stream iter.Seq2[T, error], skipped *Skipped) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for item, err := range stream {
			if IsLineError(err) {
				skipped.Read++
				skipped.add(err)
				continue
			}
			if err == nil {
				skipped.Read++
			}
			if !yield(item, err) || err != nil {
				return
			}
		}
	}
}

// add counts an error.
func (s *Skipped) add(err error) {
	kind := kindOfError(err)
	i := slices.IndexFunc(s.Reasons, func(r SkipFor) bool { return r.kind == kind })
	if i < 0 {
		i = len(s.Reasons)
		s.Reasons = append(s.Reasons, SkipFor{First: err, kind: kind})
	}
	s.Reasons[i].Lines++
}

// kindOfError returns the kind of an error: its message without place, numbers and quotations.
func kindOfError(err error) string {
	msg := err.Error()
	if e, ok := errors.AsType[*Error](err); ok {
		msg = e.Msg
	}
	var kind strings.Builder
	for i, part := range strings.Split(msg, `"`) {
		if i%2 == 0 {
			kind.WriteString(part)
		}
	}
	words := strings.FieldsFunc(kind.String(), func(r rune) bool { return r == ' ' || r == ',' })
	words = slices.DeleteFunc(words, func(w string) bool { return strings.ContainsFunc(w, unicode.IsDigit) })
	for i, w := range words {
		words[i] = strings.TrimSuffix(w, "s") // 1 column, 2 columns
	}
	return cmp.Or(strings.Join(words, " "), msg)
}
