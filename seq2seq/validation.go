package seq2seq

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/metric"
)

// Validation holds the results of a validation.
type Validation struct {
	// Loss is the mean loss of a target token, in nats. The loss of a variational model includes the divergence, with
	// the final weight of annealing.
	Loss     float64
	Accuracy float64 // share of target tokens that the model ranks first by teacher forcing, 0 to 1
	Best     bool    // better than all earlier validations, by [TrainOptions].ValidateBy

	Score *metric.Score // score of greedy translations, by ValidateBy; nil if that is the loss

	// Figures are the objective's figures. A model with a bottleneck has these, measured on up to 1,000 of the
	// examples:
	//
	//	vector.gain                how many more nats a target token costs if each sentence is decoded from another
	//	                           sentence's vector; near 0, the decoder ignores the vector
	//	vector.divergence          divergence of the vectors from their prior, in nats a sentence
	//	vector.mutual_information  of sentences and vectors, in nats: an estimate, at most the logarithm of the number of
	//	                           sentences (Hoffman and Johnson, ELBO surgery, 2016)
	//	vector.active_units        dimensions whose mean varies over sentences with a variance above 0.01 (Burda, Grosse
	//	                           and Salakhutdinov, Importance Weighted Autoencoders, 2016)
	//
	// Only variational models have more than the first. A contrast has these:
	//
	//	contrast.loss      mean loss of a set, beside reconstruction, with the views of training but whole sentences; an
	//	                   embedder has it as its Loss
	//	contrast.recall@1  share of up to 2,000 sets whose first sentence is nearest to its partner among all partners
	//	contrast.spearman  rank correlation of cosines and similarities of judged pairs
	//
	// A labeler with a scheme, or validated by f1, has this one:
	//
	//	spans.f1  F1 of the first column's spans, 0 to 1, as seqeval and conlleval count them
	Figures Figures

	Samples []Sample   // outputs for some examples; see [TrainOptions].Samples
	Also    []SetScore // scores of the sets of [TrainOptions].Also, in order
}

// Perplexity is e to the loss; see [metric.Perplexity].
func (v Validation) Perplexity() float64 { return metric.Perplexity(v.Loss, 1) }

// Validate measures the model like a validation of [Network.Train] with the same examples and options. After a
// training, it returns the results of the best validation.
func (m *Network) Validate(ctx context.Context, valid []corpora.Example, opts *TrainOptions) (*Validation, error) {
	if opts != nil {
		if err := opts.Validate(); err != nil {
			return nil, fmt.Errorf("seq2seq: validating: options: %w", err)
		}
	}
	t := &trainer{Network: m, o: m.options(opts)}
	if err := m.checkContrast(&t.o); err != nil {
		return nil, fmt.Errorf("seq2seq: validating: %w", err)
	}
	var err error
	if t.objective, err = newObjective(m, &t.o, &t.pass); err != nil {
		return nil, fmt.Errorf("seq2seq: validating: %w", err)
	}
	if err := t.holdOut(valid); err != nil {
		return nil, fmt.Errorf("seq2seq: validating: %w", err)
	}
	if len(t.valid.pairs) == 0 {
		return nil, errors.New("seq2seq: validating: no pairs to validate on")
	}
	v, err := t.measure(ctx)
	if err != nil {
		return nil, fmt.Errorf("seq2seq: validating: %w", err)
	}
	return v, nil
}

// validationDue reports whether a validation follows the last step.
func (t *trainer) validationDue() bool {
	return t.finished() || t.o.ValidateEvery == 0 && t.at.Batch == 0 || t.o.ValidateEvery > 0 && t.at.Step%t.o.ValidateEvery == 0
}

// validate measures the model and ends the training if patience or the objective requires it. It returns nil without
// validation examples.
func (t *trainer) validate(ctx context.Context) (*Validation, error) {
	t.opt.Flush(t.net.params)
	t.changed()
	if len(t.valid.pairs) == 0 {
		return nil, nil
	}
	v, err := t.measure(ctx)
	if err != nil {
		return nil, err
	}
	v.Best = t.healthy() && (t.best == nil || t.cost(v) < t.at.Best)
	t.at.Plateau = t.schedule.Validated(t.at.Plateau, v.Best)
	t.at.Worse++
	if v.Best {
		t.at.Best, t.at.Worse = t.cost(v), 0
	}
	if t.o.Patience > 0 && t.at.Worse >= t.o.Patience {
		t.at.Ended = fmt.Sprintf("%d validations brought nothing better", t.at.Worse)
	}
	if end := t.objective.validated(t.at.Step, v); end != "" {
		t.at.Ended = end
	}
	return v, nil
}

// measurement is a named part of a validation.
type measurement struct {
	name    string
	measure func(ctx context.Context, v *Validation) error
}

// measurements returns the parts of a validation, in order.
func (t *trainer) measurements() []measurement {
	return []measurement{
		{"loss", t.measureLoss},
		{"objective", t.measureObjective},
		{"labels", t.measureHead},
		{"answers", t.measureOutputs},
		{"further sets", t.measureAlso},
	}
}

// measure validates the current weights, or their average if there is one.
func (t *trainer) measure(ctx context.Context) (*Validation, error) {
	v := &Validation{}
	err := t.averaged(func() error {
		for _, m := range t.measurements() {
			if err := m.measure(ctx, v); err != nil {
				return fmt.Errorf("measuring %s: %w", m.name, err)
			}
		}
		return nil
	})
	if err == nil && (math.IsNaN(v.Loss) || math.IsInf(v.Loss, 0)) {
		err = fmt.Errorf("%w at step %d: the validation loss is %v", ErrDiverged, t.at.Step, v.Loss)
	}
	return v, err
}

// measureLoss measures loss and accuracy.
func (t *trainer) measureLoss(ctx context.Context, v *Validation) error {
	var err error
	v.Loss, v.Accuracy, err = t.objective.held(ctx, t.valid.pairs)
	return err
}

// measureObjective adds the objective's figures.
func (t *trainer) measureObjective(ctx context.Context, v *Validation) error {
	return t.objective.measure(ctx, t.valid.pairs, v)
}

// validationMetric returns the metric that compares validations; nil means the loss.
func (o *TrainOptions) validationMetric() (metric.Metric, error) {
	if o.ValidateBy == "" || o.ValidateBy == "loss" || o.validationFigure() != "" {
		return nil, nil
	}
	return metric.Parse(o.ValidateBy)
}

// comparedBy returns the metric of outputs that compares validations; nil without one, such as for a labeler, whose
// accuracy is [Validation].Accuracy.
func (t *trainer) comparedBy() (metric.Metric, error) {
	if _, labels := t.net.head.(*labeler); labels {
		return nil, nil
	}
	return t.o.validationMetric()
}

// Sample is a validation example with the model's output by greedy search.
type Sample struct {
	Source    string `json:"source"`    // source
	Text      string `json:"text"`      // the model's output
	Reference string `json:"reference"` // first target
}

// ValidationSet is a set of examples with a name.
type ValidationSet struct {
	Name     string
	Examples []corpora.Example
}

// heldOut is a set of validation examples with their pairs.
type heldOut struct {
	ValidationSet
	pairs []pair
}

// holdOut encodes the validation examples and the further sets of the options.
func (t *trainer) holdOut(valid []corpora.Example) error {
	encode := func(set ValidationSet) (heldOut, droppedPairs, error) {
		pairs, err := t.pairsOf(set.Examples, false)
		pairs, dropped := (lengthLimits{}).keep(pairs)
		return heldOut{set, pairs}, dropped, err
	}
	var dropped droppedPairs
	var err error
	if t.valid, dropped, err = encode(ValidationSet{Examples: valid}); err != nil {
		return fmt.Errorf("validation: %w", err)
	}
	if dropped.total() > 0 {
		t.o.Log.Warn("validation pairs left out", "source_empty", dropped.SourceEmpty)
	}
	if len(valid) > 0 && len(t.valid.pairs) == 0 {
		return errors.New("no pairs to validate on: every source is empty")
	}
	for _, set := range t.o.Also {
		also, _, err := encode(set)
		if err != nil {
			return fmt.Errorf("validation: %s: %w", set.Name, err)
		}
		if len(also.pairs) == 0 {
			return fmt.Errorf("no pairs to validate on in %s: every source is empty", set.Name)
		}
		t.also = append(t.also, also)
	}
	return t.checkHeldOut()
}

// pairsOf encodes examples: as sets for contrast, and otherwise with the first target or all.
func (t *trainer) pairsOf(examples []corpora.Example, all bool) ([]pair, error) {
	if h, ok := t.net.head.(exampleHead); ok {
		if err := h.check(t.target, examples, all); err != nil {
			return nil, err
		}
	}
	if !t.contrasts(&t.o) {
		return t.encodePairs(examples, all, t.o.Watch), nil
	}
	if err := checkSets(examples); err != nil {
		return nil, err
	}
	return t.encodeSets(examples, &t.o), nil
}

// SetScore holds a model's scores on a [ValidationSet]; its fields are as in [Validation].
type SetScore struct {
	Name     string        `json:"name"`            // name of the set
	Loss     float64       `json:"loss"`            // mean over target tokens, in nats
	Accuracy float64       `json:"accuracy"`        // share of target tokens that the model ranks first, 0 to 1
	Score    *metric.Score `json:"score,omitempty"` // score by the metric that compares validations
}

// measureOutputs scores the model's outputs, if a metric compares validations, and samples some.
func (t *trainer) measureOutputs(ctx context.Context, v *Validation) error {
	m, err := t.comparedBy()
	if err != nil {
		return err
	}
	some := spread(t.valid.Examples, t.o.Samples)
	needed := some
	if m != nil {
		needed = t.valid.Examples
	}
	texts, err := t.outputs(ctx, needed)
	if err != nil {
		return err
	}
	v.Samples = samples(some, spread(texts, t.o.Samples))
	if m != nil {
		v.Score, err = t.scored(m, texts, needed)
	}
	return err
}

// outputs returns the model's outputs for the sources of examples.
func (t *trainer) outputs(ctx context.Context, examples []corpora.Example) ([]string, error) {
	if len(examples) == 0 {
		return nil, nil
	}
	lines := make([]string, len(examples))
	for i, e := range examples {
		lines[i] = e.Source
	}
	return t.net.head.outputs(ctx, t.Network, lines)
}

// scored returns the score of the model's outputs for examples.
func (t *trainer) scored(m metric.Metric, texts []string, examples []corpora.Example) (*metric.Score, error) {
	refs := make([][]string, len(examples))
	for i, e := range examples {
		refs[i] = make([]string, len(e.Targets))
		for k, text := range e.Targets {
			refs[i][k] = t.net.head.reference(t.target, text)
		}
	}
	score, err := metric.Corpus(m, texts, refs)
	return &score, err
}

// spread returns n evenly spaced items, or all if there are fewer.
func spread[T any](items []T, n int) []T {
	n = min(n, len(items))
	out := make([]T, n)
	for i := range out {
		out[i] = items[i*len(items)/n]
	}
	return out
}

func samples(examples []corpora.Example, texts []string) []Sample {
	var out []Sample
	for i, e := range examples {
		s := Sample{Source: e.Source, Text: texts[i]}
		if len(e.Targets) > 0 {
			s.Reference = e.Targets[0]
		}
		out = append(out, s)
	}
	return out
}

// measureAlso measures the further sets of the options.
func (t *trainer) measureAlso(ctx context.Context, v *Validation) error {
	m, err := t.comparedBy()
	if err != nil {
		return err
	}
	for _, set := range t.also {
		s := SetScore{Name: set.Name}
		if s.Loss, s.Accuracy, err = t.objective.held(ctx, set.pairs); err != nil {
			return err
		}
		if m != nil {
			texts, err := t.outputs(ctx, set.Examples)
			if err != nil {
				return err
			}
			if s.Score, err = t.scored(m, texts, set.Examples); err != nil {
				return err
			}
		}
		v.Also = append(v.Also, s)
	}
	return nil
}

// cost returns the number that compares validations; lower is better.
func (t *trainer) cost(v *Validation) float64 {
	m, err := t.comparedBy()
	if name := t.o.validationFigure(); name != "" {
		value, _ := v.Figures.Of(name)
		return -value
	}
	switch {
	case err == nil && m == nil && t.o.ValidateBy == byAccuracy:
		return -v.Accuracy
	case err != nil || m == nil:
		return v.Loss
	case m.HigherIsBetter():
		return -v.Score.Value
	default:
		return v.Score.Value
	}
}
