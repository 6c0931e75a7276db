package repair

import (
	"context"
	"math"
	"strings"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/tokenize"
)

// A written line may be this much longer than its source.
const (
	longerRatio    = 1.5
	longerConstant = 16
)

// repairWritten repairs a batch of lines with the decoder. A hypothesis that does not end, or is less probable than the
// threshold, leaves its line as it is, or its piece of a long line.
func (r *Repairer) repairWritten(ctx context.Context, lines []string, o *Options) ([]Repair, error) {
	var pieces []string
	counts := make([]int, len(lines))
	for i, line := range lines {
		if !tokenize.IsBlank(line) {
			cut := cutAtSpaces(line, r.Task().Window)
			pieces, counts[i] = append(pieces, cut...), len(cut)
		}
	}
	search := &seq2seq.SearchOptions{Beam: max(4, o.Suggest), NBest: max(1, o.Suggest), MaxLengthRatio: longerRatio, MaxLengthConstant: longerConstant}
	var answers []seq2seq.Translation
	for t, err := range r.writer.Translate(ctx, corpora.Stream(pieces), search) {
		if err != nil {
			return nil, err
		}
		answers = append(answers, t)
	}
	out := make([]Repair, len(lines))
	for i, line := range lines {
		out[i] = Repair{Source: line, Text: line}
		at := 0
		for _, t := range answers[:counts[i]] {
			out[i].add(t, at, o)
			at += len(t.Source)
		}
		answers = answers[counts[i]:]
		out[i].Text = applyEdits(line, out[i].Edits)
		out[i] = bounded(out[i], o.Bound)
	}
	return out, nil
}

// add adds the edits of a piece of the line that begins at byte at.
func (r *Repair) add(t seq2seq.Translation, at int, o *Options) {
	if len(t.Hypotheses) == 0 {
		return
	}
	if o.Suggest > 0 {
		s := Suggestion{Start: at, End: at + len(t.Source)}
		for _, h := range t.Hypotheses {
			s.Candidates = append(s.Candidates, Candidate{h.Text, h.Probability})
		}
		r.Suggestions = append(r.Suggestions, s)
	}
	best := t.Hypotheses[0]
	p := math.Exp(best.LogProb / float64(max(1, len(best.Tokens))))
	if best.Cut || p < o.Threshold || tokenize.IsBlank(best.Text) {
		return
	}
	g := &reading{}
	tokens, labels := Edits(t.Source, best.Text)
	g.tokens = tokens
	for _, label := range labels {
		g.labels, g.probabilities = append(g.labels, parseLabel(label)), append(g.probabilities, p)
	}
	for _, e := range g.edits(0) {
		e.Start, e.End = e.Start+at, e.End+at
		r.Edits = append(r.Edits, e)
	}
}

// cutAtSpaces cuts a line into pieces of at most size characters, after spaces where possible. Joined, they are the
// line.
func cutAtSpaces(line string, size int) []string {
	chars := characters(line)
	var out []string
	for len(chars) > size {
		cut := size
		for k := size; k > size/2; k-- {
			if tokenize.IsBlank(chars[k-1]) {
				cut = k
				break
			}
		}
		out = append(out, strings.Join(chars[:cut], ""))
		chars = chars[cut:]
	}
	return append(out, strings.Join(chars, ""))
}
