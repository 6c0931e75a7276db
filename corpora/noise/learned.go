package noise

import "math/rand/v2"

// Kind returns the kind of noise that makes these confusions. Its rate is the number of errors per character; at the
// rate of the data, edits and words have the probabilities of the data.
func (c *Confusions) Kind() Kind {
	k := &learned{rate: c.Errors, edits: map[string]*learnedEdits{}, words: map[string][]Word{}}
	for _, e := range c.Edits {
		if k.edits[e.From] == nil {
			k.edits[e.From] = &learnedEdits{contexts: map[[2]rune]float64{}}
		}
		k.edits[e.From].add(newLearnedEdit(e))
	}
	for _, w := range c.Words {
		k.words[w.From] = append(k.words[w.From], w)
	}
	return k
}

// learned applies confusions.
type learned struct {
	rate  float64 // errors per character of all lines
	edits map[string]*learnedEdits
	words map[string][]Word
}

// learnedEdits are the edits of a run of characters. Most places have none, which the sums tell without a look at each.
type learnedEdits struct {
	all      []learnedEdit
	rest     float64             // sum of the edits' rests
	contexts map[[2]rune]float64 // sum of what contexts add to it
}

func (l *learnedEdits) add(e learnedEdit) {
	l.all = append(l.all, e)
	l.rest += e.rest
	for x, p := range e.contexts {
		l.contexts[x] += p - e.rest
	}
}

// learnedEdit is an edit with its probabilities.
type learnedEdit struct {
	to       []rune
	contexts map[[2]rune]float64
	rest     float64 // probability in any other context
}

// newLearnedEdit computes the probabilities of an edit. That in a context is smoothed by that in all, as if each
// context had been seen so many times more.
func newLearnedEdit(e Edit) learnedEdit {
	const more = 5
	l := learnedEdit{to: []rune(e.To), contexts: map[[2]rune]float64{}}
	all := float64(e.Count) / float64(e.Of)
	count, of := e.Count, e.Of
	for _, x := range e.Contexts {
		count, of = count-x.Count, of-x.Of
		before, after := []rune(x.Before+" "), []rune(x.After+" ")
		l.contexts[[2]rune{before[0], after[0]}] = (float64(x.Count) + more*all) / (float64(x.Of) + more)
	}
	if count > 0 && of > 0 {
		l.rest = min(1, float64(count)/float64(of))
	}
	return l
}

// Apply implements [Kind]; the rate is the share of characters.
func (k *learned) Apply(rng *rand.Rand, rate float64, line string) string {
	if k.rate == 0 {
		return line
	}
	factor := rate / k.rate
	line = mapWords(line, func(word string) string {
		if all := k.words[word]; len(all) > 0 {
			u := rng.Float64()
			for _, w := range all {
				if u -= factor * float64(w.Count) / float64(w.Of); u < 0 {
					return w.To
				}
			}
		}
		return word
	})
	text := []rune(" " + line + " ")
	end := len(text) - 1
	out := make([]rune, 0, len(text)+8)
	for i := 1; i <= end; {
		n, to, ok := k.draw(rng, text, i, factor)
		if ok {
			out = append(out, to...)
		}
		if !ok || n == 0 {
			out = append(out, text[i])
			n = 1
		}
		i += n
	}
	return string(out[:max(0, len(out)-1)])
}

// draw draws an edit of the text from i on, and returns the number of characters that it replaces.
func (k *learned) draw(rng *rand.Rand, text []rune, i int, factor float64) (n int, to []rune, ok bool) {
	u := rng.Float64()
	for n := 0; n <= maxEdit && i+n < len(text); n++ {
		edits := k.edits[string(text[i:i+n])]
		if edits == nil {
			continue
		}
		context := [2]rune{text[i-1], text[i+n]}
		if sum := factor * (edits.rest + edits.contexts[context]); u >= sum {
			u -= sum
			continue
		}
		for _, e := range edits.all {
			p, ok := e.contexts[context]
			if !ok {
				p = e.rest
			}
			if u -= factor * p; u < 0 {
				return n, e.to, true
			}
		}
	}
	return 0, nil, false
}
