package main

import (
	"bufio"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/metric"
)

func newScore() *cobra.Command {
	var specs []string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "score HYPOTHESES REFERENCES...",
		Short: "Score texts against references",
		Long: fmt.Sprintf(`Score a file of texts, one a line, against one or more files of references with as many lines.

Metrics: %s.
Settings follow a name: bleu:tok=intl,smooth=floor. The signature says which ones were used.`, strings.Join(metric.Names(), ", ")),
		Example: `  retell score output.de test.de
  retell score output.de test.de --metric bleu:tok=intl --json
  retell translate -m model.retell test.en | retell score - test.de`,
		Args: cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, files []string) error {
			metrics, err := parseMetrics(specs)
			if err != nil {
				return err
			}
			texts, err := readTexts(cmd, files)
			if err != nil {
				return err
			}
			refs, err := metric.References(texts[1:]...)
			if err != nil {
				return err
			}
			return writeOutput(cmd, "", func(w *bufio.Writer) error {
				for _, m := range metrics {
					score, err := metric.Corpus(m, texts[0], refs)
					if err != nil {
						return err
					}
					if asJSON {
						err = writeJSON(w, score)
					} else {
						_, err = fmt.Fprintln(w, score)
					}
					if err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
	cmd.Flags().StringArrayVar(&specs, "metric", []string{"bleu"}, "metric to compute; may be repeated")
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line for each metric")
	return cmd
}

func parseMetrics(specs []string) ([]metric.Metric, error) {
	var metrics []metric.Metric
	for _, spec := range specs {
		m, err := metric.Parse(spec)
		if err != nil {
			return nil, misuse{err}
		}
		metrics = append(metrics, m)
	}
	return metrics, nil
}
