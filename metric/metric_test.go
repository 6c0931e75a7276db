package metric

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestStatsAdd holds that the corpus score of a metric is the score of the summed rows, in any order and from any
// number of goroutines.
func TestStatsAdd(t *testing.T) {
	line := rapid.StringOf(rapid.SampledFrom([]rune("ab ,.Ü")))
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(t, "sentences")
		hyps := make([]string, n)
		refs := make([][]string, n)
		for i := range hyps {
			hyps[i] = line.Draw(t, "hyp")
			refs[i] = rapid.SliceOfN(line, 1, 3).Draw(t, "refs")
		}
		order := rapid.Permutation(slices.Collect(sequence(n))).Draw(t, "order")
		for _, name := range Names() {
			m, err := Parse(name)
			if err != nil {
				t.Fatal(err)
			}
			want, err := CorpusStats(m, hyps, refs)
			if err != nil {
				t.Fatal(err)
			}
			rows := make([]Stats, n)
			var wg sync.WaitGroup
			for k, i := range order {
				wg.Go(func() { rows[k] = m.Stats(hyps[i], refs[i]) })
			}
			wg.Wait()
			for k, i := range order {
				if !slices.Equal(rows[k], want[i]) {
					t.Fatalf("%s: sentence %d has %v, want %v", name, i, rows[k], want[i])
				}
			}
			if a, b := m.Score(Sum(rows)).Value, m.Score(Sum(want)).Value; math.Abs(a-b) > 1e-9 {
				t.Fatalf("%s: %v in another order, %v", name, a, b)
			}
		}
	})
}

func sequence(n int) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

func TestPerfect(t *testing.T) {
	hyps := []string{"one two three four five.", "six seven"}
	refs, err := References([]string{"something else", "six  seven"}, hyps)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range Names() {
		if name == "accuracy" { // compares only with the first reference
			continue
		}
		m := parse(t, name)
		s, err := Corpus(m, hyps, refs)
		if err != nil {
			t.Fatal(err)
		}
		want := 0.0
		if m.HigherIsBetter() {
			want = 100
		}
		if math.Abs(s.Value-want) > 1e-9 {
			t.Errorf("%s of perfect hypotheses is %v, want %v", name, s.Value, want)
		}
		if !strings.HasPrefix(s.Signature, "nrefs:2|") || !strings.HasSuffix(s.Signature, "|version:"+version) {
			t.Errorf("%s has signature %s", name, s.Signature)
		}
	}
}

// TestTrie holds that a trie counts like a map of strings, even after it has grown and over many rounds.
func TestTrie(t *testing.T) {
	var tr trie
	text := rapid.SliceOfN(rapid.Int32Range(0, 30), 0, 200)
	rapid.Check(t, func(t *rapid.T) {
		order := rapid.IntRange(1, 8).Draw(t, "order")
		most := map[string]int{}
		tr.reset()
		for range rapid.IntRange(1, 3).Draw(t, "references") {
			ref := text.Draw(t, "ref")
			tr.add(ref, order)
			for gram, n := range grams(ref, order) {
				most[gram] = max(most[gram], n)
			}
		}
		hyp := text.Draw(t, "hyp")
		got, want := make([]float64, order), make([]float64, order)
		tr.match(hyp, got)
		for gram, n := range grams(hyp, order) {
			want[len([]rune(gram))-1] += float64(min(n, most[gram]))
		}
		if !slices.Equal(got, want) {
			t.Fatalf("matches %v, want %v", got, want)
		}
	})
}

// grams counts the n-grams of a sequence; each character is a symbol.
func grams(seq []int32, order int) map[string]int {
	counts := map[string]int{}
	for i := range seq {
		for n := 1; n <= order && i+n <= len(seq); n++ {
			counts[string(seq[i:i+n])]++
		}
	}
	return counts
}

func TestErrors(t *testing.T) {
	for spec, want := range map[string]string{
		"blue":                       `metric: unknown metric "blue": want one of bleu, chrf, chrf++, ter, wer, per, cer, ser, exact, accuracy`,
		"":                           `metric: unknown metric "": want one of`,
		"bleu:tok":                   `metric: bleu: setting "tok": want key=value`,
		"bleu:tok=13b":               `metric: bleu: tok: "13b": want 13a, intl, zh, char or none`,
		"bleu:token=13a":             `metric: bleu: token: unknown setting: want tok, case, smooth, value, order or eff`,
		"bleu:case=upper":            `metric: bleu: case: "upper": want lc or mixed`,
		"bleu:order=four":            `metric: bleu: order: "four": want an integer`,
		"bleu:order=-1":              `metric: bleu: order: -1: want 0 or more`,
		"bleu:smooth=laplace":        `metric: bleu: smooth: "laplace": want exp, floor, add-k or none`,
		"bleu:value=1":               `metric: bleu: value: 1 without smooth floor or add-k: want 0`,
		"bleu:smooth=floor,value=-1": `metric: bleu: value: -1: want a positive number`,
		"bleu:smooth=floor,value=x":  `metric: bleu: value: "x": want a number`,
		"bleu:tok=a,order=-1,x=y":    "metric: bleu: tok: \"a\": want 13a, intl, zh, char or none\norder: -1: want 0 or more\nx: unknown",
		"chrf:nc=-1":                 `metric: chrf: nc: -1: want 0 or more`,
		"chrf:nw=-1":                 `metric: chrf: nw: -1: want 0 or more`,
		"chrf++:nw=1":                `metric: chrf++: nw: unknown setting: want `,
		"chrf:beta=-2":               `metric: chrf: beta: -2: want 0 or more`,
		"wer:case=lc":                `metric: wer: case: unknown setting: want no settings`,
	} {
		_, err := Parse(spec)
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("Parse(%q): error %v, want %s", spec, err, want)
		}
	}
	m := parse(t, "bleu")
	corpus := func(hyps []string, refs [][]string) error {
		_, err := Corpus(m, hyps, refs)
		return err
	}
	_, streams := References([]string{"a", "b"}, []string{"a"})
	_, none := References()
	for _, c := range []struct {
		err  error
		want string
	}{
		{corpus([]string{"a", "b"}, [][]string{{"a"}, {"b"}, {"c"}}), "metric: 2 hypotheses and references of 3 sentences: want equal numbers"},
		{corpus(nil, nil), "metric: no hypotheses: want at least 1"},
		{corpus([]string{"a", "b"}, [][]string{{"a"}, {}}), "metric: sentence 2 has no reference: want at least 1"},
		{streams, "metric: stream 2 of references has 1 lines, stream 1 has 2: want equal numbers"},
		{none, "metric: no references: want at least 1 for each sentence"},
	} {
		if c.err == nil || c.err.Error() != c.want {
			t.Errorf("error %v, want %s", c.err, c.want)
		}
	}
}

func TestScoreJSON(t *testing.T) {
	s, err := Corpus(parse(t, "bleu:tok=none,smooth=none,order=2"), []string{"a b c"}, [][]string{{"a b d e"}})
	if err != nil {
		t.Fatal(err)
	}
	s.Confidence = &Interval{Mean: 40, HalfWidth: 1.5, Samples: 1000}
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var back Score
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(s, back); diff != "" {
		t.Error(diff)
	}
	var keys map[string]any
	if err := json.Unmarshal(data, &keys); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"metric", "score", "signature", "precision", "confidence"} {
		if _, ok := keys[key]; !ok {
			t.Errorf("%s lacks the key %s", data, key)
		}
	}
	want := "BLEU|nrefs:1|case:mixed|eff:no|tok:none|smooth:none|order:2|version:" + version +
		" = 41.37 (μ = 40.00 ± 1.50) 66.7/50.0 (BP = 0.717 ratio = 0.750 hyp_len = 3 ref_len = 4)"
	if s.String() != want {
		t.Errorf("prints %s, want %s", s, want)
	}
}
