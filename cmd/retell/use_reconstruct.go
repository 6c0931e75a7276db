package main

import (
	"bufio"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/metric"
	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/seqae"
)

// autoencoderFlags choose an autoencoder and the options of its search.
type autoencoderFlags struct {
	path   string
	int8   bool
	search seq2seq.SearchOptions
}

// add adds the required -m, --int8 and --beam.
func (f *autoencoderFlags) add(cmd *cobra.Command) {
	addModelFlag(cmd, &f.path)
	cmd.Flags().BoolVar(&f.int8, "int8", false, "multiply in int8: faster and almost as accurate")
	cmd.Flags().IntVar(&f.search.Beam, "beam", 5, "beam width (1 = greedy search)")
}

// addBatch adds --batch, for verbs that answer the lines of an input.
func (f *autoencoderFlags) addBatch(cmd *cobra.Command) {
	cmd.Flags().IntVar(&f.search.BatchSentences, "batch", 64, "number of lines decoded at once; does not change results")
}

func (f *autoencoderFlags) load() (*seqae.Model, error) {
	if err := f.search.Validate(); err != nil {
		return nil, misuse{err}
	}
	m, err := seqae.Load(f.path)
	if err == nil && f.int8 {
		m = m.Quantize()
	}
	return m, err
}

func newReconstruct() *cobra.Command {
	var from autoencoderFlags
	var lines answerFlags
	var show reconstructionColumns
	var known unseen
	cmd := &cobra.Command{
		Use:   "reconstruct -m MODEL [FILE]",
		Short: "Encode lines to vectors and decode them again",
		Long: `Turn each line of FILE (default: standard input) into its vector and decode the vector alone; empty lines stay empty.

With --scores, the edit distance in tokens and the log-probability in nats, each followed by a tab, precede each line.
With --diff, words that the model drops appear as [-dropped-] and words that it adds as {+added+}. With --nbest N, each
line has N reconstructions, likeliest first, each after the number of its line and a tab.

` + onErrorHelp,
		Example: `  retell reconstruct -m autoencoder.retell --diff lines.txt
  echo 'A dog runs .' | retell reconstruct -m autoencoder.retell --scores`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := lines.check(); err != nil {
				return err
			}
			model, err := from.load()
			if err != nil {
				return err
			}
			if !cmd.Flags().Changed("beam") {
				from.search.Beam = 0 // wide enough for --nbest
			}
			show.number = from.search.NBest > 1
			name := inputFile(args)
			from.search.MaxWait = maxWait(cmd, name)
			read := watched(cmd, &known, corpora.Lines(name, readOptions(cmd)), model.Unseen)
			answers := model.Reconstruct(cmd.Context(), read, &from.search)
			return writeAnswers(cmd, &lines, name, show.json, answers, func(w *bufio.Writer, number int, r seqae.Reconstruction) error {
				return show.write(w, model, r, number)
			})
		},
	}
	from.add(cmd)
	from.addBatch(cmd)
	lines.add(cmd)
	known.add(cmd)
	cmd.Flags().IntVar(&from.search.NBest, "nbest", 1, "number of reconstructions of each line, likeliest first; widens the beam")
	cmd.Flags().BoolVar(&show.scores, "scores", false, "write the edit distance and the log-probability before each line")
	cmd.Flags().BoolVar(&show.diff, "diff", false, "mark the words that differ")
	cmd.Flags().BoolVar(&show.json, "json", false, "write one JSON object a line, with the log-probability of each token and all reconstructions")
	return cmd
}

// reconstructionColumns are the parts of a reconstruction that are shown.
type reconstructionColumns struct{ number, scores, diff, json bool }

// write writes a model's reconstruction of the line with the given number: one line, or one for each hypothesis.
func (c reconstructionColumns) write(w *bufio.Writer, m *seqae.Model, r seqae.Reconstruction, number int) error {
	hypotheses := r.Hypotheses
	if len(hypotheses) == 0 { // an empty line
		hypotheses = []seq2seq.Hypothesis{{}}
	}
	if c.json {
		best := hypotheses[0]
		out := reconstruction{r.Source, r.Text, r.Exact, r.Edits, len(r.Tokens), best.LogProb, best.Tokens, best.LogProbs, nil}
		if c.number {
			out.Hypotheses = append([]seq2seq.Hypothesis{}, r.Hypotheses...)
		}
		return writeJSON(w, out)
	}
	for _, h := range hypotheses {
		text := h.Text
		if c.diff {
			text = metric.WordDiff(m.Target().Normalize(r.Source), h.Text)
		}
		if c.scores {
			text = fmt.Sprintf("%d\t%.3f\t%s", metric.EditDistance(r.Tokens, m.Target().Tokens(h.Text)), h.LogProb, text)
		}
		if c.number {
			text = fmt.Sprintf("%d\t%s", number, text)
		}
		if _, err := w.WriteString(text + "\n"); err != nil {
			return err
		}
	}
	return nil
}

func newAnalogy() *cobra.Command {
	var from autoencoderFlags
	var known unseen
	cmd := &cobra.Command{
		Use:     "analogy -m MODEL A B C",
		Short:   "Complete an analogy: A is to B as C is to ...",
		Long:    `Decode the vector of C plus the difference between the vectors of B and A.`,
		Example: `  retell analogy -m autoencoder.retell "a man is running ." "a woman is running ." "a man is sleeping ."`,
		Args:    cobra.ExactArgs(3),
		RunE: func(cmd *cobra.Command, args []string) error {
			model, err := from.load()
			if err != nil {
				return err
			}
			if err := known.check(cmd, "sentence", args, model.Unseen); err != nil {
				return err
			}
			text, err := model.Analogy(cmd.Context(), args[0], args[1], args[2], &from.search)
			if err != nil {
				return err
			}
			return writeTexts(cmd, "", []string{text})
		},
	}
	from.add(cmd)
	known.add(cmd)
	return cmd
}
