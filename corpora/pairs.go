package corpora

import (
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/retell-rnn/retell/tokenize"
)

// Pairs streams line-aligned pairs: line n of the file target is the target of line n of the file source. See [Lines]
// for compression and standard input.
//
// Files of unequal length give an error with both lengths after the last complete pair. Files without lines are an
// error. Blank sides are errors about their lines, see [IsLineError], unless opts.AllowEmpty is set.
func Pairs(source, target string, opts *ReadOptions) iter.Seq2[Example, error] {
	return Parallel(source, []string{target}, opts)
}

// Parallel is [Pairs] with several files of targets: line n of each is an acceptable target of line n of the file
// source.
func Parallel(source string, targets []string, opts *ReadOptions) iter.Seq2[Example, error] {
	return reading(opts, func(opts *ReadOptions, yield func(Example, error) bool) error {
		return readParallel(source, targets, opts, yield)
	})
}

// readParallel yields the examples of the files. It returns nil if yield returns false.
func readParallel(source string, targets []string, opts *ReadOptions, yield func(Example, error) bool) error {
	if opts.SourceOnly || len(targets) == 0 {
		return errors.New("corpora: pairs of files without targets: want a file of targets, or Lines for the sources alone")
	}
	var rs []*lineReader
	hasStdin := false
	for _, path := range append([]string{source}, targets...) {
		if path == "-" && hasStdin {
			return errors.New(`corpora: source and target are both "-": want standard input for one side at most`)
		}
		hasStdin = hasStdin || path == "-"
		r, err := openLines(path, opts)
		if err != nil {
			return err
		}
		defer r.close()
		rs = append(rs, r)
	}
	for {
		texts, ended, err := nextRow(rs)
		switch {
		case err != nil && !IsLineError(err):
			return err
		case ended > 0 && ended < len(rs):
			return unequal(rs)
		case ended > 0 && rs[0].line == 0:
			return &Error{File: rs[0].name, Msg: "file is empty, and so is " + rs[1].name + ": want at least one line"}
		case ended > 0:
			return nil
		}
		e := Example{}
		if err == nil && !opts.AllowEmpty {
			err = checkRow(rs, texts)
		}
		if err == nil {
			e = Example{Source: texts[0], Targets: texts[1:]}
		}
		if !yield(e, err) {
			return nil
		}
	}
}

// nextRow returns the next line of each file, the number of files that have ended, and the most severe error.
func nextRow(rs []*lineReader) (texts []string, ended int, err error) {
	texts = make([]string, len(rs))
	for i, r := range rs {
		text, e := r.next()
		switch texts[i] = text; {
		case e == io.EOF:
			ended++
		case e != nil && (err == nil || isFatal(e) && !isFatal(err)):
			err = e
		}
	}
	return texts, ended, err
}

// checkRow returns an error about the first blank text.
func checkRow(rs []*lineReader, texts []string) error {
	for i, text := range texts {
		switch {
		case !isBlank(text):
		case i == 0:
			return rs[i].bad("source is empty: want text")
		default:
			return rs[i].bad("target is empty: want text")
		}
	}
	return nil
}

// isFatal reports whether err ends a stream: it is not nil, not the end of a file, and not about one line.
func isFatal(err error) bool { return err != nil && err != io.EOF && !IsLineError(err) }

// unequal counts the lines of all files and returns an error about the first whose number differs from the source's.
func unequal(rs []*lineReader) error {
	want, err := rs[0].count()
	if err != nil {
		return err
	}
	var found error
	for _, r := range rs[1:] {
		n, err := r.count()
		switch {
		case err != nil:
			return err
		case n != want && found == nil:
			found = &Error{File: r.name, Msg: fmt.Sprintf("file has %s: want %d, as many as %s", number(n, "line"), want, rs[0].name)}
		}
	}
	return found
}

// isBlank reports whether s has no visible character.
func isBlank(s string) bool { return tokenize.IsBlank(s) }
