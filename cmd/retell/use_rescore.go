package main

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/seq2seq"
)

func newRescore() *cobra.Command {
	var from inferenceFlags
	var norm normFlags
	var lines answerFlags
	var known unseen
	var source string
	var weight float64
	var best bool
	cmd := &cobra.Command{
		Use:   "rescore -m MODEL --source FILE [NBEST]",
		Short: "Order n-best lists by another model",
		Long: `Give the translations of an n-best list the scores of a model, or of several, and order those of each line by them. NBEST (standard
input if absent) is what 'translate --nbest' writes: the number of a line of --source, with --scores a score, and a translation,
separated by tabs. It is written with the new scores.

With --weight W, the new score is W times the model's and 1-W times the one that the list holds.

The translations of a source line that cannot be read keep their order, and a line of the list that cannot be read is left out, with a
message each; the exit status is then 1 at the end. --on-error stop ends there instead.`,
		Example: `  retell translate -m forward.retell --beam 20 --nbest 20 --scores test.en > nbest
  retell rescore -m right-to-left.retell --source test.en --weight 0.5 --best nbest > output.de`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := cmp.Or(lines.check(), norm.check()); err != nil {
				return err
			}
			if !(weight >= 0 && weight <= 1) {
				return misusef("--weight is %v: want 0 to 1", weight)
			}
			models, format, err := from.load()
			if err != nil {
				return err
			}
			ofSource, ofList := lines.numbers(cmd, source), lines.numbers(cmd, inputFile(args))
			sources, err := corpora.Collect(ofSource.blanks(watched(cmd, &known, readSources(cmd, format, source), models.Unseen)))
			if err != nil {
				return err
			}
			lists, err := readNBest(cmd, inputFile(args), ofList, len(sources), weight < 1)
			if err != nil {
				return err
			}
			examples := make([]corpora.Example, len(lists))
			for i, l := range lists {
				examples[i] = corpora.Example{Source: sources[l.number-1], Targets: l.texts}
			}
			err = writeOutput(cmd, "", func(w *bufio.Writer) error {
				i := 0
				for s, err := range models.Score(cmd.Context(), corpora.Stream(examples), nil) {
					if err != nil {
						return err
					}
					if err := lists[i].write(w, s.Targets, &norm, weight, best); err != nil {
						return err
					}
					i++
				}
				return nil
			})
			return cmp.Or(err, ofSource.end(), ofList.end())
		},
	}
	from.add(cmd)
	lines.add(cmd)
	known.add(cmd)
	norm.add(cmd, seq2seq.NormAverage)
	cmd.Flags().StringVar(&source, "source", "", "file of what was translated, one a line")
	cmd.Flags().Float64Var(&weight, "weight", 1, "share of the model's score in the new one, 0 to 1")
	cmd.Flags().BoolVar(&best, "best", false, "write the best translation of each line and nothing else")
	required(cmd, "source")
	return cmd
}

// nbestList is the translations of one line.
type nbestList struct {
	number int
	texts  []string
	scores []float64 // nil if the list has none
}

// write writes the translations, the best first. Those of a line without tokens have no probability and keep their
// order.
func (l *nbestList) write(w *bufio.Writer, scored []seq2seq.ScoredTarget, norm *normFlags, weight float64, best bool) error {
	order, scores := make([]int, len(scored)), make([]float64, len(scored))
	for i, t := range scored {
		order[i] = i
		if t.Tokens != nil {
			scores[i] = weight * norm.of(t)
		}
		if weight < 1 {
			scores[i] += (1 - weight) * l.scores[i]
		}
	}
	slices.SortStableFunc(order, func(i, k int) int { return cmp.Compare(scores[k], scores[i]) })
	if best {
		if len(order) == 0 { // none of the line's could be read
			return w.WriteByte('\n')
		}
		_, err := w.WriteString(l.texts[order[0]] + "\n")
		return err
	}
	for _, i := range order {
		if _, err := fmt.Fprintf(w, "%d\t%.4f\t%s\n", l.number, scores[i], l.texts[i]); err != nil {
			return err
		}
	}
	return nil
}

// readSources streams the lines of a file as models of that format read them.
func readSources(cmd *cobra.Command, format corpora.Format, name string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for line, err := range corpora.Lines(name, readOptions(cmd)) {
			if err == nil {
				if line, err = format.Source(line); err != nil {
					err = corpora.LineError(err)
				}
			}
			if !yield(line, err) {
				return
			}
		}
	}
}

// candidate is a line of an n-best list.
type candidate struct {
	number int
	score  float64
	scored bool
	text   string
}

// parseCandidate reads a line of an n-best list: the number of a line, from..to of that many, a score, wanted or not,
// and a text.
func parseCandidate(line string, from, to, of int, wantScore bool) (c candidate, err error) {
	columns := strings.SplitN(line, "\t", 3)
	c.number, err = strconv.Atoi(columns[0])
	if err != nil || len(columns) < 2 || c.number < from || c.number > min(to, of) {
		return c, fmt.Errorf("line begins with %.40q: want the number of a line, %d to %d of %d, and a tab", columns[0], from, min(to, of), of)
	}
	if c.text, c.scored = columns[len(columns)-1], len(columns) == 3; c.scored {
		if c.score, err = strconv.ParseFloat(columns[1], 64); err != nil || c.score-c.score != 0 {
			return c, fmt.Errorf("score is %.40q: want a number", columns[1])
		}
	} else if wantScore {
		return c, errors.New("line has no score: want one for --weight, as translate --scores writes it")
	}
	return c, nil
}

// readNBest reads the n-best lists of that many lines, each of which has one, with scores if they are wanted. Lines of
// the file that cannot be read may leave lists without translations.
func readNBest(cmd *cobra.Command, name string, places *lineNumbers, lines int, scored bool) ([]nbestList, error) {
	var lists []nbestList
	for line, err := range corpora.Lines(name, readOptions(cmd)) {
		var c candidate
		if err == nil {
			last := len(lists)
			if c, err = parseCandidate(line, max(1, last), last+1+places.bad, lines, scored); err != nil {
				err = corpora.LineError(err)
			}
		}
		bad, err := places.next(err)
		if err != nil {
			return nil, err
		}
		if bad != nil {
			continue
		}
		for len(lists) < c.number {
			lists = append(lists, nbestList{number: len(lists) + 1})
		}
		l := &lists[c.number-1]
		l.texts = append(l.texts, c.text)
		if c.scored {
			l.scores = append(l.scores, c.score)
		}
	}
	if len(lists)+places.bad < lines {
		return nil, fmt.Errorf("%s has translations of %d lines: want %d", places.input, len(lists), lines)
	}
	for len(lists) < lines {
		lists = append(lists, nbestList{number: len(lists) + 1})
	}
	return lists, nil
}
