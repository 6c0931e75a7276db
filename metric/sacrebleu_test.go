package metric

import (
	"encoding/json"
	"flag"
	"math"
	"os"
	"strings"
	"testing"
)

// Answers of another length or seed are made by testdata/generate.py.
var answersPath = flag.String("sacrebleu", "testdata/sacrebleu.json", "file of sacreBLEU's answers to compare with")

// TestSacreBLEU compares every score, of corpora and of sentences, with those of sacreBLEU.
func TestSacreBLEU(t *testing.T) {
	data, err := os.ReadFile(*answersPath)
	if err != nil {
		t.Fatal(err)
	}
	var answers struct {
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
	}
	if err := json.Unmarshal(data, &answers); err != nil {
		t.Fatal(err)
	}
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
