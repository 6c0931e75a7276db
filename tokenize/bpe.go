package tokenize

import (
	"fmt"
	"slices"
	"sync"
	"unicode"
	"unicode/utf8"
)

// maxPreToken is the most code points that bpe merges into one piece, so that neither learning nor encoding depends on
// how long a text goes on without a space.
const maxPreToken = 128

// preToken returns the length in bytes of the first pre-token of a text that is not empty. Merges happen within
// pre-tokens: runs of letters, of numbers, or of anything else, each with the one space (U+0020) before it, if there is
// one. Marks and joiners belong to what they follow. Further spaces are pre-tokens of spaces.
func preToken(s string) int {
	spaces := 0
	for spaces < len(s) && spaces < maxPreToken && s[spaces] == ' ' {
		spaces++
	}
	switch {
	case spaces == len(s) || spaces == maxPreToken:
		return spaces
	case spaces > 1:
		return spaces - 1
	}
	n := spaces
	var first class
	for count := 0; count < maxPreToken && n < len(s); count++ {
		var k class
		size := 1
		if b := s[n]; b < utf8.RuneSelf {
			if b == ' ' {
				break
			}
			k = classOf(rune(b))
		} else {
			var r rune
			r, size = utf8.DecodeRuneInString(s[n:])
			k = classOf(r)
		}
		if count == 0 {
			first = k
		} else if k != first && k != extender {
			break
		}
		n += size
	}
	return n
}

// preTokens cuts a line into its pre-tokens. The first begins with a space that the line has not.
func preTokens(line string, yield func(text string)) {
	if line == "" {
		return
	}
	for rest := " " + line; rest != ""; {
		n := preToken(rest)
		yield(rest[:n])
		rest = rest[n:]
	}
}

type class uint8

const (
	other class = iota
	letter
	number
	extender
)

func classOf(r rune) class {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z':
		return letter
	case '0' <= r && r <= '9':
		return number
	case r < utf8.RuneSelf:
		return other
	case unicode.IsLetter(r):
		return letter
	case unicode.IsMark(r), r == '\u200C', r == '\u200D': // the zero-width joiners
		return extender
	case unicode.IsNumber(r):
		return number
	default:
		return other
	}
}

// bpeScheme has tokens for the known characters and for what merges make of them. A character that is unknown is spelt
// in byte tokens, which never merge.
//
// A line that is not empty is encoded with a space before it, and decoding takes a space at the beginning away.
type bpeScheme struct {
	texts  []string             // by id
	ascii  [utf8.RuneSelf]int32 // ids of characters; 0: none
	chars  map[rune]int32       // the others
	merger merger
	spaces sync.Pool // of *mergeSpace
}

// newBPEScheme checks that every merge joins characters or what earlier merges make, and that merges make every token
// of more than one character.
func newBPEScheme(v *Vocab, merges []pair) (*bpeScheme, error) {
	texts, err := textsOf(v)
	if err != nil {
		return nil, err
	}
	s := &bpeScheme{texts: texts, chars: make(map[rune]int32), merger: make(merger, len(merges))}
	s.spaces.New = func() any { return new(mergeSpace) }
	made := make([]bool, len(texts))
	byText := make(map[string]int32, len(texts))
	for id := firstByte + 256; id < len(texts); id++ {
		byText[texts[id]] = int32(id)
		r, n := utf8.DecodeRuneInString(texts[id])
		if n != len(texts[id]) {
			continue
		}
		made[id] = true
		if r < utf8.RuneSelf {
			s.ascii[r] = int32(id)
		} else {
			s.chars[r] = int32(id)
		}
	}
	for i, p := range merges {
		for _, id := range [...]int32{p.left, p.right} {
			if id < 0 || int(id) >= len(made) || !made[id] {
				return nil, fmt.Errorf("tokenize: merge %d: %d and %d: token %d is neither a character nor made by an earlier merge", i, p.left, p.right, id)
			}
		}
		id, ok := byText[texts[p.left]+texts[p.right]]
		if !ok {
			return nil, fmt.Errorf("tokenize: merge %d: %q and %q: the vocabulary has no such token", i, texts[p.left], texts[p.right])
		}
		if _, ok := s.merger[p]; ok {
			return nil, fmt.Errorf("tokenize: merge %d: %q and %q: an earlier merge is the same", i, texts[p.left], texts[p.right])
		}
		s.merger[p] = mergeRule{rank: int32(i), merged: id}
		made[id] = true
	}
	for id := firstByte + 256; id < len(texts); id++ {
		if !made[id] {
			return nil, fmt.Errorf("tokenize: vocabulary: token %d: %q: no merge makes it", id, texts[id])
		}
	}
	return s, nil
}

func (s *bpeScheme) encode(ids []int32, line string, _ *[]string) []int32 {
	ws := s.spaces.Get().(*mergeSpace)
	defer s.spaces.Put(ws)
	ids = slices.Grow(ids, len(line)/4)
	preTokens(line, func(text string) { ids = append(ids, s.pieces(text, ws)...) })
	return ids
}

// pieces returns the ids of one pre-token. They belong to ws.
func (s *bpeScheme) pieces(text string, ws *mergeSpace) []int32 {
	return ws.merge(s.merger, text, s.spell)
}

// char returns the id of a character, or 0.
func (s *bpeScheme) char(r rune) int32 {
	if r < utf8.RuneSelf {
		return s.ascii[r]
	}
	return s.chars[r]
}

// spell appends the ids of the characters of text.
func (s *bpeScheme) spell(ids []int32, text string) []int32 {
	for i, r := range text {
		if id := s.char(r); id != 0 {
			ids = append(ids, id)
		} else {
			ids = appendByteIDs(ids, text[i:i+utf8.RuneLen(r)])
		}
	}
	return ids
}

func (s *bpeScheme) decode(line []byte, ids []int32, extra []string) []byte {
	from := len(line)
	line = spelt(line, ids, s.texts, extra)
	if len(line) > from && line[from] == ' ' {
		line = append(line[:from], line[from+1:]...)
	}
	return line
}
