package tokenize

// Spellings returns the text of each token of a line, one for each id of Encode, as the line spells it: cleaned (see
// [Config.Clean]), but in its own case and not stemmed. It takes a codec of kind words, space, line or fields; others
// have pieces, and Spellings returns nil. A token that only marks a missing space is "￭".
func (c *Codec) Spellings(line string) []string {
	clean, normal := c.config.Clean(line), c.Normalize(line)
	switch s := c.scheme.(type) {
	case *spaceScheme:
		spelled, out := split(s.split, clean), split(s.split, normal)
		if len(spelled) == len(out) {
			return spelled
		}
		return out
	case *wordScheme:
		return s.spellings(clean, normal)
	}
	return nil
}

func split(by func(line string, yield func(text string)), line string) []string {
	var out []string
	by(line, func(text string) { out = append(out, text) })
	return out
}

// spellings returns the texts of the tokens of a line in normal form, with the letters of the line before.
func (s *wordScheme) spellings(clean, normal string) []string {
	var spelled, out []string
	words := 0
	splitWords(clean, func(text string, _ join) { spelled = append(spelled, text) })
	splitWords(normal, func(string, join) { words++ })
	at := 0
	splitWords(normal, func(text string, j join) {
		_, have := s.find(text, j)
		if len(spelled) == words {
			text, at = spelled[at], at+1
		}
		missing := j &^ have
		if missing&joinLeft != 0 {
			out = append(out, joinMark)
		}
		out = append(out, text)
		if missing&joinRight != 0 {
			out = append(out, joinMark)
		}
	})
	return out
}
