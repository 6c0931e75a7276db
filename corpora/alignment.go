package corpora

import (
	"fmt"
	"iter"
	"strconv"
	"strings"
)

// Link says that a word of a target says what a word of its source does. Words stand between spaces and are counted
// from 0.
type Link struct{ Source, Target int }

// Alignment is the links of a pair.
type Alignment []Link

// String returns the alignment in Pharaoh's format: 0-0 1-2 2-1.
func (a Alignment) String() string {
	var b strings.Builder
	for i, l := range a {
		if i > 0 {
			b.WriteByte(' ')
		}
		fmt.Fprintf(&b, "%d-%d", l.Source, l.Target)
	}
	return b.String()
}

// MarshalText returns what String does.
func (a Alignment) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText does what ParseAlignment does.
func (a *Alignment) UnmarshalText(text []byte) (err error) {
	*a, err = ParseAlignment(string(text))
	return err
}

// ParseAlignment reads an alignment in Pharaoh's format. A blank text has no links.
func ParseAlignment(text string) (Alignment, error) {
	var a Alignment
	for _, field := range strings.Fields(text) {
		source, target, _ := strings.Cut(field, "-")
		s, err1 := strconv.ParseUint(source, 10, 31)
		t, err2 := strconv.ParseUint(target, 10, 31)
		if err1 != nil || err2 != nil {
			return nil, fmt.Errorf("link is %q: want the numbers of a source word and a target word, from 0: 0-1", field)
		}
		a = append(a, Link{int(s), int(t)})
	}
	return a, nil
}

// Within returns an error about the first link to a word that a source or a target does not have.
func (a Alignment) Within(source, target string) error {
	words := [2]int{len(strings.Fields(source)), len(strings.Fields(target))}
	for _, l := range a {
		if l.Source >= words[0] || l.Target >= words[1] {
			return fmt.Errorf("link %d-%d of a pair of %s and %s: want numbers from 0 below these",
				l.Source, l.Target, number(words[0], "word"), number(words[1], "word"))
		}
	}
	return nil
}

// Aligned gives each example the alignment on its line of the file at path, in Pharaoh's format. It is of the first
// target. Lines of which no example came use theirs up. The file has as many lines as examples has items and errors
// about lines.
func Aligned(examples iter.Seq2[Example, error], path string, opts *ReadOptions) iter.Seq2[Example, error] {
	return beside(examples, path, opts, "alignment", func(e *Example, line string) (err error) {
		if e.Alignment, err = ParseAlignment(line); err != nil || len(e.Targets) == 0 {
			return err
		}
		return e.Alignment.Within(e.Source, e.Targets[0])
	})
}
