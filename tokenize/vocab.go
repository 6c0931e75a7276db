package tokenize

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// ID is a token's number in its vocabulary.
type ID = int32

// The special symbols are the first four ids of every vocabulary.
const (
	Pad = 0 // <pad> fills short sequences of a batch
	Unk = 1 // <unk> stands for unknown tokens
	BOS = 2 // <s> begins a sequence
	EOS = 3 // </s> ends a sequence

	numSpecials = 4
)

// specialTokens returns the special symbols by id.
func specialTokens() []string { return []string{"<pad>", "<unk>", "<s>", "</s>"} }

// Vocab is the vocabulary of a Codec. It is immutable and safe for concurrent use.
//
// The special symbols come first, then the fixed tokens of the kind (bpe, chars and bytes: the 256 byte tokens in
// order; words: a single ￭ and a single space), then the learned tokens by falling count, and by code point for equal
// counts.
type Vocab struct {
	tokens []string // written forms
	counts []int
	ids    map[string]int32
}

// Size returns the number of tokens, including special symbols.
func (v *Vocab) Size() int { return len(v.tokens) }

// Token returns the written form of id; "" if id is not in the vocabulary.
func (v *Vocab) Token(id int32) string {
	if id < 0 || int(id) >= len(v.tokens) {
		return ""
	}
	return v.tokens[id]
}

// ID returns the id of the token with a written form.
func (v *Vocab) ID(token string) (int32, bool) {
	id, ok := v.ids[token]
	return id, ok
}

// Count returns the number of times the token occurs in the learned text; for bpe, in the encoded text. The count of
// <unk> is that of all dropped words. Count returns 0 if id is not in the vocabulary.
func (v *Vocab) Count(id int32) int {
	if id < 0 || int(id) >= len(v.counts) {
		return 0
	}
	return v.counts[id]
}

// newVocab indexes tokens in the given order. It keeps both slices.
func newVocab(tokens []string, counts []int) (*Vocab, error) {
	v := &Vocab{tokens: tokens, counts: counts, ids: make(map[string]int32, len(tokens))}
	for id, token := range tokens {
		if first, ok := v.ids[token]; ok {
			return nil, fmt.Errorf("tokenize: vocabulary: tokens %d and %d are both %q: want different tokens", first, id, token)
		}
		v.ids[token] = int32(id)
	}
	return v, nil
}

// entry is a token of a future vocabulary, in its written form.
type entry struct {
	token string
	count int
}

// compareEntries orders a vocabulary: by falling count, then by code point.
func compareEntries(a, b entry) int {
	return cmp.Or(cmp.Compare(b.count, a.count), strings.Compare(a.token, b.token))
}

// rank sorts the entries and keeps at most limit of those that occur at least minCount times. A negative limit means no
// limit.
func rank(entries []entry, minCount, limit int) (kept, dropped []entry) {
	slices.SortFunc(entries, compareEntries)
	n := 0
	for n < len(entries) && n != limit && entries[n].count >= minCount {
		n++
	}
	return entries[:n], entries[n:]
}

// fixedTokens lists the written forms that follow the special symbols in every vocabulary of a kind.
func fixedTokens(kind Kind) []string {
	switch kind {
	case Words:
		return []string{joinMark, joinMark + spaceMark + joinMark}
	case Bytes, Chars, BPE:
		tokens := make([]string, 256)
		for b := range tokens {
			tokens[b] = fmt.Sprintf("<0x%02X>", b)
		}
		return tokens
	default:
		return nil
	}
}
