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
		Short: "Order n-best lists by another model",
		Long: `Give the translations of an n-best list the scores of a model, or of several, and order those of each line by them. NBEST (standard
input if absent) is what 'translate --nbest' writes: the number of a line of --source, with --scores a score, and a translation,
separated by tabs. It is written with the new scores.

With --weight W, the new score is W times the model's and 1-W times the one that the list holds.

The translations of a source line that cannot be read keep their order, and a line of the list that cannot be read is left out, with a
message each; the exit status is then 1 at the end. --on-error stop ends there instead.`,
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
	cmd.Flags().StringVar(&source, "source", "", "file of what was translated, one a line")
	cmd.Flags().Float64Var(&weight, "weight", 1, "share of the model's score in the new one, 0 to 1")
	cmd.Flags().BoolVar(&best, "best", false, "write the best translation of each line and nothing else")
	required(cmd, "source")
	return cmd
}

// readNBest reads the n-best file of that name, with scores if they are wanted; places judges its lines.
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

// writeNBest writes the list of the source of a number, or its best translation alone.
func writeNBest(w *bufio.Writer, l seq2seq.NBest, number int, best bool) error {
	if best {
		if len(l.Texts) == 0 { // none of its lines could be read
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

// readSources streams the lines of a file as models of that format read them.
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
