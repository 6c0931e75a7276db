package seqae

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/metric"
	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/tokenize"
)

// Progress reports one step of a training.
type Progress struct {
	seq2seq.Progress

	// Rewritten measures reconstruction after each validation. It is nil otherwise, and if the model learns to write the
	// next sentence.
	Rewritten *Rewritten
}

// Rewritten measures greedy reconstruction of the first lines, 200 at most.
type Rewritten struct {
	Lines    int      // number of lines
	Exact    float64  // share of lines that come back exactly, 0 to 1
	Accuracy float64  // share of tokens that come back in their places, 0 to 1
	Samples  []Sample // the first lines that are not blank, 3 at most
}

// Sample is a line and its reconstruction.
type Sample struct{ Line, Rewritten string }

const (
	rewrittenLines   = 200
	rewrittenSamples = 3
)

// Train trains the model on lines with its objective and yields the progress after each step. Options, resuming and
// saving are those of [seq2seq.Network.Train].
func (m *Model) Train(ctx context.Context, train, valid []string, opts *seq2seq.TrainOptions) iter.Seq2[Progress, error] {
	return m.train(ctx, m.objective.Examples(train), m.objective.Examples(valid), train, valid, opts)
}

// TrainSets trains the model on sets of lines that mean the same: the source and the targets of an example. The
// contrast of opts, whose weight must be above 0, draws the vectors of a set together, and the decoder learns to write
// each line back. The objective must not be the next sentence. Everything else is as in [Model.Train].
func (m *Model) TrainSets(ctx context.Context, train, valid []corpora.Example, opts *seq2seq.TrainOptions) iter.Seq2[Progress, error] {
	if opts == nil || !(opts.Contrast.Weight > 0) || m.objective.Next {
		return func(yield func(Progress, error) bool) {
			yield(Progress{}, errors.New("seqae: training on sets without contrast, or of the next sentence: want a contrast weight above 0, and lines that come back"))
		}
	}
	var lines, held []string
	for _, e := range train {
		lines = slices.AppendSeq(lines, e.Texts())
	}
	for _, e := range valid {
		held = append(held, e.Source)
	}
	return m.train(ctx, train, valid, lines, held, opts)
}

// train trains the model on examples. Noise draws its tokens from lines, and validations rewrite the held lines.
func (m *Model) train(
	ctx context.Context, train, valid []corpora.Example, lines, held []string, opts *seq2seq.TrainOptions,
) iter.Seq2[Progress, error] {
	return func(yield func(Progress, error) bool) {
		var o seq2seq.TrainOptions
		if opts != nil {
			o = *opts
		}
		noise := m.objective.Noise
		if rate := noise.Vary; rate > 0 && !m.VectorModel.Config().SharedVocab {
			o.TextNoise, noise.Vary = newVariation(rate, lines), 0
		}
		if noise != (Noise{}) {
			c := &corruption{Noise: noise}
			for _, line := range lines {
				c.tokens = append(c.tokens, m.Source().Encode(line)...)
			}
			o.Noise = c
		}
		for p, err := range m.VectorModel.Train(ctx, train, valid, &o) {
			q := Progress{Progress: p}
			if err == nil && p.Validation != nil && !m.objective.Next {
				q.Rewritten, err = m.Rewrite(context.WithoutCancel(ctx), held)
			}
			if !yield(q, err) || err != nil {
				return
			}
		}
	}
}

// Rewrite measures the reconstruction of lines, as [Model.Train] does after a validation.
func (m *Model) Rewrite(ctx context.Context, lines []string) (*Rewritten, error) {
	if lines = lines[:min(rewrittenLines, len(lines))]; len(lines) == 0 {
		return nil, errors.New("seqae: rewriting: no lines: want at least one")
	}
	r := &Rewritten{Lines: len(lines)}
	var exact int
	var written, wanted []string
	for t, err := range m.Reconstruct(ctx, corpora.Stream(lines), &seq2seq.SearchOptions{Beam: 1}) {
		if err != nil {
			return nil, fmt.Errorf("seqae: rewriting validation lines: %w", err)
		}
		if t.Exact {
			exact++
		}
		if len(r.Samples) < rewrittenSamples && !tokenize.IsBlank(t.Source) {
			r.Samples = append(r.Samples, Sample{t.Source, t.Text})
		}
		written, wanted = append(written, t.Text), append(wanted, m.Target().Normalize(t.Source))
	}
	r.Exact = float64(exact) / float64(len(lines))
	refs, err := metric.References(wanted)
	if err != nil {
		return nil, err
	}
	score, err := metric.Corpus(metric.NewTokenAccuracy(), written, refs)
	r.Accuracy = score.Value / 100
	return r, err
}
