package tokenize

import (
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/graphemes"
)

// Learn learns a codec from lines without line feeds. All streams share one vocabulary. Learn returns the first error
// of a stream unchanged. Text without tokens is an error, except for kind bytes.
//
// The result depends on cfg and the number of times each line occurs, not on their order.
func Learn(cfg Config, lines ...iter.Seq2[string, error]) (*Codec, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("tokenize: %w", err)
	}
	var letters caseCounts
	pieces, err := countPieces(cfg, lines, func(line string) string {
		line = cfg.normalize(line)
		letters.add(line, 1)
		return line
	})
	if err != nil {
		return nil, err
	}
	if kind := cfg.kind(); kind == Space || kind == Fields {
		letters = spelledCase(pieces)
	}
	var casing casing
	if !cfg.KeepCase && !cfg.Lowercase && cfg.Stem == "" {
		casing = letters.casing()
	}
	if len(pieces) == 0 && cfg.kind() != Bytes {
		return nil, errors.New("tokenize: no text to learn a vocabulary from: want at least one token")
	}
	if cfg.kind() == BPE {
		return learnBPE(cfg, casing, pieces)
	}
	fixed := fixedTokens(cfg.kind())
	counts := make([]int, numSpecials+len(fixed))
	for i, token := range fixed {
		counts[numSpecials+i] = pieces[token]
		delete(pieces, token)
	}
	entries := make([]entry, 0, len(pieces))
	for piece, count := range pieces {
		entries = append(entries, entry{piece, count})
	}
	kept, dropped := rank(entries, cfg.MinCount, cfg.room())
	if len(kept) == 0 && len(dropped) > 0 && cfg.kind() != Chars {
		return nil, fmt.Errorf("tokenize: min_count: %d: want %d or less, the number of times that the most frequent token, %q, occurs", cfg.MinCount, dropped[0].count, dropped[0].token)
	}
	if cfg.kind() != Chars {
		for _, e := range dropped {
			counts[Unk] += e.count
		}
	}
	vocab, err := assemble(cfg, counts, kept)
	if err != nil {
		return nil, err
	}
	return newCodec(cfg, casing, vocab, nil, nil)
}

// room returns the number of learned tokens that MaxSize allows; -1 means any number.
func (c Config) room() int {
	if c.MaxSize == 0 {
		return -1
	}
	return c.MaxSize - len(fixedTokens(c.kind()))
}

// assemble returns the vocabulary of special symbols, fixed tokens and entries. counts holds the counts of the tokens
// before the entries.
func assemble(cfg Config, counts []int, entries []entry) (*Vocab, error) {
	tokens := append(specialTokens(), fixedTokens(cfg.kind())...)
	for _, e := range entries {
		tokens = append(tokens, e.token)
		counts = append(counts, e.count)
	}
	return newVocab(tokens, counts)
}

// countPieces counts the pieces of normalized lines from which a vocabulary is learned: pre-tokens for bpe, otherwise
// written forms of tokens.
func countPieces(cfg Config, streams []iter.Seq2[string, error], normalize func(line string) string) (map[string]int, error) {
	counts := make(map[string]int)
	count := func(piece string) {
		if n, ok := counts[piece]; ok {
			counts[piece] = n + 1
		} else {
			counts[strings.Clone(piece)] = 1 // a substring would keep the whole line in memory
		}
	}
	var cut func(line string)
	switch cfg.kind() {
	case BPE:
		cut = func(line string) { preTokens(line, count) }
	case Words:
		cut = func(line string) {
			splitWords(line, func(text string, j join) { count(writeWord(text, j)) })
		}
	case Space:
		cut = func(line string) {
			splitSpaces(line, func(text string) { count(writeSpaced(text)) })
		}
	case Line:
		cut = func(line string) {
			wholeLine(line, func(text string) { count(writeSpaced(text)) })
		}
	case Fields:
		cut = func(line string) {
			splitFields(line, func(text string) {
				if text != "" {
					count(writeSpaced(text))
				}
			})
		}
	case Chars:
		cut = func(line string) {
			for it := graphemes.FromString(line); it.Next(); {
				count(write(it.Value()))
			}
		}
	case Bytes:
		tokens := fixedTokens(Bytes)
		cut = func(line string) {
			for i := range len(line) {
				count(tokens[line[i]])
			}
		}
	}
	for _, stream := range streams {
		for line, err := range stream {
			if err != nil {
				return nil, err
			}
			cut(normalize(line))
		}
	}
	return counts, nil
}

// learnBPE learns the merges and the vocabulary from pre-tokens and their counts.
func learnBPE(cfg Config, casing casing, counts map[string]int) (*Codec, error) {
	words := slices.Sorted(maps.Keys(counts))
	learner := newPairLearner()
	chars := alphabet(cfg, counts, learner)
	for _, word := range words {
		symbols := make([]int32, 0, len(word))
		for _, r := range word {
			id, ok := chars[r]
			if !ok {
				id = noSymbol
			}
			symbols = append(symbols, id)
		}
		learner.add(symbols, counts[word])
	}

	// In the first numbering, the learner's symbols follow the byte tokens.
	const shift = firstByte + 256
	var merges []pair
	seen := make(map[pair]bool)
	for room := cfg.room(); len(merges) < cfg.merges() && len(learner.symbols) != room; {
		p, _, ok := learner.next()
		if !ok {
			break
		}
		// The learner may merge a pair again after a later merge produces one of its parts. Encoding always merges it.
		if !seen[p] {
			seen[p] = true
			merges = append(merges, pair{p.left + shift, p.right + shift})
		}
	}
	entries := make([]entry, len(learner.symbols))
	for id, text := range learner.symbols {
		entries[id].token = write(text)
	}
	vocab, err := assemble(cfg, make([]int, shift), entries)
	if err != nil {
		return nil, err
	}
	scheme, err := newBPEScheme(vocab, merges)
	if err != nil {
		return nil, err
	}

	// The second numbering is by the count of each token in the encoded text.
	var ws mergeSpace
	for _, word := range words {
		for _, id := range scheme.pieces(word, &ws) {
			vocab.counts[id] += counts[word]
		}
	}
	for id := range entries {
		entries[id].count = vocab.counts[shift+id]
	}
	old := vocab
	slices.SortFunc(entries, compareEntries)
	if vocab, err = assemble(cfg, slices.Clone(old.counts[:shift]), entries); err != nil {
		return nil, err
	}
	for i, p := range merges {
		merges[i] = pair{vocab.ids[old.tokens[p.left]], vocab.ids[old.tokens[p.right]]}
	}
	return newCodec(cfg, casing, vocab, merges, nil)
}

// alphabet makes symbols of the most frequent characters that the limits allow, and returns their ids.
func alphabet(cfg Config, preTokens map[string]int, learner *pairLearner) map[rune]int32 {
	counts := make(map[rune]int)
	for word, count := range preTokens {
		for _, r := range word {
			counts[r] += count
		}
	}
	entries := make([]entry, 0, len(counts))
	for r, count := range counts {
		entries = append(entries, entry{string(r), count})
	}
	kept, _ := rank(entries, cfg.MinCount, cfg.room())
	ids := make(map[rune]int32, len(kept))
	for _, e := range kept {
		r, _ := utf8.DecodeRuneInString(e.token)
		ids[r] = learner.symbol(e.token)
	}
	return ids
}
