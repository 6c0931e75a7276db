package seq2seq

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/seq2seq/internal/search"
	"github.com/retell-rnn/retell/tokenize"
)

// Benchmark is a model and a shape of data to measure speed with: vocabularies of Vocab ids on both sides, batches of
// Batch sentences whose source and target, </s> included, have Length tokens.
type Benchmark struct {
	Name                 string
	Config               Config
	Vocab, Batch, Length int
	Copy                 bool // the target is the source, as an autoencoder has it
}

// Benchmarks lists the configurations that comparisons with other toolkits use: one layer of LSTM unless said; general
// or bahdanau attention after a bidirectional encoder, with input feeding where the name ends in feed.
func Benchmarks() []Benchmark {
	words := func(name string, change func(*Config)) Benchmark {
		c := DefaultConfig()
		c.Encoder.Bidirectional, c.Decoder.Attention, c.Decoder.InputFeeding, c.Dropout = false, rnn.NoAttention, false, 0
		change(&c)
		return Benchmark{Name: name, Config: c, Vocab: 8000, Batch: 64, Length: 14}
	}
	chars := func(name string, change func(*Config)) Benchmark {
		b := words(name, func(c *Config) {
			c.Encoder.Embedding, c.Decoder.Embedding, c.Encoder.Hidden, c.Decoder.Hidden = 64, 64, 256, 256
			change(c)
		})
		b.Vocab, b.Batch, b.Length = 64, 128, 12
		return b
	}
	attention := func(kind rnn.Attention, feed bool) func(*Config) {
		return func(c *Config) {
			c.Encoder.Bidirectional, c.Decoder.Attention, c.Decoder.InputFeeding = true, kind, feed
		}
	}
	ae := words("ae", func(c *Config) { c.Encoder.Bidirectional = true })
	ae.Copy = true
	return []Benchmark{
		words("lstm", func(*Config) {}),
		words("attn", attention(rnn.General, false)),
		words("attn-feed", attention(rnn.General, true)),
		words("bahdanau-feed", attention(rnn.Bahdanau, true)),
		words("gru2", func(c *Config) { c.Encoder.Cell, c.Encoder.Layers, c.Decoder.Layers = rnn.GRU, 2, 2 }),
		chars("char", attention(rnn.General, false)),
		chars("char-lstm", func(*Config) {}),
		ae,
	}
}

// FindBenchmark returns the configuration of that name.
func FindBenchmark(name string) (Benchmark, error) {
	var names []string
	for _, b := range Benchmarks() {
		if b.Name == name {
			return b, nil
		}
		names = append(names, b.Name)
	}
	return Benchmark{}, fmt.Errorf("seq2seq: benchmark %q: want one of %s", name, strings.Join(names, ", "))
}

// BenchmarkOptions say what is measured. The zero value and a nil pointer mean the defaults.
type BenchmarkOptions struct {
	Steps     int    // timed training steps; 0 means 12
	Precision string // of training, as in [TrainOptions]
	Mixed     bool   // lengths drawn evenly from half to one and a half times Length
	TrainOnly bool   // no decoding
	Int8      bool   // decoding with weights in int8
	Beam      int    // width of the beam search that is timed; 0 is none
	Now       func() time.Time
}

// BenchmarkResult are medians. Decoding always writes Length tokens a sentence.
type BenchmarkResult struct {
	Config     string  `json:"config"`
	Mixed      bool    `json:"mixed"`
	Path       string  `json:"path"`      // the kernels in use: amx, avx512, avx2 or generic
	Precision  string  `json:"precision"` // of training
	Int8       bool    `json:"int8"`      // in decoding
	Parameters int     `json:"parameters"`
	TrainTokS  float64 `json:"train_tok_s"` // target tokens a second
	StepMS     float64 `json:"step_ms"`
	StepMSQ1   float64 `json:"step_ms_q1"`
	StepMSQ3   float64 `json:"step_ms_q3"`
	Flops      float64 `json:"step_gflop"`            // arithmetic of a step's products
	GFlops     float64 `json:"gflop_s"`               // of a step
	Limit      float64 `json:"limit_gflop_s"`         // of one core in float32, by a loop that touches only registers, measured in the same run
	GreedyS    float64 `json:"greedy_sent_s"`         // sentences a second, in batches
	GreedyOne  float64 `json:"greedy_one_ms"`         // one sentence alone
	BeamS      float64 `json:"beam_sent_s,omitempty"` // sentences a second, in batches
	BeamOne    float64 `json:"beam_one_ms,omitempty"`
}

// Run measures training steps (forward, loss, backward, clipping, Adam) and decoding on made-up ids.
func (b Benchmark) Run(ctx context.Context, o *BenchmarkOptions) (BenchmarkResult, error) {
	var opts BenchmarkOptions
	if o != nil {
		opts = *o
	}
	if opts.Steps == 0 {
		opts.Steps = 12
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	prec, err := precision(opts.Precision)
	if err != nil {
		return BenchmarkResult{}, fmt.Errorf("seq2seq: %w", err)
	}
	net, err := newNetwork(b.Config, b.Vocab, b.Vocab, rand.New(rand.NewPCG(1, initStream)))
	if err != nil {
		return BenchmarkResult{}, err
	}
	r := BenchmarkResult{Config: b.Name, Mixed: opts.Mixed, Path: kernel.Path(), Precision: prec.String(), Int8: opts.Int8, Parameters: net.params.Count(), Limit: limit(opts.Now)}
	pairs := b.pairs(opts.Mixed)
	batch := make([]int, len(pairs))
	tokens := 0
	for i, p := range pairs {
		batch[i] = i
		tokens += len(p.tgt) + 1
		r.Flops += net.flops(p) / 1e9
	}
	t := &trainer{Model: &Model{net: net}, train: pairs, o: (&TrainOptions{}).defaults(), opt: &rnn.Adam{}}
	if t.objective, err = newObjective(t.Model, &t.o, &t.pass); err != nil {
		return r, err
	}
	t.pass.Precision = prec
	q, err := timed(ctx, opts, opts.Steps, 3, func() error {
		_, err := t.step(ctx, [][]int{batch})
		return err
	})
	if err != nil {
		return r, err
	}
	r.StepMSQ1, r.StepMS, r.StepMSQ3 = q[0], q[1], q[2]
	r.TrainTokS = 1e3 * float64(tokens) / r.StepMS
	r.GFlops = 1e3 * r.Flops / r.StepMS
	if opts.TrainOnly {
		return r, nil
	}
	return r, b.decoding(ctx, opts, t, &r)
}

// pairs makes a batch of random ids.
func (b Benchmark) pairs(mixed bool) []pair {
	rng := rand.New(rand.NewPCG(2, 1))
	ids := func(n int) []int32 {
		out := make([]int32, n)
		for i := range out {
			out[i] = int32(4 + rng.IntN(b.Vocab-4))
		}
		return out
	}
	pairs := make([]pair, b.Batch)
	for i := range pairs {
		n := b.Length
		if mixed {
			n = b.Length/2 + rng.IntN(b.Length+1)
		}
		src := ids(n)
		tgt := ids(n - 1)
		if b.Copy {
			tgt = src[:n-1]
		}
		pairs[i] = pair{reading: reading{src: src}, tgt: tgt}
	}
	return pairs
}

// decoding times greedy and beam search, in batches and of one sentence.
func (b Benchmark) decoding(ctx context.Context, opts BenchmarkOptions, t *trainer, r *BenchmarkResult) error {
	m, src := b.decoder(t, opts.Int8), sources(b.pairs(false))
	decode := func(src []reading, beam, n, warm int) (float64, error) {
		q, err := timed(ctx, opts, n, warm, func() error { return b.decode(ctx, m, src, beam) })
		return q[1], err
	}
	many, err := decode(src, 1, max(5, opts.Steps/2), 1)
	if err != nil {
		return err
	}
	r.GreedyS = 1e3 * float64(len(src)) / many
	if r.GreedyOne, err = decode(src[:1], 1, 5*opts.Steps, 5); err != nil {
		return err
	}
	if opts.Beam > 1 {
		if many, err = decode(src, opts.Beam, 5, 1); err != nil {
			return err
		}
		r.BeamS = 1e3 * float64(len(src)) / many
		r.BeamOne, err = decode(src[:1], opts.Beam, opts.Steps, 3)
	}
	return err
}

// decoder readies the model of a trainer for decoding, in int8 if asked, with the end mark suppressed.
func (b Benchmark) decoder(t *trainer, whole bool) *Model {
	t.net.params.Get("output.bias").W[tokenize.EOS] = -1e9
	t.changed()
	if whole {
		return t.Quantize()
	}
	return t.Model
}

// decode writes Length tokens for each sentence.
func (b Benchmark) decode(ctx context.Context, m *Model, src []reading, beam int) error {
	f, mem := m.inference(len(src)*beam), m.buffers()
	defer m.give(mem)
	s := f.decode(mem, f.encode(mem, src), len(src)*beam)
	o := (&SearchOptions{Beam: beam, MaxLengthRatio: 1e-9, MaxLengthConstant: b.Length}).search()
	o.Unscored = beam == 1
	_, err := search.Run(ctx, s, make([]search.Sentence, len(src)), o)
	return err
}

// timed returns the quartiles of n runs of f, in milliseconds, after some that warm up.
func timed(ctx context.Context, o BenchmarkOptions, n, warm int, f func() error) (quartiles [3]float64, err error) {
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
	slices.Sort(ms)
	return [3]float64{ms[n/4], ms[n/2], ms[3*n/4]}, nil
}

// limit measures how many GFLOP/s of multiply-adds one core can do in registers: the best of some tries.
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

// flops is the arithmetic of the products that a training step makes for a pair: each weight is multiplied in the
// forward pass, for the gradient of its input and for its own.
func (n *network) flops(p pair) float64 {
	var source, target float64
	for q := range n.params.All() {
		if looked := strings.HasPrefix(q.Name, "source.") || q == n.target.Weight; len(q.Shape) < 2 || looked && q != n.output.Weight {
			continue
		}
		if strings.HasPrefix(q.Name, "encoder.") || strings.HasSuffix(q.Name, ".memory.weight") {
			source += float64(len(q.W))
		} else if !strings.HasPrefix(q.Name, "bridge.") {
			target += float64(len(q.W))
		}
	}
	return 6 * (source*float64(len(p.src)) + target*float64(len(p.tgt)+1))
}
