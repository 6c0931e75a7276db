package tokenize

import (
	"slices"
	"strings"
)

// merger applies learned merges to words.
type merger map[pair]mergeRule

// mergeRule is the merge of a pair.
type mergeRule struct {
	rank   int32 // position among the merges
	merged int32 // the symbol that the pair becomes
}

// mergeSpace is the working memory of one merger, with a cache of the results for short words. It serves one goroutine
// at a time. The zero value is ready.
type mergeSpace struct {
	next, prev []int32 // positions of neighbors, -1: none
	queue      heap[occurrence]
	batch      []occurrence
	word       []int32
	cache      map[string][]int32
}

const (
	maxCached     = 1 << 15 // words
	maxCachedSize = 64      // bytes of a cached word
)

// merge spells a word in symbols and applies m to them. The result belongs to ws and is valid until the next call.
func (ws *mergeSpace) merge(m merger, word string, spell func(to []int32, word string) []int32) []int32 {
	if symbols, ok := ws.cache[word]; ok {
		return symbols
	}
	ws.word = spell(ws.word[:0], word)
	symbols := m.apply(ws.word, ws)
	if len(word) > maxCachedSize {
		return symbols
	}
	if ws.cache == nil || len(ws.cache) >= maxCached {
		ws.cache = make(map[string][]int32)
	}
	symbols = slices.Clone(symbols)
	ws.cache[strings.Clone(word)] = symbols
	return symbols
}

// occurrence is a pair with a rule at a position of a word.
type occurrence struct {
	mergeRule
	pair
	at int32
}

func lessOccurrence(a, b occurrence) bool {
	if a.rank != b.rank {
		return a.rank < b.rank
	}
	return a.at < b.at
}

// apply merges the symbols of a word in place and returns the remaining ones. While a pair has a rule, it merges all
// occurrences of the pair with the earliest rule, from left to right. It takes n log n time for n symbols.
func (m merger) apply(symbols []int32, ws *mergeSpace) []int32 {
	n := int32(len(symbols))
	if n < 2 {
		return symbols
	}
	ws.queue.less = lessOccurrence
	ws.queue.items = ws.queue.items[:0]
	ws.next, ws.prev = ws.next[:0], ws.prev[:0]
	for i := range n {
		ws.next = append(ws.next, i+1)
		ws.prev = append(ws.prev, i-1)
	}
	ws.next[n-1] = -1
	offer := func(i, j int32) {
		p := pair{symbols[i], symbols[j]}
		if rule, ok := m[p]; ok {
			ws.queue.push(occurrence{rule, p, i})
		}
	}
	for i := range n - 1 {
		offer(i, i+1)
	}
	for len(ws.queue.items) > 0 {
		// New pairs wait until this rule is applied everywhere, even if their rule is earlier.
		ws.batch = append(ws.batch[:0], ws.queue.pop())
		for len(ws.queue.items) > 0 && ws.queue.items[0].rank == ws.batch[0].rank {
			ws.batch = append(ws.batch, ws.queue.pop())
		}
		for _, o := range ws.batch {
			i := o.at
			j := ws.next[i]
			if j < 0 || symbols[i] != o.left || symbols[j] != o.right {
				continue // an earlier merge used one of the two
			}
			symbols[i], symbols[j] = o.merged, noSymbol
			after := ws.next[j]
			ws.next[i], ws.next[j] = after, -1
			if after >= 0 {
				ws.prev[after] = i
				offer(i, after)
			}
			if before := ws.prev[i]; before >= 0 {
				offer(before, i)
			}
		}
	}
	to := symbols[:0]
	for i := int32(0); i >= 0; i = ws.next[i] {
		to = append(to, symbols[i])
	}
	return to
}
