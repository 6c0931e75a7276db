package metric_test

import (
	"fmt"
	"log"
	"math/rand/v2"
	"strings"

	"github.com/retell-rnn/retell/metric"
)

// A metric scores a corpus; the signature states its settings.
func ExampleCorpus() {
	bleu, err := metric.NewBLEU(&metric.BLEUOptions{Lowercase: true})
	if err != nil {
		log.Fatal(err)
	}
	hyps := []string{"The cat sat on the mat.", "It rained all the day."}
	refs := [][]string{
		{"A cat sat on the mat.", "The cat was sitting on the mat."},
		{"It rained all day.", "The whole day it rained."},
	}
	score, err := metric.Corpus(bleu, hyps, refs)
	if err != nil {
		log.Fatal(err)
	}
	signature, figures, _ := strings.Cut(score.String(), " = ")
	fmt.Println(signature)
	fmt.Println(figures)
	// Output:
	// BLEU|nrefs:2|case:lc|eff:no|tok:13a|smooth:exp|version:retell-1
	// 66.44 100.0/81.8/55.6/42.9 (BP = 1.000 ratio = 1.000 hyp_len = 13 ref_len = 13)
}

// A text names a metric and its settings.
func ExampleParse() {
	hyps := []string{"k ae t", "d ao g z"}
	refs := [][]string{{"k ae t"}, {"d aa g", "d ao g"}}
	for _, spec := range []string{"per", "ser", "chrf:nc=4,space=yes"} {
		m, err := metric.Parse(spec)
		if err != nil {
			log.Fatal(err)
		}
		score, err := metric.Corpus(m, hyps, refs)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(score)
	}
	_, err := metric.Parse("blue")
	fmt.Println(err)
	// Output:
	// PER|nrefs:var|tok:space|version:retell-1 = 16.67 (1 / 6)
	// SER|nrefs:var|tok:space|version:retell-1 = 50.00 (1 / 2)
	// chrF2|nrefs:var|case:mixed|eff:yes|nc:4|nw:0|space:yes|version:retell-1 = 95.52
	// metric: unknown metric "blue": want one of bleu, chrf, chrf++, ter, wer, per, cer, ser, exact, accuracy
}

// A paired test compares two systems on the same sentences.
func ExamplePairedBootstrap() {
	refs := make([][]string, 100)
	baseline, system := make([]string, 100), make([]string, 100)
	for i := range refs {
		refs[i] = []string{fmt.Sprint("number ", i)}
		baseline[i], system[i] = refs[i][0], refs[i][0]
		if i%4 == 0 {
			baseline[i] = "none"
		}
		if i%10 == 0 {
			system[i] = "none"
		}
	}
	m := metric.NewExactMatch()
	a, err := metric.CorpusStats(m, baseline, refs)
	if err != nil {
		log.Fatal(err)
	}
	b, err := metric.CorpusStats(m, system, refs)
	if err != nil {
		log.Fatal(err)
	}
	c, err := metric.PairedBootstrap(m, a, b, 1000, rand.New(rand.NewPCG(1, 2)))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.0f against %.0f: better by chance: %t\n", c.System, c.Baseline, c.PValue > 0.05)
	// Output:
	// 90 against 75: better by chance: false
}

// A metric can also score each sentence.
func ExampleSentences() {
	ter := metric.NewTER(nil)
	scores, err := metric.Sentences(ter, []string{"on the mat the cat sat"}, [][]string{{"the cat sat on the mat"}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(scores[0])
	// Output:
	// TER|nrefs:1|case:lc|tok:tercom|norm:no|punct:yes|asian:no|version:retell-1 = 16.67 (1 / 6)
}

// Compare scores a baseline and another system and tests the difference.
func ExampleCompare() {
	refs, err := metric.References([]string{"a b", "c d", "e f", "g h"})
	if err != nil {
		log.Fatal(err)
	}
	systems := [][]string{{"a x", "c x", "e x", "g x"}, {"a b", "c d", "e f", "g x"}}
	compared, err := metric.Compare(metric.NewWER(), systems, refs, &metric.CompareOptions{Samples: 100, Seed: 1})
	if err != nil {
		log.Fatal(err)
	}
	for _, c := range compared {
		fmt.Println(c.Score.Value, c.Score.Confidence.Samples, c.Bootstrap != nil)
	}
	// Output:
	// 50 100 false
	// 12.5 100 true
}

// Spearman compares the order of two series.
func ExampleSpearman() {
	r, err := metric.Spearman([]float64{1, 2, 3, 4}, []float64{10, 1000, 100, 10000})
	fmt.Printf("%.1f %v\n", r, err)
	// Output: 0.8 <nil>
}

// The edit distance takes sequences of any comparable type.
func ExampleEditDistance() {
	fmt.Println(metric.EditDistance([]rune("sitting"), []rune("kitten")))
	// Output: 3
}

// Diff returns kept, deleted and inserted tokens.
func ExampleDiff() {
	for _, e := range metric.Diff([]rune("sitting"), []rune("kitten")) {
		fmt.Println(e.Kind == metric.Kept, string(e.Tokens))
	}
	// Output:
	// false s
	// false k
	// true itt
	// false i
	// false e
	// true n
	// false g
}

// WordDiff marks differences like GNU wdiff.
func ExampleWordDiff() {
	fmt.Println(metric.WordDiff("a dog runs on the beach .", "a big dog runs on grass ."))
	// Output: a {+big+} dog runs on [-the beach-] {+grass+} .
}

// Spans are scored as conlleval and seqeval score them.
func ExampleScoreSpans() {
	gold := [][]string{{"B-PER", "I-PER", "O", "B-LOC"}, {"O", "B-LOC"}}
	predicted := [][]string{{"B-PER", "I-PER", "O", "O"}, {"O", "B-LOC"}}
	r, err := metric.ScoreSpans(gold, predicted, nil)
	if err != nil {
		log.Fatal(err)
	}
	for _, s := range append(r.Types, r.Micro) {
		fmt.Printf("%q: precision %.2f, recall %.2f, F1 %.2f\n", s.Type, s.Precision, s.Recall, s.F1)
	}
	// Output:
	// "LOC": precision 1.00, recall 0.50, F1 0.67
	// "PER": precision 1.00, recall 1.00, F1 1.00
	// "": precision 1.00, recall 0.67, F1 0.80
}
