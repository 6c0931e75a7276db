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
	Unk = 1 // <unk> stands for what the vocabulary lacks
	BOS = 2 // <s> begins a sequence
	EOS = 3 // </s> ends a sequence

	numSpecials = 4
)

func specialTokens() []string { return []string{"<pad>", "<unk>", "<s>", "</s>"} }

// Vocab numbers the tokens of a Codec. The special symbols come first, then those that every vocabulary of the kind has
// (bpe, chars and bytes: the 256 byte tokens in order; words: the lone ￭ and the lone space), then the others by
// falling count, ties by code point. It does not change and may be used by several goroutines.
type Vocab struct {
	tokens []string // written forms
	counts []int
	ids    map[string]int32
}

// Size returns the number of tokens, special symbols included.
func (v *Vocab) Size() int { return len(v.tokens) }

// Token returns the written form of id, or "" if the vocabulary has no such id.
func (v *Vocab) Token(id int32) string {
	if id < 0 || int(id) >= len(v.tokens) {
		return ""
	}
	return v.tokens[id]
}

// ID returns the id of a token by its written form.
func (v *Vocab) ID(token string) (int32, bool) {
	id, ok := v.ids[token]
	return id, ok
}

// Count returns how often the token was seen when the vocabulary was learnt: for bpe and bytes in the text as it is
// encoded, else as a word or character of it. <unk> counts the words that were left out. 0 if the vocabulary has no
// such id.
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
			return nil, fmt.Errorf("tokenize: vocabulary: token %d is %q, as is token %d", id, token, first)
		}
		v.ids[token] = int32(id)
	}
	return v, nil
}

// entry is a token that is to stand in a vocabulary, in its written form.
type entry struct {
	token string
	count int
}

// compareEntries is the order of a vocabulary.
func compareEntries(a, b entry) int {
	return cmp.Or(cmp.Compare(b.count, a.count), strings.Compare(a.token, b.token))
}

// rank sorts the entries and returns those that are kept and those that are not. Kept are those seen at least minCount
// times, and of them the first limit, or all if that is negative.
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
