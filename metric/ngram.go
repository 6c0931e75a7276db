package metric

// trie counts the n-grams of sequences. Every n-gram is a node, the child of its prefix. A hash table finds children.
// reset keeps the memory for the next sentence.
type trie struct {
	slots []slot // open addressing, at most half full
	nodes []node // the root is nodes[0]
	round int32  // slots of earlier rounds are free
	text  int32  // number of the current sequence
}

// slot is an entry of the hash table: the edge to a child.
type slot struct {
	key   uint64 // parent<<32 | symbol
	node  int32
	round int32
}

// node is the count of an n-gram.
type node struct {
	text int32 // last sequence with the n-gram
	seen int32 // count in that sequence so far
	most int32 // maximum count in a reference
}

// reset removes all n-grams.
func (t *trie) reset() {
	if t.slots == nil {
		t.slots = make([]slot, 1<<10)
	}
	t.nodes = append(t.nodes[:0], node{})
	t.round++
	t.text = 0
	if t.round < 0 { // wrapped around
		clear(t.slots)
		t.round = 1
	}
}

// add counts the n-grams of a reference up to an order. A node keeps its maximum count over all references.
func (t *trie) add(ref []int32, order int) {
	t.text++
	for i := range ref {
		at := int32(0)
		for _, symbol := range ref[i:min(i+order, len(ref))] {
			at = t.child(at, symbol)
			n := &t.nodes[at]
			n.count(t.text)
			n.most = max(n.most, n.seen)
		}
	}
}

// match adds the number of matching n-grams of hyp to hits[n-1]. An n-gram matches at most as often as in a reference.
func (t *trie) match(hyp []int32, hits []float64) {
	t.text++
	for i := range hyp {
		at := int32(0)
		for n, symbol := range hyp[i:min(i+len(hits), len(hyp))] {
			if at = t.find(at, symbol); at < 0 {
				break
			}
			node := &t.nodes[at]
			node.count(t.text)
			if node.seen <= node.most {
				hits[n]++
			}
		}
	}
}

// count counts an occurrence in a sequence.
func (n *node) count(text int32) {
	if n.text != text {
		n.text, n.seen = text, 0
	}
	n.seen++
}

// find returns the child of parent by symbol, or -1 if there is none.
func (t *trie) find(parent, symbol int32) int32 {
	key := uint64(parent)<<32 | uint64(uint32(symbol))
	if s := t.slot(key); s.round == t.round {
		return s.node
	}
	return -1
}

// child returns the child of parent by symbol, and adds it if there is none.
func (t *trie) child(parent, symbol int32) int32 {
	if 2*len(t.nodes) > len(t.slots) {
		t.grow()
	}
	key := uint64(parent)<<32 | uint64(uint32(symbol))
	s := t.slot(key)
	if s.round != t.round {
		*s = slot{key, int32(len(t.nodes)), t.round}
		t.nodes = append(t.nodes, node{})
	}
	return s.node
}

// slot returns the slot of the key, or the free slot for it.
func (t *trie) slot(key uint64) *slot {
	mask := uint64(len(t.slots) - 1)
	h := key * 0x9E3779B97F4A7C15
	for i := h>>32 ^ h>>48; ; i++ {
		s := &t.slots[i&mask]
		if s.round != t.round || s.key == key {
			return s
		}
	}
}

// grow doubles the hash table.
func (t *trie) grow() {
	old := t.slots
	t.slots = make([]slot, 2*len(old))
	for _, s := range old {
		if s.round == t.round {
			*t.slot(s.key) = s
		}
	}
}

// words numbers distinct words.
type words map[string]int32

// ids appends the numbers of the words of a list to dst.
func (w words) ids(dst []int32, list []string) []int32 {
	for _, word := range list {
		id, ok := w[word]
		if !ok {
			id = int32(len(w))
			w[word] = id
		}
		dst = append(dst, id)
	}
	return dst
}
