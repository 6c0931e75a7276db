package tokenize

import "slices"

// firstByte is the id of the byte token <0x00>; the other 255 follow in order.
const firstByte = numSpecials

// byteScheme has a token for every byte.
type byteScheme struct{ texts []string } // texts of the special symbols by id; those of byte tokens are empty

func newByteScheme() byteScheme {
	texts := make([]string, firstByte+256)
	copy(texts, specialTokens())
	return byteScheme{texts}
}

func (byteScheme) encode(ids []int32, line string, _ *[]string) []int32 {
	return appendByteIDs(ids, line)
}

func (s byteScheme) decode(line []byte, ids []int32, extra []string) []byte {
	return spelled(line, ids, s.texts, extra)
}

// appendByteIDs appends the byte tokens that spell text.
func appendByteIDs(ids []int32, text string) []int32 {
	ids = slices.Grow(ids, len(text))
	for i := range len(text) {
		ids = append(ids, firstByte+int32(text[i]))
	}
	return ids
}

// spelled appends the texts of ids without separators; texts holds those of tokens other than bytes.
func spelled(line []byte, ids []int32, texts, extra []string) []byte {
	for _, id := range ids {
		if id >= firstByte && id < firstByte+256 {
			line = append(line, byte(id-firstByte))
		} else {
			line = append(line, textOf(id, texts, extra, read)...)
		}
	}
	return line
}

// textOf returns the text of an id, which may be one of the extra tokens. A malformed written form is its own text.
func textOf(id int32, texts, extra []string, read func(written string) (string, error)) string {
	k := int(id) - len(texts)
	if k < 0 {
		return texts[id]
	}
	if text, err := read(extra[k]); err == nil {
		return text
	}
	return extra[k]
}
