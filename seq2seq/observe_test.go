package seq2seq

import (
	"math"
	"testing"

	"github.com/retell-rnn/retell/corpora"
)

// TestConfidence compares probabilities and confidences of n-best lists with their definitions, and with those of an
// ensemble that has the same model twice.
func TestConfidence(t *testing.T) {
	m, data := trained(t)
	source := sourcesOf(data[:5])
	o := &SearchOptions{Beam: 4, NBest: 3, Confidence: true}
	twice, err := NewEnsemble(m, m)
	if err != nil {
		t.Fatal(err)
	}
	double := collect(t, twice.Translate(t.Context(), lines(source...), o))
	for i, tr := range collect(t, m.Translate(t.Context(), lines(source...), o)) {
		total, sum := 0.0, 0.0
		for _, h := range tr.Hypotheses {
			total += math.Exp(h.LogProb)
		}
		for k, h := range tr.Hypotheses {
			sum += h.Probability
			if want := math.Exp(h.LogProb) / total; math.Abs(h.Probability-want) > 1e-9 {
				t.Errorf("%q: probability %v: want %v", h.Text, h.Probability, want)
			}
			if len(h.Margins) != len(h.LogProbs) || len(h.Entropies) != len(h.LogProbs) {
				t.Fatalf("%q: %d margins and %d entropies of %d tokens", h.Text, len(h.Margins), len(h.Entropies), len(h.LogProbs))
			}
			for at, p := range h.LogProbs {
				// The margin of a token of probability p is at least 2p-1 and at most p.
				p, margin := math.Exp(float64(p)), float64(h.Margins[at])
				if margin > p+1e-4 || margin < 2*p-1-1e-4 {
					t.Errorf("%q: token %d of probability %v has margin %v", h.Text, at, p, margin)
				}
			}
			if d := double[i].Hypotheses[k]; math.Abs(d.Confidence-h.Confidence) > 1e-3 || math.Abs(d.Entropy-h.Entropy) > 1e-3 {
				t.Errorf("%q: confidence %v, entropy %v: from two equal models %v and %v", h.Text, h.Confidence, h.Entropy, d.Confidence, d.Entropy)
			}
		}
		if math.Abs(sum-1) > 1e-9 {
			t.Errorf("%q: probabilities sum to %v", tr.Source, sum)
		}
	}
	for _, tr := range collect(t, m.Translate(t.Context(), lines(source...), nil)) {
		if h := tr.Hypotheses[0]; h.Margins != nil || h.Confidence != 0 || h.Probability != 1 {
			t.Errorf("unasked: %+v", h)
		}
	}
}

// TestConfidenceOfVectors holds that decoding a line's vector gives the confidence of the line's translation.
func TestConfidenceOfVectors(t *testing.T) {
	m, data, _ := bottlenecked(t, func(*Config) {}, TrainOptions{MaxSteps: 20})
	source := sourcesOf(data[:3])
	o := &SearchOptions{Beam: 3, NBest: 2, Confidence: true, MaxLengthConstant: 40, MaxLengthRatio: 1e-9}
	want := collect(t, m.Translate(t.Context(), lines(source...), o))
	got := collect(t, vectorModel(t, m).Decode(t.Context(), corpora.Stream(embeddings(t, m, nil, source...)), o))
	for i := range want {
		for k, h := range want[i].Hypotheses {
			g := got[i].Hypotheses[k]
			if g.Text != h.Text || len(g.Margins) == 0 || math.Abs(g.Entropy-h.Entropy) > 1e-4 {
				t.Errorf("vector of %q: %q of entropy %v: want %q of %v", source[i], g.Text, g.Entropy, h.Text, h.Entropy)
			}
		}
	}
}

// TestSourceAsTyped holds that a translation's Source is the line before changes.
func TestSourceAsTyped(t *testing.T) {
	m, _ := trained(t)
	in := []Input{{Source: "1 2 3", Typed: "123"}, {Source: "4 5"}, {Source: "", Typed: " "}}
	for i, tr := range collect(t, m.TranslateInputs(t.Context(), inputs(in...), nil)) {
		if want := []string{"123", "4 5", " "}[i]; tr.Source != want {
			t.Errorf("source %q: want %q", tr.Source, want)
		}
	}
}

// TestNormalizedEmbeddings holds that Normalize only scales vectors, to length 1.
func TestNormalizedEmbeddings(t *testing.T) {
	m, data := trained(t)
	source := append([]string{""}, sourcesOf(data[:4])...)
	plain, unit := embeddings(t, m, nil, source...), embeddings(t, m, &EmbedOptions{Normalize: true}, source...)
	for i, v := range unit {
		var dot, aa, bb float64
		for j, x := range v {
			y := plain[i][j]
			dot, aa, bb = dot+float64(x)*float64(y), aa+float64(x)*float64(x), bb+float64(y)*float64(y)
		}
		want := 1.0
		if i == 0 {
			want = 0 // the vector of an empty line
		}
		if math.Abs(aa-want) > 1e-6 || math.Abs(dot-math.Sqrt(aa*bb)) > 1e-5 {
			t.Errorf("%q: squared length %v: want %v", source[i], aa, want)
		}
	}
}
