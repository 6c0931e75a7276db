package seq2seq

import (
	"context"

	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/tokenize"
)

// greedySearch takes the likeliest token at each step, the lowest id of equal ones.
func greedySearch(ctx context.Context, s stepper, sentences []sentence, o *SearchOptions, scores bool) ([][]hypothesis, error) {
	likeliest := func(_ int, logits []float32) int32 { return int32(max(0, kernel.ArgMax(logits))) }
	hyps, err := walk(ctx, s, sentences, o, scores, likeliest)
	if err != nil {
		return nil, err
	}
	found := make([][]hypothesis, len(hyps))
	for i := range hyps {
		found[i] = hyps[i : i+1]
	}
	return found, nil
}

// walk extends one hypothesis in each row of s by a token at a time, that which choose takes of a row's logits;
// impossible tokens have -Inf. choose gets the number of the hypothesis, which is that of the row that it began in and
// the place of its sentence, and is called for different ones at the same time. Without scores, walk saves itself all
// of a hypothesis that is about probabilities.
func walk(ctx context.Context, s stepper, sentences []sentence, o *SearchOptions, scores bool, choose func(h int, logits []float32) int32) ([]hypothesis, error) {
	hyps := make([]hypothesis, len(sentences))
	rules := make([]*rules, len(sentences))
	covered := make([][]float32, len(sentences))
	alive := make([]int, len(sentences)) // the hypothesis of each row
	tokens := make([]int32, len(sentences))
	for i := range sentences {
		rules[i] = newRules(o, &sentences[i])
		alive[i], tokens[i] = i, tokenize.BOS
	}
	type pick struct {
		token      int32
		logit, lse float32
	}
	picks := make([]pick, len(sentences))
	keep := make([]int, 0, len(sentences))
	for len(alive) > 0 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		logits, err := s.step(tokens)
		if err != nil {
			return nil, err
		}
		v := s.vocab()
		kernel.Tasks(len(alive), func(r int) {
			x := logits[r*v : (r+1)*v]
			p := pick{}
			if scores {
				p.lse = kernel.LogSumExp(x)
			}
			forbid(x)
			if i := alive[r]; rules[i] != nil {
				rules[i].restrict(hyps[i].tokens, x)
			}
			p.token = choose(alive[r], x)
			p.logit = x[p.token]
			picks[r] = p
		})
		keep = keep[:0]
		for r, i := range alive {
			h, p := &hyps[i], picks[r]
			if !isFinite(p.logit) || !isFinite(p.lse) {
				return nil, errNumbers(len(h.tokens))
			}
			if scores {
				h.logProb = h.logProb - float64(p.lse) + float64(p.logit)
				h.logProbs = append(h.logProbs, p.logit-p.lse)
				if o.CoveragePenalty > 0 {
					if covered[i], err = cover(covered[i], s.attention(r)); err != nil {
						return nil, err
					}
				}
			}
			h.finished = p.token == tokenize.EOS
			if !h.finished {
				h.tokens = append(h.tokens, p.token)
			}
			if h.finished || len(h.tokens) == o.limit(&sentences[i]) {
				if scores {
					h.score = o.score(h.logProb, len(h.logProbs), covered[i])
				}
				continue
			}
			tokens[len(keep)], alive[len(keep)] = p.token, i
			keep = append(keep, r)
		}
		if n := len(keep); n > 0 && n < len(alive) {
			s.reorder(keep)
		}
		tokens, alive = tokens[:len(keep)], alive[:len(keep)]
	}
	return hyps, nil
}
