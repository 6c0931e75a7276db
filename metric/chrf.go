package metric

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/retell-rnn/retell/internal/setting"
)

// ChrFOptions are the settings of ChrF. The zero value and a nil pointer mean sacreBLEU's defaults.
type ChrFOptions struct {
	CharOrder  int  // length of the longest character n-grams; zero means 6
	WordOrder  int  // length of the longest word n-grams; 2 makes it chrF++
	Beta       int  // weight of recall relative to precision; zero means 2
	Lowercase  bool // compare in lower case
	Whitespace bool // character n-grams include white space

	// Epsilon computes the mean of the F-scores of all orders, including those without n-grams, as chrF's own program
	// does. Otherwise the score is the F-score of the mean precision and recall of the orders that both sides have.
	Epsilon bool
}

// Validate returns [Violations], or nil.
func (o *ChrFOptions) Validate() error {
	if o == nil {
		return nil
	}
	var v setting.Check
	v.AtLeast("nc", o.CharOrder, 0)
	v.AtLeast("nw", o.WordOrder, 0)
	v.AtLeast("beta", o.Beta, 0)
	return v.Err()
}

// ChrF is the F-score of character n-grams and, optionally, word n-grams (Popović, chrF: character n-gram F-score for
// automatic MT evaluation, 2015; chrF++: words helping character n-grams, 2017). It equals sacreBLEU's. Of several
// references, the first with the highest score counts.
//
// Its statistics are, for each order of characters, then of words: n-grams of the hypothesis, of the reference, and
// matching n-grams.
type ChrF struct {
	opts    ChrFOptions
	scratch sync.Pool // of *trie
}

// NewChrF returns chrF with the given settings. The error wraps [Violations].
func NewChrF(opts *ChrFOptions) (*ChrF, error) {
	if err := opts.Validate(); err != nil {
		return nil, fmt.Errorf("metric: chrf: %w", err)
	}
	m := &ChrF{}
	if opts != nil {
		m.opts = *opts
	}
	o := &m.opts
	if o.CharOrder == 0 {
		o.CharOrder = 6
	}
	if o.Beta == 0 {
		o.Beta = 2
	}

	m.scratch.New = func() any { return &trie{} }
	return m, nil
}

// Name returns chrF, beta, and a plus sign for each order of words: chrF2++.
func (m *ChrF) Name() string {
	return "chrF" + strconv.Itoa(m.opts.Beta) + strings.Repeat("+", m.opts.WordOrder)
}

// HigherIsBetter returns true.
func (m *ChrF) HigherIsBetter() bool { return true }

// Signature returns sacreBLEU's signature.
func (m *ChrF) Signature(nrefs int) string {
	return signature(nrefs,
		"case", choose(m.opts.Lowercase, "lc", "mixed"),
		"eff", choose(m.opts.Epsilon, "no", "yes"),
		"nc", strconv.Itoa(m.opts.CharOrder),
		"nw", strconv.Itoa(m.opts.WordOrder),
		"space", choose(m.opts.Whitespace, "yes", "no"),
	)
}

// Stats returns the statistics of one sentence.
func (m *ChrF) Stats(hyp string, refs []string) Stats {
	t := m.scratch.Get().(*trie)
	defer m.scratch.Put(t)
	numbers := words{}
	h := m.text(hyp, numbers)
	var best Stats
	bestScore := -1.0
	for _, ref := range refs {
		r := m.text(ref, numbers)
		row := make(Stats, 0, 3*(m.opts.CharOrder+m.opts.WordOrder))
		row = appendMatches(row, t, h.characters, r.characters, m.opts.CharOrder)
		row = appendMatches(row, t, h.words, r.words, m.opts.WordOrder)
		if f := m.fScore(row); f > bestScore {
			best, bestScore = row, f
		}
	}
	return best
}

// chrfText holds the symbols of a line.
type chrfText struct {
	characters, words []int32
}

// text returns the symbols of a line.
func (m *ChrF) text(line string, numbers words) chrfText {
	if m.opts.Lowercase {
		line = lower(line)
	}
	var t chrfText
	for _, r := range line {
		if m.opts.Whitespace || !isSpace(r) {
			t.characters = append(t.characters, r)
		}
	}
	if m.opts.WordOrder > 0 {
		t.words = numbers.ids(nil, splitWords(line))
	}
	return t
}

// splitWords splits a line at white space. From each word of more than one character, it splits off an ASCII
// punctuation mark at the end or, if there is none, at the beginning.
func splitWords(line string) []string {
	isMark := func(c byte) bool { return isPunctuation(c) || c == '\'' || c == ',' || c == '-' || c == '.' }
	var list []string
	for _, w := range fields(line) {
		last := len(w) - 1
		switch {
		case utf8.RuneCountInString(w) == 1:
			list = append(list, w)
		case isMark(w[last]):
			list = append(list, w[:last], w[last:])
		case isMark(w[0]):
			list = append(list, w[:1], w[1:])
		default:
			list = append(list, w)
		}
	}
	return list
}

// appendMatches appends three counts for each order: n-grams of the hypothesis, or 0 if the reference has none of that
// order; n-grams of the reference; matching n-grams.
func appendMatches(row Stats, t *trie, hyp, ref []int32, order int) Stats {
	t.reset()
	t.add(ref, order)
	hits := make([]float64, order)
	t.match(hyp, hits)
	for n, hit := range hits {
		hypCount, refCount := float64(max(0, len(hyp)-n)), float64(max(0, len(ref)-n))
		if refCount == 0 {
			hypCount = 0
		}
		row = append(row, hypCount, refCount, hit)
	}
	return row
}

// Score computes chrF, 0 to 100.
func (m *ChrF) Score(sum Stats) Score {
	return Score{Metric: m.Name(), Value: m.fScore(sum)}
}

// fScore computes chrF, 0 to 100.
func (m *ChrF) fScore(row Stats) float64 {
	const epsilon = 1e-16
	factor := float64(m.opts.Beta * m.opts.Beta)
	orders := float64(m.opts.CharOrder + m.opts.WordOrder)
	var mean float64                         // mean of the orders' F-scores
	var precision, recall, effective float64 // sums over the orders that both sides have, and the number of these orders
	for ; len(row) > 0; row = row[3:] {
		hyp, ref, both := row[0], row[1], row[2]
		p, r := epsilon, epsilon
		if hyp > 0 {
			p = both / hyp
		}
		if ref > 0 {
			r = both / ref
		}
		if d := factor*p + r; d > 0 {
			mean += (1 + factor) * p * r / d / orders
		} else {
			mean += epsilon / orders
		}
		if hyp > 0 && ref > 0 {
			precision += p
			recall += r
			effective++
		}
	}
	if m.opts.Epsilon {
		return 100 * mean
	}
	if precision+recall == 0 {
		return 0
	}
	precision /= effective
	recall /= effective
	return 100 * (1 + factor) * precision * recall / (factor*precision + recall)
}
