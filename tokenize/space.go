package tokenize

import "strings"

// splitSpaces yields the words between the spaces (U+0020) of a line.
func splitSpaces(line string, yield func(text string)) {
	for text := range strings.SplitSeq(line, " ") {
		if text != "" {
			yield(text)
		}
	}
}

// wholeLine yields the line unless it is empty.
func wholeLine(line string, yield func(text string)) {
	if line != "" {
		yield(line)
	}
}

// splitFields yields the fields between the tabs of a line, unless it is empty.
func splitFields(line string, yield func(text string)) {
	if line == "" {
		return
	}
	for text := range strings.SplitSeq(line, "\t") {
		yield(text)
	}
}

// spaceScheme has the tokens of text that is already tokenized: words separated by U+0020, fields separated
// by tabs or, for kind line, whole lines.
type spaceScheme struct {
	texts []string // by id
	sep   string   // between tokens
	ids   map[string]int32
	split func(line string, yield func(text string))
	read  func(written string) (string, error)
}

func newSpaceScheme(v *Vocab, kind Kind) (*spaceScheme, error) {
	s := &spaceScheme{texts: make([]string, v.Size()), ids: make(map[string]int32, v.Size()), sep: " ", split: splitSpaces, read: readSpaced}
	switch kind {
	case Line:
		s.split, s.read = wholeLine, readLine
	case Fields:
		s.sep, s.split, s.read = "\t", splitFields, readField
	}
	s.texts[Unk] = specialTokens()[Unk]
	for id := numSpecials; id < v.Size(); id++ {
		text, err := s.read(v.tokens[id])
		if err != nil {
			return nil, err
		}
		s.texts[id] = text
		s.ids[text] = int32(id)
	}
	return s, nil
}

func (s *spaceScheme) encode(ids []int32, line string, unknown *[]string) []int32 {
	s.split(line, func(text string) {
		id, ok := s.ids[text]
		if !ok {
			id = Unk
			if unknown != nil {
				*unknown = append(*unknown, writeSpaced(text))
			}
		}
		ids = append(ids, id)
	})
	return ids
}

func (s *spaceScheme) decode(line []byte, ids []int32, extra []string) []byte {
	for i, id := range ids {
		if i > 0 {
			line = append(line, s.sep...)
		}
		line = append(line, textOf(id, s.texts, extra, s.read)...)
	}
	return line
}
