package corpora

import (
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"strings"

	"github.com/retell-rnn/retell/internal/quote"
)

// Labeled is a text and its class.
type Labeled struct {
	Text  string `json:"text"`
	Label string `json:"label"`
}

// Classes streams the lines of files, file by file. Each file is a class, and its base name is the label.
func Classes(paths []string, opts *ReadOptions) iter.Seq2[Labeled, error] {
	return reading(opts, func(opts *ReadOptions, yield func(Labeled, error) bool) error {
		more := true
		for _, path := range paths {
			label := filepath.Base(path)
			err := readRecords(path, opts, nil, func(line string) (Labeled, error) {
				return checkLabeled(Labeled{line, label})
			}, func(l Labeled, err error) bool {
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

// LabeledTSV streams the lines of a file `label TAB text`; texts may contain tabs.
func LabeledTSV(path string, opts *ReadOptions) iter.Seq2[Labeled, error] {
	return reading(opts, func(opts *ReadOptions, yield func(Labeled, error) bool) error {
		return readRecords(path, opts, nil, func(line string) (Labeled, error) {
			label, text, ok := strings.Cut(line, "\t")
			if !ok {
				return Labeled{}, fmt.Errorf("line is %s: want `label TAB text`", quote.Text(line))
			}
			return checkLabeled(Labeled{text, label})
		}, yield)
	})
}

// TREC streams the questions of a file of TREC question types, `COARSE:fine question`; the label is the coarse type. It
// reads a line that is not UTF-8 as ISO 8859-1.
//
// Li and Roth, Learning Question Classifiers, 2002.
func TREC(path string, opts *ReadOptions) iter.Seq2[Labeled, error] {
	return reading(opts, func(opts *ReadOptions, yield func(Labeled, error) bool) error {
		latin1 := *opts
		latin1.Latin1 = true
		return readRecords(path, &latin1, nil, func(line string) (Labeled, error) {
			class, text, _ := strings.Cut(line, " ")
			coarse, fine, ok := strings.Cut(class, ":")
			if !ok || fine == "" {
				return Labeled{}, fmt.Errorf("line is %s: want `COARSE:fine question`", quote.Text(line))
			}
			return checkLabeled(Labeled{text, coarse})
		}, yield)
	})
}

// checkLabeled returns an error if the text or the label is blank.
func checkLabeled(l Labeled) (Labeled, error) {
	switch {
	case isBlank(l.Text):
		return l, errors.New("text is empty: want text")
	case isBlank(l.Label):
		return l, errors.New("label is empty: want the name of a class")
	}
	return l, nil
}
