package tokenize

import (
	"slices"
	"strings"
	"testing"
)

func TestPreTokens(t *testing.T) {
	long := strings.Repeat("é", maxPreToken)
	for line, want := range map[string][]string{
		"":                                       nil,
		"the 2 cats, (see)":                      {" the", " 2", " cats", ",", " (", "see", ")"},
		"don't":                                  {" don", "'", "t"},
		"a  b   c ":                              {" a", " ", " b", "  ", " c", " "},
		" a":                                     {" ", " a"},
		"x\t\ty":                                 {" x", "\t\t", "y"},
		"B2B 3½":                                 {" B", "2", "B", " 3½"},
		"cafe\u0301!\u0301a":                     {" cafe\u0301", "!\u0301", "a"},
		"می\u200cخواهم":                          {" می\u200cخواهم"},
		"\u0301a":                                {" \u0301", "a"},
		"東京, ok":                                 {" 東京", ",", " ok"},
		long + "é":                               {" " + long, "é"},
		strings.Repeat(" ", maxPreToken+1) + "a": {strings.Repeat(" ", maxPreToken), " ", " a"},
	} {
		var got []string
		preTokens(line, func(text string) { got = append(got, text) })
		if !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", line, got, want)
		}
	}
}
