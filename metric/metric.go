// Package metric scores the output of a model against references.
//
//   - [Metric] is a metric: [BLEU], [ChrF] and [TER], with the same scores as sacreBLEU, the [ErrorRate] of words,
//     phonemes or characters, [ExactMatch] and [TokenAccuracy]. [Parse] makes one from a text such as "bleu:tok=intl".
//   - [Corpus] and [Sentences] compute a [Score]; [CorpusStats] computes the [Stats] behind it.
//   - [Bootstrap] computes a confidence [Interval]; [PairedBootstrap] and [ApproximateRandomization] compare two
//     systems in a [Comparison]; [Compare] does all three for several systems.
//   - [ScoreSpans] and [ScoreLabels] score the labels of tokens, as conlleval and seqeval do; [SpanScheme] reads spans.
//   - [Pearson], [Spearman] and [AUROC] compare numbers with numbers or classes.
//   - [EditDistance], [Diff] and [WordDiff] compare two sequences; [Perplexity] converts a log-likelihood.
//
// A metric turns a sentence and its references into Stats, a short row of numbers. The sum of the rows of a corpus
// gives the corpus score. Resampling sums random rows; minimum risk training uses single rows.
//
// Texts are compared as in sacreBLEU, with Python's rules: white space is str.isspace, lower case is str.lower, and
// characters are code points.
package metric

import (
	"errors"
	"fmt"
)

// version ends every signature. It changes when a change to this package may change a score.
const version = "retell-1"

// Metric scores hypotheses. The metrics of this package are immutable and safe for concurrent use.
type Metric interface {
	// Name returns the name in printed scores: BLEU, chrF2++, TER, WER.
	Name() string

	// Signature returns the settings of a score in sacreBLEU's style. nrefs is the number of references of each
	// sentence; zero means that it varies.
	Signature(nrefs int) string

	// HigherIsBetter reports whether a higher score is better.
	HigherIsBetter() bool

	// Stats returns the statistics of one sentence. Score computes the sentence's score from them, and the score of a
	// corpus from their sum. All rows of a metric have the same length. The caller owns the row. refs must not be empty.
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

// Sum returns the sum of rows of equal length, or nil if there are none.
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

// Corpus returns the corpus score of hypotheses; refs[i] holds the references of hyps[i].
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
		return nil, fmt.Errorf("metric: %d hypotheses and references of %d sentences: want equal numbers", len(hyps), len(refs))
	}
	if len(hyps) == 0 {
		return nil, errors.New("metric: no hypotheses: want at least 1")
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

// Sentences returns the score of each hypothesis; refs[i] holds the references of hyps[i]. For BLEU, set
// [BLEUOptions.EffectiveOrder].
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

// References transposes streams, each with one reference of every sentence, into the references of each sentence.
func References(streams ...[]string) ([][]string, error) {
	if len(streams) == 0 {
		return nil, errors.New("metric: no references: want at least 1 for each sentence")
	}
	refs := make([][]string, len(streams[0]))
	for k, stream := range streams {
		if len(stream) != len(refs) {
			return nil, fmt.Errorf("metric: stream %d of references has %d lines, stream 1 has %d: want equal numbers",
				k+1, len(stream), len(refs))
		}
		for i, line := range stream {
			refs[i] = append(refs[i], line)
		}
	}
	return refs, nil
}

// countReferences returns the number of references of each sentence, or 0 if it varies.
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
