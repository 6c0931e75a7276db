package seq2seq

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/internal/setting"
	"github.com/retell-rnn/retell/metric"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/seq2seq/internal/search"
)

// RiskOptions make a training minimize the expected risk of translations in place of the loss of the targets. The
// expectation is over the target and translations drawn anew in each step:
//
//	Σ Q(y)·Δ(y),  Q(y) = P(y)^Sharpness / Σ P(y')^Sharpness
//
// The risk Δ is 1 − the metric, or the error rate, from 0 to 1. Begin with a trained model ([TrainOptions].From): an
// untrained model's samples are all equally bad. Dropout and label smoothing are off, so the gradient is exactly the
// expected risk's.
//
// Shen et al., Minimum Risk Training for Neural Machine Translation, 2016.
type RiskOptions struct {
	// Metric is the metric of single sentences whose risk is minimized, such as bleu, chrf or ter; bleu is smoothed by
	// adding one. Empty means off.
	Metric    string  `yaml:"metric" json:"metric"`
	Samples   int     `yaml:"samples" json:"samples"`     // number of translations drawn for each sentence, 0 to 1000; 0 means 20
	Sharpness float64 `yaml:"sharpness" json:"sharpness"` // exponent of the samples' probabilities, 0 to 100; 0 means 0.005
}

// Validate returns [Violations], or nil.
func (o RiskOptions) Validate() error {
	var v setting.Check
	_, err := o.metric()
	v.In("metric", err)
	v.Between("samples", o.Samples, 0, 1000)
	v.Within("sharpness", o.Sharpness, 0, 100)
	if o.Metric == "" && (o.Samples != 0 || o.Sharpness != 0) {
		v.Add("metric", "none beside samples or sharpness: want one")
	}
	return v.Err()
}

// resolved returns the options with defaults in place of 0, if a metric is set.
func (o RiskOptions) resolved() RiskOptions {
	if o.Metric == "" {
		return o
	}
	if o.Samples == 0 {
		o.Samples = 20
	}
	if o.Sharpness == 0 {
		o.Sharpness = 0.005
	}
	return o
}

// metric returns the metric; nil if none is set.
func (o RiskOptions) metric() (metric.Metric, error) {
	switch o.Metric {
	case "":
		return nil, nil
	case "bleu":
		return metric.Parse("bleu:eff=yes,smooth=add-k")
	}
	return metric.Parse(o.Metric)
}

// riskOf returns the risk of one translation, 0 to 1.
func riskOf(m metric.Metric, text, reference string) float64 {
	value := m.Score(m.Stats(text, []string{reference})).Value / 100
	if m.HigherIsBetter() {
		return 1 - value
	}
	return value
}

// minimumRisk is the objective of minimum risk training; see [RiskOptions]. Its loss is the expected risk of a
// sentence.
type minimumRisk struct {
	plainObjective
	*Network
	o      *TrainOptions
	pass   *rnn.Pass
	metric metric.Metric
}

// held implements objective. The loss is that of the targets by teacher forcing, in nats.
func (r *minimumRisk) held(ctx context.Context, pairs []pair) (loss, accuracy float64, err error) {
	return r.forcedMean(ctx, pairs)
}

// riskSet is the set of translations over which a sentence's expected risk is computed.
type riskSet struct {
	pairs    []pair    // the source with each translation, the target first
	logProbs []float64 // log-probability of each translation
	risks    []float64
}

// expected returns the expected risk and, for each translation, the weight of its negative log probability in the
// gradient:
//
//	∂/∂θ Σ Q·Δ = Σ Q(y)·(E − Δ(y))·sharpness·∂/∂θ (−log P(y)),  E = Σ Q·Δ
func (c *riskSet) expected(sharpness float64) (risk float64, weights []float32) {
	top := slices.Max(c.logProbs)
	q, sum := make([]float64, len(c.pairs)), 0.0
	for i, p := range c.logProbs {
		q[i] = math.Exp(sharpness * (p - top))
		sum += q[i]
	}
	for i := range q {
		q[i] /= sum
		risk += q[i] * c.risks[i]
	}
	weights = make([]float32, len(q))
	for i := range q {
		weights[i] = float32(sharpness * q[i] * (risk - c.risks[i]))
	}
	return risk, weights
}

// gradients implements objective. The loss is the expected risk; sentences count as tokens.
func (r *minimumRisk) gradients(ctx context.Context, b batch) (lossSums, error) {
	sum := lossSums{LossStats: rnn.LossStats{Tokens: len(b.pairs)}}
	sets, err := r.drawRiskSets(ctx, b.pairs, b.rng)
	if err != nil {
		return sum, fmt.Errorf("drawing translations: %w", err)
	}
	var all []pair
	var weights []float32
	for i := range sets {
		risk, w := sets[i].expected(r.o.Risk.Sharpness)
		sum.NLL += risk
		for k := range w {
			w[k] *= b.pairs[i].lossWeight()
		}
		all, weights = append(all, sets[i].pairs...), append(weights, w...)
	}
	// Batches of the usual size keep the memory of likelihood training.
	for _, indices := range evalBatches(all, budget{r.o.BatchSentences, r.o.BatchTokens}) {
		terms := lossTerms{weights: pick(weights, indices)}
		r.pass.Start(nil)
		if _, err := r.pass.Backward(r.net.loss(r.pass, pick(all, indices), terms)); err != nil {
			return sum, err
		}
	}
	return sum, nil
}

// chance implements objective. A risk is at most 1, so no loss means divergence.
func (r *minimumRisk) chance() float64 { return math.Inf(1) }

// drawRiskSets returns a set for each pair: its target and distinct sampled translations. Translations that reach the
// length limit are left out.
func (r *minimumRisk) drawRiskSets(ctx context.Context, pairs []pair, rng *rand.Rand) ([]riskSet, error) {
	f := r.inference(manyRows)
	mem := r.buffers()
	defer r.release(mem)
	e := f.encode(mem, sources(pairs))
	sentences := make([]search.Sentence, len(pairs))
	out := make([]riskSet, len(pairs))
	for i, p := range pairs {
		sentences[i] = search.Sentence{Source: len(p.src), Number: uint64(i)}
		out[i] = riskSet{pairs: []pair{p}, logProbs: make([]float64, 1), risks: []float64{0}}
	}
	n := r.o.Risk.Samples
	drawing := &SearchOptions{Sample: n, NBest: n, LengthNorm: NormNone, Seed: rng.Uint64()}
	found, err := search.Run(ctx, f.decode(mem, e, len(pairs)*n), sentences, drawing.search())
	if err != nil {
		return nil, err
	}
	err = search.Force(ctx, f.decode(mem, e, 0), targets(pairs), func(at search.Row, token int32) {
		out[at.Hypothesis].logProbs[0] += float64(at.Logits[token]) - float64(kernel.LogSumExp(at.Logits))
	})
	if err != nil {
		return nil, err
	}
	for i, hyps := range found {
		var words []string // out of the vocabulary
		if w := pairs[i].oov; w != nil {
			words = *w
		}
		set, reference := &out[i], r.target.DecodeWith(pairs[i].tgt, words)
		for _, h := range hyps {
			known := func(p pair) bool { return slices.Equal(p.tgt, h.Tokens) }
			if !h.Finished || slices.ContainsFunc(set.pairs, known) {
				continue
			}
			set.pairs = append(set.pairs, pair{sourceLine: pairs[i].sourceLine, tgt: h.Tokens})
			set.logProbs = append(set.logProbs, h.LogProb)
			set.risks = append(set.risks, riskOf(r.metric, r.target.DecodeWith(h.Tokens, words), reference))
		}
	}
	return out, nil
}
