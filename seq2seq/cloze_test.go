package seq2seq

import (
	"slices"
	"strings"
	"testing"

	"github.com/retell-rnn/retell/corpora"
)

// A cloze labeler does not see the token that it labels, and sees both neighbors.
func TestClozeSeesNeighborsAlone(t *testing.T) {
	var data []corpora.Example
	for _, line := range []string{"a\tb\tc\td", "d\tc\tb\ta", "a\ta\tb"} {
		data = append(data, corpora.Example{Source: line, Targets: []string{line}})
	}
	c := labelerConfig()
	c.Labeler.Cloze = true
	l := newLabeler(t, c, data, 1)
	at := func(line string, token int) []float32 {
		got := collect(t, l.Predict(t.Context(), corpora.Stream([]string{line}), &LabelOptions{Distribution: true}))
		return got[0].Distribution[token]
	}
	want := at("a\tb\tc\td", 1)
	if got := at("a\td\tc\td", 1); !slices.Equal(got, want) {
		t.Errorf("with another token: %v: want %v", got, want)
	}
	for _, line := range []string{"b\tb\tc\td", "a\tb\ta\td"} {
		if got := at(line, 1); slices.Equal(got, want) {
			t.Errorf("with other neighbors in %q: the same distribution", line)
		}
	}
	if got := at("a", 0); len(got) != 4 {
		t.Errorf("a single token: %d probabilities: want 4", len(got))
	}
	c.Encoder.Layers = 2
	if err := c.Validate(); err == nil || !strings.Contains(err.Error(), "labeler.cloze") {
		t.Errorf("two layers: error %v: want one about labeler.cloze", err)
	}
}
