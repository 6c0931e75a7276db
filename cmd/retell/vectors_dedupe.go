package main

import (
	"bufio"
	"cmp"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/seqae/vectors"
)

func newDedupe() *cobra.Command {
	var threshold float64
	var pairs bool
	var output string
	cmd := &cobra.Command{
		Use:   "dedupe FILE",
		Short: "Drop rows that nearly repeat an earlier one",
		Long: `Drop each row of FILE whose vector has a cosine of --threshold or more with a row kept before it, and write the rows that are kept. All
pairs of rows are compared. With -o, the kept rows go to a file of vectors instead.

With --pairs, write the rows that are dropped instead: the similarity, the number and the text of the row, and the number and the text
of the kept row that it repeats, with tabs between them.

` + rowsHelp,
		Example: `  retell dedupe -m autoencoder.retell captions.txt > distinct.txt
  retell dedupe captions.npy --threshold 0.98 --pairs`,
		Args: cobra.ExactArgs(1),
	}
	from := addRowFlags(cmd)
	cmd.Flags().Float64Var(&threshold, "threshold", 0.95, "the least cosine of near-equal rows, more than 0 and at most 1")
	cmd.Flags().BoolVar(&pairs, "pairs", false, "write the rows that are dropped, each with the row that it repeats")
	cmd.Flags().StringVarP(&output, "output", "o", "", "file of vectors, as embed writes it, of the rows that are kept")
	cmd.MarkFlagsMutuallyExclusive("pairs", "output")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if !(threshold > 0 && threshold <= 1) {
			return misusef("--threshold is %v: want more than 0 and at most 1", threshold)
		}
		if err := cmp.Or(from.lines.check(), checkFiles(output)); err != nil {
			return err
		}
		rows, err := from.rows(cmd, args[0])
		if err != nil {
			return err
		}
		var file *vectors.Writer
		if output != "" { // rows of an earlier run cannot be gone on with
			if file, err = vectors.Create(output, &vectors.CreateOptions{Anew: true}); err != nil {
				return err
			}
		}
		kept, dropped := 0, 0
		err = writeOutput(cmd, "", func(w *bufio.Writer) error {
			for d, err := range vectors.Dedupe(cmd.Context(), rows, &vectors.DedupeOptions{Threshold: float32(threshold)}) {
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
				case repeats && pairs:
					_, err = fmt.Fprintf(w, "%.4f\t%d\t%s\t%d\t%s\n", d.Similarity, d.Number+1, d.Text, d.Of+1, d.OfText)
				case repeats || pairs:
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
		if err != nil {
			if file != nil {
				file.Discard() // err says more
			}
			return err
		}
		if file != nil {
			if err := file.Close(); err != nil {
				return err
			}
		}
		logger(cmd).Info("compared", "kept", kept, "dropped", dropped)
		return from.end()
	}
	return cmd
}
