package corpora

import (
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"strings"

	"github.com/retell-rnn/retell/internal/quote"
)

// Labelled is a text and the class that it is of.
type Labelled struct {
	Text  string `json:"text"`
	Label string `json:"label"`
}

// Classes streams the lines of files that hold one class each, the files in their order; a class is called as its file
// is, without the folders.
func Classes(paths []string, opts *ReadOptions) iter.Seq2[Labelled, error] {
	return reading(opts, func(opts *ReadOptions, yield func(Labelled, error) bool) error {
		more := true
		for _, path := range paths {
			label := filepath.Base(path)
			err := readRecords(path, opts, nil, func(line string) (Labelled, error) {
				return checkLabelled(Labelled{line, label})
			}, func(l Labelled, err error) bool {
				more = yield(l, err)
				return more
			})
			if err != nil || !more {
				return err
			}
		}
		return nil
	})
}

// LabelledTSV streams the lines of a file `label TAB text`; a text may hold tabs.
func LabelledTSV(path string, opts *ReadOptions) iter.Seq2[Labelled, error] {
	return reading(opts, func(opts *ReadOptions, yield func(Labelled, error) bool) error {
		return readRecords(path, opts, nil, func(line string) (Labelled, error) {
			label, text, ok := strings.Cut(line, "\t")
			if !ok {
				return Labelled{}, fmt.Errorf("line is %s: want `label TAB text`", quote.Text(line))
			}
			return checkLabelled(Labelled{text, label})
		}, yield)
	})
}

// TREC streams the questions of a file of the TREC question types, `COARSE:fine question`; their labels are the coarse
// types. A line that is not UTF-8 is read as ISO 8859-1.
//
// Li and Roth, Learning Question Classifiers, 2002.
func TREC(path string, opts *ReadOptions) iter.Seq2[Labelled, error] {
	return reading(opts, func(opts *ReadOptions, yield func(Labelled, error) bool) error {
		latin1 := *opts
		latin1.Latin1 = true
		return readRecords(path, &latin1, nil, func(line string) (Labelled, error) {
			class, text, _ := strings.Cut(line, " ")
			coarse, fine, ok := strings.Cut(class, ":")
			if !ok || fine == "" {
				return Labelled{}, fmt.Errorf("line is %s: want `COARSE:fine question`", quote.Text(line))
			}
			return checkLabelled(Labelled{text, coarse})
		}, yield)
	})
}

// checkLabelled refuses an empty text or label.
func checkLabelled(l Labelled) (Labelled, error) {
	switch {
	case isBlank(l.Text):
		return l, errors.New("text is empty: want text")
	case isBlank(l.Label):
		return l, errors.New("label is empty: want the name of a class")
	}
	return l, nil
}
