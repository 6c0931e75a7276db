package seq2seq_test

import (
	"context"
	"fmt"
	"iter"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/metric"
	"github.com/retell-rnn/retell/seq2seq"
)

// embed returns the vectors of lines as text.
func embed(m *seq2seq.Model, lines []string) string {
	out := ""
	for e, err := range m.Embed(context.Background(), corpora.Stream(lines), nil) {
		if err != nil {
			panic(err)
		}
		out += fmt.Sprintln(e.Vector)
	}
	return out
}

// show prints translations.
func show(translations iter.Seq2[seq2seq.Translation, error]) {
	for t, err := range translations {
		if err != nil {
			panic(err)
		}
		fmt.Println(t.Source, "→", t.Text)
	}
}

// A prefix, constraints and phrases to avoid hold for one line each.
func ExampleModel_TranslateInputs() {
	inputs := []seq2seq.Input{
		{Source: "the dog runs", Constraints: []string{"läuft"}},
		{Source: "the dog runs", Avoid: []string{"läuft"}},
		{Source: "the dog runs", Prefix: "die Katze"},
	}
	show(translator().TranslateInputs(context.Background(), corpora.Stream(inputs), nil))
	// Output:
	// the dog runs → der Hund läuft
	// the dog runs → der Hund rennt
	// the dog runs → die Katze rennt
}

// A glossary fixes the translations of terms, in and beyond the vocabulary.
func ExampleGlossary() {
	glossary, err := seq2seq.NewGlossary(
		seq2seq.Term{Source: "runs", Target: "läuft"},
		seq2seq.Term{Source: "Rex"}, // stays as it is
	)
	if err != nil {
		panic(err)
	}
	m := translator()
	inputs := []seq2seq.Input{
		glossary.Apply(seq2seq.Input{Source: "the cat runs"}, m.Target()),
		glossary.Apply(seq2seq.Input{Source: "Rex"}, m.Target()),
	}
	show(m.TranslateInputs(context.Background(), corpora.Stream(inputs), nil))
	// Output:
	// the cat runs → die Katze läuft
	// Rex → Rex
}

// Markup keeps tags and placeholders out of the translation.
func ExampleMarkup() {
	markup, err := seq2seq.ParseMarkup("xml", "placeholders")
	if err != nil {
		panic(err)
	}
	input := markup.Apply(seq2seq.Input{Source: "<b>the cat sings</b> {name}"})
	show(translator().TranslateInputs(context.Background(), corpora.Stream([]seq2seq.Input{input}), nil))
	// Output: <b>the cat sings</b> {name} → <b>die Katze singt</b> {name}
}

// A beam search returns several translations, best first.
func ExampleModel_Translate_nBest() {
	opts := &seq2seq.SearchOptions{Beam: 4, NBest: 2}
	for t, err := range translator().Translate(context.Background(), corpora.Stream([]string{"the dog runs"}), opts) {
		if err != nil {
			panic(err)
		}
		for _, h := range t.Hypotheses {
			fmt.Println(h.Text)
		}
	}
	// Output:
	// der Hund rennt
	// der Hund läuft
}

// Score returns how probable a model finds given translations.
func ExampleModel_Score() {
	examples := []corpora.Example{{Source: "the cat sings", Targets: []string{"die Katze singt", "der Hund schläft"}}}
	for s, err := range translator().Score(context.Background(), corpora.Stream(examples), nil) {
		if err != nil {
			panic(err)
		}
		fmt.Println("the first is likelier:", s.Targets[0].LogProb() > s.Targets[1].LogProb())
	}
	// Output: the first is likelier: true
}

// Evaluate translates the sources of examples and scores the translations.
func ExampleModel_Evaluate() {
	opts := &seq2seq.EvalOptions{Metrics: []metric.Metric{metric.NewWER()}}
	report, err := translator().Evaluate(context.Background(), sentences(), opts)
	if err != nil {
		panic(err)
	}
	fmt.Println("exact match", report.Exact)
	fmt.Println(report.Scores[0].Metric, report.Scores[0].Value)
	// Output:
	// exact match 1
	// WER 0
}

// Explain shows the attention behind a translation, and the words that it links.
func ExampleModel_Explain() {
	x, err := translator().Explain(context.Background(), "the cat sings", "", nil)
	if err != nil {
		panic(err)
	}
	fmt.Println(x.Source, x.Target)
	fmt.Println(len(x.Attention), "rows of", len(x.Attention[0]), "weights")
	// Output:
	// [the cat sings] [die Katze singt </s>]
	// 4 rows of 3 weights
}

// A model trained in another direction reorders the translations of the first. This one is untrained, and prefers the
// shorter.
func ExampleModel_Rescore() {
	lists := []seq2seq.NBest{{Source: "the dog", Texts: []string{"der Hund der Hund der Hund", "der Hund"}, Scores: []float64{-0.1, -0.2}}}
	opts := &seq2seq.RescoreOptions{ModelWeight: 0.5, ListWeight: 0.5, LengthNorm: seq2seq.NormNone}
	for list, err := range newModel(1).Rescore(context.Background(), lists, opts) {
		if err != nil {
			panic(err)
		}
		fmt.Println(list.Texts[0])
	}
	// Output: der Hund
}
