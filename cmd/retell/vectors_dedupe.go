package main

import (
	"bufio"
	"cmp"
	"fmt"
	"iter"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/seqae/vectors"
)

// dedupeFlags are the flags of dedupe.
type dedupeFlags struct {
	from      *rowFlags
	threshold float64
	pairs     bool
	output    string
}

func newDedupe() *cobra.Command {
	var f dedupeFlags
	cmd := &cobra.Command{
		Use:   "dedupe FILE",
		Short: "Drop rows that nearly repeat earlier ones",
		Long: `Drop each row of FILE whose cosine with an earlier, kept row is --threshold or more, and write the text of the kept
rows. With -o, write the kept rows with their vectors to a file instead.

With --pairs, write the dropped rows instead: similarity, number and text of the dropped row, number and text of the
kept row, separated by tabs.

` + rowsHelp,
		Example: `  retell dedupe -m autoencoder.retell captions.txt > distinct.txt
  retell dedupe captions.npy --threshold 0.98 --pairs`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args[0]) },
	}
	f.from = addRowFlags(cmd)
	cmd.Flags().Float64Var(&f.threshold, "threshold", 0.95, "minimum cosine of a repetition, above 0 and at most 1")
	cmd.Flags().BoolVar(&f.pairs, "pairs", false, "write the dropped rows, each with the row that it repeats")
	cmd.Flags().StringVarP(&f.output, "output", "o", "", "file of the kept rows' vectors, in a format of embed")
	cmd.MarkFlagsMutuallyExclusive("pairs", "output")
	return cmd
}

func (f *dedupeFlags) run(cmd *cobra.Command, name string) error {
	if !(f.threshold > 0 && f.threshold <= 1) {
		return misusef("--threshold is %v: want more than 0 and at most 1", f.threshold)
	}
	if err := cmp.Or(f.from.lines.check(), checkFiles(f.output)); err != nil {
		return err
	}
	rows, err := f.from.rows(cmd, name, 0)
	if err != nil {
		return err
	}
	var file *vectors.Writer
	if f.output != "" { // a file of an earlier run cannot be continued
		if file, err = vectors.Create(f.output, &vectors.CreateOptions{Anew: true}); err != nil {
			return err
		}
	}
	kept, dropped, err := f.write(cmd, rows, file)
	if err != nil {
		if file != nil {
			file.Discard() // err is the more useful error
		}
		return err
	}
	if file != nil {
		if err := file.Close(); err != nil {
			return err
		}
	}
	logger(cmd).Info("compared", "kept", kept, "dropped", dropped)
	return f.from.end()
}

// write writes the kept rows, or with --pairs the dropped ones, to the file or, if it is nil, to standard output. It
// counts both.
func (f *dedupeFlags) write(cmd *cobra.Command, rows iter.Seq2[vectors.Row, error], file *vectors.Writer) (kept, dropped int, err error) {
	opts := &vectors.DedupeOptions{Threshold: float32(f.threshold)}
	err = writeOutput(cmd, "", func(w *bufio.Writer) error {
		for d, err := range vectors.Dedupe(cmd.Context(), rows, opts) {
			if err != nil {
				return err
			}
			repeats := d.Of >= 0
			if repeats {
				dropped++
			} else {
				kept++
			}
			switch {
			case repeats && f.pairs:
				_, err = fmt.Fprintf(w, "%.4f\t%d\t%s\t%d\t%s\n", d.Similarity, d.Number+1, d.Text, d.Of+1, d.OfText)
			case repeats || f.pairs:
			case file != nil:
				err = file.Write(d.Row)
			default:
				_, err = w.WriteString(d.Text + "\n")
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	return kept, dropped, err
}
