package seq2seq

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/rnn"
)

// spans makes lines of letters whose label column marks runs of a's and of b's as spans in IOB2.
func spans(n int) []corpora.Example {
	rng := rand.New(rand.NewPCG(4, 4))
	var out []corpora.Example
	for range n {
		var tokens, labels []string
		for range 1 + rng.IntN(7) {
			w := string(rune('a' + rng.IntN(3)))
			label := "O"
			if w != "c" {
				label = "B-" + w
				if len(tokens) > 0 && tokens[len(tokens)-1] == w {
					label = "I-" + w
				}
			}
			tokens, labels = append(tokens, w), append(labels, label)
		}
		out = append(out, corpora.Example{Source: strings.Join(tokens, "\t"), Targets: []string{strings.Join(labels, "\t")}})
	}
	return out
}

func crfConfig() Config {
	c := labelerConfig()
	c.Labeler = LabelerConfig{Output: LabelCRF, Scheme: SchemeIOB2}
	return c
}

// TestCRFLabeler holds that training and inference of a field compute the same loss, that untrained fields predict only
// what the scheme allows, and that the most probable sequence is the first of the best ones.
func TestCRFLabeler(t *testing.T) {
	data := spans(40)
	for _, output := range []LabelOutput{LabelCRF, LabelSoftmax} {
		c := crfConfig()
		c.Labeler.Output = output
		l := newLabeler(t, c, data, 1)
		pairs := l.encodePairs(data, true, nil)
		var pass rnn.Pass
		var stats rnn.LossStats
		pass.Start(nil)
		l.net.loss(&pass, pairs, lossTerms{stats: &stats})
		if err := pass.Forward(); err != nil {
			t.Fatal(err)
		}
		forced, err := l.forced(t.Context(), pairs)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(stats.NLL-forced.NLL) > 1e-4*forced.NLL || stats.Tokens != forced.Tokens {
			t.Errorf("%s: the graph has %+v: want %+v", output, stats, forced)
		}
		for i, p := range l.predict(sourcesOf(data), &LabelOptions{NBest: 3, Distribution: true}) {
			if err := c.Labeler.Scheme.check(p.Labels); err != nil {
				t.Errorf("%s: line %d %v", output, i, err)
			}
			if len(p.NBest) != 3 || !slices.Equal(p.NBest[0].Labels, p.Labels) || p.NBest[1].LogProb > p.NBest[0].LogProb {
				t.Errorf("%s: line %d: best sequences %v of %v", output, i, p.NBest, p.Labels)
			}
			for j, q := range p.Distribution {
				sum := 0.0
				for _, v := range q {
					sum += float64(v)
				}
				if at := slices.Index(l.Labels(0), p.Labels[j]); math.Abs(sum-1) > 1e-5 || p.Probabilities[j] != float64(q[at]) {
					t.Errorf("%s: line %d, token %d: probability %v of %v", output, i, j, p.Probabilities[j], q)
				}
			}
		}
	}
}

// TestLabelerGradients compares the gradients of a labeler's loss, with a field, a language model, smoothing and
// weights, with central differences.
func TestLabelerGradients(t *testing.T) {
	data := spans(6)
	c := crfConfig()
	c.Labeler.LanguageModel, c.Dropout, c.Encoder.Layers = 0.5, 0, 2
	c.Encoder.Hidden, c.Encoder.Embedding = 6, 4
	l := newLabeler(t, c, data, 1)
	pairs := l.encodePairs(data, true, nil)
	terms := lossTerms{smoothing: 0.1, weights: []float32{1, 2, 1, 0.5, 1, 3}, labels: []float32{1, 1, 1, 1, 2, 1, 1, 0.5, 1}}
	loss := func(backward bool) float64 {
		var pass rnn.Pass
		pass.Start(nil)
		n := l.net.loss(&pass, pairs, terms)
		var err error
		if backward {
			_, err = pass.Backward(n)
		} else {
			err = pass.Forward()
		}
		if err != nil {
			t.Fatal(err)
		}
		return float64(rnn.Floats(n)[0])
	}
	l.net.params.ZeroGrads()
	loss(true)
	for p := range l.net.params.All() {
		p.GradRows(func(at int, w, g []float32) {
			for _, i := range []int{0, len(w) / 2, len(w) - 1} {
				const h = 1e-2
				was := w[i]
				w[i] = was + h
				above := loss(false)
				w[i] = was - h
				below := loss(false)
				w[i] = was
				if want := (above - below) / (2 * h); math.Abs(want-float64(g[i])) > 0.02+0.02*math.Abs(want) {
					t.Errorf("%s[%d]: gradient %v: want %v", p.Name, at+i, g[i], want)
				}
			}
		})
	}
}

// TestLongLine holds that a line read in windows has as many labels as tokens, and those of its parts in their midst.
func TestLongLine(t *testing.T) {
	data := spans(30)
	l := newLabeler(t, crfConfig(), data, 1)
	part := strings.Join(sourcesOf(data), "\t")
	tokens := fields(strings.Repeat(part+"\t", 10_000/len(fields(part))) + part)
	p := l.predict([]string{strings.Join(tokens, "\t")}, &LabelOptions{})[0]
	if err := l.config.Labeler.Scheme.check(p.Labels); err != nil || len(p.Labels) != len(tokens) {
		t.Errorf("%d labels of %d tokens, %v", len(p.Labels), len(tokens), err)
	}
	for _, at := range []int{0, 4000, 8100} { // beside borders of windows
		q := l.predict([]string{strings.Join(tokens[at:at+500], "\t")}, &LabelOptions{})[0]
		if !slices.Equal(q.Labels[100:400], p.Labels[at+100:at+400]) {
			t.Errorf("other labels of tokens %d to %d alone", at+100, at+400)
		}
	}
}

// TestSuitedLabeler holds that the configuration for given labels is valid and fits them.
func TestSuitedLabeler(t *testing.T) {
	words := []corpora.Example{{Source: "the\tdog", Targets: []string{"DET\tNOUN"}}}
	for _, test := range []struct {
		data   []corpora.Example
		scheme LabelScheme
		output LabelOutput
		by     string
		pairs  bool
	}{
		{words, "", LabelSoftmax, "accuracy", false},
		{spans(30), SchemeIOB2, LabelCRF, "f1", true},
		{[]corpora.Example{{Source: "in\tNew\tYork", Targets: []string{"O\tB-LOC\tE-LOC"}}}, SchemeBIOES, LabelCRF, "f1", false},
	} {
		c, o := SuitedLabeler(test.data)
		got := []any{c.Labeler.Scheme, c.Labeler.Output, o.ValidateBy, c.Encoder.NGrams.Pairs}
		if want := []any{test.scheme, test.output, test.by, test.pairs}; !slices.Equal(got, want) {
			t.Errorf("%s: %v: want %v", test.data[0].Targets[0], got, want)
		}
		if err := errors.Join(c.Validate(), o.Validate()); err != nil {
			t.Error(err)
		}
		newLabeler(t, c, test.data, 1)
	}
}
