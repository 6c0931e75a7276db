package tokenize

import "strings"

// WordIndex returns the index of the word of each token of a line. Words are separated by spaces (U+0020), or are
// fields, and numbered from 0. A token that is a single space belongs to the next word; at the end of a line, its index
// is the number of words.
func (c *Codec) WordIndex(line string) []int { return c.TokenWords(c.Tokens(line)) }

// TokenWords is [Codec.WordIndex] for a line's tokens, as Tokens returns them.
func (c *Codec) TokenWords(tokens []string) []int {
	at := make([]int, len(tokens))
	word, broken, joined := -1, true, false // a break precedes the first word
	for i, token := range tokens {
		space, begins := false, false
		switch c.config.kind() {
		case Space, Fields:
			begins = true
		case Words:
			text, j, err := readWord(token)
			if err != nil { // a single ￭
				text, j = "", joinBoth
			}
			space = text == " "
			begins = !joined && j&joinLeft == 0 || strings.HasPrefix(text, " ") // before an accent without a letter
			joined = j&joinRight != 0
		default:
			space = token == "<0x20>" || strings.Trim(token, spaceMark) == ""
			begins = strings.HasPrefix(token, spaceMark)
		}
		if space {
			at[i], broken = word+1, true
			continue
		}
		if begins || broken {
			word++
		}
		at[i], broken = word, false
	}
	return at
}

// Stem returns the stem of a word in a Snowball language, in lower case. A word without a stem is returned in lower
// case.
func Stem(word, language string) string { return stem(strings.ToLower(word), language) }
