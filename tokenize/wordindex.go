package tokenize

import "strings"

// WordIndex returns for each token that Encode gives of a line, or Tokens shows, the place of the word that it belongs
// to: words are what stands between spaces (U+0020), counted from 0. A token that is a space alone belongs to the word
// after it, at the end of a line to one more than there are.
func (c *Codec) WordIndex(line string) []int {
	tokens := c.Tokens(line)
	at := make([]int, len(tokens))
	word, broken, joined := -1, true, false // before the first word there is a break
	for i, token := range tokens {
		space, begins := false, false
		switch c.config.kind() {
		case Space:
			begins = true
		case Words:
			text, j, err := readWord(token)
			if err != nil { // the lone ￭
				text, j = "", joinBoth
			}
			space = text == " "
			begins = !joined && j&joinLeft == 0 || strings.HasPrefix(text, " ") // before a lone accent
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

// Stem returns the stem of a word in a Snowball language, in lower case. A word without a stem is its own.
func Stem(word, language string) string { return stem(strings.ToLower(word), language) }
