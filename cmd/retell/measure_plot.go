package main

import (
	"bufio"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/seq2seq/curves"
	"github.com/retell-rnn/retell/seq2seq/runlog"
)

func newPlot() *cobra.Command {
	var output string
	var opts curves.Options
	cmd := &cobra.Command{
		Use:   "plot LOG... -o FILE.svg|FILE.png",
		Short: "Draw the curves of trainings",
		Long: `Draw the logs of one or several trainings ('retell train --log', 'retell ablate'), each in its own color. A thin line
shows training, as means over 10 steps or more; a thick line with dots shows validations.`,
		Example: `  retell train mine.yaml --log mine.jsonl -o m.retell
  retell plot mine.jsonl -o mine.svg
  retell plot lstm.jsonl gru.jsonl -y perplexity -x minutes -o cells.png`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, files []string) error {
			format := strings.TrimPrefix(filepath.Ext(output), ".")
			if format != "svg" && format != "png" {
				return misusef("-o %s: want a name that ends in .svg or .png", output)
			}
			if err := checkOutputs(output); err != nil {
				return err
			}
			if err := opts.Validate(); err != nil {
				return misusef("--%w", err)
			}
			runs, err := readRuns(files)
			if err != nil {
				return err
			}
			c, err := curves.New(runs, &opts)
			if err != nil {
				return err
			}
			return writeOutput(cmd, output, func(w *bufio.Writer) error {
				if format == "svg" {
					return c.WriteSVG(w)
				}
				return c.WritePNG(w)
			})
		},
	}
	f := cmd.Flags()
	f.StringVarP(&output, "output", "o", "", "file of the drawing: .svg or .png")
	f.StringVarP(&opts.Vertical, "vertical", "y", "loss", "quantity drawn: "+either(curves.Vertical()))
	f.StringVarP(&opts.Horizontal, "horizontal", "x", "steps", "quantity to draw over: "+either(curves.Horizontal()))
	required(cmd, "output")
	return cmd
}

// readRuns reads the logs of trainings. A run is named after its file, with folders where two names would be equal.
func readRuns(files []string) ([]curves.Run, error) {
	named := map[string]int{}
	base := func(file string) string { return strings.TrimSuffix(filepath.Base(file), filepath.Ext(file)) }
	for _, file := range files {
		named[base(file)]++
	}
	var runs []curves.Run
	for _, file := range files {
		r := curves.Run{Name: base(file)}
		if named[r.Name] > 1 {
			r.Name = file
		}
		var err error
		if r.Records, err = runlog.Read(file); err != nil {
			return nil, err
		}
		runs = append(runs, r)
	}
	return runs, nil
}

// either joins names as "a, b or c".
func either(names []string) string {
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}
