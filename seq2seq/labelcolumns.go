package seq2seq

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/quote"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/tokenize"
)

// The target vocabulary of a labeler holds the labels of all columns. A label of a further column begins with the
// column's number and columnMark: the label NOUN of the second column is "1\x1fNOUN".
const columnMark = "\x1f"

// labelColumn lists the labels of one column.
type labelColumn struct {
	ids    []int32 // ids in the target vocabulary, by the label's number in the column
	number []int32 // number of each id of the target vocabulary; -1 for others
	names  []string

	allowed func(from, to int) bool // labels that may follow each other, by number; nil allows all
	crf     *rnn.CRF                // nil for labels predicted by themselves
}

// labelColumns returns the columns of a labeler's target vocabulary.
func labelColumns(target *tokenize.Codec) ([]labelColumn, error) {
	var columns []labelColumn
	for id := int32(firstLabel); int(id) < target.Size(); id++ {
		k, name := 0, target.Decode([]int32{id})
		if number, rest, ok := strings.Cut(name, columnMark); ok {
			n, err := strconv.Atoi(number)
			if err != nil || n < 1 || n > maxLabelColumns {
				return nil, fmt.Errorf("label %s: want a column number from 1 to %d before U+001F", quote.Text(name), maxLabelColumns)
			}
			k, name = n, rest
		}
		for k >= len(columns) {
			columns = append(columns, labelColumn{number: slices.Repeat([]int32{-1}, target.Size())})
		}
		c := &columns[k]
		c.number[id] = int32(len(c.ids))
		c.ids, c.names = append(c.ids, id), append(c.names, name)
	}
	if len(columns) == 0 {
		return nil, errors.New("the target vocabulary has no labels")
	}
	for k, c := range columns {
		if len(c.ids) == 0 {
			return nil, fmt.Errorf("column %d of %d has no labels", k+1, len(columns))
		}
	}
	return columns, nil
}

const maxLabelColumns = 64

// labelsText returns the labels of all columns of an example as one text: tokens × columns fields, column by column.
func labelsText(e corpora.Example) string {
	if len(e.Labels) == 0 {
		return e.Targets[0]
	}
	var b strings.Builder
	b.WriteString(e.Targets[0])
	for k, column := range e.Labels {
		for label := range strings.SplitSeq(column, "\t") {
			b.WriteString("\t" + strconv.Itoa(k+1) + columnMark + label)
		}
	}
	return b.String()
}

// checkLabeled returns an error for an example that is not a labeled sequence with the given number of columns.
func checkLabeled(e corpora.Example, columns int) error {
	if len(e.Targets) != 1 {
		return fmt.Errorf("has %d targets: want one, the labels", len(e.Targets))
	}
	if n := 1 + len(e.Labels); n != columns {
		return fmt.Errorf("has %d label columns: want %d", n, columns)
	}
	tokens := fields(e.Source)
	if i := slices.Index(tokens, ""); i >= 0 {
		return fmt.Errorf("token %d is empty: want a token", i+1)
	}
	for k, column := range append(e.Targets[:1:1], e.Labels...) {
		labels := fields(column)
		if len(labels) != len(tokens) {
			return fmt.Errorf("has %d tokens and %d labels in column %d: want a label for each token", len(tokens), len(labels), k+1)
		}
		for i, label := range labels {
			if label == "" || strings.Contains(label, columnMark) {
				return fmt.Errorf("label %d in column %d is %q: want text without U+001F", i+1, k+1, label)
			}
		}
	}
	return nil
}

// fields returns the fields of a line of kind fields.
func fields(line string) []string {
	if line == "" {
		return nil
	}
	return strings.Split(line, "\t")
}

// checkLabelings returns an error for an example that is not a labeled sequence with the given number of columns.
func checkLabelings(examples []corpora.Example, columns int) error {
	for i, e := range examples {
		if err := checkLabeled(e, columns); err != nil {
			return fmt.Errorf("example %d (%s) %w", i+1, quote.Text(e.Source), err)
		}
	}
	return nil
}

// checkKnown returns an error for a label that the target vocabulary lacks.
func checkKnown(target *tokenize.Codec, examples []corpora.Example) error {
	for i, e := range examples {
		ids := target.Encode(labelsText(e))
		if at := slices.Index(ids, tokenize.Unk); at >= 0 {
			return fmt.Errorf("example %d (%s) has the label %s, which the model's labels lack: want no target.min_count or max_size, and train.extend_vocabulary all or unknown",
				i+1, quote.Text(e.Source), quote.Text(fields(labelsText(e))[at]))
		}
	}
	return nil
}
