package seq2seq

import (
	"context"
	"errors"
	"fmt"

	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/internal/quote"
	"github.com/retell-rnn/retell/seq2seq/internal/search"
)

// Explanation shows how a model writes a translation: each token's probability and attention.
type Explanation struct {
	Source    []string    `json:"source"`    // source tokens, of an ensemble's first model
	Target    []string    `json:"target"`    // target tokens, with </s>
	Text      string      `json:"text"`      // translation
	LogProbs  []float32   `json:"log_probs"` // log-probability of each target token, in nats
	Attention [][]float32 `json:"attention"` // for each target token, its attention weight for each source token, 0 to 1; they sum to 1
	Alignment Alignment   `json:"alignment"` // links of source words to target words, counted from 0, in Pharaoh's format: 0-0 1-2
}

// Explain explains the ensemble's translation of a line or, if target is not empty, the given translation. Explain
// returns an error if the first model has no attention or the source has no tokens.
func (e *Ensemble) Explain(ctx context.Context, source, target string, opts *SearchOptions) (Explanation, error) {
	if err := opts.Validate(); err != nil {
		return Explanation{}, fmt.Errorf("seq2seq: search options: %w", err)
	}
	if opts != nil && opts.MBR != nil {
		return Explanation{}, errors.New("seq2seq: explaining: mbr chooses among texts, not tokens: want no mbr")
	}
	return e.runner(1).explain(ctx, source, target, opts)
}

// Explain is [Ensemble.Explain] with one model.
func (m *Model) Explain(ctx context.Context, source, target string, opts *SearchOptions) (Explanation, error) {
	return m.alone().Explain(ctx, source, target, opts)
}

func (r *runner) explain(ctx context.Context, source, target string, opts *SearchOptions) (Explanation, error) {
	mem := r.buffers()
	defer r.release(mem)
	read := r.encode(source)
	if read == nil {
		return Explanation{}, fmt.Errorf("seq2seq: explaining %s: the source has no tokens: want some", quote.Text(source))
	}
	src := make(sourceBatch, len(r.models))
	src.add(read)
	words := *read[0].oov
	tgt := encodeTarget(r.Target(), target, words)
	if target == "" {
		found, err := r.search(ctx, mem, src, []search.Sentence{{Source: len(read[0].src)}}, opts)
		if err != nil {
			return Explanation{}, err
		}
		tgt = found[0][0].Tokens
	}
	s := r.start(mem, src, 0)
	x := Explanation{Source: r.Source().Tokens(r.text(source)), Text: r.Target().DecodeWith(tgt, words)}
	err := search.Force(ctx, s, [][]int32{tgt}, func(at search.Row, id int32) {
		x.Target = append(x.Target, tokenText(r.Target(), id, words))
		x.LogProbs = append(x.LogProbs, at.Logits[id]-kernel.LogSumExp(at.Logits))
		if a := s.Attention(at.Row); a != nil {
			x.Attention = append(x.Attention, append([]float32{}, a...))
		}
	})
	if err == nil && x.Attention == nil {
		err = search.ErrNoAttention
	}
	if err != nil {
		return x, err
	}
	if opts.attends() && opts.ReplaceUnknown {
		x.Text = r.replaceUnknown(source, tgt, words, x.Attention, opts.Lexicon)
	}
	x.Alignment = r.align(read[0], tgt, x.Attention)
	return x, nil
}
