package main

import (
	"bufio"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/seqae/vectors"
)

func newMap() *cobra.Command {
	var o vectors.MapOptions
	var outputs []string
	cmd := &cobra.Command{
		Use:   "map FILE -o FILE.png|FILE.svg|FILE.html",
		Short: "Draw rows as points, near ones near each other",
		Long: `Lay the rows of FILE out in the plane by t-SNE, or by their two principal components, and draw them in the colors of their clusters, as
PNG, as SVG, or as a page that needs nothing else, in which hovering over a point shows its sentence. Without -k, there are
as many clusters as the silhouette says. -o may be given several times. Of more rows than --points, as many are drawn at random.

` + rowsHelp,
		Example: `  retell map captions.npy -o captions.html -o captions.png
  retell map -m autoencoder.retell captions.txt --method pca -k 8 -o captions.svg`,
		Args: cobra.ExactArgs(1),
	}
	from, f := addRowFlags(cmd), addClusterFlags(cmd)
	cmd.Flags().StringArrayVarP(&outputs, "output", "o", nil, "file of the picture: .png, .svg or .html")
	cmd.Flags().StringVar(&o.Method, "method", vectors.TSNE, "how points are laid out: tsne or pca")
	cmd.Flags().Float64Var(&o.Perplexity, "perplexity", 30, "tsne: about how many neighbors a point is to have near")
	cmd.Flags().IntVar(&o.MaxPoints, "points", 20_000, "points at most")
	required(cmd, "output")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		for _, output := range outputs {
			if !slices.Contains([]string{".png", ".svg", ".html"}, filepath.Ext(output)) {
				return misusef("-o %s: want a name that ends in .png, .svg or .html", output)
			}
		}
		o.Seed = f.options.Seed
		if err := o.Validate(); err != nil {
			return misuse{err}
		}
		if err := f.check(cmd); err != nil {
			return err
		}
		if err := checkOutputs(outputs...); err != nil {
			return err
		}
		m, err := from.matrix(cmd, args[0])
		if err != nil {
			return err
		}
		c, err := f.divide(cmd, m)
		if err != nil {
			return err
		}
		p, err := vectors.NewMap(cmd.Context(), m, c, &o)
		if err != nil {
			return err
		}
		logger(cmd).Info("laid out", "points", len(p.Points), "rows", p.Of, "method", p.Method,
			"variance of two components", fmt.Sprintf("%.1f %%", 100*p.Variance))
		base := filepath.Base(args[0])
		for _, output := range outputs {
			if err := writeMap(cmd, output, p, strings.TrimSuffix(base, filepath.Ext(base))); err != nil {
				return err
			}
		}
		return from.end()
	}
	return cmd
}

// writeMap writes the picture that the extension says.
func writeMap(cmd *cobra.Command, output string, p *vectors.Map, title string) error {
	return writeOutput(cmd, output, func(w *bufio.Writer) error {
		switch filepath.Ext(output) {
		case ".png":
			return p.WritePNG(w)
		case ".svg":
			return p.WriteSVG(w)
		default:
			return p.WriteHTML(w, title)
		}
	})
}
