package main

import (
	"bufio"
	"errors"
	"iter"
	"slices"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/setting"
	"github.com/retell-rnn/retell/metric"
	"github.com/retell-rnn/retell/seq2seq"
)

// labeledSentence is a line of label predict --json, and what the other outputs are made of.
type labeledSentence struct {
	Text    string         `json:"text"`              // line as given; the tokens joined by spaces if the input has tokens alone
	Tokens  []labeledToken `json:"tokens"`            // tokens with their labels
	Spans   []labeledSpan  `json:"spans,omitempty"`   // spans of the labels of the first column; absent if they mark none
	NBest   []labelPath    `json:"n_best,omitempty"`  // most probable sequences of labels, best first, with --nbest
	Columns []labelColumn  `json:"columns,omitempty"` // further label columns

	marked bool // labels mark spans
}

// labeledToken is a token and its label.
type labeledToken struct {
	corpora.Token
	Label       string  `json:"label"`       // label of the first column
	Probability float64 `json:"probability"` // probability of the label, 0 to 1
}

// labeledSpan is a span of tokens.
type labeledSpan struct {
	Type        string  `json:"type"`        // type, such as LOC
	Text        string  `json:"text"`        // its part of the text
	Start       int     `json:"start"`       // offset of its first byte in the text
	End         int     `json:"end"`         // offset of the byte after it
	Probability float64 `json:"probability"` // least probability of its labels, 0 to 1
	first, last int     // tokens
}

// labelColumn holds the labels of a further column.
type labelColumn struct {
	Labels        []string  `json:"labels"`        // label of each token
	Probabilities []float64 `json:"probabilities"` // probability of each label, 0 to 1
}

// labelPath is a sequence of labels.
type labelPath struct {
	Labels  []string `json:"labels"`   // label of each token
	LogProb float64  `json:"log_prob"` // log-probability of the sequence, in nats
}

// labelPredictFlags are the flags of label predict.
type labelPredictFlags struct {
	path          string
	lines         answerFlags
	input, output string
	tokens        string
	chars         bool
	asJSON, int8  bool
	nbest, batch  int
	known         unseen
}

// Inputs and outputs of label predict.
const (
	fromText  = "text"
	toMarked  = "marked"
	toBrat    = "brat"
	toHTML    = "html"
	toJSON    = "json"
	toSpaced  = "segmented"
	toWordTag = "tagged"
	toConll   = corpora.TypeCoNLL
)

func labelInputs() []string {
	return []string{fromText, corpora.TypeCoNLL, corpora.TypeCoNLLU, corpora.TypeTagged, corpora.TypeTokens}
}

func labelOutputs() []string {
	return []string{toConll, toJSON, toWordTag, toMarked, toBrat, toHTML, toSpaced}
}

func newLabelPredict() *cobra.Command {
	var f labelPredictFlags
	cmd := &cobra.Command{
		Use:   "predict -m MODEL [FILE]",
		Short: "Label the tokens of lines",
		Long: `Label the tokens of FILE (default: standard input) in order.

Inputs (--input): text is split into words and marks by Unicode's rules, or into characters with --chars; conll and
conllu have a token on each line and a blank line behind each sentence, and columns of labels are ignored; tagged has
tokens separated by spaces; tokens has JSON objects with an array "tokens", or a string "text". The extension of FILE
decides: .conll, .tsv, .conllu, .jsonl; otherwise text.

Outputs (--as): conll has a token, its labels and their probabilities on each line; json an object for each sentence,
with the places of tokens and spans in bytes of the text; tagged has token/LABEL; marked writes [spans TYPE] within the
text, in color at a terminal; brat is standoff annotation, in characters of the whole text; html is one page for a
browser, in which a span is as dark as it is certain; segmented puts spaces between words of a labeler of characters. At
a terminal the default is marked, otherwise conll. Blank lines of text stay.

` + onErrorHelp,
		Example: `  retell label predict -m names.retell letters.txt
  retell label predict -m names.retell letters.txt --as html > letters.html
  echo 'Ana lives in Rome' | retell label predict -m names.retell --json
  retell label predict -m tagger.retell dev.conllu --as tagged`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, inputFile(args)) },
	}
	addModelFlag(cmd, &f.path)
	f.lines.add(cmd)
	f.known.add(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.input, "input", "", "input: text, conll, conllu, tagged or tokens (default: by the name of FILE)")
	flags.StringVar(&f.output, "as", "", "output: conll, json, tagged, marked, brat, html or segmented")
	flags.StringVar(&f.tokens, "tokens", "", "column or field of the tokens in conll and tokens")
	flags.BoolVar(&f.chars, "chars", false, "split text into characters; default for models of format segmented")
	flags.BoolVar(&f.asJSON, "json", false, "same as --as json")
	flags.BoolVar(&f.int8, "int8", false, "multiply in int8: faster and almost as accurate")
	flags.IntVar(&f.nbest, "nbest", 0, "number of most probable sequences of labels to write, with --json")
	flags.IntVar(&f.batch, "batch", 64, "number of sentences labeled at once; does not change results")
	return cmd
}

// settle completes and checks the flags for a model.
func (f *labelPredictFlags) settle(cmd *cobra.Command, l *seq2seq.Labeler, name string) error {
	if f.asJSON && f.output != "" && f.output != toJSON {
		return misusef("--json beside --as %s: want one of the two", f.output)
	}
	switch {
	case f.asJSON:
		f.output = toJSON
	case f.output == "" && isTerminal(cmd.OutOrStdout()):
		f.output = toMarked
	case f.output == "":
		f.output = toConll
	}
	f.asJSON = f.output == toJSON
	if f.input == "" {
		if f.input = labelTypeByName(name); f.input == "" {
			f.input = fromText
		}
	}
	for _, s := range []struct {
		flag, value string
		of          []string
	}{{"input", f.input, labelInputs()}, {"as", f.output, labelOutputs()}} {
		if err := setting.OneOf(s.value, s.of...); err != nil {
			return misusef("--%s is %w", s.flag, err)
		}
	}
	if f.nbest < 0 || f.nbest > 0 && !f.asJSON {
		return misusef("--nbest %d: want 1 or more, and --json", f.nbest)
	}
	if f.batch < 1 {
		return misusef("--batch is %d: want 1 or more", f.batch)
	}
	if f.chars && f.input != fromText && f.input != corpora.TypeTokens {
		return misusef("--chars with --input %s, whose tokens are given: want text or tokens", f.input)
	}
	f.chars = f.chars || formatOf(l.Summary()).Type == corpora.TypeSegmented
	return f.lines.check()
}

// run labels the sentences of the named file.
func (f *labelPredictFlags) run(cmd *cobra.Command, name string) error {
	l, err := seq2seq.LoadLabeler(f.path)
	if err != nil {
		return err
	}
	if err := f.settle(cmd, l, name); err != nil {
		return err
	}
	if f.int8 {
		l = l.Quantize()
	}
	marks := newSpanReader(l)
	out := newSentenceWriter(f.output, isTerminal(cmd.OutOrStdout()))
	opts := &seq2seq.LabelOptions{BatchSentences: f.batch, MaxWait: maxWait(cmd, name), NBest: f.nbest}
	var read sentenceQueue
	lines := watched(cmd, &f.known, read.lines(f.sentences(cmd, name)), l.Unseen)
	answers := joined(&read, l.Predict(cmd.Context(), lines, opts), marks)
	if err := writeOutput(cmd, "", out.header); err != nil {
		return err
	}
	err = writeAnswers(cmd, &f.lines, name, f.asJSON, answers, func(w *bufio.Writer, _ int, s labeledSentence) error {
		return out.sentence(w, s)
	})
	return errors.Join(err, writeOutput(cmd, "", out.footer))
}

// joined streams the sentences with their labels. A bad sentence has none.
func joined(read *sentenceQueue, answers iter.Seq2[seq2seq.Labeling, error], marks spanReader) iter.Seq2[labeledSentence, error] {
	return func(yield func(labeledSentence, error) bool) {
		for a, err := range answers {
			var s labeledSentence
			if err == nil || corpora.IsLineError(err) {
				of := read.next()
				if err == nil {
					s = marks.labeled(of, a)
				}
			}
			if !yield(s, err) {
				return
			}
		}
	}
}

// spanReader finds the spans of a labeler's labels.
type spanReader struct {
	marks bool // labels mark spans
	bioes bool // labels were IOB2 before the training, and become it again
}

// newSpanReader returns a reader of the labels of the first column.
func newSpanReader(l *seq2seq.Labeler) spanReader {
	var all [][]string
	for _, label := range l.Labels(0) {
		all = append(all, []string{label})
	}
	scheme := corpora.GuessScheme(all)
	return spanReader{marks: scheme != "", bioes: scheme == corpora.SchemeBIOES}
}

// asIOB2 returns the labels that files have.
func (r spanReader) asIOB2(labels []string) []string {
	if !r.bioes {
		return labels
	}
	out, err := corpora.ToIOB2(corpora.SchemeBIOES, labels, true)
	if err != nil { // no label is outside the scheme
		return labels
	}
	return out
}

// labeled joins a sentence and a labeler's answer.
func (r spanReader) labeled(s sentence, a seq2seq.Labeling) labeledSentence {
	out := labeledSentence{Text: s.text, Tokens: []labeledToken{}, marked: r.marks}
	labels := r.asIOB2(a.Labels)
	for i, t := range s.tokens {
		out.Tokens = append(out.Tokens, labeledToken{t, labels[i], a.Probabilities[i]})
	}
	for _, c := range a.Columns {
		out.Columns = append(out.Columns, labelColumn{c.Labels, c.Probabilities})
	}
	for _, p := range a.NBest {
		out.NBest = append(out.NBest, labelPath{r.asIOB2(p.Labels), p.LogProb})
	}
	if !r.marks || len(s.tokens) == 0 {
		return out
	}
	spans, err := metric.Lenient.Spans(a.Labels)
	if err != nil { // no label is empty
		return out
	}
	for _, span := range spans {
		first, last := s.tokens[span.Start], s.tokens[span.End-1]
		out.Spans = append(out.Spans, labeledSpan{
			Type: span.Type, Text: s.text[first.Start:last.End], Start: first.Start, End: last.End,
			Probability: slices.Min(a.Probabilities[span.Start:span.End]), first: span.Start, last: span.End,
		})
	}
	return out
}
