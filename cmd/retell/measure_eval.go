package main

import (
	"bufio"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/seq2seq"
)

func newEval() *cobra.Command {
	var flags evalFlags
	var from inferenceFlags
	var known unseen
	var asJSON bool
	var search searchFlags
	cmd := &cobra.Command{
		Use:   "eval -m MODEL (--source FILE --reference FILE | --data FILE)",
		Short: "Measure a model on examples",
		Long: `Measure a model on examples that were not in training: loss, perplexity and token accuracy given the references,
then exact match and other metrics of its translations.

--data has the format of the training data. The default of --metric depends on it: bleu for text, ser (share of wrong
words) and per for pronunciations, per (edits of letters) for inflected forms.

` + evalRepairHelp,
		Example: `  retell eval -m model.retell --source test.en --reference test.de
  retell eval -m cmu.retell --data dev.dict.gz --json
  retell eval -m model.retell --source test.en --reference test.de --metric bleu --metric chrf --beam 1
  retell eval -m a.retell -m b.retell -m c.retell --source test.en --reference test.de
  retell eval -m fix.retell --data dirty.tsv`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			model, err := from.loadRepairer(&search)
			if err != nil {
				return err
			}
			if err := search.check(cmd); err != nil {
				return err
			}
			metrics, err := parseMetrics(flags.metrics)
			if err != nil {
				return err
			}
			if model != nil {
				return flags.evalRepair(cmd, model, asJSON)
			}
			models, format, err := from.load()
			if err != nil {
				return err
			}
			if len(metrics) == 0 {
				if metrics, err = parseMetrics(usualMetrics(format)); err != nil {
					return err
				}
			}
			examples, err := flags.examples(cmd, format)
			if err != nil {
				return err
			}
			if err := known.check(cmd, "example", sourcesOf(examples), models.Unseen); err != nil {
				return err
			}
			report, err := models.Evaluate(cmd.Context(), examples, &seq2seq.EvalOptions{Search: &search.options, Metrics: metrics})
			if err != nil {
				return err
			}
			return writeOutput(cmd, "", func(w *bufio.Writer) error {
				if asJSON {
					return writeJSON(w, evaluation{report, version1()})
				}
				return writeReport(w, report)
			})
		},
	}
	from.add(cmd)
	known.add(cmd)
	f := cmd.Flags()
	f.StringVar(&flags.source, "source", "", "file of sources, one a line")
	f.StringArrayVar(&flags.references, "reference", nil, "file of references, line by line with --source; may be repeated")
	f.StringVar(&flags.data, "data", "", "file of examples in the format of the training data")
	f.StringArrayVar(&flags.metrics, "metric", nil, "metric of the translations; may be repeated ('retell score --help' lists them)")
	f.BoolVar(&asJSON, "json", false, "write one JSON object instead of a table")
	cmd.MarkFlagsRequiredTogether("source", "reference")
	cmd.MarkFlagsMutuallyExclusive("source", "data")
	cmd.MarkFlagsOneRequired("source", "data")
	search.add(cmd)
	return cmd
}

// evalFlags name the examples and metrics of an evaluation.
type evalFlags struct {
	source     string
	references []string
	data       string
	metrics    []string
}

// examples reads the examples; format is the format of the training data.
func (f *evalFlags) examples(cmd *cobra.Command, format corpora.Format) ([]corpora.Example, error) {
	isLines := format.Type == "" || format.Type == corpora.TypeLines
	switch {
	case f.data != "" && isLines:
		return nil, misusef("--data: the model was trained on pairs of files: want --source and --reference")
	case f.data != "":
		return clean(format.Read(f.data, readOptions(cmd)), "evaluation", corpora.Filter{}, false, logger(cmd))
	case format.Type == corpora.TypeCMUdict || format.Type == corpora.TypeSIGMORPHON:
		return nil, misusef("--source: the model was trained on %s: want --data", format.Type)
	}
	opts := readOptions(cmd)
	opts.AllowEmpty = true // blank lines have blank translations
	return clean(corpora.Parallel(f.source, f.references, opts), "evaluation", corpora.Filter{}, false, logger(cmd))
}

// usualMetrics returns the default metrics for a format, besides exact match.
func usualMetrics(format corpora.Format) []string {
	switch format.Type {
	case "", corpora.TypeLines, corpora.TypeTSV, corpora.TypeJSONL:
		return []string{"bleu"}
	case corpora.TypeCMUdict:
		return []string{"ser", "per"}
	case corpora.TypeSIGMORPHON:
		return []string{"per"}
	default:
		return nil
	}
}

func writeReport(w *bufio.Writer, r seq2seq.Report) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "examples\t%d\n", r.Examples)
	fmt.Fprintf(table, "tokens\t%d\n", r.Tokens)
	fmt.Fprintf(table, "loss\t%.4f\n", r.Loss)
	fmt.Fprintf(table, "perplexity\t%s\n", shortPerplexity(r.Perplexity))
	fmt.Fprintf(table, "token accuracy\t%.2f %%\n", 100*r.Accuracy)
	fmt.Fprintf(table, "exact match\t%.2f %%\n", 100*r.Exact)
	for _, s := range r.Scores {
		fmt.Fprintf(table, "%s\t%.2f\t%s\n", s.Metric, s.Value, s.Signature)
	}
	return table.Flush()
}
