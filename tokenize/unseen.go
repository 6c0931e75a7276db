package tokenize

import (
	"slices"
	"unicode/utf8"
)

// Unseen returns every occurrence of unknown text in a line: words that become <unk>, characters that are spelled in
// bytes and, for kind bytes, characters with a byte that the learned text lacks.
func (c *Codec) Unseen(line string) []string {
	line = c.Normalize(line)
	var unseen []string
	switch s := c.scheme.(type) {
	case *wordScheme:
		splitWords(line, func(text string, j join) {
			if id, _ := s.find(text, j); id == Unk {
				unseen = append(unseen, text)
			}
		})
	case *spaceScheme:
		s.split(line, func(text string) {
			if _, ok := s.ids[text]; !ok {
				unseen = append(unseen, text)
			}
		})
	case *charScheme:
		unseen = s.unseen(line)
	case byteScheme:
		unseen = c.unseenBytes(line)
	case *bpeScheme:
		for _, r := range line {
			if s.char(r) == 0 {
				unseen = append(unseen, string(r))
			}
		}
	}
	return unseen
}

// unseen returns the code points of a line that are spelled in bytes.
func (s *charScheme) unseen(line string) []string {
	var unseen []string
	rest := line
	for _, id := range s.encode(nil, line, nil) {
		n := len(s.texts[id])
		if isByte(id) {
			n = 1
			if utf8.RuneStart(rest[0]) {
				_, size := utf8.DecodeRuneInString(rest)
				unseen = append(unseen, rest[:size])
			}
		}
		rest = rest[n:]
	}
	return unseen
}

// unseenBytes is Unseen for kind bytes. It returns nothing if the codec learned from no text.
func (c *Codec) unseenBytes(line string) []string {
	counts := c.vocab.counts[firstByte:]
	if slices.Max(counts) == 0 {
		return nil
	}
	var unseen []string
	for i, r := range line {
		text := line[i : i+utf8.RuneLen(r)]
		if slices.ContainsFunc([]byte(text), func(b byte) bool { return counts[b] == 0 }) {
			unseen = append(unseen, text)
		}
	}
	return unseen
}
