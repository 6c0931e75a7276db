package seq2seq

import (
	"context"
	"fmt"
	"iter"

	"github.com/retell-rnn/retell/rnn"
)

// Translation is what a model makes of a line.
type Translation struct {
	Source string
	Text   string // the best hypothesis; empty for a source without tokens
	// Hypotheses are up to NBest, the best first; none for a source without tokens.
	Hypotheses []Hypothesis
}

// Hypothesis is one way to translate a line.
type Hypothesis struct {
	Text     string    `json:"text"`
	Score    float64   `json:"score"`    // what hypotheses are compared by: LogProb after length normalisation and coverage penalty
	LogProb  float64   `json:"log_prob"` // in nats
	Tokens   []string  `json:"tokens"`   // with </s>, unless Cut
	LogProbs []float32 `json:"log_probs"`
	Cut      bool      `json:"cut,omitempty"` // the length limit was reached before </s>
}

// Translate yields a translation for each line, in order. It reads a batch of lines at a time. What a line becomes does not
// depend on the others.
func (m *Model) Translate(ctx context.Context, lines iter.Seq2[string, error], opts *SearchOptions) iter.Seq2[Translation, error] {
	return func(yield func(Translation, error) bool) {
		if err := opts.Validate(); err != nil {
			yield(Translation{}, fmt.Errorf("seq2seq: search options: %w", err))
			return
		}
		f := m.inference()
		for batch, err := range inBatches(ctx, lines, opts.resolved().BatchSentences) {
			if len(batch) > 0 {
				out, err := m.translateBatch(ctx, f, batch, opts)
				if err != nil {
					yield(Translation{}, err)
					return
				}
				for _, t := range out {
					if !yield(t, nil) {
						return
					}
				}
			}
			if err != nil {
				yield(Translation{}, err)
				return
			}
		}
	}
}

func (m *Model) translateBatch(ctx context.Context, f *inference, lines []string, opts *SearchOptions) ([]Translation, error) {
	mem := m.buffers()
	defer m.give(mem)
	out := make([]Translation, len(lines))
	var ids [][]int32
	var at []int
	for i, line := range lines {
		out[i].Source = line
		if src := m.source.Encode(line); len(src) > 0 {
			ids, at = append(ids, src), append(at, i)
		}
	}
	if len(ids) == 0 {
		return out, nil
	}
	found, err := m.search(ctx, f, mem, ids, opts)
	if err != nil {
		return nil, err
	}
	for k, hyps := range found {
		m.fill(&out[at[k]], hyps)
	}
	return out, nil
}

// fill sets what a search found, one hypothesis at least.
func (m *Model) fill(t *Translation, hyps []hypothesis) {
	for _, h := range hyps {
		t.Hypotheses = append(t.Hypotheses, m.hypothesis(h))
	}
	t.Text = t.Hypotheses[0].Text
}

// search finds the best hypotheses of sources of at least one token each.
func (m *Model) search(ctx context.Context, f *inference, mem *rnn.Buffers, src [][]int32, opts *SearchOptions) ([][]hypothesis, error) {
	s := f.decode(mem, f.encode(mem, src), len(src)*opts.resolved().Beam)
	return search(ctx, s, lengths(src), opts, true)
}

func (m *Model) hypothesis(h hypothesis) Hypothesis {
	out := Hypothesis{
		Text: m.target.Decode(h.tokens), Score: h.score, LogProb: h.logProb,
		LogProbs: h.logProbs, Cut: !h.finished,
	}
	for _, id := range h.tokens {
		out.Tokens = append(out.Tokens, m.target.Vocab().Token(id))
	}
	if h.finished {
		out.Tokens = append(out.Tokens, endMark)
	}
	return out
}

// endMark is how </s> is shown.
const endMark = "</s>"
