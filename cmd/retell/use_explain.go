package main

import (
	"bufio"
	"cmp"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/seq2seq/heatmap"
)

func newExplain() *cobra.Command {
	var from inferenceFlags
	var search searchFlags
	var target, output, font string
	var known unseen
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "explain -m MODEL SOURCE",
		Short: "Show a translation's probabilities and attention",
		Long: `Translate one line. Write the translation and, for each of its tokens, the probability and the most attended source
tokens.

With -o, also draw a heat map of the attention: a row for each target token, a column for each source token, and in
each cell the percentage, the darker the higher. An SVG can show any script, because its viewer chooses the font. A PNG
shows Latin, Greek and Cyrillic letters, or those of the font that --font names.`,
		Example: `  retell explain -m model.retell 'A dog runs .'
  retell explain -m model.retell 'A dog runs .' -o attention.svg
  retell explain -m model.retell 'A dog runs .' --target 'Ein Hund rennt .' -o attention.png`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := search.check(cmd); err != nil {
				return err
			}
			format := strings.TrimPrefix(filepath.Ext(output), ".")
			if output != "" && format != "svg" && format != "png" {
				return misusef("-o %s: want a name that ends in .svg or .png", output)
			}
			if output == "" && font != "" {
				return misusef("--font without -o: want a file to draw to")
			}
			if err := checkOutputs(output); err != nil {
				return err
			}
			models, read, err := from.load()
			if err != nil {
				return err
			}
			source, err := read.Source(args[0])
			if err != nil {
				return err
			}
			if err := known.check(cmd, "sentence", []string{source}, models.Unseen); err != nil {
				return err
			}
			x, err := models.Explain(cmd.Context(), source, target, &search.options)
			if err != nil {
				return err
			}
			x.Text = read.Display(x.Text)
			if output != "" {
				if err := drawAttention(cmd, x, output, font); err != nil {
					return err
				}
			}
			return writeOutput(cmd, "", func(w *bufio.Writer) error {
				if asJSON {
					return writeJSON(w, explanation{x, version1()})
				}
				return writeExplanation(w, x)
			})
		},
	}
	from.add(cmd)
	known.add(cmd)
	cmd.Flags().StringVar(&target, "target", "", "translation to explain (default: the one that the search finds)")
	cmd.Flags().StringVarP(&output, "output", "o", "", "file of the heat map: .svg or .png")
	cmd.Flags().StringVar(&font, "font", "", "with -o: TrueType or OpenType font file")
	cmd.Flags().BoolVar(&asJSON, "json", false, "write one JSON object, with the whole attention")
	search.add(cmd)
	return cmd
}

// drawAttention writes a heat map of an explanation to a file, .svg or .png. font, if not empty, is a file with the
// font of its text.
func drawAttention(cmd *cobra.Command, x seq2seq.Explanation, output, font string) error {
	opts := &heatmap.Options{}
	if font != "" {
		var err error
		if opts.Font, err = os.ReadFile(font); err != nil {
			return err
		}
	}
	m, err := heatmap.New(x, opts)
	if err != nil {
		return fmt.Errorf("--font %s: %w", font, err)
	}
	return writeOutput(cmd, output, func(w *bufio.Writer) error {
		if filepath.Ext(output) == ".svg" {
			return m.WriteSVG(w)
		}
		if err := m.WritePNG(w); err != nil {
			return fmt.Errorf("%w (--font FILE, -o NAME.svg)", err)
		}
		return nil
	})
}

// writeExplanation writes the translation, and a row for each token: the token, its probability, and the source tokens
// with most of the attention.
func writeExplanation(w *bufio.Writer, x seq2seq.Explanation) error {
	if _, err := fmt.Fprintf(w, "%s\n\n", x.Text); err != nil {
		return err
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "token\tprobability\tattention")
	for t, token := range x.Target {
		fmt.Fprintf(table, "%s\t%.1f %%\t%s\n", token, 100*math.Exp(float64(x.LogProbs[t])), mostAttended(x.Source, x.Attention[t]))
	}
	return table.Flush()
}

// mostAttended lists the source tokens that get a tenth of the attention or more, the most attended first.
func mostAttended(source []string, attention []float32) string {
	order := make([]int, len(source))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, k int) int { return cmp.Compare(attention[k], attention[i]) })
	var list []string
	for rank, i := range order {
		if rank == 0 || attention[i] >= 0.1 {
			list = append(list, fmt.Sprintf("%s %.0f %%", source[i], 100*attention[i]))
		}
	}
	return strings.Join(list, ", ")
}
