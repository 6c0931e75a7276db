package metric

import (
	"fmt"
	"math"
	"sync"

	"github.com/retell-rnn/retell/internal/setting"
)

// Violations are all wrong settings of a metric, each with its key in [Parse]. They are an error that [errors.As]
// finds.
type Violations = setting.Violations

// Smoothing is a method of smoothing for orders without a correct n-gram (Chen and Cherry, A Systematic Comparison of
// Smoothing Techniques for Sentence-Level BLEU, 2014). The empty string means SmoothExp.
type Smoothing string

const (
	SmoothExp   Smoothing = "exp"   // the k-th such order counts 1/2^k correct
	SmoothFloor Smoothing = "floor" // such an order counts SmoothValue correct
	SmoothAddK  Smoothing = "add-k" // adds SmoothValue to the counts and totals of orders from 2 on
	SmoothNone  Smoothing = "none"  // the score is 0
)

// MarshalText returns the name.
func (s Smoothing) MarshalText() ([]byte, error) {
	return setting.Marshal(s, SmoothExp, SmoothFloor, SmoothAddK, SmoothNone)
}

// UnmarshalText sets the method from its name.
func (s *Smoothing) UnmarshalText(text []byte) error {
	return setting.Unmarshal(s, text, SmoothExp, SmoothFloor, SmoothAddK, SmoothNone)
}

// BLEUOptions are the settings of BLEU. The zero value and a nil pointer mean sacreBLEU's defaults.
type BLEUOptions struct {
	Tokenizer Tokenizer // empty means Tok13a
	Lowercase bool      // compare in lower case
	Smooth    Smoothing // empty means SmoothExp

	// SmoothValue is the value of floor and add-k, above 0. Zero means 0.1 for floor, 1 for add-k.
	SmoothValue float64

	// MaxOrder is the length of the longest n-grams. Zero means 4.
	MaxOrder int

	// EffectiveOrder skips the orders that are longer than the hypotheses. Set it for scores of single sentences.
	EffectiveOrder bool
}

// Validate returns [Violations], or nil.
func (o *BLEUOptions) Validate() error {
	if o == nil {
		return nil
	}
	var v setting.Check
	v.Name("tok", o.Tokenizer)
	v.Name("smooth", o.Smooth)
	switch takes := o.Smooth == SmoothFloor || o.Smooth == SmoothAddK; {
	case o.SmoothValue != 0 && !takes:
		v.Add("value", "%v without smooth %s or %s: want 0", o.SmoothValue, SmoothFloor, SmoothAddK)
	case !(o.SmoothValue >= 0) || math.IsInf(o.SmoothValue, 1):
		v.Add("value", "%v: want a positive number, or 0 for the default", o.SmoothValue)
	}
	v.AtLeast("order", o.MaxOrder, 0)
	return v.Err()
}

// resolved returns the options with their defaults.
func (o *BLEUOptions) resolved() BLEUOptions {
	var r BLEUOptions
	if o != nil {
		r = *o
	}
	if r.Tokenizer == "" {
		r.Tokenizer = Tok13a
	}
	if r.Smooth == "" {
		r.Smooth = SmoothExp
	}
	if r.SmoothValue == 0 && r.Smooth == SmoothFloor {
		r.SmoothValue = 0.1
	}
	if r.SmoothValue == 0 && r.Smooth == SmoothAddK {
		r.SmoothValue = 1
	}
	if r.MaxOrder == 0 {
		r.MaxOrder = 4
	}
	return r
}

// BLEU is the geometric mean of n-gram precisions with a penalty for brevity (Papineni et al., BLEU: a Method for
// Automatic Evaluation of Machine Translation, 2002), computed as sacreBLEU does (Post, A Call for Clarity in Reporting
// BLEU Scores, 2018).
//
// Its statistics are: length of the hypothesis, length of the reference nearest in length, correct n-grams by order,
// all n-grams by order.
type BLEU struct {
	opts     BLEUOptions
	tokenize func(line string) string
	scratch  sync.Pool // of *bleuScratch
}

// bleuScratch is the memory that calls of Stats reuse.
type bleuScratch struct {
	trie  trie
	words words
	ids   []int32
}

// NewBLEU returns BLEU with the given settings. The error wraps [Violations].
func NewBLEU(opts *BLEUOptions) (*BLEU, error) {
	if err := opts.Validate(); err != nil {
		return nil, fmt.Errorf("metric: bleu: %w", err)
	}
	m := &BLEU{opts: opts.resolved()}
	m.tokenize = m.opts.Tokenizer.function()
	m.scratch.New = func() any { return &bleuScratch{words: words{}} }
	return m, nil
}

// Name returns BLEU.
func (m *BLEU) Name() string { return "BLEU" }

// HigherIsBetter returns true.
func (m *BLEU) HigherIsBetter() bool { return true }

// Signature returns sacreBLEU's signature, with an entry for the order if it is not 4.
func (m *BLEU) Signature(nrefs int) string {
	smooth := string(m.opts.Smooth)
	if m.opts.SmoothValue != 0 {
		smooth += fmt.Sprintf("[%.2f]", m.opts.SmoothValue)
	}
	settings := []string{
		"case", choose(m.opts.Lowercase, "lc", "mixed"),
		"eff", choose(m.opts.EffectiveOrder, "yes", "no"),
		"tok", string(m.opts.Tokenizer),
		"smooth", smooth,
	}
	if m.opts.MaxOrder != 4 {
		settings = append(settings, "order", fmt.Sprint(m.opts.MaxOrder))
	}
	return signature(nrefs, settings...)
}

// Stats returns the statistics of one sentence.
func (m *BLEU) Stats(hyp string, refs []string) Stats {
	s := m.scratch.Get().(*bleuScratch)
	defer m.scratch.Put(s)
	s.trie.reset()
	clear(s.words)

	order := m.opts.MaxOrder
	row := make(Stats, 2+2*order)
	hypWords := m.words(hyp)
	hypLen := len(hypWords)
	refLen := -1
	for _, ref := range refs {
		s.ids = s.words.ids(s.ids[:0], m.words(ref))
		s.trie.add(s.ids, order)
		refLen = nearer(hypLen, refLen, len(s.ids))
	}
	s.ids = s.words.ids(s.ids[:0], hypWords)
	s.trie.match(s.ids, row[2:2+order])
	row[0], row[1] = float64(hypLen), float64(refLen)
	for n := range order {
		row[2+order+n] = float64(max(0, hypLen-n))
	}
	return row
}

// words returns the tokens of a line.
func (m *BLEU) words(line string) []string {
	if m.opts.Lowercase {
		line = lower(line)
	}
	return fields(m.tokenize(trimRight(line)))
}

// nearer returns whichever of the lengths a and b is nearer to n, and the smaller one if they are equally near. If a is
// negative, it returns b.
func nearer(n, a, b int) int {
	da, db := max(n-a, a-n), max(n-b, b-n)
	if a < 0 || db < da || db == da && b < a {
		return b
	}
	return a
}

// Score computes BLEU, 0 to 100. Without any correct n-gram, it is 0.
func (m *BLEU) Score(sum Stats) Score {
	order := m.opts.MaxOrder
	hypLen, refLen, correct, total := sum[0], sum[1], sum[2:2+order], sum[2+order:]
	d := &NGrams{
		Percent:          make([]float64, order),
		Correct:          make([]int, order),
		Total:            make([]int, order),
		BrevityPenalty:   1,
		HypothesisLength: int(hypLen),
		ReferenceLength:  int(refLen),
	}
	anyCorrect := false
	for n := range order {
		d.Correct[n], d.Total[n] = int(correct[n]), int(total[n])
		anyCorrect = anyCorrect || correct[n] > 0
	}
	switch {
	case hypLen == 0 && refLen > 0:
		d.BrevityPenalty = 0
	case hypLen < refLen:
		d.BrevityPenalty = math.Exp(1 - refLen/hypLen)
	}
	s := Score{Metric: m.Name(), Precision: d}
	if !anyCorrect {
		return s
	}
	effective := m.precisions(d.Percent, correct, total)
	logs := 0.0
	for _, p := range d.Percent[:effective] {
		if p == 0 {
			return s
		}
		logs += math.Log(p)
	}
	s.Value = d.BrevityPenalty * math.Exp(logs/float64(effective))
	return s
}

// precisions computes the smoothed precisions of each order in percent, and returns the number of orders in the score.
func (m *BLEU) precisions(percent, correct, total []float64) int {
	effective := len(percent)
	unseen := 1.0 // 2^k for exp
	for n := range percent {
		c, t := correct[n], total[n]
		if m.opts.Smooth == SmoothAddK && n > 0 {
			c += m.opts.SmoothValue
			t += m.opts.SmoothValue
		}
		if t == 0 {
			break
		}
		if m.opts.EffectiveOrder {
			effective = n + 1
		}
		switch {
		case c > 0:
			percent[n] = 100 * c / t
		case m.opts.Smooth == SmoothExp:
			unseen *= 2
			percent[n] = 100 / (unseen * t)
		case m.opts.Smooth == SmoothFloor:
			percent[n] = 100 * m.opts.SmoothValue / t
		}
	}
	return effective
}
