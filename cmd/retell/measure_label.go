package main

import (
	"bufio"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/metric"
	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/tokenize"
)

// labelEvaluation is what label eval --json writes.
type labelEvaluation struct {
	Columns []columnEvaluation `json:"columns"` // label columns, in order
	versioned
}

// columnEvaluation holds the scores of one label column.
type columnEvaluation struct {
	Tokens metric.TokenReport `json:"tokens"`          // scores token by token
	Spans  *metric.SpanReport `json:"spans,omitempty"` // scores of the spans; absent if labels mark none
}

// labelEvalFlags are the flags of label eval.
type labelEvalFlags struct {
	path      string
	files     []string
	sequences sequenceFlags
	samples   int
	seed      uint64
	strict    bool
	confusion bool
	int8      bool
	json      bool
}

func newLabelEval() *cobra.Command {
	var f labelEvalFlags
	cmd := &cobra.Command{
		Use:   "eval -m MODEL --data FILE...",
		Short: "Measure a labeler",
		Long: `Measure a labeler on labeled sentences: the share of tokens with the right label, also of tokens that are not in the
labeler's vocabulary, and of sentences without an error. Then, if labels mark spans, precision, recall and F1 of each type
of span and their averages, equal to those of conlleval and of seqeval's default mode; with --strict those of its strict
mode with IOB2. Other labels have a row each. Intervals are 95 % confidence intervals of resampled sentences.

` + sequenceHelp + `

The columns default to those of the training.`,
		Example: `  retell label eval -m names.retell --data test.conll
  retell label eval -m tagger.retell --data test.conllu --confusion
  retell label eval -m names.retell --data test.conll --samples 0 --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	addModelFlag(cmd, &f.path)
	flags := cmd.Flags()
	flags.StringArrayVar(&f.files, "data", nil, "file of labeled sentences; may be repeated")
	f.sequences.add(cmd)
	flags.IntVar(&f.samples, "samples", 1000, "number of resampled corpora for confidence intervals; 0 = no intervals")
	flags.Uint64Var(&f.seed, "seed", 1, "seed of the samples")
	flags.BoolVar(&f.strict, "strict", false, "count only spans that IOB2 allows, as seqeval's strict mode does")
	flags.BoolVar(&f.confusion, "confusion", false, "write a table of labels and predicted labels, too")
	flags.BoolVar(&f.int8, "int8", false, "multiply in int8: faster and almost as accurate")
	flags.BoolVar(&f.json, "json", false, "write one JSON object instead of tables")
	required(cmd, "data")
	return cmd
}

func (f *labelEvalFlags) run(cmd *cobra.Command) error {
	if f.samples < 0 {
		return misusef("--samples is %d: want 0 or more", f.samples)
	}
	l, err := seq2seq.LoadLabeler(f.path)
	if err != nil {
		return err
	}
	if f.int8 {
		l = l.Quantize()
	}
	examples, err := f.examples(cmd, l)
	if err != nil {
		return err
	}
	r := labelEvaluation{versioned: version1()}
	unknown, predicted, err := labelExamples(cmd, l, examples)
	if err != nil {
		return err
	}
	for k := range l.Columns() {
		column, err := f.column(cmd, l, k, examples, predicted[k], unknown)
		if err != nil {
			return err
		}
		r.Columns = append(r.Columns, column)
	}
	return writeOutput(cmd, "", func(w *bufio.Writer) error {
		if f.json {
			return writeJSON(w, r)
		}
		return f.write(w, r)
	})
}

// examples reads the data in the format of the training, unless flags say otherwise.
func (f *labelEvalFlags) examples(cmd *cobra.Command, l *seq2seq.Labeler) ([]corpora.Example, error) {
	format, log := formatOf(l.Summary()), logger(cmd)
	kind := format.Type
	if kind == "" || kind == corpora.TypeLines {
		format = corpora.Format{}
	} else if named := labelTypeByName(f.files[0]); named != "" && named != kind {
		format = corpora.Format{Type: named, Scheme: format.Scheme}
	}
	f.sequences.apply(cmd, &format)
	format, err := completeFormat(format, f.files, readOptions(cmd), log)
	if err != nil {
		return nil, err
	}
	return readSequences(f.files, format, "evaluation", readOptions(cmd), log)
}

// labelExamples returns which tokens the labeler does not know, and the predicted labels of each column.
func labelExamples(cmd *cobra.Command, l *seq2seq.Labeler, examples []corpora.Example) (unknown [][]bool, predicted [][][]string, err error) {
	known := map[string]bool{}
	predicted = make([][][]string, l.Columns())
	for a, err := range l.Predict(cmd.Context(), corpora.Sources(corpora.Stream(examples)), nil) {
		if err != nil {
			return nil, nil, err
		}
		predicted[0] = append(predicted[0], a.Labels)
		for k, c := range a.Columns {
			predicted[k+1] = append(predicted[k+1], c.Labels)
		}
		flags := make([]bool, len(a.Tokens))
		for i, token := range a.Tokens {
			if _, ok := known[token]; !ok {
				known[token] = !slices.Contains(l.Source().Encode(token), tokenize.Unk)
			}
			flags[i] = !known[token]
		}
		unknown = append(unknown, flags)
	}
	return unknown, predicted, nil
}

// column scores the labels of a column.
func (f *labelEvalFlags) column(
	cmd *cobra.Command, l *seq2seq.Labeler, k int, examples []corpora.Example, predicted [][]string, unknown [][]bool,
) (columnEvaluation, error) {
	var c columnEvaluation
	gold, err := columnTexts(examples, k)
	if err != nil {
		return c, err
	}
	var all [][]string
	for _, label := range l.Labels(k) {
		all = append(all, []string{label})
	}
	scheme := corpora.GuessScheme(all)
	if scheme == corpora.SchemeBIOES && k == 0 { // the labeler was trained on converted labels
		for i, labels := range predicted {
			if predicted[i], err = corpora.ToIOB2(scheme, labels, true); err != nil {
				return c, err
			}
		}
	}
	if lacking := lackingLabels(l.Labels(k), gold, scheme); len(lacking) > 0 {
		logger(cmd).Warn("the data has labels that the labeler has not learned; it gets them wrong", "labels", strings.Join(lacking, ", "))
	}
	opts := &metric.LabelOptions{Samples: f.samples, Seed: f.seed, Unknown: unknown}
	if c.Tokens, err = metric.ScoreLabels(gold, predicted, opts); err != nil || scheme == "" {
		return c, err
	}
	if f.strict {
		opts.Scheme = metric.IOB2
	}
	spans, err := metric.ScoreSpans(gold, predicted, opts)
	c.Spans = &spans
	return c, err
}

// lackingLabels returns the labels of gold that a labeler lacks, sorted. With BIOES, it has the labels of IOB2, too.
func lackingLabels(known []string, gold [][]string, scheme string) []string {
	has := map[string]bool{}
	for _, label := range known {
		has[label] = true
		if scheme == corpora.SchemeBIOES && len(label) > 1 {
			has["B"+label[1:]], has["I"+label[1:]] = true, true
		}
	}
	var lacking []string
	for _, labels := range gold {
		for _, label := range labels {
			if !has[label] {
				has[label] = true
				lacking = append(lacking, label)
			}
		}
	}
	slices.Sort(lacking)
	return lacking
}

// write writes tables.
func (f *labelEvalFlags) write(w *bufio.Writer, r labelEvaluation) error {
	for k, c := range r.Columns {
		if k > 0 {
			fmt.Fprintln(w)
		}
		if len(r.Columns) > 1 {
			fmt.Fprintf(w, "label column %d\n\n", k+1)
		}
		if err := writeColumnEvaluation(w, c); err != nil {
			return err
		}
		if f.confusion {
			if err := writeConfusion(w, c.Tokens); err != nil {
				return err
			}
		}
	}
	return nil
}

// percent writes a share in percent, with its interval if there is one.
func percent(x float64, i *metric.Interval) string {
	if i == nil {
		return fmt.Sprintf("%.2f %%", 100*x)
	}
	return fmt.Sprintf("%.2f ± %.2f %%", 100*x, 100*i.HalfWidth)
}

func writeColumnEvaluation(w *bufio.Writer, c columnEvaluation) error {
	t := c.Tokens
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "sentences\t%d, %.2f %% without an error\n", t.Sentences, 100*t.Exact)
	fmt.Fprintf(table, "tokens\t%d\n", t.Tokens)
	fmt.Fprintf(table, "accuracy\t%s\n", percent(t.Accuracy, t.Interval))
	if u := t.Unknown; u != nil && u.Tokens > 0 {
		fmt.Fprintf(table, "unknown tokens\t%s of %d\n", percent(u.Accuracy, u.Interval), u.Tokens)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(w)
	if c.Spans == nil {
		fmt.Fprintln(table, strings.Join([]string{"label", "tokens", "predicted", "precision", "recall", "F1"}, "\t"))
		for _, l := range t.Labels {
			fmt.Fprintf(table, "%s\t%d\t%d\t%.2f %%\t%.2f %%\t%.2f %%\n", l.Label, l.Gold, l.Predicted, 100*l.Precision, 100*l.Recall, 100*l.F1)
		}
		return table.Flush()
	}
	fmt.Fprintln(table, strings.Join([]string{"span", "in the data", "predicted", "precision", "recall", "F1"}, "\t"))
	row := func(name string, s metric.SpanScore) {
		fmt.Fprintf(table, "%s\t%d\t%d\t%.2f %%\t%.2f %%\t%s\n", name, s.Gold, s.Predicted, 100*s.Precision, 100*s.Recall, percent(s.F1, s.Interval))
	}
	for _, s := range c.Spans.Types {
		row(s.Type, s)
	}
	row("all (micro)", c.Spans.Micro)
	row("mean (macro)", c.Spans.Macro)
	row("mean (weighted)", c.Spans.Weighted)
	return table.Flush()
}

// writeConfusion writes a row for each label and a column for each predicted one.
func writeConfusion(w *bufio.Writer, t metric.TokenReport) error {
	counts := map[[2]string]int{}
	for _, c := range t.Confusion {
		counts[[2]string{c.Gold, c.Predicted}] = c.Tokens
	}
	fmt.Fprintln(w)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(table, "label \\ predicted\t")
	for _, l := range t.Labels {
		counts[[2]string{l.Label, l.Label}] = l.Right
		fmt.Fprintf(table, "%s\t", l.Label)
	}
	fmt.Fprintln(table)
	for _, l := range t.Labels {
		fmt.Fprintf(table, "%s\t", l.Label)
		for _, p := range t.Labels {
			fmt.Fprintf(table, "%d\t", counts[[2]string{l.Label, p.Label}])
		}
		fmt.Fprintln(table)
	}
	return table.Flush()
}
