package repair

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"

	"github.com/retell-rnn/retell/tokenize"
)

// Candidates of a word. lexiconBonus is added to the log-probability of a candidate whose words are all in the lexicon.
const (
	candidateBeam  = 48
	candidateLeast = 1e-4 // least probability of a label beside the best
	lexiconBonus   = 3.0
)

// hypothesis is one way to label the characters of a word.
type hypothesis struct {
	labels []int32
	score  float64 // log-probability
}

// consider chooses, for each word, among its candidates those in the lexicon, and returns suggestions of at most n
// candidates for words whose repair is not certain.
func (r *Repairer) consider(g *reading, n int) []Suggestion {
	var out []Suggestion
	at := g.offsets()
	for from := 0; from < len(g.tokens); {
		if !isWordToken(g.tokens[from]) {
			from++
			continue
		}
		to := from
		for to < len(g.tokens) && isWordToken(g.tokens[to]) {
			to++
		}
		known := r.lexicon != nil && r.inLexicon(g.apply(from, to))
		if n > 0 || r.lexicon != nil && !known {
			all, texts := r.candidates(g, from, to)
			if r.lexicon != nil && len(all) > 0 && texts[0] != g.apply(from, to) {
				g.choose(r, from, all[0])
			}
			if n > 0 && len(all) > 1 {
				out = append(out, Suggestion{Start: at[from], End: at[to], Candidates: ranked(all, texts, n)})
			}
		}
		from = to
	}
	return out
}

// isWordToken reports whether a token is a character other than white space.
func isWordToken(token string) bool {
	return token != lineStart && token != lineEnd && !tokenize.IsBlank(unquoteToken(token))
}

// inLexicon reports whether all words of a text are in the lexicon, whatever their case. A text without letters is.
func (r *Repairer) inLexicon(text string) bool {
	for _, word := range strings.Fields(text) {
		word = strings.TrimFunc(word, func(c rune) bool { return !unicode.IsLetter(c) })
		if word != "" && !r.lexicon[word] && !r.lexicon[strings.ToLower(word)] {
			return false
		}
	}
	return true
}

// candidates returns the likeliest labelings of tokens from to to that make different texts, best first, and the texts.
func (r *Repairer) candidates(g *reading, from, to int) ([]hypothesis, []string) {
	beam := []hypothesis{{}}
	for i := from; i < to; i++ {
		var next []hypothesis
		p := g.distributions[i]
		best := slices.Max(p)
		for label, q := range p {
			if q < candidateLeast && q < best {
				continue
			}
			for _, h := range beam {
				next = append(next, hypothesis{append(slices.Clip(h.labels), int32(label)), h.score + math.Log(float64(q))})
			}
		}
		slices.SortStableFunc(next, func(a, b hypothesis) int { return cmp.Compare(b.score, a.score) })
		beam = next[:min(len(next), candidateBeam)]
	}
	var all []hypothesis
	var texts []string
	for _, h := range beam {
		labels := make([]string, len(h.labels))
		for i, k := range h.labels {
			labels[i] = r.edits[k].String()
		}
		text := Apply(g.tokens[from:to], labels)
		if tokenize.IsBlank(text) || slices.Contains(texts, text) {
			continue
		}
		if r.lexicon != nil && r.inLexicon(text) {
			h.score += lexiconBonus
		}
		all, texts = append(all, h), append(texts, text)
	}
	order := make([]int, len(all))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(all[b].score, all[a].score) })
	sorted, names := make([]hypothesis, len(all)), make([]string, len(all))
	for i, k := range order {
		sorted[i], names[i] = all[k], texts[k]
	}
	return sorted, names
}

// choose labels the tokens from from on by a hypothesis. Its edits count as certain as the most likely ones.
func (g *reading) choose(r *Repairer, from int, h hypothesis) {
	for i, k := range h.labels {
		at := from + i
		g.labels[at] = r.edits[k]
		g.probabilities[at] = max(g.probabilities[at], float64(g.distributions[at][k]))
	}
}

// ranked returns the first n candidates with their shares of the probability of all.
func ranked(all []hypothesis, texts []string, n int) []Candidate {
	var sum float64
	for _, h := range all {
		sum += math.Exp(h.score - all[0].score)
	}
	var out []Candidate
	for i, h := range all[:min(n, len(all))] {
		out = append(out, Candidate{Text: texts[i], Probability: math.Exp(h.score-all[0].score) / sum})
	}
	return out
}
