package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/quote"
	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/seqae"
	"github.com/retell-rnn/retell/seqae/anomaly"
)

func newAnomaly() *cobra.Command {
	return group("anomaly", "Find lines that are unlike normal ones", newAnomalyFit(), newAnomalyScore())
}

func newAnomalyFit() *cobra.Command {
	var model, out string
	var from answerFlags
	var opts anomaly.Options
	cmd := &cobra.Command{
		Use:   "fit -m MODEL -o FILE [NORMAL]",
		Short: "Fit an anomaly detector to normal lines",
		Long: `Fit a detector to the lines of NORMAL (default: standard input): to their vectors and to how well the autoencoder
reconstructs them. An embedder reconstructs nothing: its detector goes by the vectors alone. Use lines that the model was
not trained on. FILE contains the model, so 'anomaly score' needs
nothing else.

Blank lines are ignored. A line that cannot be read is left out with a message; the exit status is then 1. With
--on-error stop, the first such line ends the run.`,
		Example: `  retell anomaly fit -m ae.retell normal.txt -o normal.anomaly`,
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := cmp.Or(from.check(), checkFiles(out)); err != nil {
				return err
			}
			fit, err := detectorOf(model)
			if err != nil {
				return err
			}
			numbers := from.numbers(cmd, inputFile(args))
			lines, err := corpora.Collect(numbers.blanks(corpora.Lines(inputFile(args), readOptions(cmd))))
			if err != nil {
				return err
			}
			d, err := fit(cmd.Context(), lines, &opts)
			if err != nil {
				return err
			}
			errs, distances := d.Normal()
			about := []any{"lines", d.Lines(), "neighbors", d.Neighbors()}
			if errs != (anomaly.Distribution{}) {
				about = append(about, "error", plusMinus(errs))
			}
			logger(cmd).Info("fitted", append(about, "distance", plusMinus(distances))...)
			return cmp.Or(d.Save(out), numbers.end())
		},
	}
	addModelFlag(cmd, &model)
	from.add(cmd)
	cmd.Flags().StringVarP(&out, "output", "o", "", "file of the detector")
	cmd.Flags().IntVarP(&opts.Neighbors, "neighbors", "k", 0, "number of nearest normal lines that count (0 = 5)")
	required(cmd, "output")
	return cmd
}

// detectorOf returns a function that fits a detector of the model in a file, an autoencoder or an embedder.
func detectorOf(path string) (func(context.Context, []string, *anomaly.Options) (*anomaly.Detector, error), error) {
	m, err := seqae.Load(path)
	if err == nil {
		return func(ctx context.Context, lines []string, o *anomaly.Options) (*anomaly.Detector, error) {
			return anomaly.Fit(ctx, m, lines, o)
		}, nil
	}
	if errors.Is(err, seq2seq.ErrKind) {
		if e, wrong := seq2seq.LoadEmbedder(path); wrong == nil {
			return func(ctx context.Context, lines []string, o *anomaly.Options) (*anomaly.Detector, error) {
				return anomaly.FitVectors(ctx, e.Network, lines, o)
			}, nil
		}
	}
	return nil, err
}

func plusMinus(d anomaly.Distribution) string { return fmt.Sprintf("%.4f±%.4f", d.Mean, d.Deviation) }

func newAnomalyScore() *cobra.Command {
	var labels string
	var asJSON bool
	var known unseen
	var lines answerFlags
	var opts anomaly.ScoreOptions
	cmd := &cobra.Command{
		Use:   "score FILE [LINES]",
		Short: "Score lines by how unlike normal ones they are",
		Long: `Score each of LINES (default: standard input) with FILE, the output of 'anomaly fit'. The output has one row for each
line, empty for a blank one, with these columns, separated by tabs:

  score           error plus distance, each in standard deviations from the mean of normal lines
  error           mean negative log-probability of the line's tokens in its reconstruction, in nats
  distance        mean cosine distance to the nearest normal lines
  surprising      least probable tokens with their log-probabilities
  reconstruction  line as the autoencoder decodes it

With an embedder, the score is the distance in standard deviations from the mean of normal lines, and the columns error,
surprising and reconstruction are empty.

With --labels, write areas under the ROC curve instead: the probability that an anomaly scores higher than a normal
line. The baseline is the TF-IDF distance to the nearest normal lines; an asterisk marks it where it is better.

` + onErrorHelp,
		Example: `  retell anomaly score normal.anomaly new.txt | sort -gr | head
  retell anomaly score normal.anomaly --json < new.txt
  retell anomaly score normal.anomaly mixed.txt --labels mixed.labels`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := lines.check(); err != nil {
				return err
			}
			d, err := anomaly.Load(args[0])
			if err != nil {
				return err
			}
			file := inputFile(args[1:])
			if labels != "" {
				return evaluateAnomalies(cmd, d, file, labels, asJSON)
			}
			opts.MaxWait = maxWait(cmd, file)
			read := watched(cmd, &known, corpora.Lines(file, readOptions(cmd)), d.Unseen)
			answers := d.Score(cmd.Context(), read, &opts)
			return writeAnswers(cmd, &lines, file, asJSON, answers, func(w *bufio.Writer, _ int, s anomaly.Scored) error {
				if asJSON {
					return writeJSON(w, s)
				}
				_, err := w.WriteString(scoredLine(s))
				return err
			})
		},
	}
	lines.add(cmd)
	known.add(cmd)
	cmd.Flags().StringVar(&labels, "labels", "", "file of labels, a line each: 1 = anomaly, 0 = normal")
	cmd.Flags().IntVar(&opts.BatchLines, "batch", 0, "number of lines scored at once (0 = 64); does not change results")
	cmd.Flags().BoolVar(&asJSON, "json", false, "write one JSON object a line, with tokens and nearest normal lines; with --labels, one")
	return cmd
}

// scoredLine returns the row of a line.
func scoredLine(s anomaly.Scored) string {
	if len(s.Nearest) == 0 {
		return "\n"
	}
	var surprising []string
	for _, t := range s.Surprising {
		surprising = append(surprising, fmt.Sprintf("%s (%.2f)", t.Text, t.LogProb))
	}
	if len(s.Tokens) == 0 { // an embedder's
		return fmt.Sprintf("%.4f\t\t%.4f\t\t\n", s.Score, s.Distance)
	}
	return fmt.Sprintf("%.4f\t%.4f\t%.4f\t%s\t%s\n", s.Score, s.Error, s.Distance, strings.Join(surprising, " "), s.Reconstruction)
}

func evaluateAnomalies(cmd *cobra.Command, d *anomaly.Detector, file, labels string, asJSON bool) error {
	texts, err := readTexts(cmd, []string{file, labels})
	if err != nil {
		return err
	}
	anomalies := make([]bool, len(texts[1]))
	for i, label := range texts[1] {
		if label != "0" && label != "1" {
			return fmt.Errorf("%s:%d: label is %s: want 0 or 1", labels, i+1, quote.Text(label))
		}
		anomalies[i] = label == "1"
	}
	r, err := d.Evaluate(cmd.Context(), texts[0], anomalies)
	if err != nil {
		return err
	}
	return writeOutput(cmd, "", func(w *bufio.Writer) error {
		if asJSON {
			return writeJSON(w, anomalyAreas{r, version1()})
		}
		errs, _ := d.Normal()
		return writeAreas(w, r, errs == (anomaly.Distribution{}))
	})
}

// writeAreas writes the areas under the ROC curves. alone says that the distance alone makes the score.
func writeAreas(w *bufio.Writer, r anomaly.Evaluation, alone bool) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "lines\t%d, %d of them anomalies\n", r.Lines, r.Anomalies)
	var beaten []string
	for _, row := range []struct {
		name string
		area float64
	}{{"score", r.Score}, {"error", r.Error}, {"distance", r.Distance}} {
		if alone && row.name != "score" {
			continue
		}
		fmt.Fprintf(table, "%s\t%.4f\n", row.name, row.area)
		if r.TFIDF > row.area {
			beaten = append(beaten, row.name)
		}
	}
	mark := ""
	if beaten != nil {
		mark = " *"
	}
	fmt.Fprintf(table, "TF-IDF\t%.4f%s\n", r.TFIDF, mark)
	if err := table.Flush(); err != nil || beaten == nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\n* better than %s\n", strings.Join(beaten, ", "))
	return err
}
