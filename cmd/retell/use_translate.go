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
		Long: `Translate the lines of FILE (standard input if absent), one for one, in order; empty lines stay empty.
Whatever is there is answered as soon as the input pauses: a program can write a line and wait for its answer.

With --nbest, each line becomes several, each beginning with the number of the line that it translates and a tab. Further columns, each
with a tab behind it, stand before the text in this order:

  --scores         the log-probability after length normalization; with --mbr the expected metric
  --probabilities  the translation's share of the probability of all that are written for its line: 1 in all, and 1 without --nbest
  --confidence     how sure the model is: the mean, over the tokens, of the probability of the token less that of the likeliest other;
                   at most 1, and below 0 where other tokens were likelier

--json has all of these, with the margin and the entropy (in nats) of each token. "source" is the line as it was typed.

With --json-input, a line is an object with "text" and what is asked of its translation, in the keys that Sockeye has:
"target_prefix", "constraints" (a list of phrases to hold), "avoid" (a list of phrases not to hold).

--glossary names a file of terms, one a line: a phrase, a tab and its translation, or a phrase alone, which is left as it is. A phrase
is found between word boundaries, the longest first; one in lower case alone is found in any case, another one as it is written. Where
the model's vocabulary can spell a translation, the search puts it where the model wants it; otherwise it stands where its phrase does.

--markup xml lets tags, comments and entities pass through as they are, --markup placeholders {name}, ${name}, %s, %1$d, %(name)s and
the like, and addresses of pages and mail. What is between them is translated piece by piece, in the order of the line, so that a tag
stays around what it is around: a model sees nothing of a sentence beyond the tag.

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
	cmd.Flags().IntVar(&f.search.options.NBest, "nbest", 1, "translations of each line, best first; widens the beam")
	cmd.Flags().BoolVar(&f.show.score, "scores", false, "write the score of each translation before it")
	cmd.Flags().BoolVar(&f.show.probability, "probabilities", false, "write each translation's share of the probability of all that are written for its line before it")
	cmd.Flags().BoolVar(&f.show.confidence, "confidence", false, "write how sure the model is of each translation before it")
	cmd.Flags().BoolVar(&f.search.options.Align, "alignments", false, "write after each translation a tab and its alignment in Pharaoh's format: 0-0 1-2; wants a model with attention")
	cmd.Flags().BoolVar(&f.json, "json", false, "one JSON object a line, with all hypotheses, their tokens, probabilities and confidence")
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

// translationColumns are what stands beside a translation.
type translationColumns struct{ number, score, probability, confidence, alignment bool }

// lines returns what translate writes for one line of its input: one line, or one for each hypothesis.
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
