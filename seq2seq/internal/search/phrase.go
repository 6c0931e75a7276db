package search

import "slices"

// Phrase is the tokens of a phrase: First where a translation begins with it and Later elsewhere. They differ where a
// token holds the space before it. Neither is empty.
type Phrase struct{ First, Later []int32 }

// at returns the phrase's tokens at a place of a translation.
func (p Phrase) at(place int) []int32 {
	if place == 0 {
		return p.First
	}
	return p.Later
}

// Within reports whether tokens hold the phrase.
func (p Phrase) Within(tokens []int32) bool {
	for i := range tokens {
		if want := p.at(i); len(want) <= len(tokens)-i && slices.Equal(tokens[i:i+len(want)], want) {
			return true
		}
	}
	return false
}

// begun returns the number of the phrase's tokens at the end of tokens, the most if there are several ways, and the
// token that comes next. The whole phrase does not count.
func (p Phrase) begun(tokens []int32) (n int, next int32) {
	for i := range tokens {
		held := tokens[i:]
		if want := p.at(i); len(held) < len(want) && slices.Equal(held, want[:len(held)]) {
			return len(held), want[len(held)]
		}
	}
	return 0, p.at(len(tokens))[0]
}
