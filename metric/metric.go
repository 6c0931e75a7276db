// Package metric scores what a model wrote against what it should have written: BLEU, chrF and TER that equal
// sacreBLEU's numbers, error rates, accuracies, confidence intervals, significance tests and correlations.
//
// A Metric turns a sentence and its references into Stats, a short row of numbers that can be added; the sum over a
// corpus gives the corpus score. Bootstrap and the paired tests draw such rows again and again; training by sampled
// sentences reads them one at a time.
//
// Texts are compared as sacreBLEU compares them, which is as Python sees them: white space is what str.isspace says,
// lower case is what str.lower gives, characters are code points.
package metric

import (
	"errors"
	"fmt"
)

// version stands at the end of every signature. It changes when a score could.
const version = "retell-1"

// Metric scores hypotheses. The implementations here are immutable and safe for concurrent use.
type Metric interface {
	// Name is the name by which scores are printed: BLEU, chrF2++, TER, WER.
	Name() string

	// Signature says by which settings a score was computed, in sacreBLEU's style. nrefs is the number of references of
	// each sentence; zero means that it varies.
	Signature(nrefs int) string

	// HigherIsBetter reports whether a greater score is a better one.
	HigherIsBetter() bool

	// Stats returns the statistics of one sentence, which suffice for its score and, added up, for that of a corpus. The
	// caller owns them. Rows of one metric have one length. There must be at least one reference.
	Stats(hyp string, refs []string) Stats

	// Score computes the score of a sum of statistics. Its Signature is empty.
	Score(sum Stats) Score
}

// Stats are the statistics of one or more sentences.
type Stats []float64

// Add adds t, of the same length, to s.
func (s Stats) Add(t Stats) {
	for i, x := range t {
		s[i] += x
	}
}

// Sum returns the sum of rows of one length, nil if there is none.
func Sum(rows []Stats) Stats {
	if len(rows) == 0 {
		return nil
	}
	sum := make(Stats, len(rows[0]))
	for _, row := range rows {
		sum.Add(row)
	}
	return sum
}

// Corpus scores hypotheses as a whole; refs[i] holds the references of hyps[i].
func Corpus(m Metric, hyps []string, refs [][]string) (Score, error) {
	rows, err := CorpusStats(m, hyps, refs)
	if err != nil {
		return Score{}, err
	}
	s := m.Score(Sum(rows))
	s.Signature = m.Signature(countReferences(refs))
	return s, nil
}

// CorpusStats returns the statistics of each sentence; refs[i] holds the references of hyps[i].
func CorpusStats(m Metric, hyps []string, refs [][]string) ([]Stats, error) {
	if len(hyps) != len(refs) {
		return nil, fmt.Errorf("metric: %d hypotheses, references of %d: want as many", len(hyps), len(refs))
	}
	if len(hyps) == 0 {
		return nil, errors.New("metric: no hypotheses")
	}
	for i, r := range refs {
		if len(r) == 0 {
			return nil, fmt.Errorf("metric: sentence %d has no reference: want at least 1", i+1)
		}
	}
	rows := make([]Stats, len(hyps))
	for i, hyp := range hyps {
		rows[i] = m.Stats(hyp, refs[i])
	}
	return rows, nil
}

// Sentences scores each hypothesis on its own; refs[i] holds the references of hyps[i]. For BLEU an effective order is
// usual here (BLEUOptions).
func Sentences(m Metric, hyps []string, refs [][]string) ([]Score, error) {
	rows, err := CorpusStats(m, hyps, refs)
	if err != nil {
		return nil, err
	}
	scores := make([]Score, len(rows))
	for i, row := range rows {
		scores[i] = m.Score(row)
		scores[i].Signature = m.Signature(len(refs[i]))
	}
	return scores, nil
}

// References turns streams, each with one reference of every sentence, into the references of each sentence.
func References(streams ...[]string) ([][]string, error) {
	if len(streams) == 0 {
		return nil, errors.New("metric: no references")
	}
	refs := make([][]string, len(streams[0]))
	for k, stream := range streams {
		if len(stream) != len(refs) {
			return nil, fmt.Errorf("metric: references %d have %d lines, references 1 have %d: want as many",
				k+1, len(stream), len(refs))
		}
		for i, line := range stream {
			refs[i] = append(refs[i], line)
		}
	}
	return refs, nil
}

// countReferences returns how many references every sentence has, 0 if that varies.
func countReferences(refs [][]string) int {
	n := 0
	for i, r := range refs {
		if i > 0 && len(r) != n {
			return 0
		}
		n = len(r)
	}
	return n
}
