package main

import (
	"bufio"
	"cmp"
	"fmt"
	"iter"
	"math"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/tokenize"
)

func newScorePairs() *cobra.Command {
	var from inferenceFlags
	var norm normFlags
	var lines answerFlags
	var known unseen
	var source, target, data string
	var asJSON bool
	opts := &seq2seq.ScoreOptions{}
	cmd := &cobra.Command{
		Use:   "score-pairs -m MODEL (--source FILE --target FILE | --data FILE)",
		Short: "Score given translations by their log-probabilities",
		Long: `Write the log-probability, in nats and including </s>, that a model assigns to the target of each pair. Such scores
filter corpora, compare models and find unlikely translations.

--data has the format of the training data; each target of a source gets a line. A pair with a blank side has no score:
an empty line, or null with --json.

` + onErrorHelp,
		Example: `  retell score-pairs -m model.retell --source test.en --target test.de
  retell score-pairs -m model.retell --source a.en --target a.de --length-norm average | paste - a.en a.de | sort -g`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := cmp.Or(lines.check(), norm.check()); err != nil {
				return err
			}
			models, format, err := from.load()
			if err != nil {
				return err
			}
			pairs, err := givenPairs(cmd, format, source, target, data)
			if err != nil {
				return err
			}
			name := cmp.Or(data, source)
			if target == "-" {
				name = target
			}
			opts.MaxWait = maxWait(cmd, name)
			pairs = watched(cmd, &known, pairs, func(e corpora.Example) []string {
				lacking := models.Unseen(e.Source)
				for _, target := range e.Targets {
					lacking = append(lacking, models.Target().Unseen(target)...)
				}
				return lacking
			})
			answers := models.Score(cmd.Context(), pairs, opts)
			blank := 0
			err = writeAnswers(cmd, &lines, name, asJSON, answers, func(w *bufio.Writer, _ int, s seq2seq.Scored) error {
				if s.Targets == nil { // a bad line
					return w.WriteByte('\n')
				}
				for i, t := range s.Targets {
					if t.Tokens == nil || tokenize.IsBlank(s.Example.Targets[i]) {
						s.Targets[i] = seq2seq.ScoredTarget{}
						blank++
					}
				}
				return writeScored(w, s, &norm, asJSON)
			})
			if blank > 0 {
				logger(cmd).Warn("a side is blank: no score", "pairs", blank)
			}
			return err
		},
	}
	from.add(cmd)
	lines.add(cmd)
	known.add(cmd)
	norm.add(cmd, seq2seq.NormNone)
	f := cmd.Flags()
	f.StringVar(&source, "source", "", "file of sources, one a line")
	f.StringVar(&target, "target", "", "file of targets, line by line with --source")
	f.StringVar(&data, "data", "", "file of pairs in the format of the training data")
	f.IntVar(&opts.BatchSentences, "batch", 64, "number of pairs scored at once; does not change results")
	f.BoolVar(&asJSON, "json", false, "write one JSON object a line, with tokens and their log-probabilities")
	cmd.MarkFlagsRequiredTogether("source", "target")
	cmd.MarkFlagsMutuallyExclusive("source", "data")
	cmd.MarkFlagsOneRequired("source", "data")
	return cmd
}

// writeScored writes a line for each target. A target without tokens has no score.
func writeScored(w *bufio.Writer, s seq2seq.Scored, norm *normFlags, asJSON bool) error {
	for i, t := range s.Targets {
		var err error
		switch {
		case asJSON && t.Tokens == nil:
			err = writeJSON(w, scoredPair{Source: s.Example.Source, Target: s.Example.Targets[i], Score: math.NaN(), LogProb: math.NaN()})
		case asJSON:
			err = writeJSON(w, scoredPair{s.Example.Source, s.Example.Targets[i], norm.of(t), t.LogProb(), t.Tokens, t.LogProbs})
		case t.Tokens == nil:
			err = w.WriteByte('\n')
		default:
			_, err = fmt.Fprintf(w, "%.4f\n", norm.of(t))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// givenPairs streams the pairs to score; format is the format of the training data.
func givenPairs(cmd *cobra.Command, format corpora.Format, source, target, data string) (iter.Seq2[corpora.Example, error], error) {
	opts := readOptions(cmd)
	opts.AllowEmpty = true // a blank side has no score
	isLines := format.Type == "" || format.Type == corpora.TypeLines
	switch {
	case data != "" && isLines:
		return nil, misusef("--data: the model was trained on pairs of files: want --source and --target")
	case data != "":
		return format.Read(data, opts), nil
	case format.Type == corpora.TypeCMUdict || format.Type == corpora.TypeSIGMORPHON:
		return nil, misusef("--source: the model was trained on %s: want --data", format.Type)
	}
	return corpora.Pairs(source, target, opts), nil
}
