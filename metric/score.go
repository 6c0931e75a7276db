package metric

import (
	"fmt"
	"strconv"
	"strings"
)

// Score is the value of a metric, with its settings and details.
type Score struct {
	Metric     string    `json:"metric"`               // name: BLEU, chrF2, TER, WER
	Value      float64   `json:"score"`                // 0 to 100, or more for error rates
	Signature  string    `json:"signature"`            // the settings, nrefs:1|case:mixed|…
	Confidence *Interval `json:"confidence,omitempty"` // set by the caller, from Bootstrap
	Precision  *NGrams   `json:"precision,omitempty"`  // BLEU only
	Ratio      *Ratio    `json:"ratio,omitempty"`      // error rates and accuracies only
}

// NGrams are the details of a BLEU score. Index n-1 holds those of n-grams.
type NGrams struct {
	Percent          []float64 `json:"percent"` // smoothed precisions
	Correct          []int     `json:"correct"`
	Total            []int     `json:"total"`
	BrevityPenalty   float64   `json:"brevity_penalty"`
	HypothesisLength int       `json:"hypothesis_length"` // in tokens
	ReferenceLength  int       `json:"reference_length"`  // of the references nearest in length
}

// Ratio is the count and the total of a rate: edits and reference length, or hits and trials.
type Ratio struct {
	Count float64 `json:"count"`
	Of    float64 `json:"of"`
}

// String returns the score as sacreBLEU prints it, to two decimals, for instance
//
//	TER|nrefs:1|case:lc|tok:tercom|norm:no|punct:yes|asian:no|version:retell-1 = 53.40 (11 / 20.6)
func (s Score) String() string {
	var b strings.Builder
	b.WriteString(s.Metric)
	if s.Signature != "" {
		b.WriteString("|" + s.Signature)
	}
	fmt.Fprintf(&b, " = %.2f", s.Value)
	if s.Confidence != nil {
		fmt.Fprintf(&b, " (μ = %.2f ± %.2f)", s.Confidence.Mean, s.Confidence.HalfWidth)
	}
	if s.Precision != nil {
		b.WriteString(" " + s.Precision.String())
	}
	if s.Ratio != nil {
		fmt.Fprintf(&b, " (%s / %s)", short(s.Ratio.Count), short(s.Ratio.Of))
	}
	return b.String()
}

// String returns the precisions, brevity penalty and lengths on one line.
func (n *NGrams) String() string {
	var b strings.Builder
	for i, p := range n.Percent {
		if i > 0 {
			b.WriteByte('/')
		}
		fmt.Fprintf(&b, "%.1f", p)
	}
	ratio := 0.0
	if n.ReferenceLength > 0 {
		ratio = float64(n.HypothesisLength) / float64(n.ReferenceLength)
	}
	fmt.Fprintf(&b, " (BP = %.3f ratio = %.3f hyp_len = %d ref_len = %d)",
		n.BrevityPenalty, ratio, n.HypothesisLength, n.ReferenceLength)
	return b.String()
}

// short formats a count or an average with at most two decimals and no trailing zeros.
func short(x float64) string {
	s := strconv.FormatFloat(x, 'f', 2, 64)
	return strings.TrimRight(strings.TrimRight(s, "0"), ".")
}

// signature joins settings, given as alternating keys and values, in sacreBLEU's style.
func signature(nrefs int, settings ...string) string {
	var b strings.Builder
	if nrefs == 0 {
		b.WriteString("nrefs:var")
	} else {
		fmt.Fprintf(&b, "nrefs:%d", nrefs)
	}
	for i := 0; i+1 < len(settings); i += 2 {
		b.WriteString("|" + settings[i] + ":" + settings[i+1])
	}
	return b.String() + "|version:" + version
}

// choose returns yes if cond holds, else no.
func choose(cond bool, yes, no string) string {
	if cond {
		return yes
	}
	return no
}
