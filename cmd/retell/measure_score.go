package main

import (
	"bufio"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/metric"
)

func newScore() *cobra.Command {
	var flags scoreFlags
	cmd := &cobra.Command{
		Use:   "score HYPOTHESES REFERENCES... | --compare BASELINE SYSTEM... REFERENCES",
		Short: "Score texts against references and compare systems",
		Long: fmt.Sprintf(`Score a file of texts against one or more files of references, line by line.

Metrics: %s.
Settings follow the name: bleu:tok=intl,smooth=floor. The signature of a score names the settings in effect.

With --compare, the last file and those of --reference are references, and the first is the baseline. Each system gets
a 95 %% interval by bootstrap. Paired bootstrap and approximate randomization test whether it differs from the baseline
by more than chance.

With --sentences, each line is scored alone; use bleu:eff=yes for BLEU. A line has one column for each metric; with
--compare, these columns for each system.`, strings.Join(metric.Names(), ", ")),
		Example: `  retell score output.de test.de
  retell score output.de test.de --metric bleu:tok=intl --json
  retell score --compare old.de new.de test.de --metric bleu --metric chrf
  retell translate -m model.retell test.en | retell score - test.de`,
		Args: cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, files []string) error {
			metrics, err := parseMetrics(flags.metrics)
			if err != nil {
				return err
			}
			systems, refs, err := flags.read(cmd, files)
			if err != nil {
				return err
			}
			return writeOutput(cmd, "", func(w *bufio.Writer) error {
				switch {
				case flags.sentences:
					return flags.writeSentences(w, metrics, systems, refs)
				case flags.compare:
					return flags.writeComparisons(w, metrics, systems, refs)
				default:
					return flags.writeScores(w, metrics, systems[0].lines, refs)
				}
			})
		},
	}
	f := cmd.Flags()
	f.StringArrayVar(&flags.metrics, "metric", []string{"bleu"}, "metric; may be repeated")
	f.BoolVar(&flags.compare, "compare", false, "compare systems with a baseline")
	f.StringArrayVar(&flags.references, "reference", nil, "additional file of references; may be repeated")
	f.BoolVar(&flags.sentences, "sentences", false, "score each line alone")
	f.IntVar(&flags.options.Samples, "samples", 0, "number of samples of --compare (0 = 1,000 for the bootstrap, 10,000 for randomization)")
	f.Uint64Var(&flags.options.Seed, "seed", 1, "seed of the samples of --compare")
	f.BoolVar(&flags.json, "json", false, "write one JSON object a line for each metric or, with --sentences, each line")
	return cmd
}

// scoreFlags are the flags of score.
type scoreFlags struct {
	metrics, references      []string
	compare, sentences, json bool
	options                  metric.CompareOptions
}

// scored is a file of texts.
type scored struct {
	name  string
	lines []string
}

// read returns the systems and the references of each sentence.
func (f *scoreFlags) read(cmd *cobra.Command, files []string) (systems []scored, refs [][]string, err error) {
	first := 1
	if f.compare {
		if first = len(files) - 1; first < 2 {
			return nil, nil, misusef("--compare with one system: want BASELINE SYSTEM... REFERENCES")
		}
	}
	if f.options.Samples < 0 {
		return nil, nil, misusef("--samples is %d: want 0 or more", f.options.Samples)
	}
	texts, err := readTexts(cmd, append(files, f.references...))
	if err != nil {
		return nil, nil, err
	}
	for i, lines := range texts[:first] {
		systems = append(systems, scored{files[i], lines})
	}
	refs, err = metric.References(texts[first:]...)
	return systems, refs, err
}

func (f *scoreFlags) writeScores(w *bufio.Writer, metrics []metric.Metric, hyps []string, refs [][]string) error {
	for _, m := range metrics {
		score, err := metric.Corpus(m, hyps, refs)
		if err != nil {
			return err
		}
		if f.json {
			err = writeJSON(w, score)
		} else {
			_, err = fmt.Fprintln(w, score)
		}
		if err != nil {
			return err
		}
	}
	return nil
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
