package corpora

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/retell-rnn/retell/internal/quote"
)

// Concat concatenates streams. An error that is not about a single line ends the stream.
func Concat[T any](streams ...iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, stream := range streams {
			for item, err := range stream {
				if !yield(item, err) || err != nil && !IsLineError(err) {
					return
				}
			}
		}
	}
}

// Expand returns the files of a path in the order of their names: the files that match a pattern (see
// [filepath.Match]), the files of a folder except hidden ones, or the path itself. A pattern or folder without files is
// an error.
func Expand(path string) ([]string, error) {
	if path == "-" {
		return []string{path}, nil
	}
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return folder(path)
	case err == nil || !errors.Is(err, fs.ErrNotExist) || !strings.ContainsAny(path, "*?["):
		return []string{path}, nil // its reader reports any error
	}
	files, err := filepath.Glob(path)
	if err != nil {
		return nil, &Error{File: path, Msg: "pattern is malformed: " + err.Error(), Err: err}
	}
	files = slices.DeleteFunc(files, func(file string) bool {
		info, err := os.Stat(file)
		return err == nil && info.IsDir()
	})
	if len(files) == 0 {
		return nil, &Error{File: path, Msg: "no file matches the pattern: want at least one"}
	}
	return files, nil
}

// folder returns the files of a folder.
func folder(path string) ([]string, error) {
	entries, err := os.ReadDir(path) // sorted
	if err != nil {
		return nil, ioError(path, 0, err)
	}
	var files []string
	for _, e := range entries {
		file := filepath.Join(path, e.Name())
		if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() && !strings.HasPrefix(e.Name(), ".") {
			files = append(files, file)
		}
	}
	if len(files) == 0 {
		return nil, &Error{File: path, Msg: "folder has no files: want at least one"}
	}
	return files, nil
}

// Weighted multiplies the weight of each example by the number on its line of the file at path. Numbers must be finite
// and positive. The file needs one line for each item of examples, including errors about lines.
func Weighted(examples iter.Seq2[Example, error], path string, opts *ReadOptions) iter.Seq2[Example, error] {
	return beside(examples, path, opts, "weight", func(e *Example, line string) (err error) {
		e.Weight, err = weight(line, e.Weight)
		return err
	})
}

// beside calls set with each example and its line of the file at path. noun is the word for a line in errors. An error
// of set becomes the Msg of an Error about that line.
func beside(examples iter.Seq2[Example, error], path string, opts *ReadOptions, noun string, set func(e *Example, line string) error) iter.Seq2[Example, error] {
	return reading(opts, func(opts *ReadOptions, yield func(Example, error) bool) error {
		r, err := openLines(path, opts)
		if err != nil {
			return err
		}
		defer r.close()
		for e, err := range examples {
			if err != nil && !IsLineError(err) {
				return err
			}
			line, lineErr := r.next()
			switch {
			case lineErr != nil && IsLineError(lineErr):
			case lineErr != nil:
				return r.tooFew(lineErr, noun)
			case err == nil:
				if lineErr = set(&e, line); lineErr != nil {
					lineErr = LineError(&Error{File: r.name, Line: r.line, Msg: lineErr.Error()})
				}
			}
			if err == nil {
				err = lineErr
			}
			if !yield(e, err) {
				return nil
			}
		}
		had := r.line
		n, err := r.count()
		if err == nil && n > had {
			err = &Error{File: r.name, Msg: fmt.Sprintf("file has %s: want %d, one per example", number(n, noun), had)}
		}
		return err
	})
}

// tooFew returns the error of a file with too few lines.
func (r *lineReader) tooFew(err error, noun string) error {
	if errors.Is(err, io.EOF) {
		return &Error{File: r.name, Msg: fmt.Sprintf("file has %s, fewer than there are examples: want one per example", number(r.line, noun))}
	}
	return err
}

// weight returns the number in text times the weight of. An of of 0 means 1.
func weight(text string, of float64) (float64, error) {
	w, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil || !(w > 0) || math.IsInf(w, 0) {
		return of, fmt.Errorf("weight is %s: want a finite number greater than 0", quote.Text(text))
	}
	if of != 0 {
		w *= of
	}
	return w, nil
}

// Visits repeats or samples examples by a ratio: 2 returns each twice, 0.5 half of them, 1.5 all of them and half
// again. It returns ratio times their number, rounded, but at least one. The seed fixes the sample.
func Visits(examples []Example, ratio float64, seed uint64) []Example {
	if ratio == 1 || len(examples) == 0 {
		return examples
	}
	n := max(1, int(math.Round(ratio*float64(len(examples)))))
	out := make([]Example, 0, n)
	for n-len(out) >= len(examples) {
		out = append(out, examples...)
	}
	rest := n - len(out)
	r := rand.New(rand.NewPCG(seed, hash(0, "visits")))
	drawn := r.Perm(len(examples))[:rest]
	slices.Sort(drawn)
	for _, i := range drawn {
		out = append(out, examples[i])
	}
	return out
}
