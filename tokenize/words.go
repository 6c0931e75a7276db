package tokenize

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/words"
)

// join is the set of sides of a token without a space. By default, one U+0020 separates two tokens.
type join uint8

const (
	joinLeft join = 1 << iota
	joinRight
	joinBoth = joinLeft | joinRight
)

// The fixed tokens of every vocabulary of words.
const (
	joinID  = numSpecials + iota // "￭": nothing, with no space on either side
	spaceID                      // "￭▁￭": one space more than the normal case has
)

// splitWords cuts a line into Unicode words and yields them with their joins, from which the line can be restored.
//
// If no space separates two tokens, the join belongs to the right one if it is punctuation ("world" "￭."), else to
// the left one if that is punctuation ("(￭" "world"), else to the right one. White space other than a single U+0020
// becomes tokens, one for each code point, joined on both sides.
func splitWords(line string, yield func(text string, j join)) {
	var (
		prev     string // last token, not yielded until its right side is known
		prevJoin join
		blank    int // start of the white space before the current segment
	)
	flush := func(space string) {
		if prev != "" {
			yield(prev, prevJoin)
			prev = ""
		}
		for len(space) > 0 {
			_, n := utf8.DecodeRuneInString(space)
			yield(space[:n], joinBoth)
			space = space[n:]
		}
	}
	for it := words.FromString(line); it.Next(); {
		text := it.Value()
		if isBlank(text) {
			continue
		}
		var j join
		switch space := line[blank:it.Start()]; {
		case space == "" && prev == "", space == " " && prev != "":
		case space != "":
			flush(space)
		case !isWord(prev) && isWord(text):
			prevJoin |= joinRight
		default:
			j = joinLeft
		}
		flush("")
		prev, prevJoin, blank = text, j, it.End()
	}
	flush(line[blank:])
}

// isBlank reports whether s is only white space.
func isBlank(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return !unicode.IsSpace(r) }) < 0
}

// isWord reports whether a Unicode word segment is a word or number, not punctuation or a symbol.
func isWord(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }) >= 0
}

// wordScheme has the tokens of words. If a token is known only with fewer joins, or is <unk>, a single ￭ encodes each
// missing join, so that spacing is always exact.
type wordScheme struct {
	texts []string // by id
	joins []join   // by id
	parts []byJoin // learned tokens, then those of each extension; the first part that has a text encodes it
}

// byJoin holds, for each join, the ids of texts.
type byJoin [joinBoth + 1]map[string]int32

func newWordScheme(v *Vocab, extensions []extension) (*wordScheme, error) {
	s := &wordScheme{texts: make([]string, v.Size()), joins: make([]join, v.Size())}
	var ends []int // ends of the parts, by id
	end := v.Size()
	for _, e := range slices.Backward(extensions) {
		ends = append(ends, end)
		end -= e.Tokens
	}
	ends = append(ends, end)
	slices.Reverse(ends)
	s.parts = make([]byJoin, len(ends))
	for i := range s.parts {
		for j := range s.parts[i] {
			s.parts[i][j] = make(map[string]int32)
		}
	}
	s.texts[Unk] = specialTokens()[Unk]
	s.joins[joinID] = joinBoth
	part := 0
	for id := spaceID; id < v.Size(); id++ {
		for id >= ends[part] {
			part++
		}
		text, j, err := readWord(v.tokens[id])
		if err != nil {
			return nil, err
		}
		s.texts[id], s.joins[id] = text, j
		s.parts[part][j][text] = int32(id)
	}
	return s, nil
}

func (s *wordScheme) encode(ids []int32, line string, unknown *[]string) []int32 {
	splitWords(line, func(text string, j join) {
		id, have := s.find(text, j)
		if id == Unk && unknown != nil {
			*unknown = append(*unknown, write(text))
		}
		missing := j &^ have
		if missing&joinLeft != 0 {
			ids = append(ids, joinID)
		}
		ids = append(ids, id)
		if missing&joinRight != 0 {
			ids = append(ids, joinID)
		}
	})
	return ids
}

// find returns the token of text with the most of the wanted joins, and those joins.
func (s *wordScheme) find(text string, want join) (int32, join) {
	for i := range s.parts {
		for _, j := range [...]join{joinBoth, joinLeft, joinRight, 0} {
			if j&^want == 0 {
				if id, ok := s.parts[i][j][text]; ok {
					return id, j
				}
			}
		}
	}
	return Unk, 0
}

func (s *wordScheme) decode(line []byte, ids []int32, extra []string) []byte {
	joined := true // the next token follows without a space
	for _, id := range ids {
		text, j := s.token(id, extra)
		if !joined && j&joinLeft == 0 {
			line = append(line, ' ')
		}
		line = append(line, text...)
		joined = j&joinRight != 0
	}
	return line
}

// token returns the text and joins of an id, which may be one of the extra tokens. A malformed written form is its own
// text.
func (s *wordScheme) token(id int32, extra []string) (string, join) {
	if k := int(id) - len(s.texts); k >= 0 {
		text, j, err := readWord(extra[k])
		if err != nil {
			return extra[k], 0
		}
		return text, j
	}
	return s.texts[id], s.joins[id]
}
