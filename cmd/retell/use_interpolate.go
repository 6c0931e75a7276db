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
		Long: `Decode the points between two sentences' vectors. Each line is a place on the path, 0 at FROM and 1 at TO, a tab, and the sentence there.

Without --steps, a line stands for each place where the sentence changes: points are added between those whose sentences differ, down
to a 256th of the path. With --steps, lines stand for points at equal distances, whether their sentences differ or not.`,
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
	cmd.Flags().IntVar(&steps, "steps", 0, "points at equal distances, the two ends included; those where the sentence changes if absent")
	cmd.Flags().StringVar(&path, "path", string(seqae.Line), "way from vector to vector: line or great-circle")
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	return cmd
}

// interpolated are the points between two sentences: steps of them or, for 0, those where the sentence changes.
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
		Short: "Write sentences from vectors drawn at random",
		Long: `Write sentences from vectors drawn at random: from the prior of a variational autoencoder or, with --fit, from a normal distribution
fitted to the vectors of the lines of a file.

With --json, each sentence comes with its log-probability, its tokens and the vector that it was written from.`,
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
	cmd.Flags().IntVar(&n, "n", 10, "sentences to write")
	cmd.Flags().Float64Var(&temperature, "temperature", 1, "distance of the vectors from the mean, as a factor")
	cmd.Flags().Uint64Var(&seed, "seed", 1, "what fixes the draws")
	cmd.Flags().StringVar(&fit, "fit", "", "file of lines to whose vectors a distribution is fitted")
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line, with the vector and the log-probability of each token")
	return cmd
}

// writeSample writes a sentence that was drawn.
func writeSample(w *bufio.Writer, s seqae.Sampled, asJSON bool) error {
	if !asJSON {
		_, err := w.WriteString(s.Text + "\n")
		return err
	}
	var best seq2seq.Hypothesis // of a vector of zeros: none
	if len(s.Hypotheses) > 0 {
		best = s.Hypotheses[0]
	}
	return writeJSON(w, sampled{s.Text, best.LogProb, best.Tokens, best.LogProbs, s.Vector})
}

// fitLines is how many lines a distribution is fitted to at most: enough for the covariance of any vector that is
// common.
const fitLines = 20_000

// distribution is what vectors are drawn from: the model's prior, or one fitted to the first lines of a file.
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
