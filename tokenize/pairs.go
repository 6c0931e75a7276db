package tokenize

import "strings"

// pair is two symbols next to each other in a word.
type pair struct{ left, right int32 }

// pairLearner learns the merges of byte-pair encoding. It repeatedly merges the most frequent pair of adjacent symbols
// in all words; of equally frequent pairs, the largest by code points, left part first. It updates counts
// incrementally, so that the cost of a merge is proportional to the words that it changes.
type pairLearner struct {
	symbols []string         // by id
	ids     map[string]int32 // of symbols
	words   []weighted
	pairs   map[pair]*pairStat
	least   int // smallest count of a pair to merge
	queue   heap[candidate]
}

// noSymbol stands for a character that is never merged.
const noSymbol = -1

// weighted is a word and its count.
type weighted struct {
	symbols []int32
	count   int
}

// pairStat is the count of a pair and its words.
type pairStat struct {
	count int
	words []int32 // every word that has the pair, and possibly words that had it
}

// note adds w to the words that have the pair.
func (s *pairStat) note(w int32) {
	if n := len(s.words); n == 0 || s.words[n-1] != w {
		s.words = append(s.words, w)
	}
}

// candidate is a pair with its count when it was queued. A pair is queued again when its count grows.
type candidate struct {
	pair
	count int
}

func newPairLearner() *pairLearner {
	l := &pairLearner{ids: make(map[string]int32), pairs: make(map[pair]*pairStat), least: 2}
	l.queue.less = func(a, b candidate) bool {
		if a.count != b.count {
			return a.count > b.count
		}
		if a.left != b.left {
			return l.symbols[a.left] > l.symbols[b.left]
		}
		return l.symbols[a.right] > l.symbols[b.right]
	}
	return l
}

// symbol returns the id of the symbol with a text, and adds it if there is none.
func (l *pairLearner) symbol(text string) int32 {
	id, ok := l.ids[text]
	if !ok {
		id = int32(len(l.symbols))
		text = strings.Clone(text)
		l.symbols = append(l.symbols, text)
		l.ids[text] = id
	}
	return id
}

// add adds a word that occurs count times, and keeps symbols. Add all words before the first call of next.
func (l *pairLearner) add(symbols []int32, count int) {
	l.words = append(l.words, weighted{symbols, count})
}

// next makes and returns the next merge; ok is false if no pair is frequent enough.
func (l *pairLearner) next() (p pair, merged int32, ok bool) {
	if len(l.pairs) == 0 {
		for w := range l.words {
			l.count(int32(w), +1, func(_ pair, stat *pairStat) { stat.note(int32(w)) })
		}
		for p, stat := range l.pairs {
			l.queue.push(candidate{p, stat.count})
		}
	}
	for len(l.queue.items) > 0 {
		c := l.queue.pop()
		switch now := l.pairs[c.pair].count; {
		case now == c.count && now >= l.least:
			return c.pair, l.merge(c.pair), true
		case now < c.count && now >= l.least:
			l.queue.push(candidate{c.pair, now})
		}
	}
	return pair{}, 0, false
}

// merge replaces all occurrences of the pair by one symbol, from left to right, and returns the symbol.
func (l *pairLearner) merge(p pair) int32 {
	id := l.symbol(l.symbols[p.left] + l.symbols[p.right])
	changed := make(map[pair]bool) // pairs with the new symbol, the only ones whose count may have grown
	stat := l.pairs[p]
	where := stat.words
	stat.words = nil
	for _, w := range where {
		symbols := l.words[w].symbols
		if !has(symbols, p) {
			continue
		}
		l.count(w, -1, nil)
		to := symbols[:0]
		for i := 0; i < len(symbols); i++ {
			if i+1 < len(symbols) && symbols[i] == p.left && symbols[i+1] == p.right {
				to = append(to, id)
				i++
			} else {
				to = append(to, symbols[i])
			}
		}
		l.words[w].symbols = to
		l.count(w, +1, func(q pair, stat *pairStat) {
			if q.left == id || q.right == id {
				stat.note(w)
				changed[q] = true
			}
		})
	}
	for q := range changed {
		l.queue.push(candidate{q, l.pairs[q].count})
	}
	return id
}

// has reports whether a word has the pair.
func has(symbols []int32, p pair) bool {
	for i := 1; i < len(symbols); i++ {
		if symbols[i-1] == p.left && symbols[i] == p.right {
			return true
		}
	}
	return false
}

// count adds sign times the count of word w to each of its pairs, and calls note, which may be nil, for each.
func (l *pairLearner) count(w int32, sign int, note func(pair, *pairStat)) {
	word := l.words[w]
	for i := 1; i < len(word.symbols); i++ {
		p := pair{word.symbols[i-1], word.symbols[i]}
		if p.left == noSymbol || p.right == noSymbol {
			continue
		}
		stat := l.pairs[p]
		if stat == nil {
			stat = &pairStat{}
			l.pairs[p] = stat
		}
		stat.count += sign * word.count
		if note != nil {
			note(p, stat)
		}
	}
}
