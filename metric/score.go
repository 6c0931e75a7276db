package metric

import (
	"fmt"
	"strconv"
	"strings"
)

// Score is the value of a metric, with its settings and details.
type Score struct {
	Metric     string    `json:"metric"`               // name: BLEU, chrF2, TER, WER, ...
	Value      float64   `json:"score"`                // 0 to 100 for BLEU, chrF and accuracies; 0 or more for error rates, in percent
	Signature  string    `json:"signature"`            // settings of the metric: nrefs:1|case:mixed|...
	Confidence *Interval `json:"confidence,omitempty"` // 95 % confidence interval, if requested
	Precision  *NGrams   `json:"precision,omitempty"`  // counts behind BLEU; only for BLEU
	Ratio      *Ratio    `json:"ratio,omitempty"`      // counts behind a rate; only for error rates and accuracies
}

// NGrams are the details of a BLEU score. Index n-1 holds those of n-grams.
type NGrams struct {
	Percent          []float64 `json:"percent"`           // precisions after smoothing, in percent
	Correct          []int     `json:"correct"`           // number of n-grams that match a reference
	Total            []int     `json:"total"`             // number of n-grams of the texts
	BrevityPenalty   float64   `json:"brevity_penalty"`   // brevity penalty, 0 to 1
	HypothesisLength int       `json:"hypothesis_length"` // length of the texts, in tokens
	ReferenceLength  int       `json:"reference_length"`  // length of the references nearest in length, in tokens
}

// Ratio is the count and the total of a rate: edits and reference length, or hits and trials.
type Ratio struct {
	Count float64 `json:"count"` // edits, or hits
	Of    float64 `json:"of"`    // length of the references, or trials
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
