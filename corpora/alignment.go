package corpora

import (
	"fmt"
	"iter"
	"strconv"
	"strings"
)

// Link aligns a word of a target with a word of its source. Words are separated by white space and numbered from 0.
type Link struct{ Source, Target int }

// Alignment is the list of links between the words of a pair.
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

// MarshalText returns the text of String.
func (a Alignment) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText is ParseAlignment.
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

// Within returns an error about the first link to a word outside the source or the target.
func (a Alignment) Within(source, target string) error {
	words := [2]int{len(strings.Fields(source)), len(strings.Fields(target))}
	for _, l := range a {
		if l.Source >= words[0] || l.Target >= words[1] {
			return fmt.Errorf("link %d-%d of a pair of %s and %s: want smaller word numbers, from 0",
				l.Source, l.Target, number(words[0], "word"), number(words[1], "word"))
		}
	}
	return nil
}

// Aligned sets the alignment of each example with its first target, from the lines of the file at path, in Pharaoh's
// format. The file needs one line for each item of examples, including errors about lines.
func Aligned(examples iter.Seq2[Example, error], path string, opts *ReadOptions) iter.Seq2[Example, error] {
	return beside(examples, path, opts, "alignment", func(e *Example, line string) (err error) {
		if e.Alignment, err = ParseAlignment(line); err != nil || len(e.Targets) == 0 {
			return err
		}
		return e.Alignment.Within(e.Source, e.Targets[0])
	})
}
