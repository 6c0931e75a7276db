package corpora

import (
	"encoding/json"
	"iter"
	"slices"
	"strings"
)

// Texts streams all texts of a file of any format, to search for them: the fields of each line between tabs, or the
// strings of a line that is a JSON object, sorted. A question of TREC is a text with its class and one without. Blank
// texts are left out. See [Lines] for compression, standard input and errors.
func Texts(path string, opts *ReadOptions) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for line, err := range Lines(path, opts) {
			if err != nil {
				if !yield("", err) {
					return
				}
				continue
			}
			for _, text := range textsOf(line) {
				if !isBlank(text) && !yield(text, nil) {
					return
				}
			}
		}
	}
}

// textsOf returns the texts of a line.
func textsOf(line string) []string {
	if strings.HasPrefix(line, "{") {
		var object map[string]any
		if json.Unmarshal([]byte(line), &object) == nil {
			return slices.Sorted(slices.Values(stringsIn(object)))
		}
	}
	if !strings.Contains(line, "\t") {
		if class, question, ok := strings.Cut(line, " "); ok && isClass(class) {
			return []string{line, question}
		}
		return []string{line}
	}
	return strings.Split(line, "\t")
}

// isClass reports whether a word is a class of TREC, COARSE:fine.
func isClass(word string) bool {
	coarse, fine, ok := strings.Cut(word, ":")
	return ok && coarse != "" && fine != "" && strings.Trim(coarse, upper) == "" && strings.Trim(fine, lower) == ""
}

const upper, lower = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"

// stringsIn returns the strings within a JSON value.
func stringsIn(value any) (all []string) {
	switch v := value.(type) {
	case string:
		return []string{v}
	case []any:
		for _, of := range v {
			all = append(all, stringsIn(of)...)
		}
	case map[string]any:
		for _, of := range v {
			all = append(all, stringsIn(of)...)
		}
	}
	return all
}
