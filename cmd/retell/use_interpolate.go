package main

import (
	"bufio"
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/seqae"
)

func newInterpolate() *cobra.Command {
	var from autoencoderFlags
	var known unseen
	var steps int
	var path string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "interpolate -m MODEL FROM TO",
		Short: "Decode the points between two sentences' vectors",
		Long: `Decode points on the path between two sentences' vectors. Each output line is the position, from 0 at FROM to 1 at TO,
a tab, and the sentence at that point.

Without --steps, the output has one line for each change of the sentence: the path is halved between points whose
sentences differ, down to 1/256 of its length. With --steps N, it has N equally spaced points.`,
		Example: `  retell interpolate -m autoencoder.retell "a man rides a horse ." "two children play in the snow ."
  retell interpolate -m autoencoder.retell "a man rides a horse ." "two children play in the snow ." --steps 7`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed("steps") && steps < 2 {
				return misusef("--steps is %d: want at least 2, the two ends", steps)
			}
			if p := seqae.Path(path); p != seqae.Line && p != seqae.GreatCircle {
				return misusef("--path is %q: want %s or %s", path, seqae.Line, seqae.GreatCircle)
			}
			model, err := from.load()
			if err != nil {
				return err
			}
			if err := known.check(cmd, "sentence", args, model.Unseen); err != nil {
				return err
			}
			points, err := interpolated(cmd.Context(), model, args, steps, seqae.Path(path), &from.search)
			if err != nil {
				return err
			}
			return writeOutput(cmd, "", func(w *bufio.Writer) error {
				for _, p := range points {
					if asJSON {
						err = writeJSON(w, p)
					} else {
						_, err = fmt.Fprintf(w, "%.4f\t%s\n", p.Lambda, p.Text)
					}
					if err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
	from.add(cmd)
	known.add(cmd)
	cmd.Flags().IntVar(&steps, "steps", 0, "number of equally spaced points, both ends included (default: points where the sentence changes)")
	cmd.Flags().StringVar(&path, "path", string(seqae.Line), "path between the vectors: line or great-circle")
	cmd.Flags().BoolVar(&asJSON, "json", false, "write one JSON object a line")
	return cmd
}

// interpolated returns the points between two sentences: steps of them or, if steps is 0, those where the sentence
// changes.
func interpolated(ctx context.Context, m *seqae.Model, ends []string, steps int, path seqae.Path, o *seq2seq.SearchOptions) ([]seqae.Point, error) {
	if steps == 0 {
		return m.Changes(ctx, ends[0], ends[1], path, o)
	}
	texts, err := m.Interpolate(ctx, ends[0], ends[1], steps, path, o)
	points := make([]seqae.Point, len(texts))
	for i, text := range texts {
		points[i] = seqae.Point{Lambda: float64(i) / float64(steps-1), Text: text}
	}
	return points, err
}

func newSample() *cobra.Command {
	var from autoencoderFlags
	var n int
	var temperature float64
	var seed uint64
	var fit string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "sample -m MODEL",
		Short: "Generate sentences from random vectors",
		Long: `Decode random vectors. They are drawn from the prior of a variational autoencoder or, with --fit, from a normal
distribution fitted to the vectors of a file's lines.`,
		Example: `  retell sample -m variational.retell --n 20 --temperature 0.7
  retell sample -m autoencoder.retell --fit captions.txt`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case n < 1:
				return misusef("--n is %d: want at least 1", n)
			case !(temperature >= 0) || math.IsInf(temperature, 0):
				return misusef("--temperature is %v: want 0 or more", temperature)
			}
			model, err := from.load()
			if err != nil {
				return err
			}
			g, err := distribution(cmd, model, fit)
			if err != nil {
				return err
			}
			rng := rand.New(rand.NewPCG(seed, 0))
			return writeOutput(cmd, "", func(w *bufio.Writer) error {
				for s, err := range model.Samples(cmd.Context(), g, n, temperature, rng, &from.search) {
					if err != nil {
						return err
					}
					if err := writeSample(w, s, asJSON); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
	from.add(cmd)
	cmd.Flags().IntVar(&n, "n", 10, "number of sentences")
	cmd.Flags().Float64Var(&temperature, "temperature", 1, "factor of the standard deviation of the vectors, 0 or more")
	cmd.Flags().Uint64Var(&seed, "seed", 1, "seed of the vectors")
	cmd.Flags().StringVar(&fit, "fit", "", "file of lines to fit a normal distribution to (default: draw from the model's prior)")
	cmd.Flags().BoolVar(&asJSON, "json", false, "write one JSON object a line, with the vector and the log-probability of each token")
	return cmd
}

// writeSample writes a sampled sentence.
func writeSample(w *bufio.Writer, s seqae.Sampled, asJSON bool) error {
	if !asJSON {
		_, err := w.WriteString(s.Text + "\n")
		return err
	}
	var best seq2seq.Hypothesis // empty for a vector of zeros
	if len(s.Hypotheses) > 0 {
		best = s.Hypotheses[0]
	}
	return writeJSON(w, sampled{s.Text, best.LogProb, best.Tokens, best.LogProbs, s.Vector})
}

// fitLines is the greatest number of lines that a distribution is fitted to: enough for the covariance of vectors of
// any usual size.
const fitLines = 20_000

// distribution returns the distribution to draw vectors from: the model's prior, or one fitted to the first lines of a
// file.
func distribution(cmd *cobra.Command, m *seqae.Model, file string) (*seqae.Gaussian, error) {
	if file == "" {
		g, err := m.Prior()
		if err != nil {
			return nil, misuse{fmt.Errorf("%w (--fit FILE)", err)}
		}
		return g, nil
	}
	var vectors [][]float32
	for e, err := range m.Embed(cmd.Context(), corpora.Lines(file, readOptions(cmd)), nil) {
		if err != nil {
			return nil, err
		}
		if e.Text != "" {
			vectors = append(vectors, e.Vector)
		}
		if len(vectors) == fitLines {
			break
		}
	}
	return seqae.Fit(vectors)
}
