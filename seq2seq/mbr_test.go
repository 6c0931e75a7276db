package seq2seq

import (
	"math"
	"slices"
	"testing"

	"github.com/retell-rnn/retell/metric"
)

// TestLeastRisk compares the choice with its definition, for a metric where higher is better and one where lower is
// better.
func TestLeastRisk(t *testing.T) {
	m, data := trained(t)
	chrf, err := metric.Parse("chrf")
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range []SearchOptions{{Beam: 6}, {Sample: 12, Seed: 3}} {
		for _, by := range []metric.Metric{chrf, metric.NewWER()} {
			all := o
			all.NBest = o.found()
			chosen := all
			chosen.MBR, chosen.NBest = by, 2
			changed := 0
			pool := collect(t, m.Translate(t.Context(), lines(sourcesOf(data[:20])...), &all))
			for i, tr := range collect(t, m.Translate(t.Context(), lines(sourcesOf(data[:20])...), &chosen)) {
				total, best := 0.0, math.Inf(1)
				weight := func(h Hypothesis) float64 {
					if o.Sample > 0 {
						return 1
					}
					return math.Exp(h.LogProb)
				}
				for _, h := range pool[i].Hypotheses {
					total += weight(h)
				}
				for _, h := range pool[i].Hypotheses {
					risk := 0.0
					for _, ref := range pool[i].Hypotheses {
						risk += weight(ref) / total * by.Score(by.Stats(h.Text, []string{ref.Text})).Value
					}
					if by.HigherIsBetter() {
						risk = -risk
					}
					best = min(best, risk)
				}
				got := tr.Hypotheses[0].Score
				if by.HigherIsBetter() {
					got = -got
				}
				if math.Abs(got-best) > 1e-9*math.Abs(best)+1e-12 || tr.Text != tr.Hypotheses[0].Text || len(tr.Hypotheses) != 2 {
					t.Errorf("line %d by %s: risk %v of %q: want %v", i, by.Name(), got, tr.Text, best)
				}
				if tr.Text != pool[i].Text {
					changed++
				}
			}
			if changed == 0 {
				t.Errorf("%+v by %s: every choice is also the model's", o, by.Name())
			}
		}
	}
}

func TestDecodingOptions(t *testing.T) {
	exact := metric.NewExactMatch()
	for _, o := range []*SearchOptions{
		{MinLength: 3, NoRepeatNGram: 2},
		{Beam: 6, DiverseGroups: 3, Diversity: 0.2, NBest: 6, MBR: exact},
		{Sample: 10, Temperature: 0.5, TopK: 5, TopP: 0.9, Seed: 1, NBest: 10, MBR: exact},
	} {
		if err := o.Validate(); err != nil {
			t.Errorf("%+v: %v", o, err)
		}
	}
	for want, o := range map[string]*SearchOptions{
		"min_length: -1: want 0 to 1000000":                                                         {MinLength: -1},
		"no_repeat_ngram: 101: want 0 to 100":                                                       {NoRepeatNGram: 101},
		"diverse_groups: 6 with a beam of 5: want a divisor of the beam":                            {DiverseGroups: 6, Beam: 5},
		"diverse_groups: 2 with a beam of 5: want a divisor of the beam":                            {DiverseGroups: 2},
		"diversity: 0.3 with one group: want 0":                                                     {Diversity: 0.3},
		"sample: 1001: want 0 to 1000":                                                              {Sample: 1001},
		"temperature: 0.001: want 0.01 to 100":                                                      {Sample: 1, Temperature: 0.001},
		"temperature: NaN: want 0.01 to 100":                                                        {Sample: 1, Temperature: math.NaN()},
		"top_k: -1: want 0 to 2147483647":                                                           {Sample: 1, TopK: -1},
		"top_p: 1.5: want 0 to 1":                                                                   {Sample: 1, TopP: 1.5},
		"nbest: 3 of sample: 2: want at most 2, or more samples":                                    {Sample: 2, NBest: 3},
		"beam: 5 with sample 2: want one of the two":                                                {Sample: 2, Beam: 5},
		"diverse_groups: 1 with sample 2: want 0":                                                   {Sample: 2, DiverseGroups: 1},
		"sample: 0 with temperature, top_k, top_p or seed: want the number of translations to draw": {TopK: 3},
		"mbr: one translation to choose from: want a beam or samples of 2 or more":                  {Beam: 1, MBR: exact},
	} {
		if err := o.Validate(); err == nil || err.Error() != want {
			t.Errorf("%+v: %v: want %s", o, err, want)
		}
	}
	if slices.Contains([]int{(&SearchOptions{Sample: 7}).found(), (&SearchOptions{Beam: 7}).found()}, 5) {
		t.Error("found() differs from the number of translations")
	}
}
