package corpora

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// many returns n examples; about every third repeats a source.
func many(n int) []Example {
	examples := make([]Example, n)
	for i := range examples {
		examples[i] = Example{Source: fmt.Sprint("source ", i*2/3), Targets: []string{fmt.Sprint("target ", i)}}
	}
	return examples
}

func TestShuffle(t *testing.T) {
	a, b, c := many(100), many(100), many(100)
	Shuffle(a, 1)
	Shuffle(b, 1)
	Shuffle(c, 2)
	if !cmp.Equal(a, b) || cmp.Equal(a, c) || cmp.Equal(a, many(100)) {
		t.Error("want one order for each seed")
	}
	slices.SortFunc(a, func(x, y Example) int { // by number
		return len(x.Targets[0])*1000 - len(y.Targets[0])*1000 + strings.Compare(x.Targets[0], y.Targets[0])
	})
	if !cmp.Equal(a, many(100)) {
		t.Error("shuffling changed more than the order")
	}
}

func TestSplitByKey(t *testing.T) {
	all := many(20_000)
	parts, report, err := SplitByKey(Stream(all), nil, 1, 8, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	total := 0
	for i, part := range parts {
		keys := map[string]bool{}
		for _, e := range part {
			if other, ok := seen[e.Source]; ok && other != i {
				t.Fatalf("%q stands in parts %d and %d", e.Source, other, i)
			}
			seen[e.Source] = i
			keys[e.Source] = true
		}
		total += len(part)
		if want := (SplitPart{len(part), len(keys)}); report.Parts[i] != want {
			t.Errorf("report of part %d is %+v, want %+v", i, report.Parts[i], want)
		}
		share := []float64{0.8, 0.1, 0.1}[i]
		if got := float64(len(part)) / float64(len(all)); math.Abs(got-share) > 0.01 {
			t.Errorf("part %d has a share of %.3f, want %.1f", i, got, share)
		}
	}
	if total != len(all) {
		t.Errorf("%d examples, want %d", total, len(all))
	}
	other, _, _ := SplitByKey(Stream(all), nil, 2, 8, 1, 1)
	if reflect.DeepEqual(parts, other) {
		t.Error("another seed gives the same split")
	}
	byTarget, _, _ := SplitByKey(Stream([]Example{{Source: "a", Targets: []string{"x"}}, {Source: "b", Targets: []string{"x", "y"}}, {Source: "c"}}), ByTarget, 1, 1)
	if len(byTarget[0]) != 3 {
		t.Errorf("by target: %v", byTarget)
	}
}

// TestSplitIsStable holds that neither order nor added lines move an example.
func TestSplitIsStable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		sources := rapid.SliceOf(rapid.String()).Draw(t, "sources")
		var examples []Example
		for _, s := range sources {
			examples = append(examples, Example{Source: s})
		}
		few, _, err := SplitByKey(Stream(examples), nil, seed, 0.7, 0.3)
		if err != nil {
			t.Fatal(err)
		}
		more := append(many(50), examples...)
		Shuffle(more, seed)
		all, _, err := SplitByKey(Stream(more), nil, seed, 0.7, 0.3)
		if err != nil {
			t.Fatal(err)
		}
		for i := range few {
			for _, e := range few[i] {
				if !slices.ContainsFunc(all[i], func(o Example) bool { return o.Source == e.Source }) {
					t.Fatalf("%q moved", e.Source)
				}
			}
		}
	})
}

// TestBucketGolden pins the hash, so that splits stay the same in later versions.
func TestBucketGolden(t *testing.T) {
	var got []int
	for i := range 20 {
		got = append(got, Bucket(fmt.Sprint(i), 42, 1, 1, 1, 1))
	}
	if want := []int{2, 3, 1, 3, 1, 1, 1, 1, 3, 1, 2, 3, 1, 2, 1, 1, 0, 3, 0, 0}; !cmp.Equal(got, want) {
		t.Errorf("buckets are %v, want %v", got, want)
	}
}

func TestSplitErrors(t *testing.T) {
	for _, test := range []struct {
		shares []float64
		want   string
	}{
		{nil, "corpora: split has no shares: want at least one"},
		{[]float64{0, 1, -1}, "corpora: share of part 0 of the split is 0: want a finite number above 0\ncorpora: share of part 2 of the split is -1: want a finite number above 0"},
		{[]float64{math.NaN()}, "corpora: share of part 0 of the split is NaN: want a finite number above 0"},
		{[]float64{math.Inf(1)}, "corpora: share of part 0 of the split is +Inf: want a finite number above 0"},
	} {
		if _, _, err := SplitByKey(Stream(many(1)), nil, 1, test.shares...); err == nil || err.Error() != test.want {
			t.Errorf("%v: error is %v, want %s", test.shares, err, test.want)
		}
	}
	if _, _, err := SplitByKey(Task("x", 1, 1), nil, 1, 1); err == nil {
		t.Error("an error of the stream is lost")
	}
}

func TestSplitCounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := many(rapid.IntRange(40, 100).Draw(t, "n"))
		seed := rapid.Uint64().Draw(t, "seed")
		counts := rapid.SliceOfN(rapid.IntRange(0, 10), 0, 3).Draw(t, "counts")
		parts, report, err := SplitCounts(all, nil, seed, counts...)
		if err != nil {
			t.Fatal(err)
		}
		of := map[string]int{}
		rest := len(all)
		for i, part := range parts {
			if i > 0 {
				if rest -= counts[i-1]; len(part) != counts[i-1] {
					t.Fatalf("part %d has %d examples, want %d", i, len(part), counts[i-1])
				}
			}
			if report.Parts[i].Examples != len(part) {
				t.Fatalf("report says %+v of part %d with %d examples", report.Parts[i], i, len(part))
			}
			for _, e := range part {
				if other, ok := of[e.Source]; ok && other != i {
					t.Fatalf("%q stands in parts %d and %d", e.Source, other, i)
				}
				of[e.Source] = i
			}
		}
		if len(parts[0]) != rest {
			t.Fatalf("the rest has %d examples, want %d", len(parts[0]), rest)
		}
	})
}

func TestSplitCountsErrors(t *testing.T) {
	same := []Example{{Source: "a"}, {Source: "a"}, {Source: "b"}, {Source: "b"}}
	for _, test := range []struct {
		counts []int
		want   string
	}{
		{[]int{3}, "corpora: part 1 of the split has 2 examples without splitting a key: want 3"},
		{[]int{2, 4}, "corpora: part 2 of the split has 2 examples without splitting a key: want 4"},
		{[]int{-1}, "corpora: part 1 of the split has 0 examples without splitting a key: want -1"},
	} {
		if _, _, err := SplitCounts(same, nil, 1, test.counts...); err == nil || err.Error() != test.want {
			t.Errorf("%v: error is %v, want %s", test.counts, err, test.want)
		}
	}
}

func TestPart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		items := rapid.SliceOf(rapid.Int()).Draw(t, "items")
		n := rapid.IntRange(1, 10).Draw(t, "n")
		got := make([]int, 0, len(items))
		parts := make([][]int, n)
		for k := range n {
			parts[k], _ = Collect(Part(Stream(items), k, n))
		}
		for i := range items {
			got = append(got, parts[i%n][i/n])
		}
		total := 0
		for _, part := range parts {
			total += len(part)
		}
		if !slices.Equal(got, items) || total != len(items) {
			t.Fatalf("%v of %v", parts, items)
		}
	})
	for _, test := range [][2]int{{0, 0}, {-1, 2}, {2, 2}} {
		if err := errorOf(t, Part(Stream([]int{1}), test[0], test[1])); err == nil || !strings.HasPrefix(err.Error(), "corpora: part ") {
			t.Errorf("part %d of %d: error is %v", test[0], test[1], err)
		}
	}
	if err := errorOf(t, Part(Task("x", 1, 1), 0, 2)); err == nil {
		t.Error("an error of the stream is lost")
	}
}

func TestFilter(t *testing.T) {
	examples := []Example{
		{Source: "a b c", Targets: []string{"A B C"}},
		{Source: "a", Targets: []string{"A B C"}},
		{Source: "a b", Targets: []string{"A B C D E F"}},
		{Source: "a b c d e f g", Targets: []string{"A B"}},
		{Source: "a b", Targets: []string{"A"}},
		{Source: "a b", Targets: []string{"A B", "A B C D"}},
		{Source: "a b", Targets: []string{"A B", "A B C D E"}},
		{Source: "a b"},
	}
	var report Report
	filter := Filter{MinTokens: 2, MaxTokens: 5, MaxRatio: 2}
	stream := filter.Apply(Stream(examples), &report)
	for range 2 { // each range resets the report
		got, err := Collect(stream)
		if want := []Example{examples[0], examples[5], examples[7]}; err != nil || !cmp.Equal(want, got) {
			t.Errorf("kept %v, %v", got, err)
		}
	}
	want := Report{8, 3, []Drop{
		{"source shorter than 2 tokens", 1},
		{"target longer than 5 tokens", 1},
		{"source longer than 5 tokens", 1},
		{"target shorter than 2 tokens", 1},
		{"length ratio over 2", 1},
	}}
	if diff := cmp.Diff(want, report); diff != "" {
		t.Error(diff)
	}
	if got, err := Collect(Filter{}.Apply(Stream(examples), nil)); err != nil || !cmp.Equal(examples, got) {
		t.Errorf("the zero filter keeps %v, %v", got, err)
	}
	if got, _ := Collect(Filter{MaxTokens: 3, Length: func(s string) int { return len(s) }}.Apply(Stream(examples[4:5]), nil)); len(got) != 1 {
		t.Errorf("with a length of bytes: %v", got)
	}
	_, err := Collect(Filter{MinTokens: -1, MaxTokens: -1, MaxRatio: 0.5}.Apply(Stream(examples), nil))
	if want := "corpora: filter: min_tokens: -1: want 0 or more\nmax_tokens: -1: want 0 or more\nmax_ratio: 0.5: want at least 1, or 0"; err == nil || err.Error() != want {
		t.Errorf("error is %v", err)
	}
	if err := (Filter{MinTokens: 3, MaxTokens: 2}).Validate(); err == nil || err.Error() != "min_tokens: 3: want at most max_tokens, 2" {
		t.Errorf("error is %v", err)
	}
}

func TestDedup(t *testing.T) {
	examples := []Example{{Source: "a", Targets: []string{"A"}}, {Source: "b", Targets: []string{"A"}}, {Source: "a", Targets: []string{"B"}}, {Source: "a", Targets: []string{"A"}}}
	for _, test := range []struct {
		name string
		key  Key
		want []Example
	}{
		{"source", nil, examples[:2]},
		{"target", ByTarget, []Example{examples[0], examples[2]}},
		{"pair", ByPair, examples[:3]},
	} {
		var report Report
		stream := Dedup(Stream(examples), test.key, &report)
		for range 2 {
			got, err := Collect(stream)
			if err != nil || !cmp.Equal(test.want, got) {
				t.Errorf("%s: %v, %v", test.name, got, err)
			}
		}
		if want := (Report{4, len(test.want), []Drop{{"duplicate", 4 - len(test.want)}}}); !cmp.Equal(want, report) {
			t.Errorf("%s: report %+v, want %+v", test.name, report, want)
		}
	}
	if _, err := Collect(Dedup(Task("x", 1, 1), nil, nil)); err == nil {
		t.Error("an error of the stream is lost")
	}
}

func TestReportsPrint(t *testing.T) {
	report := &Report{200, 150, []Drop{{"duplicate", 49}, {"source longer than 5 tokens", 1}}}
	want := `  200  100.0 %  read
   49   24.5 %  dropped: duplicate
    1    0.5 %  dropped: source longer than 5 tokens
  150   75.0 %  kept
`
	if diff := cmp.Diff(want, report.String()); diff != "" {
		t.Error(diff)
	}
	text, err := json.Marshal(report)
	if want := `{"read":200,"kept":150,"dropped":[{"reason":"duplicate","examples":49},{"reason":"source longer than 5 tokens","examples":1}]}`; err != nil || string(text) != want {
		t.Errorf("json is %s, %v", text, err)
	}
	split := &SplitReport{Parts: []SplitPart{{100, 90}, {5, 5}}}
	want = `  part  examples  keys
     0       100    90
     1         5     5
`
	if diff := cmp.Diff(want, split.String()); diff != "" {
		t.Error(diff)
	}
	if text, err = json.Marshal(split); err != nil || string(text) != `{"parts":[{"examples":100,"keys":90},{"examples":5,"keys":5}]}` {
		t.Errorf("json is %s, %v", text, err)
	}
}

func TestMeasure(t *testing.T) {
	lines := []string{"a b", "", "a b", "c d e f", "a b c d e f g h i", "a"}
	got, err := Measure(Stream(lines), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := Stats{
		Lines: 6, EmptyLines: 1, DistinctLines: 5, Tokens: 18, DistinctTokens: 9,
		Min: 0, Mean: 3, Median: 2, P95: 9, P99: 9, Max: 9,
		Histogram: []Bin{{0, 0, 1}, {1, 1, 1}, {2, 2, 2}, {3, 4, 1}, {5, 8, 0}, {9, 16, 1}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	table := `lines             6
  distinct        5
  empty           1
tokens            18
  distinct        9
tokens in a line  mean 3.00, median 2, 95 % up to 9, 99 % up to 9, 0 to 9
  0               1
  1               1
  2               2
  3-4             1
  5-8             0
  9-16            1
`
	if diff := cmp.Diff(table, got.String()); diff != "" {
		t.Error(diff)
	}
	if got, err := Measure(Stream([]string{}), nil); err != nil || !cmp.Equal(got, Stats{}) {
		t.Errorf("of nothing: %+v, %v", got, err)
	}
	if got, _ := Measure(Stream([]string{"ab", "b"}), func(s string) []string { return strings.Split(s, "") }); got.Tokens != 3 || got.DistinctTokens != 2 {
		t.Errorf("of letters: %+v", got)
	}
	if _, err := Measure(Sources(Task("x", 1, 1)), nil); err == nil {
		t.Error("an error of the stream is lost")
	}
}

func TestSourcesAndTargets(t *testing.T) {
	examples := []Example{{Source: "a", Targets: []string{"A", "B"}}, {Source: "b"}, {Source: "c", Targets: []string{"C"}}}
	sources, _ := Collect(Sources(Stream(examples)))
	targets, _ := Collect(Targets(Stream(examples)))
	if !cmp.Equal(sources, []string{"a", "b", "c"}) || !cmp.Equal(targets, []string{"A", "B", "C"}) {
		t.Errorf("sources %q, targets %q", sources, targets)
	}
	if errorOf(t, Sources(Task("x", 1, 1))) == nil || errorOf(t, Targets(Task("x", 1, 1))) == nil {
		t.Error("an error of the stream is lost")
	}
}
