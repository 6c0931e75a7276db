package seq2seq

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/tokenize"
)

// LengthNorm says how the log-probabilities of translations of different lengths are compared.
type LengthNorm string

const (
	NormNone    LengthNorm = "none"    // log P: favours short translations
	NormAverage LengthNorm = "average" // log P / length^α
	NormGNMT    LengthNorm = "gnmt"    // log P / ((5 + length) / 6)^α. Wu et al., Google's Neural Machine Translation System, 2016.
)

// SearchOptions says how translations are searched for. The zero value and nil mean the defaults. Lengths are in tokens.
type SearchOptions struct {
	// Beam is how many hypotheses of each sentence are kept, 1 to 1000; 0 means 5. A beam of 1 is greedy search.
	Beam int `yaml:"beam" json:"beam"`

	// NBest is how many translations of each sentence are returned at most, best first, 1 to Beam; 0 means 1.
	NBest int `yaml:"nbest" json:"nbest"`

	// LengthNorm is how finished hypotheses are compared; "" means average. The end mark counts in the length.
	LengthNorm LengthNorm `yaml:"length_norm" json:"length_norm"`

	// Alpha is the exponent of LengthNorm, 0 to 10; 0 means 1 for average and 0.6 for gnmt. none has no use for it.
	Alpha float64 `yaml:"alpha" json:"alpha"`

	// CoveragePenalty is the weight β of β Σ log min(attention paid to a source token, 1), which is added to the score of
	// finished hypotheses so that no part of the source is left out (Wu et al. 2016); 0 to 10. It wants attention.
	CoveragePenalty float64 `yaml:"coverage_penalty" json:"coverage_penalty"`

	// A translation ends at MaxLengthRatio × the source's length + MaxLengthConstant; 0 means 2, and 10.
	MaxLengthRatio    float64 `yaml:"max_length_ratio" json:"max_length_ratio"`
	MaxLengthConstant int     `yaml:"max_length_constant" json:"max_length_constant"`

	// BatchSentences is how many sentences are searched at a time, 1 to 65536; 0 means 64. It does not change what is found.
	BatchSentences int `yaml:"batch_sentences" json:"batch_sentences"`
}

// Validate returns every violation, joined, or nil. Each begins with its field.
func (o *SearchOptions) Validate() error {
	if o == nil {
		return nil
	}
	var v violations
	v.between("beam", o.Beam, 0, 1000)
	v.between("nbest", o.NBest, 0, max(1, o.resolved().Beam))
	if o.LengthNorm != "" {
		v.oneOf("length_norm", string(o.LengthNorm), string(NormNone), string(NormAverage), string(NormGNMT))
	}
	v.within("alpha", o.Alpha, 0, 10)
	if o.LengthNorm == NormNone && o.Alpha != 0 {
		v.add("alpha", "%v with length_norm none: want 0", o.Alpha)
	}
	v.within("coverage_penalty", o.CoveragePenalty, 0, 10)
	v.within("max_length_ratio", o.MaxLengthRatio, 0, 1000)
	v.between("max_length_constant", o.MaxLengthConstant, 0, 1_000_000)
	v.between("batch_sentences", o.BatchSentences, 0, maxSize)
	return errors.Join(v...)
}

// resolved returns the options with the values in place that 0 and "" stand for.
func (o *SearchOptions) resolved() SearchOptions {
	var r SearchOptions
	if o != nil {
		r = *o
	}
	r.Beam = cmp.Or(r.Beam, 5)
	r.NBest = cmp.Or(r.NBest, 1)
	r.LengthNorm = cmp.Or(r.LengthNorm, NormAverage)
	if r.LengthNorm == NormGNMT {
		r.Alpha = cmp.Or(r.Alpha, 0.6)
	}
	r.Alpha = cmp.Or(r.Alpha, 1)
	r.MaxLengthRatio = cmp.Or(r.MaxLengthRatio, 2)
	r.MaxLengthConstant = cmp.Or(r.MaxLengthConstant, 10)
	r.BatchSentences = cmp.Or(r.BatchSentences, 64)
	return r
}

// limit returns the most tokens that a translation of a source of that length may have.
func (o *SearchOptions) limit(source int) int {
	return max(1, int(o.MaxLengthRatio*float64(source))+o.MaxLengthConstant)
}

// score returns what finished hypotheses are compared by. covered is the attention paid to each source token, nil without a
// penalty.
func (o *SearchOptions) score(logProb float64, length int, covered []float32) float64 {
	switch o.LengthNorm {
	case NormAverage:
		logProb /= math.Pow(float64(length), o.Alpha)
	case NormGNMT:
		logProb /= math.Pow((5+float64(length))/6, o.Alpha)
	}
	const least = 1e-9 // a token without any attention costs much, not everything
	for _, c := range covered {
		logProb += o.CoveragePenalty * math.Log(min(max(float64(c), least), 1))
	}
	return logProb
}

// stepper advances hypotheses by one token. It begins with one row for each sentence, in order.
type stepper interface {
	// step returns the logits, [rows, vocab], of what follows tokens, the last token of each row, <s> at first. The caller
	// may change them; they hold until the next call.
	step(tokens []int32) (logits []float32, err error)

	// reorder makes the state of row rows[i] that of row i. Rows may be repeated and left out.
	reorder(rows []int)

	rows() int
	vocab() int

	// attention returns how the last step, until the next reorder, spread its attention over the source of row r: one number
	// for each token. It is nil for a model without attention.
	attention(r int) []float32
}

// hypothesis is a translation that a search found.
type hypothesis struct {
	tokens   []int32   // without </s>
	finished bool      // ends with </s>; otherwise at the length limit
	logProbs []float32 // of each token and, if finished, of </s>
	logProb  float64   // of the whole
	score    float64   // logProb after length normalisation and coverage penalty
}

// search returns for each sentence the best hypotheses, one at least and NBest at most, the best first. sources are the
// lengths of the sentences that s was started with; s needs room for Beam rows of each. options are valid. Without scores,
// greedy search saves itself all of a hypothesis that is about probabilities.
//
// No sentence's result depends on the others.
func search(ctx context.Context, s stepper, sources []int, options *SearchOptions, scores bool) ([][]hypothesis, error) {
	o := options.resolved()
	if s.rows() != len(sources) {
		return nil, fmt.Errorf("seq2seq: search begins with %d rows: want one for each of %d sentences", s.rows(), len(sources))
	}
	if o.Beam == 1 {
		return greedySearch(ctx, s, sources, &o, scores)
	}
	return beamSearch(ctx, s, sources, &o)
}

var errCoverage = errors.New("seq2seq: coverage_penalty: the model has no attention: want 0")

// errNumbers says that a model's logits are no use.
func errNumbers(length int) error {
	return fmt.Errorf("seq2seq: search: token %d: the model's outputs are not finite numbers", length+1)
}

// forbid makes the symbols impossible that no translation holds.
func forbid(logits []float32) {
	logits[tokenize.Pad] = float32(math.Inf(-1))
	logits[tokenize.BOS] = float32(math.Inf(-1))
}

// cover adds the attention of a step to what a hypothesis has paid so far.
func cover(covered, attention []float32) ([]float32, error) {
	if attention == nil {
		return nil, errCoverage
	}
	if covered == nil {
		return slices.Clone(attention), nil
	}
	kernel.Add(covered, covered, attention)
	return covered, nil
}

func isFinite(x float32) bool { return !math.IsNaN(float64(x)) && !math.IsInf(float64(x), 0) }

// greedySearch takes the likeliest token at each step, the lowest id of equal ones.
func greedySearch(ctx context.Context, s stepper, sources []int, o *SearchOptions, scores bool) ([][]hypothesis, error) {
	found := make([][]hypothesis, len(sources))
	covered := make([][]float32, len(sources))
	alive := make([]int, len(sources)) // the sentence of each row
	tokens := make([]int32, len(sources))
	for i := range sources {
		found[i] = make([]hypothesis, 1)
		alive[i], tokens[i] = i, tokenize.BOS
	}
	type pick struct {
		token      int32
		logit, lse float32
	}
	picks := make([]pick, len(sources))
	keep := make([]int, 0, len(sources))
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
			p.token = int32(max(0, kernel.ArgMax(x)))
			p.logit = x[p.token]
			picks[r] = p
		})
		keep = keep[:0]
		for r, i := range alive {
			h, p := &found[i][0], picks[r]
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
			if h.finished || len(h.tokens) == o.limit(sources[i]) {
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
	return found, nil
}
