// Package bench measures how fast this machine trains and decodes, through the library as its users call it.
package bench

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/internal/safetensors"
	"github.com/retell-rnn/retell/seq2seq"
)

// Options select the measurements. The zero value and a nil pointer mean the defaults.
type Options struct {
	Steps     int               // timed training steps; 0 means 12
	Precision seq2seq.Precision // of training, as in [seq2seq.TrainOptions]; "" means float32
	Mixed     bool              // sentences of mixed lengths in training
	TrainOnly bool              // no decoding
	Int8      bool              // decoding with weights in int8
	Beam      int               // width of a beam search to time as well; 0 means none
	Now       func() time.Time  // clock; nil means time.Now
}

// Result holds medians. Decoding writes a fixed number of tokens a sentence. Its time includes reading and writing the
// text.
type Result struct {
	Config     string            `json:"config"`                // name of the configuration
	Mixed      bool              `json:"mixed"`                 // whether sentences have mixed lengths
	Path       string            `json:"path"`                  // instruction set: amx, avx512, avx2 or generic
	Precision  seq2seq.Precision `json:"precision"`             // precision of the products in training: float32 or bf16
	Int8       bool              `json:"int8"`                  // whether decoding multiplies in int8
	Parameters int               `json:"parameters"`            // number of weights
	TrainTokS  float64           `json:"train_tok_s"`           // target tokens a second, in training
	StepMS     float64           `json:"step_ms"`               // median time of a training step, in milliseconds
	StepMSQ1   float64           `json:"step_ms_q1"`            // its first quartile, in milliseconds
	StepMSQ3   float64           `json:"step_ms_q3"`            // its third quartile, in milliseconds
	Flops      float64           `json:"step_gflop"`            // arithmetic of the products of a step, in 10⁹ operations
	GFlops     float64           `json:"gflop_s"`               // arithmetic of training, in 10⁹ operations a second
	Limit      float64           `json:"limit_gflop_s"`         // limit of one core in float32, in 10⁹ operations a second, measured in the same run
	GreedyS    float64           `json:"greedy_sent_s"`         // sentences a second by greedy search, in batches
	GreedyOne  float64           `json:"greedy_one_ms"`         // time of greedy search for one sentence alone, in milliseconds
	BeamS      float64           `json:"beam_sent_s,omitempty"` // sentences a second by beam search, in batches
	BeamOne    float64           `json:"beam_one_ms,omitempty"` // time of beam search for one sentence alone, in milliseconds
}

// Run measures training steps (forward, loss, backward, clipping, Adam) and decoding on random sentences.
func (c Case) Run(ctx context.Context, opts *Options) (Result, error) {
	var o Options
	if opts != nil {
		o = *opts
	}
	o.Steps, o.Precision = cmp.Or(o.Steps, 12), cmp.Or(o.Precision, seq2seq.Float32)
	if o.Now == nil {
		o.Now = time.Now
	}
	m, err := c.model()
	if err != nil {
		return Result{}, err
	}
	r := Result{
		Config: c.name, Mixed: o.Mixed, Path: kernel.Path(), Precision: o.Precision, Int8: o.Int8,
		Parameters: m.Parameters(), Limit: limit(o.Now),
	}
	examples := c.examples(o.Mixed)
	tokens := 0
	for _, e := range examples {
		tokens += length(e.Source) // the target with </s> has equally many
	}
	weights, err := multiplied(m)
	if err != nil {
		return r, err
	}
	// Each weight takes part in three multiply-adds a token: forward, for the gradient of its input and for its own
	// gradient. A source is as long as its target.
	r.Flops = 6 * float64(weights) * float64(tokens) / 1e9
	q, err := c.training(ctx, m, examples, o)
	if err != nil {
		return r, err
	}
	r.StepMSQ1, r.StepMS, r.StepMSQ3 = q[0], q[1], q[2]
	r.TrainTokS = 1e3 * float64(tokens) / r.StepMS
	r.GFlops = 1e3 * r.Flops / r.StepMS
	if o.TrainOnly {
		return r, nil
	}
	return r, c.decoding(ctx, m, o, &r)
}

// training times the steps of a training in which every batch is all of the examples.
func (c Case) training(ctx context.Context, m *seq2seq.Model, examples []corpora.Example, o Options) (quartiles [3]float64, err error) {
	const warm = 3
	var ms []float64
	start := o.Now()
	for p, err := range m.Train(ctx, examples, nil, c.trainOptions(warm+o.Steps, o.Precision)) {
		if err != nil {
			return quartiles, err
		}
		if p.Step > warm {
			ms = append(ms, 1e3*o.Now().Sub(start).Seconds())
		}
		if p.Step == warm+o.Steps {
			break
		}
		start = o.Now()
	}
	return quartilesOf(ms), nil
}

// trainOptions returns the options of a training that lasts longer than the given steps and never validates.
func (c Case) trainOptions(steps int, precision seq2seq.Precision) *seq2seq.TrainOptions {
	return &seq2seq.TrainOptions{
		Epochs: steps + 1, MaxSteps: steps + 1, ValidateEvery: steps + 1, BatchSentences: c.batch, Precision: precision,
	}
}

// decoding times greedy and beam search, in batches and for one sentence.
func (c Case) decoding(ctx context.Context, m *seq2seq.Model, o Options, r *Result) error {
	if o.Int8 {
		m = m.Quantize()
	}
	sources := c.sources()
	decode := func(sources []string, beam, n, warm int) (float64, error) {
		q, err := timed(ctx, o, n, warm, func() error { return c.decode(ctx, m, sources, beam) })
		return q[1], err
	}
	many, err := decode(sources, 1, max(5, o.Steps/2), 1)
	if err != nil {
		return err
	}
	r.GreedyS = 1e3 * float64(len(sources)) / many
	if r.GreedyOne, err = decode(sources[:1], 1, 5*o.Steps, 5); err != nil {
		return err
	}
	if o.Beam > 1 {
		if many, err = decode(sources, o.Beam, 5, 1); err != nil {
			return err
		}
		r.BeamS = 1e3 * float64(len(sources)) / many
		r.BeamOne, err = decode(sources[:1], o.Beam, o.Steps, 3)
	}
	return err
}

// sources returns a batch of sources of equal length.
func (c Case) sources() []string {
	var out []string
	for _, e := range c.examples(false) {
		out = append(out, e.Source)
	}
	return out
}

// decode writes length tokens for each sentence. The last of them may be </s>.
func (c Case) decode(ctx context.Context, m *seq2seq.Model, sources []string, beam int) error {
	opts := &seq2seq.SearchOptions{
		Beam: beam, BatchSentences: len(sources), MaxLengthRatio: 1e-9, MaxLengthConstant: c.length, MinLength: c.length - 1,
	}
	for _, err := range m.Translate(ctx, corpora.Stream(sources), opts) {
		if err != nil {
			return err
		}
	}
	return nil
}

// timed returns the quartiles of n runs of f, in milliseconds, after warm runs that do not count.
func timed(ctx context.Context, o Options, n, warm int, f func() error) (quartiles [3]float64, err error) {
	var ms []float64
	for i := range warm + n {
		if err := ctx.Err(); err != nil {
			return quartiles, err
		}
		start := o.Now()
		if err := f(); err != nil {
			return quartiles, err
		}
		if i >= warm {
			ms = append(ms, 1e3*o.Now().Sub(start).Seconds())
		}
	}
	return quartilesOf(ms), nil
}

func quartilesOf(x []float64) [3]float64 {
	n := len(x)
	slices.Sort(x)
	return [3]float64{x[n/4], x[n/2], x[3*n/4]}
}

// limit measures the multiply-adds in registers of one core, in GFLOP/s: the best of 20 tries.
func limit(now func() time.Time) float64 {
	best := 0.0
	for range 20 {
		start := now()
		ops := kernel.Limit(200_000)
		if s := now().Sub(start).Seconds(); s > 0 {
			best = max(best, float64(ops)/s/1e9)
		}
	}
	return best
}

// multiplied returns the number of weights that a model multiplies for each token: all matrices except the embeddings,
// which are looked up, and the bridge, which runs once a sentence. No case ties its embeddings.
func multiplied(m *seq2seq.Model) (int, error) {
	var file bytes.Buffer
	if err := m.Write(&file); err != nil {
		return 0, err
	}
	f, err := safetensors.NewReader(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		return 0, fmt.Errorf("counting weights: %w", err)
	}
	n := 0
	for _, t := range f.Tensors() {
		looked := strings.HasPrefix(t.Name, "source.") || strings.HasPrefix(t.Name, "target.") || strings.HasPrefix(t.Name, "bridge.")
		if len(t.Shape) > 1 && !looked {
			n += t.Len()
		}
	}
	return n, nil
}

func length(text string) int { return strings.Count(text, " ") + 1 }
