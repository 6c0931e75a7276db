package corpora

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/retell-rnn/retell/internal/quote"
)

// Judged is a pair of sentences and their similarity, judged by people.
type Judged struct {
	A     string  `json:"a"`
	B     string  `json:"b"`
	Score float64 `json:"score"` // higher is more similar; the range depends on the reader

	Genre string `json:"genre,omitempty"` // genre of an STS pair, such as main-news
	File  string `json:"file,omitempty"`  // original data set of an STS pair, such as MSRpar
}

// STS streams the pairs of a file of the STS Benchmark: genre, file, year, number, score from 0 to 5, and two
// sentences, optionally followed by their origins. Columns are separated by tabs, without quoting.
//
// Cer et al., SemEval-2017 Task 1: Semantic Textual Similarity, 2017.
func STS(path string, opts *ReadOptions) iter.Seq2[Judged, error] {
	return reading(opts, func(opts *ReadOptions, yield func(Judged, error) bool) error {
		return readRecords(path, opts, nil, parseSTS, yield)
	})
}

// parseSTS reads a line of the STS Benchmark.
func parseSTS(line string) (Judged, error) {
	columns := strings.Split(line, "\t")
	switch {
	case line == "":
		return Judged{}, errors.New("line is empty: want 7 or 9 columns, separated by tabs")
	case len(columns) != 7 && len(columns) != 9:
		return Judged{}, fmt.Errorf("line has %s: want 7 or 9, separated by tabs", number(len(columns), "column"))
	}
	pair, err := parseJudged(columns[5], columns[6], columns[4], 0, 5)
	pair.Genre, pair.File = columns[0], columns[1]
	return pair, err
}

// SICK streams the pairs of a file of SICK. The first line names the columns, separated by tabs; they include
// sentence_A, sentence_B and relatedness_score, from 1 to 5.
//
// Marelli et al., A SICK Cure for the Evaluation of Compositional Distributional Semantic Models, 2014.
func SICK(path string, opts *ReadOptions) iter.Seq2[Judged, error] {
	return reading(opts, func(opts *ReadOptions, yield func(Judged, error) bool) error {
		var names []string
		var at [3]int // columns of the sentences and the score
		header := func(line string) error {
			names = strings.Split(line, "\t")
			for i, name := range []string{"sentence_A", "sentence_B", "relatedness_score"} {
				if at[i] = slices.Index(names, name); at[i] < 0 {
					return fmt.Errorf("header has no column %s: want the names of the columns, separated by tabs", name)
				}
			}
			return nil
		}
		return readRecords(path, opts, header, func(line string) (Judged, error) {
			columns := strings.Split(line, "\t")
			if len(columns) != len(names) {
				return Judged{}, fmt.Errorf("line has %s: want %d, as the header has", number(len(columns), "column"), len(names))
			}
			return parseJudged(columns[at[0]], columns[at[1]], columns[at[2]], 1, 5)
		}, yield)
	})
}

// readJudged yields judged pairs as examples, with their scores from low to high rescaled to 0 to 1.
func readJudged(pairs iter.Seq2[Judged, error], low, high float64, opts *ReadOptions, yield func(Example, error) bool) error {
	for pair, err := range pairs {
		if err != nil && !IsLineError(err) {
			return err
		}
		var e Example
		if err == nil {
			e = pair.example(low, high, opts.SourceOnly)
		}
		if !yield(e, err) {
			return nil
		}
	}
	return nil
}

// example returns the pair as an example, with its score from low to high rescaled to 0 to 1.
func (j Judged) example(low, high float64, sourceOnly bool) Example {
	if sourceOnly {
		return Example{Source: j.A}
	}
	score := (j.Score - low) / (high - low)
	return Example{Source: j.A, Targets: []string{j.B}, Judged: &score}
}

// parseJudged returns two non-blank sentences and their score, from low to high.
func parseJudged(a, b, score string, low, high float64) (Judged, error) {
	value, err := strconv.ParseFloat(score, 64)
	switch {
	case err != nil || !(value >= low && value <= high):
		return Judged{}, fmt.Errorf("score is %s: want a number from %v to %v", quote.Text(score), low, high)
	case isBlank(a):
		return Judged{}, errors.New("first sentence is empty: want text")
	case isBlank(b):
		return Judged{}, errors.New("second sentence is empty: want text")
	}
	return Judged{A: a, B: b, Score: value}, nil
}
