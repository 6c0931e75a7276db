package main

import (
	"cmp"
	"context"
	"iter"
	"log/slog"
	"math"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/seqae"
	"github.com/retell-rnn/retell/tokenize"
)

// setTypes are the formats of texts that mean the same, or as much as a score says.
func setTypes() []string {
	return []string{corpora.TypeSets, corpora.TypeTriplets, corpora.TypeJudged, corpora.TypeSTS, corpora.TypeSICK}
}

// kindOfData returns the kind of model that settings mean if none of them names a kind: an embedder for data in a
// format that only embedders read, and otherwise the given kind.
func kindOfData(kind string, said *runConfig) string {
	if said.Kind == "" && kind == kindSeq2Seq && said.Data.hasSets() {
		return kindEmbedder
	}
	return kind
}

// hasSets reports whether the format of a training corpus is one of setTypes.
func (d *dataConfig) hasSets() bool {
	isSet := func(f corpora.Format) bool { return slices.Contains(setTypes(), f.Type) }
	return isSet(d.Format) || slices.ContainsFunc(d.Corpora, func(c corpusConfig) bool { return isSet(c.Format) })
}

// suitedEmbedder returns a configuration and options with which an embedder learns well from that many sets. tuned
// means that it begins with another embedder, alone that each set is one text.
func suitedEmbedder(sets int, tuned, alone bool) (seq2seq.Config, seq2seq.TrainOptions) {
	c, o := seq2seq.DefaultEmbedderConfig(), seq2seq.TrainOptions{}
	switch {
	case sets < 100: // most words occur once
		c.Encoder.NGrams.Buckets, c.Source.MinCount = 1<<14, 1
	case sets < 2_000:
		c.Encoder.NGrams.Buckets = 1 << 14
	case sets < 15_000:
		c.Encoder.NGrams.Buckets = 1 << 16
	}
	// The other sets of a batch are the negatives: the more the better, but an epoch has some steps.
	const largest, steps = 512, 2000
	o.BatchSentences = 2
	for o.BatchSentences < largest && 16*o.BatchSentences <= sets {
		o.BatchSentences *= 2
	}
	epochs, rate := 20, 0.002
	switch {
	case tuned:
		o.BatchSentences, epochs, rate = min(o.BatchSentences, 128), 8, 0.0015
	case alone: // a weighted mean of words is good before any training, and much of it does harm
		o.MaxSteps, rate = 300, 0.0004
		o.Contrast.TokenDropout = 0.3
	}
	o.Epochs = min(max(int(math.Round(steps*float64(o.BatchSentences)/float64(max(sets, 1)))), 3), epochs)
	o.Schedule = rnn.Schedule{Kind: rnn.ScheduleCosine, Rate: rate, Warmup: 50, Floor: 0.01}
	o.Patience = -1 // the rate falls until the end
	return c, o
}

// ofWords reports whether tokens are whole words.
func ofWords(c tokenize.Config) bool { return c.Kind == tokenize.Words || c.Kind == tokenize.Space }

// settleEmbedder sets the settings of an embedder that are left to the data, and logs them.
func (c *runConfig) settleEmbedder(train, valid []corpora.Example, log *slog.Logger) {
	if !c.bySize {
		return
	}
	c.bySize = false
	tuned := c.from != nil && c.from.From != nil && c.from.From.Kind() == kindEmbedder
	model, options := suitedEmbedder(len(train), tuned, all(train, isAlone))
	var said []any
	set := func(key string, to *int, value int) {
		if *to == 0 && value != 0 {
			*to = value
			said = append(said, key, value)
		}
	}
	m, o := &c.Model, &c.Train
	said = append(said, settleWords(m, model)...)
	vector := cmp.Or(m.Bottleneck.Size, model.Bottleneck.Size)
	poolings := 1 + strings.Count(string(m.Bottleneck.Pool), "+")
	states, key := &m.Encoder.Embedding, "model.encoder.embedding" // what is pooled
	if m.Encoder.Layers > 0 {
		set(key, states, model.Encoder.Embedding)
		states, key = &m.Encoder.Hidden, "model.encoder.hidden"
	}
	if m.Bottleneck.Projection != rnn.ProjectNone {
		set(key, states, model.Encoder.Embedding)
	}
	set(key, states, max(1, vector/poolings))
	if m.Bottleneck.Projection == rnn.ProjectNone {
		vector = *states * poolings
	}
	set("model.bottleneck.size", &m.Bottleneck.Size, vector)
	set("train.batch_sentences", &o.BatchSentences, options.BatchSentences)
	if o.Epochs == 0 {
		set("train.max_steps", &o.MaxSteps, options.MaxSteps)
	}
	if o.MaxSteps == 0 {
		set("train.epochs", &o.Epochs, options.Epochs)
	}
	if o.Schedule.Kind == "" {
		o.Schedule.Kind, o.Schedule.Floor = options.Schedule.Kind, options.Schedule.Floor
		said = append(said, "train.schedule.kind", o.Schedule.Kind)
		set("train.schedule.warmup", &o.Schedule.Warmup, min(options.Schedule.Warmup, c.plannedSteps(len(train))/10))
	}
	if o.Schedule.Rate == 0 && o.Optimizer.Kind != seq2seq.SGD {
		o.Schedule.Rate = options.Schedule.Rate
		said = append(said, "train.schedule.rate", o.Schedule.Rate)
	}
	set("train.patience", &o.Patience, options.Patience)
	if o.ValidateBy == "" && all(train, isJudged) && all(valid, isJudged) {
		o.ValidateBy = "spearman" // of the cosines and the scores
		said = append(said, "train.validate_by", o.ValidateBy)
	}
	if o.Contrast.Temperature == 0 && all(train, isJudged) {
		o.Contrast.Temperature = 0.1 // gentler than for sets
		said = append(said, "train.contrast.temperature", o.Contrast.Temperature)
	}
	if o.Contrast.TokenDropout == 0 && options.Contrast.TokenDropout != 0 {
		o.Contrast.TokenDropout = options.Contrast.TokenDropout
		said = append(said, "train.contrast.token_dropout", o.Contrast.TokenDropout)
	}
	if o.Contrast.TokenDropout == 0 && !slices.ContainsFunc(train, isAlone) {
		o.Contrast.TokenDropout = -1 // what differs within a set is enough
		said = append(said, "train.contrast.token_dropout", o.Contrast.TokenDropout)
	}
	if len(said) > 0 {
		log.Info("defaults by the size of the data (--print-config shows all settings)", append([]any{"sets", len(train)}, said...)...)
	}
}

// settleWords sets the settings of words that are left to the data as in suited, and returns their keys and values.
func settleWords(m *seq2seq.Config, suited seq2seq.Config) (said []any) {
	e, of := &m.Encoder, suited.Encoder
	if n := &e.NGrams; n.Max == bySize {
		n.Max = of.NGrams.Max
		if m.Source.Kind == tokenize.Bytes || m.Source.Kind == tokenize.Line || e.WordDropout > 0 {
			*n = seq2seq.NGramConfig{} // tokens have no words, or hide them
		} else {
			n.Only = n.Only || ofWords(m.Source)
			n.Min, n.Buckets = cmp.Or(n.Min, min(of.NGrams.Min, n.Max)), cmp.Or(n.Buckets, of.NGrams.Buckets)
			said = append(said, "model.encoder.ngrams.min", n.Min, "model.encoder.ngrams.buckets", n.Buckets)
		}
		said = append(said, "model.encoder.ngrams.max", n.Max)
	}
	if e.Frequency == bySize {
		e.Frequency = 0
		if ofWords(m.Source) || e.NGrams.Max == 0 {
			e.Frequency = of.Frequency
		}
		said = append(said, "model.encoder.frequency", e.Frequency)
	}
	for _, side := range []struct {
		key string
		to  *int
	}{{"model.source.min_count", &m.Source.MinCount}, {"model.target.min_count", &m.Target.MinCount}} {
		if *side.to == bySize {
			*side.to = suited.Source.MinCount
			said = append(said, side.key, *side.to)
		}
	}
	return said
}

// plannedSteps estimates the number of steps of a training on that many sets.
func (c *runConfig) plannedSteps(sets int) int {
	o := c.Train
	all := cmp.Or(o.Epochs, 1) * max(1, sets/max(1, o.BatchSentences)/max(1, o.Accumulate))
	if o.MaxSteps > 0 && (o.Epochs == 0 || o.MaxSteps < all) {
		return o.MaxSteps
	}
	return all
}

// mixes reports whether each corpus has batches of its own.
func (c *runConfig) mixes() bool {
	return c.Train.Mixture.Power > 0 || c.Train.Mixture.Power == 0 && c.Kind == kindEmbedder
}

// isJudged reports whether an example is a judged pair.
func isJudged(e corpora.Example) bool { return e.Judged != nil }

// isAlone reports whether an example is a line without a partner.
func isAlone(e corpora.Example) bool { return len(e.Targets) == 0 }

// all reports whether there are examples and all of them are of a kind.
func all(examples []corpora.Example, is func(corpora.Example) bool) bool {
	return len(examples) > 0 && !slices.ContainsFunc(examples, func(e corpora.Example) bool { return !is(e) })
}

// beginEmbedder reads the data and makes the untrained embedder.
func (c *runConfig) beginEmbedder(cmd *cobra.Command, log *slog.Logger) (*job, error) {
	train, valid, err := c.Data.loadSets(readOptions(cmd), c.Train.Seed, c.mixes(), log)
	if err != nil {
		return nil, err
	}
	c.settleEmbedder(train, valid, log)
	if c.mixes() {
		c.Train.Mixture.Ratios = c.Data.ratios()
	}
	m, taken, err := seq2seq.BeginEmbedder(c.Model, train, c.Train.Seed, c.from)
	if err != nil {
		return nil, err
	}
	logBeginning(log, c.from, m.Network, taken)
	m.SetFormat(c.Data.spoken())
	return &job{model: m.Network, train: train, valid: valid, run: plainRun(m.Network, train, valid)}, nil
}

// beginJoint reads the data and makes an untrained autoencoder whose vectors contrast trains, too.
func (c *runConfig) beginJoint(cmd *cobra.Command, log *slog.Logger) (*job, error) {
	train, valid, err := c.Data.loadSets(readOptions(cmd), c.Train.Seed, c.mixes(), log)
	if err != nil {
		return nil, err
	}
	if c.mixes() {
		c.Train.Mixture.Ratios = c.Data.ratios()
	}
	var lines []string
	for _, e := range train {
		lines = slices.AppendSeq(lines, e.Texts())
	}
	m, taken, err := seqae.Begin(seqae.Config{Model: c.Model, Objective: c.Autoencoder}, lines, c.Train.Seed, c.from)
	if err != nil {
		return nil, err
	}
	logBeginning(log, c.from, m.Network, taken)
	run := func(ctx context.Context, opts *seq2seq.TrainOptions) iter.Seq2[seqae.Progress, error] {
		return m.TrainSets(ctx, train, valid, opts)
	}
	return &job{model: m.Network, train: train, valid: valid, run: run}, nil
}
