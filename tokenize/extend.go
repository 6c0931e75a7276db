package tokenize

import (
	"fmt"
	"iter"
	"maps"
	"slices"
)

// extension is the number of tokens and merges that one call of Extend appended.
type extension struct {
	Tokens int `json:"tokens"`
	Merges int `json:"merges,omitempty"`
}

// Extend returns a codec with up to n new tokens of the lines after those of c; a negative n means any number. Old
// tokens keep their ids, and old merges come first. MinCount applies to new tokens; MaxSize and Merges do not. If there
// is nothing to add, Extend returns c.
//
// Words, space, chars, line and fields: Extend adds unknown tokens by falling count. The ids of known text do
// not change.
//
// BPE: Extend adds unknown characters first, then further merges of the lines' pieces. The ids of known text change
// only where a new merge joins its pieces. A merge needs a pair that occurs twice. With a negative n, the pair must
// occur as often as the token of c's last merge, so that a few lines do not change the pieces of old words.
//
// Bytes: nothing is unknown.
func (c *Codec) Extend(n int, lines ...iter.Seq2[string, error]) (*Codec, error) {
	pieces, err := countPieces(c.config, lines, c.Normalize)
	if err != nil {
		return nil, err
	}
	switch c.config.kind() {
	case Bytes:
		return c, nil
	case BPE:
		return c.extendBPE(n, pieces)
	}
	var entries []entry
	for piece, count := range pieces {
		if !c.knows(piece) {
			entries = append(entries, entry{piece, count})
		}
	}
	kept, dropped := rank(entries, c.config.MinCount, n)
	if len(kept) == 0 {
		return c, nil
	}
	counts := slices.Clone(c.vocab.counts)
	if c.config.kind() != Chars {
		for _, e := range dropped {
			counts[Unk] += e.count
		}
	}
	return c.extended(counts, kept, nil)
}

// knows reports whether encoding a token of kind words, space or chars, given in its written form, needs no <unk> and
// no byte tokens.
func (c *Codec) knows(written string) bool {
	if _, ok := c.vocab.ids[written]; ok {
		return true
	}
	switch s := c.scheme.(type) {
	case *wordScheme:
		text, j, err := readWord(written)
		id, _ := s.find(text, j)
		return err == nil && id != Unk
	case *charScheme:
		text, err := read(written)
		return err == nil && !slices.ContainsFunc(s.encode(nil, text, nil), isByte)
	}
	return false
}

// isByte reports whether id is a byte token.
func isByte(id int32) bool { return id >= firstByte && id < firstByte+256 }

// extended returns c with the entries after its tokens and with the given merges, which include the old ones.
func (c *Codec) extended(counts []int, entries []entry, merges []pair) (*Codec, error) {
	tokens := slices.Clone(c.vocab.tokens)
	for _, e := range entries {
		tokens = append(tokens, e.token)
		counts = append(counts, e.count)
	}
	vocab, err := newVocab(tokens, counts)
	if err != nil {
		return nil, err
	}
	added := append(slices.Clone(c.extensions), extension{len(entries), len(merges) - len(c.merges)})
	return newCodec(c.config, c.casing, vocab, merges, added)
}

// extendBPE is Extend for kind bpe. counts holds the pre-tokens with their counts.
func (c *Codec) extendBPE(n int, counts map[string]int) (*Codec, error) {
	words := slices.Sorted(maps.Keys(counts))
	old := c.scheme.(*bpeScheme)
	chars := c.newCharacters(n, counts)
	entries := make([]entry, len(chars))
	for i, e := range chars {
		entries[i] = entry{token: write(e.token)}
	}
	spelling, err := c.extended(make([]int, c.Size()), entries, c.merges)
	if err != nil {
		return nil, err
	}

	// Symbol i of the learner is token shift+i.
	const shift = firstByte + 256
	learner := newPairLearner()
	for _, text := range spelling.scheme.(*bpeScheme).texts[shift:] {
		learner.symbol(text)
	}
	if n < 0 && len(c.merges) > 0 {
		last := c.merges[len(c.merges)-1]
		learner.least = max(learner.least, c.vocab.counts[old.merger[last].merged])
	}
	var ws mergeSpace
	for _, word := range words {
		symbols := slices.Clone(spelling.scheme.(*bpeScheme).pieces(word, &ws))
		for i := range symbols {
			symbols[i] = max(noSymbol, symbols[i]-shift)
		}
		learner.add(symbols, counts[word])
	}
	merges := slices.Clone(c.merges)
	seen := make(map[pair]bool)
	for _, p := range merges {
		seen[p] = true
	}
	for len(learner.symbols) != c.Size()-shift+n {
		p, _, ok := learner.next()
		if !ok {
			break
		}
		if p = (pair{p.left + shift, p.right + shift}); !seen[p] {
			seen[p] = true
			merges = append(merges, p)
		}
	}
	if len(learner.symbols) == c.Size()-shift && len(merges) == len(c.merges) {
		return c, nil
	}
	for _, text := range learner.symbols[spelling.Size()-shift:] {
		entries = append(entries, entry{token: write(text)})
	}
	return c.numbered(entries, merges, words, counts)
}

// newCharacters returns the unknown characters of pre-tokens that the limits allow, the most frequent first.
func (c *Codec) newCharacters(n int, preTokens map[string]int) []entry {
	old := c.scheme.(*bpeScheme)
	found := make(map[rune]int)
	for word, count := range preTokens {
		for _, r := range word {
			if old.char(r) == 0 {
				found[r] += count
			}
		}
	}
	var entries []entry
	for r, count := range found {
		entries = append(entries, entry{string(r), count})
	}
	kept, _ := rank(entries, c.config.MinCount, n)
	return kept
}

// numbered returns c with the new tokens, ordered by their counts in the encoded words.
func (c *Codec) numbered(entries []entry, merges []pair, words []string, counts map[string]int) (*Codec, error) {
	first, err := c.extended(make([]int, c.Size()), entries, merges)
	if err != nil {
		return nil, fmt.Errorf("tokenize: extending: %w", err)
	}
	var ws mergeSpace
	for _, word := range words {
		for _, id := range first.scheme.(*bpeScheme).pieces(word, &ws) {
			if k := int(id) - c.Size(); k >= 0 {
				entries[k].count += counts[word]
			}
		}
	}
	slices.SortFunc(entries, compareEntries)
	ids := maps.Clone(c.vocab.ids)
	for i, e := range entries {
		ids[e.token] = int32(c.Size() + i)
	}
	for i, p := range merges {
		merges[i] = pair{ids[first.vocab.tokens[p.left]], ids[first.vocab.tokens[p.right]]}
	}
	return c.extended(slices.Clone(c.vocab.counts), entries, merges)
}
