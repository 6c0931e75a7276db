package search

import "slices"

// Phrase holds the tokens of a phrase: First at the beginning of a translation, Later elsewhere. They differ if a token
// includes the space before it. Neither is empty.
type Phrase struct{ First, Later []int32 }

// at returns the phrase's tokens at a position of a translation.
func (p Phrase) at(position int) []int32 {
	if position == 0 {
		return p.First
	}
	return p.Later
}

// Within reports whether tokens contain the phrase.
func (p Phrase) Within(tokens []int32) bool {
	for i := range tokens {
		if want := p.at(i); len(want) <= len(tokens)-i && slices.Equal(tokens[i:i+len(want)], want) {
			return true
		}
	}
	return false
}

// begun returns the largest number of the phrase's first tokens at the end of tokens, and the phrase's next token. It
// does not count the whole phrase.
func (p Phrase) begun(tokens []int32) (n int, next int32) {
	for i := range tokens {
		held := tokens[i:]
		if want := p.at(i); len(held) < len(want) && slices.Equal(held, want[:len(held)]) {
			return len(held), want[len(held)]
		}
	}
	return 0, p.at(len(tokens))[0]
}
