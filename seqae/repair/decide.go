package repair

import (
	"context"
	"strings"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/tokenize"
)

// reading is what a labeler says of a line.
type reading struct {
	tokens        []string
	labels        []edit
	probabilities []float64
	distributions [][]float32 // of all labels at each token; nil unless asked for
}

// repairEdits repairs a batch of lines by labels.
func (r *Repairer) repairEdits(ctx context.Context, lines []string, o *Options) ([]Repair, error) {
	readings, err := r.read(ctx, lines, r.lexicon != nil || r.task.capitalizes() || o.Suggest > 0)
	if err != nil {
		return nil, err
	}
	out := make([]Repair, len(lines))
	for i, line := range lines {
		out[i] = Repair{Source: line, Text: line}
		if g := readings[i]; g != nil {
			var suggestions []Suggestion
			if g.distributions != nil {
				switch {
				case r.task.divides():
					r.divide(g)
				case r.task.capitalizes():
					r.capitalize(g)
				}
				suggestions = r.consider(g, o.Suggest)
			}
			out[i].Edits = g.edits(o.Threshold)
			out[i].Text = applyEdits(line, out[i].Edits)
			out[i].Suggestions = suggestions
			out[i] = bounded(out[i], o.Bound)
		}
	}
	return out, nil
}

// read labels the characters of lines, in windows. A blank line has no reading.
func (r *Repairer) read(ctx context.Context, lines []string, all bool) ([]*reading, error) {
	size := r.Task().Window
	out := make([]*reading, len(lines))
	spans := make([][]span, len(lines))
	var texts []string
	for i, line := range lines {
		if tokenize.IsBlank(line) {
			continue
		}
		g := &reading{tokens: tokensOf(line)}
		out[i], spans[i] = g, windowsOf(len(g.tokens), size)
		for _, w := range spans[i] {
			texts = append(texts, strings.Join(g.tokens[w.from:w.to], "\t"))
		}
	}
	var answers []seq2seq.ColumnLabels
	for a, err := range r.labeler.Predict(ctx, corpora.Stream(texts), &seq2seq.LabelOptions{Distribution: all}) {
		if err != nil {
			return nil, err
		}
		answers = append(answers, a.ColumnLabels)
	}
	for i, g := range out {
		if g != nil {
			g.take(answers[:len(spans[i])], spans[i], all)
			answers = answers[len(spans[i]):]
		}
	}
	return out, nil
}

// tokensOf returns the tokens of a line.
func tokensOf(line string) []string {
	tokens := []string{lineStart}
	for _, c := range characters(line) {
		tokens = append(tokens, quoteToken(c))
	}
	return append(tokens, lineEnd)
}

// take takes each token's label from the window that knows best.
func (g *reading) take(answers []seq2seq.ColumnLabels, windows []span, all bool) {
	for i, k := range trusted(len(g.tokens), windows) {
		a, at := answers[k], i-windows[k].from
		e := parseLabel(a.Labels[at])
		if g.tokens[i] == lineEnd {
			e = edit{change: changeKeep}
		}
		g.labels, g.probabilities = append(g.labels, e), append(g.probabilities, a.Probabilities[at])
		if all {
			g.distributions = append(g.distributions, a.Distribution[at])
		}
	}
}

// edits returns the edits of a probability of at least threshold. Edits that touch, and those within a word, are one.
func (g *reading) edits(threshold float64) []Edit {
	at := g.offsets()
	var out []Edit
	for from := 0; from < len(g.tokens); from++ {
		if g.labels[from].keeps() {
			continue
		}
		to := g.group(from)
		e := Edit{Start: at[from], End: at[to], Text: g.apply(from, to), Probability: 1}
		for i := from; i < to; i++ {
			if !g.labels[i].keeps() {
				e.Probability = min(e.Probability, g.probabilities[i])
			}
		}
		from = to - 1
		if e = e.trimmed(g.tokens, at, from); e.Probability >= threshold && (e.Start < e.End || e.Text != "") {
			out = append(out, e)
		}
	}
	return out
}

// offsets returns the first byte of each token in the line, and the line's length.
func (g *reading) offsets() []int {
	at := make([]int, len(g.tokens)+1)
	for i, token := range g.tokens {
		at[i+1] = at[i] + len(unquoteToken(token))
	}
	return at
}

// apply returns what becomes of the tokens from to to.
func (g *reading) apply(from, to int) string {
	labels := make([]string, to-from)
	for i := range labels {
		labels[i] = g.labels[from+i].String()
	}
	return Apply(g.tokens[from:to], labels)
}

// group returns the end of the edit that begins at from: edits that touch, or that lie in a word without white space
// between them, belong together.
func (g *reading) group(from int) int {
	to := from + 1
	if g.labels[from].change == changeSwap {
		to = min(from+2, len(g.tokens))
	}
	open := !g.spaced(from)
	for i := to; i < len(g.tokens); i++ {
		changes := !g.labels[i].keeps()
		switch {
		case changes && (i == to || open && !g.spaced(i)):
			to = i + 1
			if g.labels[i].change == changeSwap {
				to = min(i+2, len(g.tokens))
			}
			open = !g.spaced(i)
		case g.tokens[i] == `\s` || g.tokens[i] == `\t` || changes:
			return to
		case !open:
			return to
		}
	}
	return to
}

// spaced reports whether an edit puts or removes white space.
func (g *reading) spaced(i int) bool {
	return tokenize.IsBlank(unquoteToken(g.tokens[i])) && g.tokens[i] != lineStart || strings.ContainsAny(g.labels[i].insert, " \t\u00a0")
}

// trimmed returns the edit without what it leaves as it is at its start and end.
func (e Edit) trimmed(tokens []string, at []int, last int) Edit {
	first := last
	for first > 0 && at[first] > e.Start {
		first--
	}
	for ; first <= last && e.Start < e.End; first++ {
		c := unquoteToken(tokens[first])
		if c == "" {
			continue
		}
		if !strings.HasPrefix(e.Text, c) {
			break
		}
		e.Start, e.Text = e.Start+len(c), e.Text[len(c):]
	}
	for ; last >= first && e.Start < e.End; last-- {
		c := unquoteToken(tokens[last])
		if c == "" {
			continue
		}
		if !strings.HasSuffix(e.Text, c) {
			break
		}
		e.End, e.Text = e.End-len(c), e.Text[:len(e.Text)-len(c)]
	}
	return e
}

// applyEdits applies edits to a line.
func applyEdits(line string, edits []Edit) string {
	if len(edits) == 0 {
		return line
	}
	var b strings.Builder
	at := 0
	for _, e := range edits {
		b.WriteString(line[at:e.Start])
		b.WriteString(e.Text)
		at = e.End
	}
	b.WriteString(line[at:])
	return b.String()
}
