package seq2seq

import (
	"strings"
	"testing"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/rnn"
)

// TestContrastErrors holds the one line that bad sets and options get.
func TestContrastErrors(t *testing.T) {
	score := func(v float64) *float64 { return &v }
	sets := twoLanguages(20, 1)
	same := func(n int, targets ...string) []corpora.Example {
		out := make([]corpora.Example, n)
		for i := range out {
			out[i] = corpora.Example{Source: "a1 a2", Targets: targets}
		}
		return out
	}
	alone := twoLanguages(20, 1)
	for i := range alone {
		alone[i].Targets = nil
	}
	judged := func(change func(e *corpora.Example)) []corpora.Example {
		out := twoLanguages(20, 1)
		for i := range out {
			out[i].Judged = score(0.5)
			change(&out[i])
		}
		return out
	}
	writer := smallConfig()
	for _, test := range []struct {
		c    Config
		data []corpora.Example
		o    TrainOptions
		want string
	}{
		{embedderConfig(), sets[:1], TrainOptions{}, "contrast of one example, which has no other to differ from: want two or more"},
		{embedderConfig(), append([]corpora.Example{{Source: "a1 a2", Targets: []string{"b1"}, Corpus: 1}}, sets...), TrainOptions{}, "corpus 2: contrast of one example"},
		{embedderConfig(), same(9, "b1 b2"), TrainOptions{}, "all 9 sets have the same sentence: want different ones"},
		{embedderConfig(), alone, TrainOptions{Contrast: ContrastOptions{TokenDropout: -1}}, "each set is one sentence, and nothing varies it"},
		{embedderConfig(), sets, TrainOptions{BatchSentences: 1}, "options: batch_sentences: 1 with contrast, where the other sets of a batch are the negatives: want 2 or more"},
		{embedderConfig(), sets, TrainOptions{BatchTokens: 100}, "options: batch_tokens: 100 with contrast"},
		{embedderConfig(), sets, TrainOptions{LabelSmoothing: 0.1}, "options: scheduled_sampling, risk or label_smoothing with an embedder, which has no decoder"},
		{embedderConfig(), sets, TrainOptions{GuidedAlignment: 0.1}, "options: guided_alignment: 0.1 with a model without attention: want 0"},
		{embedderConfig(), sets, TrainOptions{Samples: 3}, "options: samples of an embedder, which writes nothing: want 0"},
		{embedderConfig(), sets, TrainOptions{ValidateBy: "bleu"}, "options: validate_by: bleu of an embedder, which writes nothing: want loss, recall@1 or spearman"},
		{embedderConfig(), sets, TrainOptions{ValidateBy: "spearman"}, "options: validate_by: spearman with 0 different similarities of validation pairs: want 2 or more"},
		{embedderConfig(), sets, TrainOptions{Contrast: ContrastOptions{Weight: 2}}, "options: contrast.weight: 2 with an embedder, which has no other loss: want 1"},
		{embedderConfig(), sets, TrainOptions{Contrast: ContrastOptions{Sizes: []int{4, 17}}}, "options: contrast.sizes: 17 of a vector with 16 numbers: want 16 or less"},
		{embedderConfig(), sets, TrainOptions{Contrast: ContrastOptions{Temperature: 1e-4}}, "options: contrast.temperature: 0.0001: want 0.001 to 10"},
		{embedderConfig(), sets, TrainOptions{Mixture: MixtureOptions{Power: 2}}, "options: mixture.power: 2: want 0 to 1"},
		{embedderConfig(), sets, TrainOptions{Freeze: []string{"source_embeddings"}}, "options: freeze: all parameters are frozen"},
		{embedderConfig(), sets, TrainOptions{Freeze: []string{"decoder"}}, "options: freeze: the model has no parameters of its decoder: want some of embeddings, source_embeddings"},
		{embedderConfig(), judged(func(*corpora.Example) {}), TrainOptions{}, "all 20 similarities are 0.5: want different ones"},
		{embedderConfig(), judged(func(e *corpora.Example) { e.Judged = score(1.5) }), TrainOptions{}, "has the similarity 1.5: want 0 to 1"},
		{embedderConfig(), judged(func(e *corpora.Example) { e.Targets = nil }), TrainOptions{}, "has a similarity and 0 targets: want one"},
		{embedderConfig(), judged(func(e *corpora.Example) { e.Negatives = []string{"a"} }), TrainOptions{}, "has a similarity and 1 negatives: want none"},
		{embedderConfig(), judged(func(e *corpora.Example) { e.Judged, e.Weight = nil, 2 }), TrainOptions{}, "has the weight 2: want none with contrast"},
		{writer, sets, TrainOptions{Contrast: ContrastOptions{Weight: 1}}, "options: contrast.weight with a model without a bottleneck, which has no vectors: want 0"},
		{writer, sets, TrainOptions{Contrast: ContrastOptions{Mine: 1}}, "options: contrast: settings without a weight, in a model that is no embedder"},
		{writer, sets, TrainOptions{ValidateBy: "recall@1"}, "options: validate_by: recall@1 without contrast: want loss or a metric"},
		{jointConfig(), sets, TrainOptions{Contrast: ContrastOptions{Weight: 1}, Risk: RiskOptions{Metric: "wer"}}, "options: contrast with risk or scheduled_sampling: want one of them"},
	} {
		m := newEmbedder(t, test.c, append(test.data, sets...), 1)
		valid := twoLanguages(5, 2)
		for _, err := range m.Train(t.Context(), test.data, valid, &test.o) {
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("error %v: want %s", err, test.want)
			}
			break
		}
	}
	m := newEmbedder(t, embedderConfig(), sets, 1)
	if _, err := m.Validate(t.Context(), []corpora.Example{{Source: "a1", Judged: score(1)}}, nil); err == nil || !strings.Contains(err.Error(), "validation: example 1 (\"a1\") has a similarity and 0 targets: want one") {
		t.Errorf("validating a judged line: %v", err)
	}
	variational := jointConfig()
	variational.Bottleneck.Unit, variational.Bottleneck.Variational = false, true
	for _, err := range newEmbedder(t, variational, sets, 1).Train(t.Context(), sets, nil, &TrainOptions{Contrast: ContrastOptions{Weight: 1, Chunk: 4}}) {
		if err == nil || !strings.Contains(err.Error(), "options: contrast.chunk: 4 with a variational model: want 0") {
			t.Errorf("chunks of a variational model: %v", err)
		}
		break
	}
}

// TestContrastIsFinite holds that no number is lost at a low temperature, with a large rate, in bf16, and with copies
// of sentences.
func TestContrastIsFinite(t *testing.T) {
	data := twoLanguages(60, 1)
	for i := range data {
		if i%5 == 0 {
			data[i].Source = "a1 a2"
		}
		if i%7 == 0 {
			data[i].Targets[0] = data[i].Source
		}
		data[i].Negatives = []string{data[(i+1)%len(data)].Source, "a1"}
	}
	for _, p := range []Precision{Float32, BF16} {
		if _, err := p.products(); err != nil {
			continue // the processor lacks it
		}
		o := TrainOptions{
			Epochs: 2, BatchSentences: 12, Precision: p, Contrast: ContrastOptions{Temperature: 0.01, Mine: 2},
			Schedule: rnn.Schedule{Kind: "constant", Rate: 0.5},
		}
		for _, c := range []Config{embedderConfig(), recurrentEmbedderConfig()} {
			m := newEmbedder(t, c, data, 1)
			for _, step := range train(t, m, data[:50], data[50:], &o) {
				if !(step.Loss >= 0 && step.Loss < 1000) {
					t.Errorf("%s: loss %v in step %d", p, step.Loss, step.Step)
				}
			}
		}
	}
}
