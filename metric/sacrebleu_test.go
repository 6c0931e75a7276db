package metric

import (
	"encoding/json"
	"flag"
	"math"
	"os"
	"strings"
	"testing"
)

// testdata/generate.py can make answers of another length or seed.
var answersPath = flag.String("sacrebleu", "testdata/sacrebleu.json", "file of sacreBLEU's answers to compare with")

// answers is the output of sacreBLEU.
type answers struct {
	Version string `json:"sacrebleu"`
	Cases   []struct {
		Metric    string
		Hyps      []string
		Refs      [][]string
		Name      string
		Score     float64
		Signature string
		Line      string
		Sentences []float64
	}
	Significance []struct {
		Metric                 string
		Refs, Baseline, System []string
		Resamples, Exchanges   [][]int
		Bootstrap              []result `json:"bs"`
		Randomization          []result `json:"ar"`
	}
}

// result is sacreBLEU's result for one system: the baseline, which has no p-value, or the other.
type result struct {
	Score, Mean, CI float64
	PValue          float64 `json:"p_value"`
}

func readAnswers(t *testing.T) answers {
	t.Helper()
	data, err := os.ReadFile(*answersPath)
	if err != nil {
		t.Fatal(err)
	}
	var a answers
	if err := json.Unmarshal(data, &a); err != nil {
		t.Fatal(err)
	}
	return a
}

// TestSacreBLEU compares all scores of corpora and sentences with those of sacreBLEU.
func TestSacreBLEU(t *testing.T) {
	answers := readAnswers(t)
	worst, wrong := 0.0, 0
	check := func(i int, c, what string, got, want float64) {
		diff := math.Abs(got - want)
		worst = max(worst, diff)
		if diff > 1e-9 || math.IsNaN(got) {
			wrong++
			t.Errorf("case %d %s: %s is %.12f, sacreBLEU %s has %.12f", i, c, what, got, answers.Version, want)
		}
	}
	for i, c := range answers.Cases {
		m, err := Parse(c.Metric)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Corpus(m, c.Hyps, c.Refs)
		if err != nil {
			t.Fatal(err)
		}
		check(i, c.Metric, "score", got.Value, c.Score)
		sentences, err := Sentences(m, c.Hyps, c.Refs)
		if err != nil {
			t.Fatal(err)
		}
		for k, s := range sentences {
			check(i, c.Metric, "a sentence's score", s.Value, c.Sentences[k])
		}
		if got.Metric != c.Name {
			t.Errorf("case %d %s: name %s, want %s", i, c.Metric, got.Metric, c.Name)
		}
		signature, _, _ := strings.Cut(got.Signature, "|version:")
		signature, _, _ = strings.Cut(signature, "|order:")
		if signature != c.Signature {
			t.Errorf("case %d %s: signature %s, want %s", i, c.Metric, signature, c.Signature)
		}
		got.Signature, got.Ratio = "", nil
		if got.String() != c.Line {
			t.Errorf("case %d %s: prints %s, want %s", i, c.Metric, got, c.Line)
		}
		if wrong > 20 {
			t.Fatal("too many errors")
		}
	}
	t.Logf("%d cases, greatest difference %g", len(answers.Cases), worst)
}

// TestSignificance compares both paired tests with sacreBLEU's, given the random numbers that sacreBLEU drew.
func TestSignificance(t *testing.T) {
	near := func(what string, got, want, eps float64) {
		t.Helper()
		if math.Abs(got-want) > eps {
			t.Errorf("%s: %.10f, want %.10f", what, got, want)
		}
	}
	for _, c := range readAnswers(t).Significance {
		m := parse(t, c.Metric)
		refs, err := References(c.Refs)
		if err != nil {
			t.Fatal(err)
		}
		baseline, err := CorpusStats(m, c.Baseline, refs)
		if err != nil {
			t.Fatal(err)
		}
		system, err := CorpusStats(m, c.System, refs)
		if err != nil {
			t.Fatal(err)
		}

		next := 0
		got := pairedBootstrap(m, baseline, system, len(c.Resamples), func(sample []int) {
			copy(sample, c.Resamples[next])
			next++
		})
		near(c.Metric+" baseline", got.Baseline, c.Bootstrap[0].Score, 1e-9)
		near(c.Metric+" system", got.System, c.Bootstrap[1].Score, 1e-9)
		near(c.Metric+" bootstrap p", got.PValue, c.Bootstrap[1].PValue, 1e-12)
		// sacreBLEU computes these in single precision.
		near(c.Metric+" baseline mean", got.BaselineConfidence.Mean, c.Bootstrap[0].Mean, 1e-4)
		near(c.Metric+" baseline interval", got.BaselineConfidence.HalfWidth, c.Bootstrap[0].CI, 1e-4)
		near(c.Metric+" system mean", got.SystemConfidence.Mean, c.Bootstrap[1].Mean, 1e-4)
		near(c.Metric+" system interval", got.SystemConfidence.HalfWidth, c.Bootstrap[1].CI, 1e-4)

		next = 0
		got = randomization(m, baseline, system, len(c.Exchanges), func(exchange []bool) {
			for i, x := range c.Exchanges[next] {
				exchange[i] = x == 1
			}
			next++
		})
		near(c.Metric+" randomization p", got.PValue, c.Randomization[1].PValue, 1e-12)
	}
}
