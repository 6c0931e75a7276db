package corpora

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/retell-rnn/retell/internal/quote"
	"github.com/retell-rnn/retell/internal/setting"
)

// fieldSeparator separates the tokens of a labeled sequence, and its labels.
const fieldSeparator = "\t"

// JoinFields returns the source or a label column of a labeled sequence: its tokens or labels, separated by tabs.
func JoinFields(fields []string) string { return strings.Join(fields, fieldSeparator) }

// SplitFields is the inverse of [JoinFields]; nil for an empty line.
func SplitFields(line string) []string {
	if line == "" {
		return nil
	}
	return strings.Split(line, fieldSeparator)
}

// IsLabeled reports whether the format is one of labeled sequences. Their examples have the tokens of a sentence as
// source, the labels of the first column as target and those of further columns as Labels, all separated by tabs.
func (f Format) IsLabeled() bool {
	switch f.Type {
	case TypeCoNLL, TypeCoNLLU, TypeTagged, TypeTokens, TypeSegmented:
		return true
	}
	return false
}

// labeledTypes returns the types of labeled sequences.
func labeledTypes() []string { return []string{TypeCoNLL, TypeCoNLLU, TypeTagged, TypeTokens} }

// validateLabeled adds the violations of the settings for labeled sequences.
func (f Format) validateLabeled(v *setting.Check) {
	for _, column := range append(splitList(f.Labels), f.Tokens) {
		if n, err := strconv.Atoi(column); err == nil && n < 1 && f.Type == TypeCoNLL {
			v.Add("labels", "%d: want the number of a column, from 1, or a name", n)
		}
	}
	for _, scheme := range splitList(f.Scheme) {
		if scheme != "" {
			v.In("scheme", setting.OneOf(scheme, append(Schemes(), SchemeNone)...))
		}
	}
	if f.Repair && f.Scheme == "" {
		v.Add("repair", "true without scheme: want the scheme of the labels")
	}
	if strings.ContainsAny(f.Separator, " \t") {
		v.Add("separator", "%q: want text without white space", f.Separator)
	}
}

// splitList returns the items of a list that commas separate; nil for an empty text.
func splitList(list string) []string {
	if list == "" {
		return nil
	}
	items := strings.Split(list, ",")
	for i := range items {
		items[i] = strings.TrimSpace(items[i])
	}
	return items
}

// labeled returns the example of tokens and label columns, in IOB2 where the format has a scheme. An error is about the
// token at the given place, from 0.
func (f Format) labeled(tokens []string, columns [][]string) (e Example, at int, err error) {
	e.Source = JoinFields(tokens)
	schemes := splitList(f.Scheme)
	for k, labels := range columns {
		if k < len(schemes) && schemes[k] != "" && schemes[k] != SchemeNone {
			if labels, at, err = toIOB2(schemes[k], labels, f.Repair); err != nil {
				return Example{}, at, err
			}
		}
		if k == 0 {
			e.Targets = []string{JoinFields(labels)}
		} else {
			e.Labels = append(e.Labels, JoinFields(labels))
		}
	}
	return e, 0, nil
}

// parseTagged reads a line of token/LABEL, separated by white space. Without labels, a line has tokens alone.
func (f Format) parseTagged(line string, sourceOnly bool) (Example, error) {
	words := strings.Fields(line)
	if sourceOnly {
		return Example{Source: JoinFields(words)}, nil
	}
	separator := f.Separator
	if separator == "" {
		separator = "/"
	}
	tokens, labels := make([]string, len(words)), make([]string, len(words))
	for i, word := range words {
		at := strings.LastIndex(word, separator)
		switch {
		case at < 0:
			return Example{}, fmt.Errorf("word %d is %s: want token%sLABEL", i+1, quote.Text(word), separator)
		case isBlank(word[:at]):
			return Example{}, fmt.Errorf("word %d is %s, and its token is empty: want token%sLABEL", i+1, quote.Text(word), separator)
		case at+len(separator) == len(word):
			return Example{}, fmt.Errorf("word %d is %s, and its label is empty: want token%sLABEL", i+1, quote.Text(word), separator)
		}
		tokens[i], labels[i] = word[:at], word[at+len(separator):]
	}
	return f.checked(tokens, [][]string{labels})
}

// checked returns the example of tokens and label columns on one line.
func (f Format) checked(tokens []string, columns [][]string) (Example, error) {
	e, at, err := f.labeled(tokens, columns)
	if err != nil {
		return e, fmt.Errorf("token %d (%s): %w", at+1, quote.Text(tokens[at]), err)
	}
	return e, nil
}

// parseTokens reads an object with an array of tokens and arrays of labels, one for each token.
func (f Format) parseTokens(line string, sourceOnly bool) (Example, error) {
	object, err := jsonObject(line)
	if err != nil {
		return Example{}, err
	}
	field, fields := f.Tokens, splitList(f.Labels)
	if field == "" {
		field = "tokens"
	}
	if len(fields) == 0 {
		fields = []string{"tags"}
	}
	tokens, err := jsonArray(object, field)
	if err != nil {
		return Example{}, err
	}
	if sourceOnly {
		return Example{Source: JoinFields(tokens)}, nil
	}
	var columns [][]string
	for _, name := range fields {
		labels, err := jsonArray(object, name)
		switch {
		case err != nil:
			return Example{}, err
		case len(labels) != len(tokens):
			return Example{}, fmt.Errorf("field %q has %s: want %d, one for each token", name, number(len(labels), "label"), len(tokens))
		}
		columns = append(columns, labels)
	}
	return f.checked(tokens, columns)
}

// checkField returns an error about a token or label that is blank, or that has a tab or a line break.
func checkField(text string) error {
	switch {
	case isBlank(text):
		return errors.New("is empty: want text")
	case strings.ContainsAny(text, "\t\n\r"):
		return fmt.Errorf("is %s: want text without tabs and line breaks", quote.Text(text))
	}
	return nil
}
