package corpora

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"github.com/retell-rnn/retell/internal/quote"
)

// columnsOf returns the tokens and label columns of a labeled sequence.
func columnsOf(e Example) (tokens []string, columns [][]string, err error) {
	tokens = SplitFields(e.Source)
	for _, column := range append(slices.Clone(e.Targets), e.Labels...) {
		labels := SplitFields(column)
		if len(labels) != len(tokens) {
			return nil, nil, fmt.Errorf("has %s and %s: want one for each", number(len(tokens), "token"), number(len(labels), "label"))
		}
		columns = append(columns, labels)
	}
	for _, column := range append([][]string{tokens}, columns...) {
		for _, field := range column {
			if err := checkField(field); err != nil {
				return nil, nil, fmt.Errorf("token or label %w", err)
			}
		}
	}
	return tokens, columns, nil
}

// WriteCoNLL writes each token with its labels on a line, separated by tabs, and a blank line behind each sentence, the
// type conll of [Format]. It returns the number of examples written.
func WriteCoNLL(w io.Writer, examples iter.Seq2[Example, error]) (int, error) {
	return write(w, examples, func(b *bufio.Writer, e Example) error {
		tokens, columns, err := columnsOf(e)
		if err != nil {
			return err
		}
		for i, token := range tokens {
			b.WriteString(token) // b keeps an error for Flush
			for _, labels := range columns {
				b.WriteString("\t" + labels[i])
			}
			b.WriteByte('\n')
		}
		return b.WriteByte('\n')
	})
}

// WriteTagged writes each example as `token/LABEL token/LABEL`, the type tagged of [Format], with the labels of the
// first column. separator is the text between token and label; "" means /. It returns the number of examples written.
// No token may have white space, and no label white space or the separator.
func WriteTagged(w io.Writer, examples iter.Seq2[Example, error], separator string) (int, error) {
	if separator == "" {
		separator = "/"
	}
	return write(w, examples, func(b *bufio.Writer, e Example) error {
		tokens, columns, err := columnsOf(e)
		if err != nil {
			return err
		}
		if len(columns) == 0 {
			return fmt.Errorf("has no labels: want one for each token")
		}
		for i, token := range tokens {
			label := columns[0][i]
			if len(strings.Fields(token)) != 1 || len(strings.Fields(label)) != 1 || strings.Contains(label, separator) {
				return fmt.Errorf("has the token %s and the label %s: want no white space, and no %s in labels", quote.Text(token), quote.Text(label), separator)
			}
			if i > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(token + separator + label)
		}
		return b.WriteByte('\n')
	})
}

// WriteTokens writes each example as `{"tokens":[...],"tags":[...]}`, the type tokens of [Format]. Further columns are
// named tags2, tags3 and so on. It returns the number of examples written.
func WriteTokens(w io.Writer, examples iter.Seq2[Example, error]) (int, error) {
	return write(w, examples, func(b *bufio.Writer, e Example) error {
		tokens, columns, err := columnsOf(e)
		if err != nil {
			return err
		}
		var text strings.Builder
		enc := json.NewEncoder(&text)
		enc.SetEscapeHTML(false)
		for k, column := range append([][]string{tokens}, columns...) {
			name := "tags"
			switch {
			case k == 0:
				name = "tokens"
			case k > 1:
				name = fmt.Sprintf("tags%d", k)
			}
			text.Reset()
			if err := enc.Encode(column); err != nil {
				return err
			}
			fmt.Fprintf(b, "%s%q:%s", map[bool]string{true: "{", false: ","}[k == 0], name, strings.TrimSuffix(text.String(), "\n"))
		}
		_, err = b.WriteString("}\n")
		return err
	})
}
