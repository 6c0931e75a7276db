package main

import (
	"bufio"
	"cmp"
	"fmt"
	"iter"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/seq2seq"
)

func newRescore() *cobra.Command {
	var from inferenceFlags
	var norm normFlags
	var lines answerFlags
	var known unseen
	var source string
	var weight float64
	var opts seq2seq.RescoreOptions
	var best bool
	cmd := &cobra.Command{
		Use:   "rescore -m MODEL --source FILE [NBEST]",
		Short: "Reorder n-best lists by another model",
		Long: `Score the translations of n-best lists with a model or an ensemble, and write each list in the new order with the new
scores. NBEST (default: standard input) is the output of 'retell translate --nbest': on each line the number of a line
of --source, a score if --scores was given, and a translation, separated by tabs.

With --weight W, the new score is W times the model's score plus 1-W times the score in the list.

If a source line cannot be read, its translations keep their order. If a line of the list cannot be read, it is left
out. Both give a message, and the exit status is then 1. With --on-error stop, the first such line ends the run.`,
		Example: `  retell translate -m forward.retell --beam 20 --nbest 20 --scores test.en > nbest
  retell rescore -m right-to-left.retell --source test.en --weight 0.5 --best nbest > output.de`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := cmp.Or(lines.check(), norm.check()); err != nil {
				return err
			}
			if !(weight >= 0 && weight <= 1) {
				return misusef("--weight is %v: want 0 to 1", weight)
			}
			models, format, err := from.load()
			if err != nil {
				return err
			}
			ofSource, ofList := lines.numbers(cmd, source), lines.numbers(cmd, inputFile(args))
			sources, err := corpora.Collect(ofSource.blanks(watched(cmd, &known, readSources(cmd, format, source), models.Unseen)))
			if err != nil {
				return err
			}
			lists, err := readNBest(cmd, inputFile(args), ofList, sources, weight < 1)
			if err != nil {
				return err
			}
			opts.ModelWeight, opts.ListWeight = weight, 1-weight
			opts.LengthNorm, opts.Alpha = norm.options.LengthNorm, norm.options.Alpha
			err = writeOutput(cmd, "", func(w *bufio.Writer) error {
				number := 0
				for l, err := range models.Rescore(cmd.Context(), lists, &opts) {
					if err != nil {
						return err
					}
					number++
					if err := writeNBest(w, l, number, best); err != nil {
						return err
					}
				}
				return nil
			})
			return cmp.Or(err, ofSource.end(), ofList.end())
		},
	}
	from.add(cmd)
	lines.add(cmd)
	known.add(cmd)
	norm.add(cmd, seq2seq.NormAverage)
	cmd.Flags().StringVar(&source, "source", "", "file of the source lines")
	cmd.Flags().Float64Var(&weight, "weight", 1, "weight of the model's score, 0 to 1; the list's score has the rest")
	cmd.Flags().BoolVar(&best, "best", false, "write only the best translation of each line")
	required(cmd, "source")
	return cmd
}

// readNBest reads the named n-best file, with scores if scored is set; places judges its lines.
func readNBest(cmd *cobra.Command, name string, places *lineNumbers, sources []string, scored bool) ([]seq2seq.NBest, error) {
	var judged error
	lists, err := seq2seq.ReadNBest(corpora.Lines(name, readOptions(cmd)), sources, scored, func(err error) error {
		_, judged = places.next(err)
		return judged
	})
	if err != nil && judged == nil { // an error about the whole file
		err = fmt.Errorf("%s: %w", places.input, err)
	}
	return lists, err
}

// writeNBest writes the list of translations of one source, or the best translation alone. number is the source's.
func writeNBest(w *bufio.Writer, l seq2seq.NBest, number int, best bool) error {
	if best {
		if len(l.Texts) == 0 { // no line of the list could be read
			return w.WriteByte('\n')
		}
		_, err := w.WriteString(l.Texts[0] + "\n")
		return err
	}
	for i, text := range l.Texts {
		if _, err := fmt.Fprintf(w, "%d\t%.4f\t%s\n", number, l.Scores[i], text); err != nil {
			return err
		}
	}
	return nil
}

// readSources streams the lines of a file; format is the format of the models' training data.
func readSources(cmd *cobra.Command, format corpora.Format, name string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for line, err := range corpora.Lines(name, readOptions(cmd)) {
			if err == nil {
				if line, err = format.Source(line); err != nil {
					err = corpora.LineError(err)
				}
			}
			if !yield(line, err) {
				return
			}
		}
	}
}
