package main

import (
	"bufio"
	"cmp"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/seq2seq"
)

// translateFlags are the flags of translate.
type translateFlags struct {
	from   inferenceFlags
	search searchFlags
	in     inputFlags
	lines  answerFlags
	show   translationColumns
	known  unseen
	json   bool
}

func newTranslate() *cobra.Command {
	var f translateFlags
	cmd := &cobra.Command{
		Use:   "translate -m MODEL [FILE]",
		Short: "Translate lines",
		Long: `Translate the lines of FILE (default: standard input) in order; empty lines stay empty. Lines are answered as soon
as the input pauses, so a program can write a line and wait for its answer.

With --nbest N, each line has N translations, each on a line of its own after the number of its source line and a tab.
These columns, each followed by a tab, precede the translation:

  --scores         log-probability after length normalization; with --mbr the expected metric
  --probabilities  share of the total probability of the line's translations, 0 to 1
  --confidence     mean over the tokens of the probability of the token minus that of the likeliest other, -1 to 1

--json writes all of these, with the margin and the entropy of each token; see 'retell help json'.

With --json-input, each input line is an object with "text" and optional conditions under Sockeye's keys:
"target_prefix", "constraints" (phrases to contain) and "avoid" (phrases not to contain).

--glossary names a file of terms. A phrase matches whole words, longer phrases first; a phrase in lower case matches
any case. The search places a term's translation where the model prefers it if the vocabulary can spell it; otherwise
the translation replaces the phrase in place.

--markup xml keeps tags, comments and entities; --markup placeholders keeps {name}, ${name}, %s, %1$d, %(name)s, web
and mail addresses. The text between them is translated piece by piece, so the pieces keep their order and the model
sees no context across markup.

` + onErrorHelp,
		Example: `  retell translate -m model.retell input.en > output.de
  echo 'A dog runs .' | retell translate -m model.retell --beam 10 --nbest 3 --scores
  retell translate -m a.retell -m b.retell -m c.retell --json input.en
  retell translate -m model.retell --sample 20 --top-p 0.9 --mbr chrf input.en
  echo '{"text": "A dog runs .", "constraints": ["Hund"]}' | retell translate -m model.retell --json-input
  retell translate -m model.retell --glossary terms.tsv --markup xml,placeholders messages.txt`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, inputFile(args)) },
	}
	f.from.add(cmd)
	f.search.add(cmd)
	f.in.add(cmd)
	f.lines.add(cmd)
	f.known.add(cmd)
	cmd.Flags().IntVar(&f.search.options.NBest, "nbest", 1, "number of translations of each line, best first; widens the beam")
	cmd.Flags().BoolVar(&f.show.score, "scores", false, "write the score before each translation")
	cmd.Flags().BoolVar(&f.show.probability, "probabilities", false, "write the share of probability before each translation")
	cmd.Flags().BoolVar(&f.show.confidence, "confidence", false, "write the confidence before each translation")
	cmd.Flags().BoolVar(&f.search.options.Align, "alignments", false, "append a tab and the alignment in Pharaoh's format (0-0 1-2); needs attention")
	cmd.Flags().BoolVar(&f.json, "json", false, "write one JSON object a line, with all hypotheses, tokens, probabilities and confidence")
	return cmd
}

func (f *translateFlags) run(cmd *cobra.Command, name string) error {
	if err := cmp.Or(f.lines.check(), f.search.check(cmd)); err != nil {
		return err
	}
	models, format, err := f.from.load()
	if err != nil {
		return err
	}
	f.search.options.MaxWait = maxWait(cmd, name)
	inputs, err := f.in.read(cmd, models, format, name)
	if err != nil {
		return err
	}
	f.show.number, f.show.alignment = f.search.options.NBest > 1, f.search.options.Align
	f.search.options.Confidence = f.show.confidence || f.json
	inputs = watched(cmd, &f.known, inputs, models.UnseenInput)
	answers := models.TranslateInputs(cmd.Context(), inputs, &f.search.options)
	return writeAnswers(cmd, &f.lines, name, f.json, answers, func(w *bufio.Writer, number int, t seq2seq.Translation) error {
		t.Text = format.Display(t.Text)
		for i := range t.Hypotheses {
			t.Hypotheses[i].Text = format.Display(t.Hypotheses[i].Text)
		}
		if f.json {
			return writeJSON(w, translation{t.Source, t.Text, append([]seq2seq.Hypothesis{}, t.Hypotheses...)})
		}
		_, err := w.WriteString(f.show.lines(t, number))
		return err
	})
}

// translationColumns are the columns beside a translation.
type translationColumns struct{ number, score, probability, confidence, alignment bool }

// lines returns the output of translate for one line of input: one line, or one for each hypothesis.
func (c translationColumns) lines(t seq2seq.Translation, number int) string {
	var b strings.Builder
	hypotheses := t.Hypotheses
	if len(hypotheses) == 0 { // an empty line
		hypotheses = []seq2seq.Hypothesis{{}}
	}
	for _, h := range hypotheses {
		if c.number {
			fmt.Fprintf(&b, "%d\t", number)
		}
		for _, column := range []struct {
			show  bool
			value float64
		}{{c.score, h.Score}, {c.probability, h.Probability}, {c.confidence, h.Confidence}} {
			if column.show {
				fmt.Fprintf(&b, "%.4f\t", column.value)
			}
		}
		b.WriteString(h.Text)
		if c.alignment {
			b.WriteString("\t" + h.Alignment.String())
		}
		b.WriteByte('\n')
	}
	return b.String()
}
