package tokenize

import "slices"

// firstByte is the id of the byte token <0x00>; the other 255 follow in order.
const firstByte = numSpecials

// byteScheme has a token for every byte.
type byteScheme struct{}

func (byteScheme) encode(ids []int32, line string, _ *[]string) []int32 {
	return appendByteIDs(ids, line)
}

func (byteScheme) decode(line []byte, ids []int32) []byte { return spelt(line, ids, specialTokens()) }

// appendByteIDs appends the byte tokens that spell text.
func appendByteIDs(ids []int32, text string) []int32 {
	ids = slices.Grow(ids, len(text))
	for i := range len(text) {
		ids = append(ids, firstByte+int32(text[i]))
	}
	return ids
}

// spelt appends the texts of ids, with nothing between them; texts holds, by id, those that are no byte tokens.
func spelt(line []byte, ids []int32, texts []string) []byte {
	for _, id := range ids {
		if id >= firstByte && id < firstByte+256 {
			line = append(line, byte(id-firstByte))
		} else {
			line = append(line, texts[id]...)
		}
	}
	return line
}
