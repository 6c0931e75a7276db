package main

import (
	"bufio"
	"cmp"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/seq2seq"
)

func newTranslate() *cobra.Command {
	var from inferenceFlags
	var search searchFlags
	var in inputFlags
	var lines answerFlags
	var show translationColumns
	var known unseen
	var asJSON bool
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
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := cmp.Or(lines.check(), search.check(cmd)); err != nil {
				return err
			}
			models, format, err := from.load()
			if err != nil {
				return err
			}
			search.options.MaxWait = maxWait(cmd, inputFile(args))
			inputs, err := in.read(cmd, models, format, inputFile(args))
			if err != nil {
				return err
			}
			show.number, show.alignment = search.options.NBest > 1, search.options.Align
			search.options.Confidence = show.confidence || asJSON
			inputs = watched(cmd, &known, inputs, models.UnseenInput)
			answers := models.TranslateInputs(cmd.Context(), inputs, &search.options)
			return writeAnswers(cmd, &lines, inputFile(args), asJSON, answers, func(w *bufio.Writer, number int, t seq2seq.Translation) error {
				t.Text = format.Display(t.Text)
				for i := range t.Hypotheses {
					t.Hypotheses[i].Text = format.Display(t.Hypotheses[i].Text)
				}
				if asJSON {
					return writeJSON(w, translation{t.Source, t.Text, append([]seq2seq.Hypothesis{}, t.Hypotheses...)})
				}
				_, err := w.WriteString(show.lines(t, number))
				return err
			})
		},
	}
	from.add(cmd)
	search.add(cmd)
	in.add(cmd)
	lines.add(cmd)
	known.add(cmd)
	cmd.Flags().IntVar(&search.options.NBest, "nbest", 1, "translations of each line, best first; widens the beam")
	cmd.Flags().BoolVar(&show.score, "scores", false, "write the score of each translation before it")
	cmd.Flags().BoolVar(&show.probability, "probabilities", false, "write each translation's share of the probability of all that are written for its line before it")
	cmd.Flags().BoolVar(&show.confidence, "confidence", false, "write how sure the model is of each translation before it")
	cmd.Flags().BoolVar(&search.options.Align, "alignments", false, "write after each translation a tab and its alignment in Pharaoh's format: 0-0 1-2; wants a model with attention")
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line, with all hypotheses, their tokens, probabilities and confidence")
	return cmd
}

// translation is a line of translate --json.
type translation struct {
	Source      string               `json:"source"`
	Translation string               `json:"translation"`
	Hypotheses  []seq2seq.Hypothesis `json:"hypotheses"`
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
