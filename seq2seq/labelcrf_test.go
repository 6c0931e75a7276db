package seq2seq

import (
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
