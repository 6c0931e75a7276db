package seq2seq

import (
	"fmt"
	"slices"
	"strings"

	"github.com/retell-rnn/retell/internal/quote"
)

// tag is a label of spans: a prefix, one of O, B, I, E and S, and a type.
type tag struct{ prefix, kind string }

// tagOf reads a label; ok reports whether the scheme has it.
func (s LabelScheme) tagOf(label string) (t tag, ok bool) {
	t.prefix, t.kind, _ = strings.Cut(label, "-")
	prefixes := "OBI"
	if s == SchemeBIOES {
		prefixes = "OBIES"
	}
	return t, len(t.prefix) == 1 && strings.Contains(prefixes, t.prefix) && (t.prefix != "O" || label == "O")
}

// follows reports whether tag b may follow tag a. Outside begins and ends a sequence.
func (s LabelScheme) follows(a, b tag) bool {
	open := a.prefix == "B" || a.prefix == "I" // the span of a may continue
	inside := b.prefix == "I" || b.prefix == "E"
	switch {
	case inside:
		return open && a.kind == b.kind
	case s == SchemeBIOES:
		return !open
	}
	return true
}

// allowed returns which labels may follow each other, by their numbers in names: -1 is the start or the end of a
// sequence. It returns nil without a scheme. A label that the scheme lacks is an error.
func (s LabelScheme) allowed(names []string) (func(from, to int) bool, error) {
	if s == "" {
		return nil, nil
	}
	tags := make([]tag, len(names))
	for i, name := range names {
		var ok bool
		if tags[i], ok = s.tagOf(name); !ok {
			return nil, fmt.Errorf("labeler.scheme: %s: label %s: want O, or %s with - and a type", s, quote.Text(name), s.prefixes())
		}
	}
	at := func(i int) tag {
		if i < 0 {
			return tag{prefix: "O"}
		}
		return tags[i]
	}
	return func(from, to int) bool { return s.follows(at(from), at(to)) }, nil
}

// prefixes lists the prefixes of spans, for messages.
func (s LabelScheme) prefixes() string {
	if s == SchemeBIOES {
		return "B, I, E or S"
	}
	return "B or I"
}

// check returns an error for a sequence of labels that the scheme does not allow.
func (s LabelScheme) check(labels []string) error {
	if s == "" {
		return nil
	}
	before, last := tag{prefix: "O"}, "the start"
	for i, label := range labels {
		t, ok := s.tagOf(label)
		if !ok {
			return fmt.Errorf("has the label %s, number %d: want O, or %s with - and a type (labeler.scheme %s)", quote.Text(label), i+1, s.prefixes(), s)
		}
		if !s.follows(before, t) {
			return fmt.Errorf("has label %s, number %d, after %s: want a sequence that labeler.scheme %s allows", quote.Text(label), i+1, last, s)
		}
		before, last = t, label
	}
	if !s.follows(before, tag{prefix: "O"}) {
		return fmt.Errorf("ends with label %s: want a sequence that labeler.scheme %s allows", quote.Text(last), s)
	}
	return nil
}

// SchemeOf returns the scheme of sequences of labels, tabs between them: bioes or iob2 if all of them are sequences of
// that scheme and some of them have spans, and otherwise "".
func SchemeOf(sequences []string) LabelScheme {
	spans := slices.ContainsFunc(sequences, func(line string) bool {
		return slices.ContainsFunc(fields(line), func(label string) bool { return strings.HasPrefix(label, "B") })
	})
	for _, s := range []LabelScheme{SchemeBIOES, SchemeIOB2} {
		if spans && !slices.ContainsFunc(sequences, func(line string) bool { return s.check(fields(line)) != nil }) {
			return s
		}
	}
	return ""
}
