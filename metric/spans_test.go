package metric

import (
	"encoding/json"
	"flag"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// testdata/generate_spans.py can make other answers.
var spansPath = flag.String("seqeval", "testdata/seqeval.json", "file of answers of seqeval to compare with")

// TestSeqeval compares scores with those of seqeval 1.2.2; testdata/generate_spans.py made the cases up.
func TestSeqeval(t *testing.T) {
	text, err := os.ReadFile(*spansPath)
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Scheme                 SpanScheme
		Gold, Predicted        []string
		Types                  map[string][4]float64
		Accuracy               float64
		Micro, Macro, Weighted [3]float64
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	for i, c := range cases {
		gold, predicted := sequences(c.Gold...), sequences(c.Predicted...)
		r, err := ScoreSpans(gold, predicted, &LabelOptions{Scheme: c.Scheme})
		if err != nil {
			t.Fatalf("case %d: %v", i, err)
		}
		l, err := ScoreLabels(gold, predicted, nil)
		if err != nil {
			t.Fatalf("case %d: %v", i, err)
		}
		if math.Abs(l.Accuracy-c.Accuracy) > 1e-12 {
			t.Errorf("case %d: accuracy %v: want %v", i, l.Accuracy, c.Accuracy)
		}
		types := map[string][4]float64{}
		for _, s := range r.Types {
			types[s.Type] = [4]float64{s.Precision, s.Recall, s.F1, float64(s.Gold)}
		}
		within := cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) < 1e-12 })
		got := []any{types, figures(r.Micro), figures(r.Macro), figures(r.Weighted)}
		if diff := cmp.Diff([]any{c.Types, c.Micro, c.Macro, c.Weighted}, got, within); diff != "" {
			t.Errorf("case %d, %q\n%s\n%s\n%s", i, c.Scheme, strings.Join(c.Gold, "\n"), strings.Join(c.Predicted, "\n"), diff)
		}
	}
}

func figures(s SpanScore) [3]float64 { return [3]float64{s.Precision, s.Recall, s.F1} }

// sequences returns the words of lines.
func sequences(lines ...string) [][]string {
	out := make([][]string, len(lines))
	for i, line := range lines {
		out[i] = strings.Fields(line)
	}
	return out
}

func TestSpans(t *testing.T) {
	for _, test := range []struct {
		scheme SpanScheme
		labels string
		want   []Span
	}{
		{Lenient, "B-PER I-PER O I-LOC B-LOC", []Span{{"PER", 0, 2}, {"LOC", 3, 4}, {"LOC", 4, 5}}},
		{Lenient, "I-A I-B S-A B-A E-A E-A", []Span{{"A", 0, 1}, {"B", 1, 2}, {"A", 2, 3}, {"A", 3, 5}, {"A", 5, 6}}},
		{IOB2, "B-A I-A I-B B-B O I-A", []Span{{"A", 0, 2}, {"B", 3, 4}}},
		{IOB1, "I-A B-A I-A I-B", []Span{{"A", 0, 1}, {"A", 1, 3}, {"B", 3, 4}}},
		{BIOES, "S-A B-A I-A E-A B-A O", []Span{{"A", 0, 1}, {"A", 1, 4}}},
		{BILOU, "U-A B-A L-A", []Span{{"A", 0, 1}, {"A", 1, 3}}},
		{IOB2, "B I B I I", []Span{{"_", 0, 2}, {"_", 2, 5}}},
		{Lenient, "", nil},
	} {
		got, err := test.scheme.Spans(strings.Fields(test.labels))
		if err != nil {
			t.Errorf("%s: %v", test.labels, err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s %s: %s", test.scheme, test.labels, diff)
		}
	}
}

func TestSpanErrors(t *testing.T) {
	one := sequences("B-A O")
	for _, test := range []struct {
		gold, predicted [][]string
		opts            *LabelOptions
		want            string
	}{
		{nil, nil, nil, "metric: no sentences: want at least 1"},
		{one, nil, nil, "metric: 1 sentences and predictions of 0: want equal numbers"},
		{one, sequences("O"), nil, "metric: sentence 1 has 2 labels and 1 predicted ones: want equal numbers"},
		{one, sequences("S-A O"), &LabelOptions{Scheme: IOB2}, `metric: sentence 1: metric: label 1 is "S-A": want one that begins with one of I O B, as iob2 has`},
		{one, [][]string{{"O", ""}}, nil, "metric: sentence 1: metric: label 2 is empty: want a label"},
		{one, one, &LabelOptions{Scheme: "io"}, `metric: sentence 1: metric: scheme: "io": want , iob1, iob2, ioe1, ioe2, bioes or bilou`},
	} {
		if _, err := ScoreSpans(test.gold, test.predicted, test.opts); err == nil || err.Error() != test.want {
			t.Errorf("error %v: want %s", err, test.want)
		}
	}
}

func TestLabelScores(t *testing.T) {
	gold, predicted := sequences("N V N", "D N"), sequences("N N N", "D N")
	r, err := ScoreLabels(gold, predicted, &LabelOptions{Samples: 200, Unknown: [][]bool{{true, true, false}, {false, false}}})
	if err != nil {
		t.Fatal(err)
	}
	if r.Interval.Samples != 200 || r.Interval.HalfWidth < 0.1 || r.Unknown.Interval == nil {
		t.Errorf("intervals %+v and %+v", r.Interval, r.Unknown.Interval)
	}
	r.Interval, r.Unknown.Interval = nil, nil
	want := TokenReport{
		Sentences: 2, Tokens: 5, Accuracy: 0.8, Exact: 0.5, Unknown: &UnknownScore{Tokens: 2, Accuracy: 0.5},
		Labels:    []LabelScore{{"N", 3, 4, 3, 0.75, 1, 6.0 / 7}, {"D", 1, 1, 1, 1, 1, 1}, {Label: "V", Gold: 1}},
		Confusion: []Confusion{{"V", "N", 1}},
	}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Error(diff)
	}
	if _, err := ScoreLabels(gold, predicted, &LabelOptions{Unknown: [][]bool{{true}, {true, false}}}); err == nil {
		t.Error("no error for flags of another number")
	}
}

func TestSpanIntervals(t *testing.T) {
	gold, predicted := sequences("B-A O", "B-B I-B", "B-A B-A"), sequences("B-A O", "B-B O", "B-A O")
	opts := &LabelOptions{Samples: 300, Seed: 3}
	a, err := ScoreSpans(gold, predicted, opts)
	if err != nil {
		t.Fatal(err)
	}
	b, err := ScoreSpans(gold, predicted, opts)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(a, b); diff != "" {
		t.Errorf("the seed does not fix the intervals: %s", diff)
	}
	i := a.Micro.Interval
	if math.Abs(i.Mean-a.Micro.F1) > 0.1 || i.HalfWidth <= 0 || i.Samples != 300 || a.Types[0].Interval == nil || a.Macro.Interval == nil {
		t.Errorf("micro F1 %v with interval %+v", a.Micro.F1, *i)
	}
}
