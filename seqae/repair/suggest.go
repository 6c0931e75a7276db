package repair

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/retell-rnn/retell/tokenize"
)

// Candidates of a word. A bonus is added to the log-probability of a candidate whose words are all in the lexicon, and
// of an unknown word that stays: names begin with a capital.
const (
	candidateBeam  = 48
	certain        = 0.99 // probability from which a word gets no suggestions
	candidateLeast = 1e-4 // least probability of a label beside the best
	longestRun     = 100  // characters; a longer run without white space is no word, and has no candidates
	bonusKnown     = 3.0
	bonusName      = 3.0
	bonusStays     = 1.5
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
		unsure := r.lexicon != nil && !r.task.divides() && !r.task.capitalizes() && !r.inLexicon(g.apply(from, to))
		if (n > 0 || unsure) && to-from <= longestRun {
			all, texts := r.candidates(g, from, to)
			if unsure && len(all) > 0 {
				g.choose(r, from, all)
			}
			if c := ranked(all, texts, n); len(c) > 1 && c[0].Probability < certain {
				out = append(out, Suggestion{Start: at[from], End: at[to], Candidates: c})
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

// inLexicon reports whether all words of a text are in the lexicon, as they are or in lower case.
func (r *Repairer) inLexicon(text string) bool {
	return !slices.ContainsFunc(wordsOf(text), func(word string) bool {
		return !r.lexicon[word] && !r.lexicon[strings.ToLower(word)]
	})
}

// bonus returns the bonus of a candidate for a word.
func (r *Repairer) bonus(word, text string) float64 {
	switch {
	case r.lexicon == nil:
		return 0
	case r.inLexicon(text):
		return bonusKnown
	case text == word && isUpper(word):
		return bonusName
	case text == word:
		return bonusStays
	}
	return 0
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
	word := Apply(g.tokens[from:to], nil)
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
		h.score += r.bonus(word, text)
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

// choose labels the tokens from from on by the best of some hypotheses. Its edits get its share of the probability of
// all.
func (g *reading) choose(r *Repairer, from int, all []hypothesis) {
	p := ranked(all, make([]string, len(all)), 1)[0].Probability
	for i, k := range all[0].labels {
		g.labels[from+i], g.probabilities[from+i] = r.edits[k], p
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
