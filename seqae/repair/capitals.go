package repair

import (
	"math"
	"strings"
	"unicode"

	"github.com/retell-rnn/retell/corpora"
)

// What the case of a word elsewhere adds to the log-odds of a capital at its start.
const (
	weightCounted = 0.4 // of the log-odds by its counts within lines of the text
	weightListed  = 1.5 // the lexicon has it with a capital only, or without one only
	weightUnknown = 1.5 // neither the lexicon nor the text has it: a name
	leastCapital  = 1e-5
)

// Cases counts a word within lines of the text: with a capital at its start, and without.
type Cases [2]int

// caseOf returns a word as [Cases] name it: in lower case, without signs about it and without the English 's.
func caseOf(word string) string { return strings.ToLower(bareWord(word)) }

func bareWord(word string) string {
	word = strings.TrimFunc(word, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return strings.TrimSuffix(word, "'s")
}

// textCases counts the words of the clean lines of examples. It leaves out those that may begin a sentence.
func textCases(examples []corpora.Example) map[string]Cases {
	out := map[string]Cases{}
	for _, e := range examples {
		_, clean := pairOf(e)
		starts := true
		for word := range strings.FieldsSeq(clean) {
			first := strings.IndexFunc(word, unicode.IsLetter)
			bare := bareWord(word)
			if !starts && bare != "" && first == 0 {
				n := out[strings.ToLower(bare)]
				if isUpper(bare) {
					n[0]++
				} else {
					n[1]++
				}
				out[strings.ToLower(bare)] = n
			}
			starts = strings.ContainsAny(word[len(word)-1:], `.?!:"`)
		}
	}
	return out
}

// listedCases returns, for the words of a lexicon in lower case, whether it has them with a capital, and without.
func listedCases(lexicon []string) map[string][2]bool {
	out := map[string][2]bool{}
	for _, word := range lexicon {
		bare := bareWord(word)
		has := out[strings.ToLower(bare)]
		if bare == strings.ToLower(bare) {
			has[1] = true
		} else {
			has[0] = true
		}
		out[strings.ToLower(bare)] = has
	}
	return out
}

// capitalize decides on the capital of each word by the labeler and by the word's case elsewhere.
func (r *Repairer) capitalize(g *reading) {
	for from := 0; from < len(g.tokens); from++ {
		if !isWordToken(g.tokens[from]) {
			continue
		}
		to := from
		for to < len(g.tokens) && isWordToken(g.tokens[to]) {
			to++
		}
		word := Apply(g.tokens[from:to], nil)
		for ; from < to; from++ {
			if c := unquoteToken(g.tokens[from]); isBare(c) {
				r.capital(g, from, isUpper(c), r.caseOdds(caseOf(word)))
				break
			}
		}
		from = to
	}
}

// isBare reports whether a character begins with a letter or a digit.
func isBare(character string) bool {
	return strings.IndexFunc(character, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) == 0
}

// capital decides on the capital of token i. odds are added to the labeler's log-odds.
func (r *Repairer) capital(g *reading, i int, upper bool, odds float64) {
	if e := g.labels[i]; e.twice || e.insert != "" || !unicode.IsLetter([]rune(unquoteToken(g.tokens[i]))[0]) {
		return
	}
	var p float64 // of another case
	other := edit{change: changeUpper}
	if upper {
		other.change = changeLower
	}
	for label, q := range g.distributions[i] {
		if r.edits[label] == other {
			p += float64(q)
		}
	}
	p = min(max(p, leastCapital), 1-leastCapital)
	if upper {
		odds = -odds
	}
	p = 1 / (1 + math.Exp(-math.Log(p/(1-p))-odds))
	switch e := g.labels[i]; {
	case e.change != changeKeep && e != other:
	case p > 0.5:
		g.labels[i], g.probabilities[i] = other, p
	default:
		g.labels[i], g.probabilities[i] = edit{change: changeKeep}, 1-p
	}
}

// caseOdds returns the log-odds of a capital at the start of a word, from its case elsewhere.
func (r *Repairer) caseOdds(word string) float64 {
	n := r.task.Cases[word]
	odds := weightCounted * math.Log((float64(n[0])+0.5)/(float64(n[1])+0.5))
	if r.listed == nil {
		return odds
	}
	switch has := r.listed[word]; {
	case has[0] && !has[1] && n[1] == 0:
		odds += weightListed
	case has[1] && !has[0]:
		odds -= weightListed
	case !has[0] && !has[1] && n[1] == 0:
		odds += weightUnknown
	}
	return odds
}
