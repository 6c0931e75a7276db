package seq2seq

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/setting"
	"github.com/retell-rnn/retell/tokenize"
)

// shortNoise leaves out the last label, or renames all of them.
type shortNoise struct{ rename string }

func (n shortNoise) CorruptText(_ *rand.Rand, source, target string) (s, t string) {
	if n.rename != "" {
		return source, strings.Repeat(n.rename+"\t", len(fields(source))-1) + n.rename
	}
	return source + "\ta", target
}

// TestLabelerErrors checks the errors of wrong examples, options and lines.
func TestLabelerErrors(t *testing.T) {
	good := corpora.Example{Source: "a\tb", Targets: []string{"X\tO"}}
	for _, test := range []struct {
		bad  corpora.Example
		want string
	}{
		{corpora.Example{Source: "a\tb", Targets: []string{"X"}}, `example 2 ("a\tb") has 2 tokens and 1 labels in column 1: want a label for each token`},
		{corpora.Example{Source: "a\t\tb", Targets: []string{"X\tX\tX"}}, "token 2 is empty: want a token"},
		{corpora.Example{Source: "a\tb", Targets: []string{"X\t"}}, `label 2 in column 1 is "": want text`},
		{corpora.Example{Source: "a\tb", Targets: []string{"X\tO"}, Labels: []string{"X\tO"}}, "has 2 label columns: want 1"},
		{corpora.Example{Source: "a\tb"}, "has 0 targets: want one, the labels"},
		{corpora.Example{Source: "a", Targets: []string{"X", "O"}}, "has 2 targets: want one, the labels"},
	} {
		if _, _, err := BeginLabeler(labelerConfig(), []corpora.Example{good, test.bad}, 1, nil); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v: error %v: want %q", test.bad, err, test.want)
		}
	}
	rare := labelerConfig()
	rare.Target.MinCount = 2
	data := []corpora.Example{good, {Source: "a\tb", Targets: []string{"Y\tO"}}, good}
	if _, _, err := BeginLabeler(rare, data, 1, nil); err == nil || !strings.Contains(err.Error(), `has the label "Y", which the model's labels lack`) {
		t.Errorf("a rare label: error %v", err)
	}

	plain := newLabeler(t, labelerConfig(), data, 1)
	for want, o := range map[string]TrainOptions{
		"noise made 3 tokens and 2 labels":                        {TextNoise: shortNoise{}},
		"want loss, accuracy or f1":                               {ValidateBy: "bleu"},
		`a weight for the label "Z": want one of O, X, Y`:         {LabelWeights: map[string]float64{"Z": 2}},
		"scheduled_sampling or risk with a labeler":               {Risk: RiskOptions{Metric: "wer"}},
		"validate_by: recall@1 of a labeler: want loss, accuracy": {ValidateBy: "recall@1", Epochs: 1},
	} {
		var err error
		for _, err = range plain.Train(t.Context(), data, data, &o) {
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v: want %q", err, want)
		}
	}
	train(t, plain.Network, data, nil, &TrainOptions{MaxSteps: 1, TextNoise: shortNoise{"Unseen"}}) // keeps the labels

	spans := crfConfig()
	if _, _, err := BeginLabeler(spans, data, 1, nil); err == nil || !strings.Contains(err.Error(), `iob2: label "X": want O, or B or I with - and a type`) {
		t.Errorf("labels of no scheme: error %v", err)
	}
	data = []corpora.Example{{Source: "a\tb", Targets: []string{"O\tI-x"}}, {Source: "a", Targets: []string{"B-x"}}}
	var err error
	for _, err = range newLabeler(t, spans, data, 1).Train(t.Context(), data, nil, nil) {
	}
	if err == nil || !strings.Contains(err.Error(), `example 1 ("a\tb") has label "I-x", number 2, after O: want a sequence that labeler.scheme iob2 allows`) {
		t.Errorf("I without B: error %v", err)
	}

	wrong := 0
	for p, err := range plain.Predict(t.Context(), corpora.Stream([]string{"a", "a\t\tb", "", "b"}), nil) {
		if err != nil {
			wrong++
			if !corpora.IsLineError(err) || !strings.Contains(err.Error(), "line 2: token 2 is empty") {
				t.Errorf("error %v: want one about a token of line 2", err)
			}
		} else if len(p.Labels) != len(p.Tokens) {
			t.Errorf("%q: labels %q", p.Tokens, p.Labels)
		}
	}
	if wrong != 1 {
		t.Errorf("%d errors: want 1", wrong)
	}
	if _, err := ClassifierOf(plain.Network); !errors.Is(err, ErrKind) {
		t.Errorf("a labeler as a classifier: error %v", err)
	}
	if _, err := ModelOf(plain.Network); !errors.Is(err, ErrKind) {
		t.Errorf("a labeler as a translator: error %v", err)
	}
}

// TestLabelerConfig checks the violations of a labeler's configuration.
func TestLabelerConfig(t *testing.T) {
	c := labelerConfig()
	c.Source.Kind, c.SharedVocab, c.TiedEmbeddings, c.Bottleneck.Size = tokenize.Words, true, TieOutput, 3
	c.Labeler, c.Encoder.Layers = LabelerConfig{Output: "hmm", Scheme: "iob1", LanguageModel: 0.1}, 0
	var v setting.Violations
	if err := c.Validate(); !errors.As(err, &v) {
		t.Fatalf("error %v: want violations", err)
	}
	for _, path := range []string{
		"source.kind", "shared_vocab", "tied_embeddings", "bottleneck", "labeler.output", "labeler.scheme", "labeler.language_model",
	} {
		if !slices.ContainsFunc(v, func(v Violation) bool { return v.Path == path }) {
			t.Errorf("%v: want one of %s", v, path)
		}
	}
}

// TestUnknownLabel holds that a validation counts a label that training lacks as wrong, with a finite loss.
func TestUnknownLabel(t *testing.T) {
	data := spans(20)
	valid := []corpora.Example{{Source: "a\ta\tc", Targets: []string{"B-new\tI-new\tO"}}, {Source: "a", Targets: []string{"B-a"}}}
	for _, output := range []LabelOutput{LabelSoftmax, LabelCRF} {
		c := crfConfig()
		c.Labeler.Output = output
		v, err := newLabeler(t, c, data, 1).Validate(t.Context(), valid, nil)
		if err != nil {
			t.Fatal(err)
		}
		if v.Accuracy > 0.5 || !(v.Loss > 0) {
			t.Errorf("%s: loss %v, accuracy %v: want a loss, and 0.5 or less", output, v.Loss, v.Accuracy)
		}
		if _, ok := v.Figures.Of("spans.f1"); !ok {
			t.Errorf("%s: figures %v: want spans.f1", output, v.Figures)
		}
	}
}
