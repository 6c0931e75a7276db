package main

import (
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/seq2seq"
)

func newTranslate() *cobra.Command {
	var from inferenceFlags
	var search seq2seq.SearchOptions
	var scores, asJSON bool
	cmd := &cobra.Command{
		Use:   "translate -m MODEL [FILE]",
		Short: "Translate lines",
		Long: `Translate the lines of FILE (standard input if absent), one for one, in order; empty lines stay empty.
Lines appear as soon as their batch is done; at a terminal each line is answered at once.

With --nbest, each line becomes several, each beginning with the number of the line that it translates and a tab. With --scores, the
text follows its score, the log-probability after length normalisation, and a tab.`,
		Example: `  retell translate -m model.retell input.en > output.de
  echo 'A dog runs .' | retell translate -m model.retell --beam 10 --nbest 3 --scores
  retell translate -m model.retell --json input.en`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkSearch(&search); err != nil {
				return err
			}
			model, err := from.load()
			if err != nil {
				return err
			}
			if inputFile(args) == "-" && isTerminal(cmd.InOrStdin()) {
				search.BatchSentences = 1
				logger(cmd).Info("one line at a time; Ctrl-D ends")
			}
			format := formatOf(model)
			lines := sources(format, inputFile(args), corpora.Lines(inputFile(args), readOptions(cmd)))
			number := 0
			for t, err := range model.Translate(cmd.Context(), lines, &search) {
				if err != nil {
					return err
				}
				number++
				t.Text = format.Display(t.Text)
				for i := range t.Hypotheses {
					t.Hypotheses[i].Text = format.Display(t.Hypotheses[i].Text)
				}
				if asJSON {
					err = writeJSON(cmd.OutOrStdout(), translation{t.Source, t.Text, append([]seq2seq.Hypothesis{}, t.Hypotheses...)})
				} else {
					_, err = io.WriteString(cmd.OutOrStdout(), translationLines(t, number, search.NBest > 1, scores))
				}
				if err != nil {
					return err
				}
			}
			return nil
		},
	}
	from.add(cmd)
	addSearchFlags(cmd, &search)
	cmd.Flags().IntVar(&search.NBest, "nbest", 1, "translations of each line, best first, at most --beam")
	cmd.Flags().BoolVar(&scores, "scores", false, "write the score of each translation before it")
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line, with all hypotheses, their tokens and log-probabilities")
	return cmd
}

// translation is a line of translate --json.
type translation struct {
	Source      string               `json:"source"`
	Translation string               `json:"translation"`
	Hypotheses  []seq2seq.Hypothesis `json:"hypotheses"`
}

// translationLines is what translate writes for one line of its input: one line, or one for each hypothesis.
func translationLines(t seq2seq.Translation, number int, nbest, scores bool) string {
	var b strings.Builder
	hypotheses := t.Hypotheses
	if len(hypotheses) == 0 { // an empty line
		hypotheses = []seq2seq.Hypothesis{{}}
	}
	for _, h := range hypotheses {
		if nbest {
			fmt.Fprintf(&b, "%d\t", number)
		}
		if scores {
			fmt.Fprintf(&b, "%.4f\t", h.Score)
		}
		b.WriteString(h.Text + "\n")
	}
	return b.String()
}

// sources turns lines as people write them into what a model of that format reads. name is that of the file.
func sources(format corpora.Format, name string, lines iter.Seq2[string, error]) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		number := 0
		for line, err := range lines {
			if err != nil {
				yield("", err)
				return
			}
			number++
			source, err := format.Source(line)
			if err != nil {
				yield("", fmt.Errorf("%s:%d: %w", name, number, err))
				return
			}
			if !yield(source, nil) {
				return
			}
		}
	}
}
