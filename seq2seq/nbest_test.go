package seq2seq

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/retell-rnn/retell/corpora"
)

// TestReadNBest holds that lines join the lists of their sources, and that judge receives bad lines.
func TestReadNBest(t *testing.T) {
	sources := []string{"a", "b", "c"}
	read := func(scored bool, judge func(error) error, lines ...string) ([]NBest, error) {
		return ReadNBest(corpora.Stream(lines), sources, scored, judge)
	}
	want := []NBest{{"a", []string{"x", "y z"}, []float64{-1, -2.5}}, {"b", []string{""}, []float64{0}}, {"c", []string{"w"}, []float64{-3}}}
	got, err := read(true, nil, "1\t-1\tx", "1\t-2.5\ty z", "2\t0\t", "3\t-3\tw")
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("error %v, (-want +got):\n%s", err, diff)
	}
	if got, err = read(false, nil, "1\tx", "2\ty", "3\tz"); err != nil || got[2].Scores != nil || got[2].Texts[0] != "z" {
		t.Errorf("lists without scores: %+v, error %v", got, err)
	}
	for line, want := range map[string]string{
		"x":          `line begins with "x": want the number of a line, 1 to 1 of 3, and a tab`,
		"2\tx":       `line begins with "2": want the number of a line, 1 to 1 of 3, and a tab`,
		"1\tx":       "line has no score",
		"1\tbad\tx":  `score is "bad": want a number`,
		"1\tNaN\tx":  `score is "NaN": want a number`,
		"1\t0\tgood": "translations of 1 lines: want 3",
	} {
		if _, err := read(true, nil, line); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v: want %q", line, err, want)
		}
	}
	// A judge that leaves lines out: the bad line may have been source 2's only one.
	var judged []bool
	got, err = read(false, func(err error) error { judged = append(judged, err != nil); return nil }, "1\tx", "bad", "3\tz")
	if err != nil || !slices.Equal(judged, []bool{false, true, false}) || len(got[1].Texts) != 0 || got[2].Texts[0] != "z" {
		t.Errorf("lists %+v, judged %v, error %v", got, judged, err)
	}
	stop := errors.New("stop")
	if _, err = read(false, func(error) error { return stop }, "1\tx"); !errors.Is(err, stop) {
		t.Errorf("error %v: want the judge's", err)
	}
}

// TestRescored holds that new scores are the weighted sums, best first, and that equal scores keep their order.
func TestRescored(t *testing.T) {
	l := NBest{Source: "s", Texts: []string{"a", "b", "c", "d"}, Scores: []float64{-1, -2, -9, -4}}
	scored := []ScoredTarget{
		{Tokens: []string{"a", "</s>"}, LogProbs: []float64{-4, -4}},
		{Tokens: []string{"b", "</s>"}, LogProbs: []float64{-1, -1}},
		{}, // no tokens: log-probability 0
		{Tokens: []string{"d", "</s>"}, LogProbs: []float64{-1, -1}},
	}
	for _, test := range []struct {
		opts   RescoreOptions
		texts  string
		scores []float64
	}{
		{RescoreOptions{ModelWeight: 1, LengthNorm: NormNone}, "c b d a", []float64{0, -2, -2, -8}},
		{RescoreOptions{ModelWeight: 1, LengthNorm: NormAverage}, "c b d a", []float64{0, -1, -1, -4}},
		{RescoreOptions{ListWeight: 1}, "a b d c", []float64{-1, -2, -4, -9}},
		{RescoreOptions{ModelWeight: 0.5, ListWeight: 0.5, LengthNorm: NormNone}, "b d a c", []float64{-2, -3, -4.5, -4.5}},
	} {
		got := l.rescored(scored, &test.opts)
		if strings.Join(got.Texts, " ") != test.texts || !slices.EqualFunc(got.Scores, test.scores, func(a, b float64) bool { return math.Abs(a-b) < 1e-12 }) {
			t.Errorf("%+v: %v, %v: want %s, %v", test.opts, got.Texts, got.Scores, test.texts, test.scores)
		}
	}
}
