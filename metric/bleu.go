package metric

import (
	"errors"
	"fmt"
	"math"
	"sync"
)

// Methods of smoothing, for orders without a correct n-gram (Chen and Cherry, A Systematic Comparison of
// Smoothing Techniques for Sentence-Level BLEU, 2014).
const (
	SmoothExp   = "exp"   // the k-th such order counts 1/2^k correct; the default
	SmoothFloor = "floor" // such an order counts SmoothValue correct
	SmoothAddK  = "add-k" // adds SmoothValue to the counts and totals of orders from 2 on
	SmoothNone  = "none"  // the score is 0
)

// BLEUOptions are the settings of BLEU. The zero value and a nil pointer are sacreBLEU's defaults.
type BLEUOptions struct {
	Tokenizer string // TokIntl and so on; "" is Tok13a
	Lowercase bool   // compare in lower case
	Smooth    string // SmoothFloor and so on; "" is SmoothExp

	// SmoothValue is the value of floor and add-k. Zero means 0.1 for floor, 1 for add-k.
	SmoothValue float64

	// MaxOrder is the length of the longest n-grams. Zero means 4.
	MaxOrder int

	// EffectiveOrder skips the orders that are longer than the hypotheses. Set it for scores of single sentences.
	EffectiveOrder bool
}

// BLEU is the geometric mean of n-gram precisions with a penalty for brevity (Papineni et al., BLEU: a Method for
// Automatic Evaluation of Machine Translation, 2002), computed as sacreBLEU does (Post, A Call for Clarity in Reporting
// BLEU Scores, 2018).
//
// Its statistics are: length of the hypothesis, length of the nearest reference, correct n-grams by order, all n-grams
// by order.
type BLEU struct {
	opts     BLEUOptions
	tokenize tokenizer
	scratch  sync.Pool // of *bleuScratch
}

// bleuScratch is memory that Stats reuses.
type bleuScratch struct {
	trie  trie
	words words
	ids   []int32
}

// NewBLEU returns BLEU with the given settings. The error joins one error for each invalid setting.
func NewBLEU(opts *BLEUOptions) (*BLEU, error) {
	m := &BLEU{}
	if opts != nil {
		m.opts = *opts
	}
	if m.opts.Tokenizer == "" {
		m.opts.Tokenizer = Tok13a
	}
	var errs []error
	var err error
	if m.tokenize, err = newTokenizer(m.opts.Tokenizer); err != nil {
		errs = append(errs, err)
	}
	if err := m.opts.setSmooth(); err != nil {
		errs = append(errs, err)
	}
	switch {
	case m.opts.MaxOrder == 0:
		m.opts.MaxOrder = 4
	case m.opts.MaxOrder < 0:
		errs = append(errs, fmt.Errorf("metric: BLEU: order %d: want 1 or more", m.opts.MaxOrder))
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	m.scratch.New = func() any { return &bleuScratch{words: words{}} }
	return m, nil
}

// setSmooth checks the smoothing and sets its defaults.
func (o *BLEUOptions) setSmooth() error {
	value := 0.0
	switch o.Smooth {
	case "":
		o.Smooth = SmoothExp
	case SmoothExp, SmoothNone:
	case SmoothFloor:
		value = 0.1
	case SmoothAddK:
		value = 1
	default:
		return fmt.Errorf("metric: BLEU: smoothing %q: want %s, %s, %s or %s",
			o.Smooth, SmoothExp, SmoothFloor, SmoothAddK, SmoothNone)
	}
	if o.SmoothValue == 0 {
		o.SmoothValue = value
		return nil
	}
	if value == 0 {
		return fmt.Errorf("metric: BLEU: smoothing value %[2]v: want none for %[1]s", o.Smooth, o.SmoothValue)
	}
	if !(o.SmoothValue > 0) || math.IsInf(o.SmoothValue, 1) {
		return fmt.Errorf("metric: BLEU: smoothing value %v: want a positive number", o.SmoothValue)
	}
	return nil
}

// Name returns BLEU.
func (m *BLEU) Name() string { return "BLEU" }

// HigherIsBetter returns true.
func (m *BLEU) HigherIsBetter() bool { return true }

// Signature returns sacreBLEU's signature, with an entry for the order if it is not 4.
func (m *BLEU) Signature(nrefs int) string {
	smooth := m.opts.Smooth
	if m.opts.SmoothValue != 0 {
		smooth += fmt.Sprintf("[%.2f]", m.opts.SmoothValue)
	}
	settings := []string{
		"case", choose(m.opts.Lowercase, "lc", "mixed"),
		"eff", choose(m.opts.EffectiveOrder, "yes", "no"),
		"tok", m.opts.Tokenizer,
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

// nearer returns the one of the lengths a and b that is nearer to n, the lesser of equally near ones; b if a is
// negative.
func nearer(n, a, b int) int {
	da, db := max(n-a, a-n), max(n-b, b-n)
	if a < 0 || db < da || db == da && b < a {
		return b
	}
	return a
}

// Score computes BLEU, 0 to 100. It is 0 without any correct n-gram.
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
