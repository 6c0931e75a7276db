package tokenize

import (
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/graphemes"
)

// charScheme has a token for every known grapheme cluster. An unknown cluster is spelled in its code points, and
// unknown code points in bytes.
type charScheme struct {
	texts []string             // by id
	ascii [utf8.RuneSelf]int32 // ids of clusters of one ASCII byte; 0: none
	ids   map[string]int32     // ids of other clusters
}

func newCharScheme(v *Vocab) (*charScheme, error) {
	texts, err := textsOf(v)
	if err != nil {
		return nil, err
	}
	s := &charScheme{texts: texts, ids: make(map[string]int32, v.Size())}
	for id := firstByte + 256; id < v.Size(); id++ {
		text := s.texts[id]
		if it := graphemes.FromString(text); !it.Next() || it.Value() != text {
			return nil, fmt.Errorf("tokenize: vocabulary: token %d: %q is not one character", id, text)
		}
		if len(text) == 1 {
			s.ascii[text[0]] = int32(id)
		} else {
			s.ids[text] = int32(id)
		}
	}
	return s, nil
}

// textsOf returns the texts of the tokens of a vocabulary with byte tokens, by id. The text of <unk> is its name.
func textsOf(v *Vocab) ([]string, error) {
	texts := make([]string, v.Size())
	texts[Unk] = specialTokens()[Unk]
	for id := firstByte + 256; id < v.Size(); id++ {
		text, err := read(v.tokens[id])
		if err != nil {
			return nil, err
		}
		texts[id] = text
	}
	return texts, nil
}

func (s *charScheme) id(text string) (int32, bool) {
	if len(text) == 1 {
		id := s.ascii[text[0]]
		return id, id != 0
	}
	id, ok := s.ids[text]
	return id, ok
}

func (s *charScheme) encode(ids []int32, line string, _ *[]string) []int32 {
	ids = slices.Grow(ids, utf8.RuneCountInString(line))
	for it := graphemes.FromString(line); it.Next(); {
		cluster := it.Value()
		if id, ok := s.id(cluster); ok {
			ids = append(ids, id)
			continue
		}
		for len(cluster) > 0 {
			_, n := utf8.DecodeRuneInString(cluster)
			if id, ok := s.id(cluster[:n]); ok {
				ids = append(ids, id)
			} else {
				ids = appendByteIDs(ids, cluster[:n])
			}
			cluster = cluster[n:]
		}
	}
	return ids
}

func (s *charScheme) decode(line []byte, ids []int32, extra []string) []byte {
	return spelled(line, ids, s.texts, extra)
}
