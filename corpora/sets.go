package corpora

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/retell-rnn/retell/internal/quote"
)

// scores returns the range of the scores of judged pairs.
func (f Format) scores() (low, high float64) {
	if f.MinScore == 0 && f.MaxScore == 0 {
		return 0, 1
	}
	return f.MinScore, f.MaxScore
}

// readTable yields the examples of a file of type sets, triplets or judged. A line with another number of columns than
// the first one ends the stream: a text of it probably contains a tab, or lacks one.
func (f Format) readTable(path string, opts *ReadOptions, yield func(Example, error) bool) error {
	columns := 0 // of the first line; 0 before it
	split := func(line string) ([]string, error) {
		texts := strings.Split(line, "\t")
		switch n := number(len(texts), "column"); {
		case columns == 0 && !f.accepts(len(texts)):
			return nil, wrongFile{fmt.Errorf("line has %s: want %s", n, f.columns())}
		case columns == 0:
			columns = len(texts)
		case len(texts) != columns:
			return nil, wrongFile{fmt.Errorf("line has %s: want %d, as the first line has", n, columns)}
		}
		return texts, nil
	}
	var header func(string) error
	if f.Header {
		header = func(line string) error {
			_, err := split(line)
			return err
		}
	}
	return readRecords(path, opts, header, func(line string) (Example, error) {
		var texts []string
		var err error
		switch {
		case opts.SourceOnly && f.Type != TypeJudged:
			source, _, _ := strings.Cut(line, "\t")
			texts = []string{source}
		case line == "":
			err = fmt.Errorf("line is empty: want columns: %s", f.columns())
		default:
			texts, err = split(line)
		}
		if err != nil {
			return Example{}, err
		}
		return f.tableExample(texts, opts)
	}, yield)
}

// accepts reports whether a line may have that many columns.
func (f Format) accepts(columns int) bool {
	switch f.Type {
	case TypeSets:
		return columns >= 2
	case TypeTriplets:
		return columns >= 3
	default:
		return columns == 3
	}
}

// columns says which columns a line may have.
func (f Format) columns() string {
	switch f.Type {
	case TypeSets:
		return "2 or more, texts that mean the same, separated by tabs"
	case TypeTriplets:
		return "3 or more: a text, one that means the same, and others that do not, separated by tabs"
	default:
		return "3: a score and two texts, separated by tabs"
	}
}

// tableExample returns the example of a line's columns.
func (f Format) tableExample(columns []string, opts *ReadOptions) (Example, error) {
	if f.Type == TypeJudged {
		return f.judgedExample(columns, opts)
	}
	if i := slices.IndexFunc(columns, isBlank); i >= 0 && !opts.AllowEmpty {
		return Example{}, fmt.Errorf("column %d is empty: want text", i+1)
	}
	e := Example{Source: columns[0]}
	switch {
	case opts.SourceOnly:
	case f.Type == TypeTriplets:
		e.Targets, e.Negatives = columns[1:2:2], columns[2:]
		if slices.Contains(e.Negatives, e.Source) || slices.Contains(e.Negatives, e.Targets[0]) {
			return e, errors.New("one text is in two columns, as meaning the same and as not: want different texts")
		}
	default:
		e.Targets = columns[1:]
		if !slices.ContainsFunc(e.Targets, func(t string) bool { return t != e.Source }) {
			return e, errors.New("all columns are equal: want different texts that mean the same")
		}
	}
	return e, nil
}

// judgedExample returns the example of a line of judged. A score outside the range is an error about the file: all of
// its scores probably have another range.
func (f Format) judgedExample(columns []string, opts *ReadOptions) (Example, error) {
	low, high := f.scores()
	score, err := strconv.ParseFloat(columns[0], 64)
	if err == nil && (score < low || score > high) {
		return Example{}, wrongFile{fmt.Errorf("score is %s: want a number from %v to %v, or other min_score and max_score", quote.Text(columns[0]), low, high)}
	}
	pair, err := parseJudged(columns[1], columns[2], columns[0], low, high)
	if err != nil {
		return Example{}, err
	}
	return pair.example(low, high, opts.SourceOnly), nil
}
