package corpora

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/retell-rnn/retell/tokenize"
)

// Pairs streams line-aligned pairs: line n of the file target says the same as line n of the file source. See [Lines] for what
// a file may be. Files of unequal length are an error that names both lengths, which comes after the last whole pair. Files
// without lines are an error, and so are empty sides unless opts allows them; what is wrong with one line is an error in the place of its
// pair, see [IsLineError].
func Pairs(source, target string, opts *ReadOptions) iter.Seq2[Example, error] {
	return reading(opts, func(opts *ReadOptions, yield func(Example, error) bool) error {
		return readPairs(source, target, opts, yield)
	})
}

// readPairs returns nil also when yield wants no more.
func readPairs(source, target string, opts *ReadOptions, yield func(Example, error) bool) error {
	if opts.SourceOnly {
		return errors.New("corpora: pairs of files are read without targets: read the lines of the source")
	}
	if source == "-" && target == "-" {
		return errors.New(`corpora: source and target are both "-": want standard input for one side at most`)
	}
	s, err := openLines(source, opts)
	if err != nil {
		return err
	}
	defer s.close()
	t, err := openLines(target, opts)
	if err != nil {
		return err
	}
	defer t.close()
	for {
		from, errS := s.next()
		to, errT := t.next()
		switch {
		case errS == io.EOF && errT == io.EOF && s.line == 0:
			return &Error{File: s.name, Msg: "file is empty, and so is " + t.name + ": want at least one line"}
		case errS == io.EOF && errT == io.EOF:
			return nil
		case isFatal(errS):
			return errS
		case isFatal(errT):
			return errT
		case errS == io.EOF || errT == io.EOF:
			return unequal(s, t)
		}
		err := cmp.Or(errS, errT) // of the line
		if err == nil && !opts.AllowEmpty {
			if isBlank(from) {
				err = s.bad("source is empty: want text")
			} else if isBlank(to) {
				err = t.bad("target is empty: want text")
			}
		}
		e := Example{}
		if err == nil {
			e = Example{Source: from, Targets: []string{to}}
		}
		if !yield(e, err) {
			return nil
		}
	}
}

// isFatal reports whether err is neither the end of a file nor about one line.
func isFatal(err error) bool { return err != nil && err != io.EOF && !IsLineError(err) }

// unequal counts what is left of both files.
func unequal(s, t *lineReader) error {
	inSource, err := s.count()
	if err != nil {
		return err
	}
	inTarget, err := t.count()
	if err != nil {
		return err
	}
	return &Error{File: t.name, Msg: fmt.Sprintf("file has %s: want %d, as many as %s", number(inTarget, "line"), inSource, s.name)}
}

func isBlank(s string) bool { return tokenize.IsBlank(s) }
