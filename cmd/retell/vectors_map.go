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
		Short: "Draw rows as points on a map",
		Long: `Draw each row of FILE as a point, so that similar rows are near each other. t-SNE, or the first two principal
components, places the points; their colors show clusters, as 'retell cluster' finds them. Without -k, the number of
clusters is chosen as with --auto.

The extension of -o decides the format: .png, .svg, or .html, a self-contained page that shows a point's sentence under
the pointer. -o may be repeated. If FILE has more rows than --points, a random sample is drawn. t-SNE places 50,000
points in about a minute on two cores.

` + rowsHelp,
		Example: `  retell map captions.npy -o captions.html -o captions.png
  retell map -m autoencoder.retell captions.txt --method pca -k 8 -o captions.svg`,
		Args: cobra.ExactArgs(1),
	}
	from, f := addRowFlags(cmd), addClusterFlags(cmd)
	cmd.Flags().StringArrayVarP(&outputs, "output", "o", nil, "file of the map: .png, .svg or .html; may be repeated")
	cmd.Flags().StringVar((*string)(&o.Method), "method", string(vectors.TSNE), "placement of the points: tsne or pca")
	cmd.Flags().Float64Var(&o.Perplexity, "perplexity", 30, "tsne: approximate number of neighbors of a point")
	cmd.Flags().IntVar(&o.MaxPoints, "points", 50_000, "maximum number of points")
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
		p, err := drawnMap(cmd, args[0], from, f, &o)
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

// drawnMap reads the rows of a file, divides them into clusters and places them, and shows the progress.
func drawnMap(cmd *cobra.Command, name string, from *rowFlags, f *clusterFlags, o *vectors.MapOptions) (*vectors.Map, error) {
	at := newScreen(cmd).startWork("reading")
	defer at.end()
	m, err := from.matrix(cmd, name)
	if err != nil {
		return nil, err
	}
	at.watch("clustering", 0, 0)
	f.options.Watch = at.watch
	c, err := f.divide(cmd, m)
	if err != nil {
		return nil, err
	}
	o.Watch = at.watch
	return vectors.NewMap(cmd.Context(), m, c, o)
}

// writeMap writes the picture in the format that the extension names.
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
