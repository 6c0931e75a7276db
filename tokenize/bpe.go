package tokenize

import (
	"fmt"
	"slices"
	"sync"
	"unicode"
	"unicode/utf8"
)

// maxPreToken is the maximum number of code points of a piece. It bounds the time of learning and encoding for text
// without spaces.
const maxPreToken = 128

// preToken returns the length in bytes of the first pre-token of a non-empty text. Merges happen within pre-tokens:
// runs of letters, of numbers, or of other characters, each with at most one space (U+0020) before it. Marks and
// joiners belong to the character they follow. Further spaces are pre-tokens of spaces.
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

// preTokens cuts a line into pre-tokens, as if a space preceded it.
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

// class is the class of a character, which decides where pre-tokens end.
type class uint8

const (
	other class = iota
	letter
	number
	extender
)

// classOf returns the class of a character.
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

// bpeScheme has tokens for known characters and for merged pieces. An unknown character is spelled in byte tokens,
// which never merge.
//
// A non-empty line is encoded with a space before it; decoding removes a leading space.
type bpeScheme struct {
	texts  []string             // by id
	ascii  [utf8.RuneSelf]int32 // ids of ASCII characters; 0: none
	chars  map[rune]int32       // ids of other characters
	merger merger
	spaces sync.Pool // of *mergeSpace
}

// newBPEScheme checks that every merge joins characters or products of earlier merges, and that merges produce every
// token of more than one character.
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
				return nil, fmt.Errorf("tokenize: merge %d: %d and %d: token %d is neither a character nor the product of an earlier merge", i, p.left, p.right, id)
			}
		}
		id, ok := byText[texts[p.left]+texts[p.right]]
		if !ok {
			return nil, fmt.Errorf("tokenize: merge %d: %q and %q: the vocabulary lacks their token", i, texts[p.left], texts[p.right])
		}
		if _, ok := s.merger[p]; ok {
			return nil, fmt.Errorf("tokenize: merge %d: %q and %q: merge is duplicated", i, texts[p.left], texts[p.right])
		}
		s.merger[p] = mergeRule{rank: int32(i), merged: id}
		made[id] = true
	}
	for id := firstByte + 256; id < len(texts); id++ {
		if !made[id] {
			return nil, fmt.Errorf("tokenize: vocabulary: token %d: %q: no merge produces it", id, texts[id])
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

// pieces returns the ids of one pre-token. The slice belongs to ws.
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
	line = spelled(line, ids, s.texts, extra)
	if len(line) > from && line[from] == ' ' {
		line = append(line[:from], line[from+1:]...)
	}
	return line
}
