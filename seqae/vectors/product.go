package vectors

import (
	"context"
	"slices"
	"sync"

	"github.com/retell-rnn/retell/internal/kernel"
)

// hit is a row and its similarity to a query.
type hit struct {
	row        int
	similarity float32
}

// before reports whether a is better than b: more similar or, if equally similar, the earlier row.
func (a hit) before(b hit) bool {
	if a.similarity != b.similarity {
		return a.similarity > b.similarity
	}
	return a.row < b.row
}

// compareHits orders the better hit first.
func compareHits(a, b hit) int {
	switch {
	case a.before(b):
		return -1
	case b.before(a):
		return 1
	}
	return 0
}

// best keeps the k best of the hits offered to it, in the order of compareHits. The hits are a heap with the worst at
// the root.
type best struct {
	k    int
	hits []hit
}

// offer keeps a hit if it is among the k best so far.
func (b *best) offer(h hit) {
	if len(b.hits) < b.k {
		b.hits = append(b.hits, h)
		for i := len(b.hits) - 1; i > 0; {
			parent := (i - 1) / 2
			if b.hits[i].before(b.hits[parent]) {
				break
			}
			b.hits[i], b.hits[parent] = b.hits[parent], b.hits[i]
			i = parent
		}
		return
	}
	if b.hits[0].before(h) {
		return
	}
	b.hits[0] = h
	for i := 0; ; {
		last := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(b.hits); child++ {
			if b.hits[last].before(b.hits[child]) {
				last = child
			}
		}
		if last == i {
			return
		}
		b.hits[i], b.hits[last] = b.hits[last], b.hits[i]
		i = last
	}
}

// full reports whether b certainly rejects a hit with the given similarity.
func (b *best) full(similarity float32) bool {
	return len(b.hits) == b.k && similarity < b.hits[0].similarity
}

// sorted returns the hits, the best first. b is unusable afterwards.
func (b *best) sorted() []hit {
	slices.SortFunc(b.hits, compareHits)
	return b.hits
}

// blockRows is the number of rows multiplied at a time: their products with a few hundred vectors fit into the cache.
const blockRows = 256

// scan multiplies rows lo to hi of a, [n, K], with all vectors packed in p, a block of rows at a time. use gets the
// products of the block that begins with row first; c is [rows, N]. scan runs on the calling goroutine and checks the
// context before each block. A product is bit-identical whatever else is multiplied.
func scan(ctx context.Context, a []float32, lo, hi int, p *kernel.Packed, use func(first int, c []float32)) error {
	n := p.N()
	c := make([]float32, min(blockRows, hi-lo)*n)
	for ; lo < hi; lo += blockRows {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		rows := min(blockRows, hi-lo)
		p.Mul(rows, a[lo*p.K():], p.K(), 0, c[:rows*n], n)
		use(lo, c[:rows*n])
	}
	return nil
}

// scanAll is scan over all n rows on all cores. Each core calls begin for its own use, and end after its last block.
// Calls of end do not overlap.
func scanAll(ctx context.Context, a []float32, n int, p *kernel.Packed, begin func() (use func(first int, c []float32), end func())) error {
	var mu sync.Mutex
	var failed error
	kernel.Parallel(n, func(lo, hi int) {
		use, end := begin()
		err := scan(ctx, a, lo, hi, p, use)
		mu.Lock()
		defer mu.Unlock()
		if err != nil {
			failed = err
			return
		}
		end()
	})
	return failed
}

// nearest returns, for each vector packed in p, the k rows of a, [n, K], with the greatest products, the greatest
// first.
func nearest(ctx context.Context, a []float32, n int, p *kernel.Packed, k int) ([][]hit, error) {
	found := newBests(p.N(), k)
	err := scanAll(ctx, a, n, p, func() (func(int, []float32), func()) {
		mine := newBests(p.N(), k)
		use := func(first int, c []float32) {
			for i := range len(c) / len(mine) {
				for j, s := range c[i*len(mine):][:len(mine)] {
					if b := &mine[j]; !b.full(s) {
						b.offer(hit{first + i, s})
					}
				}
			}
		}
		return use, func() {
			for j := range mine {
				for _, h := range mine[j].hits {
					found[j].offer(h)
				}
			}
		}
	})
	return sortedHits(found), err
}

// sortedHits returns the hits of each, the best first.
func sortedHits(found []best) [][]hit {
	out := make([][]hit, len(found))
	for i := range found {
		out[i] = found[i].sorted()
	}
	return out
}

func newBests(n, k int) []best {
	b := make([]best, n)
	for i := range b {
		b[i].k = k
	}
	return b
}

// pack packs vectors, [n, width], for multiplication with rows.
func pack(vectors []float32, width int) *kernel.Packed {
	p := new(kernel.Packed)
	p.Pack(true, width, len(vectors)/width, vectors, width)
	return p
}
