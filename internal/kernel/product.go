package kernel

import (
	"fmt"
	"sync"
)

const (
	// chunkTiles is the least number of tiles of A that multiply one block of B.
	chunkTiles = 6
	// minParallel is the number of multiplications below which a second core does not pay.
	minParallel = 128 << 10
)

// sizes are the elements of the operands in work at a time, which together fit in the L2 cache.
type sizes struct {
	block int // packed B that the tiles of a chunk multiply
	fresh int // the same, where B is packed for this product
	chunk int // A that multiplies one block of B
}

var (
	vectorSizes = sizes{block: 32 << 10, fresh: 32 << 10, chunk: 160 << 10}
	// Matrix tiles consume operands faster, so blocks are larger and each operand is reloaded less often.
	matrixSizes = sizes{block: 64 << 10, fresh: 224 << 10, chunk: 224 << 10}
)

// product is the shared state of goroutines that compute a matrix product, or several with the same A. C is cut into
// parts, either by rows or by columns; each part is one task. The operands have been checked.
type product struct {
	path       *path
	m          int
	depth      int          // columns of op(A), in values
	k          int          // columns of op(A), in elements
	kBlock     int          // longest stretch of k that one tile sums
	unit       int          // elements that stay together along k
	unitValues int          // values that a unit holds
	pairs      *pairKernels // in BF16 and Split
	matrix     *matrixTiles // of pairs; nil where tiles have the shape of the path
	mr         int          // most rows of a tile
	sizes      *sizes
	ints       intProduct    // in int8
	tile       func(t *tile) // of path, pairs or ints
	a          []float32
	rs, cs     int // element (i,l) of op(A) at a[i*rs+l*cs]
	alpha      float32
	right      // the current one
	rights     []right

	layout  layout // of A while it is multiplied
	parts   int
	from    int // tasks work on elements [from,to) along k: full blocks, or up to the end
	to      int
	packedA []float32 // all of A when parts are columns and layout is not inPlace
	packTo  []float32 // destination of packB

	ownA, ownB       buffer      // reused memory of packedA and packed
	ownC, ownRows    buffer      // reused memory of the sums and of ints.rows
	byRows, byCols   func(i int) // method values, made once to avoid allocations
	packATo, packBTo func(i int)
}

// right is the right side of one product: B, C and beta.
type right struct {
	n      int
	packed []float32 // B from element from on; nil until it is packed
	b      []float32 // used if packed is nil
	ldb    int
	transB bool
	c      []float32
	ldc    int
	beta   float32
}

var products = sync.Pool{New: func() any {
	q := new(product)
	q.byRows, q.byCols, q.packATo, q.packBTo = q.rowPart, q.colPart, q.packAPart, q.packBPart
	return q
}}

// getProduct returns an empty product; release returns it to the pool.
func getProduct() *product { return products.Get().(*product) }

func (q *product) release() {
	clear(q.rights)
	*q = product{rights: q.rights[:0], ownA: q.ownA, ownB: q.ownB, ownC: q.ownC, ownRows: q.ownRows, byRows: q.byRows, byCols: q.byCols, packATo: q.packATo, packBTo: q.packBTo}
	products.Put(q)
}

// scratch is the memory of one goroutine while it computes a part.
type scratch struct {
	tile        tile
	panel       panel
	a, b        buffer
	pairs, sums buffer
	prefetches  []prefetch
}

// prefetch is memory that is read after the current tiles, and that one of them prefetches.
type prefetch struct {
	from   []float32
	stride int // elements from one prefetch to the next
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

func getScratch() *scratch { return scratches.Get().(*scratch) }

func (s *scratch) release() {
	s.tile, s.panel = tile{}, panel{}
	clear(s.prefetches)
	s.prefetches = s.prefetches[:0]
	scratches.Put(s)
}

// buffer is memory that grows on demand.
type buffer struct{ data []float32 }

// floats returns n elements of undefined content.
func (b *buffer) floats(n int) []float32 {
	if cap(b.data) < n {
		b.data = Floats(n)
	}
	return b.data[:n]
}

// setDepth sets the precision, and k in values. The path is set before.
func (q *product) setDepth(prec Precision, k int) {
	q.depth, q.k, q.tile, q.mr = k, q.path.elements(prec, k), q.path.tile, q.path.mr
	q.unit, q.unitValues = q.path.units(prec)
	q.kBlock, q.sizes = q.path.kBlock/q.unit*q.unit, &vectorSizes
	switch prec {
	case BF16, Split:
		if q.pairs = q.path.pairKernels(prec); q.pairs == nil {
			panic(prec.Available())
		}
		q.tile = q.pairs.tile
		if q.matrix = q.pairs.matrix; q.matrix != nil {
			q.mr, q.kBlock, q.sizes = matrixTileRows, q.evenBlock(q.matrix.kBlock), &matrixSizes
		}
	case Int8: // one block: sums are exact, and a row has one scale
		q.kBlock = q.k
		q.ints.intKernels = q.path.ints
		q.tile = q.path.ints.tile
	case Float32:
	default:
		panic(fmt.Sprintf("kernel: %v: want Float32, BF16, Int8 or Split", prec))
	}
}

func (q *product) inInt8() bool { return q.ints.intKernels != nil }

// evenBlock returns the length of nearly equal blocks of k, at most most elements each before it is rounded up to
// units.
func (q *product) evenBlock(most int) int {
	units := q.k / q.unit
	blocks := max(1, (q.k+most-1)/most)
	return max(1, (units+blocks-1)/blocks) * q.unit
}

// pairKernels returns the kernels of a precision of pairs; nil if the path or the precision has none.
func (p *path) pairKernels(prec Precision) *pairKernels {
	switch prec {
	case BF16:
		return p.pairs
	case Split:
		return p.split
	}
	return nil
}

// units returns the elements of a unit, which stay together along k, and the values that it holds.
func (p *path) units(prec Precision) (elements, values int) {
	pairs := p.pairKernels(prec)
	switch {
	case prec == Int8:
		return 1, p.ints.values
	case pairs == nil:
		return 1, 1
	case pairs.matrix == nil:
		return 1, 2
	}
	return pairs.parts * matrixRows, 2 * matrixRows
}

// elements returns the elements that k values take, in whole units.
func (p *path) elements(prec Precision, k int) int {
	unit, values := p.units(prec)
	return (k + values - 1) / values * unit
}

// first returns the column of the first value in element l, which begins a unit.
func (q *product) first(l int) int { return l / q.unit * q.unitValues }

// compute runs the products on at most procs goroutines.
func (q *product) compute(procs int) {
	columns := 0
	for _, r := range q.rights {
		columns += r.n
	}
	if q.m*columns*q.k < minParallel {
		procs = 1
	}
	q.layout = q.layoutA(columns)
	tall := q.m >= columns
	if q.rights[0].packed != nil {
		tall = q.m >= 8*procs*q.mr
	}
	if tall {
		q.computeRows(procs)
		return
	}
	q.from, q.to = 0, q.k
	if q.layout != inPlace {
		full := q.k / q.kBlock
		q.packedA = q.ownA.floats(full*q.sizeA(q.m, q.kBlock) + q.sizeA(q.m, q.k-full*q.kBlock))
		q.parts = share(tileCount(q.mr, q.m), procs)
		run(q.parts, procs, q.packATo)
	}
	for _, q.right = range q.rights {
		q.parts = share(q.panels(), procs)
		run(q.parts, procs, q.byCols)
	}
}

// computeRows computes C by rows. It packs B a block of k at a time, if it is not packed: the block is still in the
// cache when it is multiplied.
func (q *product) computeRows(procs int) {
	step, size := q.k, 0
	for _, r := range q.rights {
		if r.packed == nil {
			step = q.kBlock
			size += packedSize(q.path, q.kBlock, r.n)
		}
	}
	own := q.ownB.floats(size)
	for q.from = 0; q.from < q.k; q.from += step {
		q.to = min(q.k, q.from+step)
		at := 0
		for i := range q.rights {
			if q.right = q.rights[i]; q.b != nil {
				q.packed = own[at:][:packedSize(q.path, q.to-q.from, q.n)]
				at += len(q.packed)
				q.packB(q.packed, procs)
				q.rights[i].packed = q.packed
			}
		}
		q.parts = share(q.m/q.mr, procs)
		run(q.parts, procs, q.byRows)
	}
}

// share returns the number of parts to cut units into: two for each core, so that a delayed core costs little.
func share(units, procs int) int {
	if procs > 1 {
		procs *= 2
	}
	return max(1, min(units, procs))
}

// panels returns the panels of B.
func (q *product) panels() int { return (q.n + q.path.nr - 1) / q.path.nr }

// packedSize returns the elements of packed B.
func packedSize(p *path, k, n int) int { return (n + p.nr - 1) / p.nr * p.nr * k }

// tileCount returns the least number of tiles that cover rows; they have nearly equal heights.
func tileCount(mr, rows int) int { return (rows + mr - 1) / mr }

// tileRow returns the first row of the i-th tile.
func tileRow(rows, tiles, i int) int { return i * rows / tiles }

// part returns the i-th of parts nearly equal parts of [0,n).
func part(i, parts, n int) (lo, hi int) { return i * n / parts, (i + 1) * n / parts }

// rowPart is a task: it computes the i-th part of the rows of C.
func (q *product) rowPart(i int) {
	lo, hi := part(i, q.parts, q.m)
	s := getScratch()
	defer s.release()
	own := *q // its own right
	chunk := max(chunkTiles*q.mr, q.sizes.chunk/min(q.k, q.kBlock))
	chunks := (hi - lo + chunk - 1) / chunk
	for c := range chunks {
		r0, r1 := part(c, chunks, hi-lo)
		_, r2 := part(min(c+1, chunks-1), chunks, hi-lo)
		r0, r1, r2 = lo+r0, lo+r1, lo+r2
		for l := q.from; l < q.to; l += q.kBlock {
			kb := min(q.kBlock, q.k-l)
			var a []float32
			if q.layout != inPlace {
				a = s.a.floats(q.sizeA(r1-r0, kb))
				q.packA(s, a, r0, r1-r0, 0, tileCount(q.mr, r1-r0), l, kb)
			}
			if l+kb < q.to {
				q.prefetchA(s, r0, r1, l+kb)
			} else {
				q.prefetchA(s, r1, r2, q.from)
			}
			for _, own.right = range q.rights {
				own.block(s, a, r0, r1, 0, own.panels(), l, kb)
			}
		}
		if q.inInt8() {
			own.finish(r0, r1, 0, own.n)
		}
	}
}

// colPart is a task: it computes the i-th part of the columns of C.
func (q *product) colPart(i int) {
	lo, hi := part(i, q.parts, q.panels())
	s := getScratch()
	defer s.release()
	for l := q.from; l < q.to; l += q.kBlock {
		q.block(s, q.blockA(l), 0, q.m, lo, hi, l, min(q.kBlock, q.k-l))
	}
	if q.inInt8() {
		q.finish(0, q.m, lo*q.path.nr, min(q.n, hi*q.path.nr))
	}
}

// packAPart is a task: it packs the i-th part of the tiles of A.
func (q *product) packAPart(i int) {
	s := getScratch()
	defer s.release()
	lo, hi := part(i, q.parts, tileCount(q.mr, q.m))
	for l := q.from; l < q.to; l += q.kBlock {
		q.packA(s, q.blockA(l), 0, q.m, lo, hi, l, min(q.kBlock, q.k-l))
	}
}

// blockA returns the block of packedA that begins with element l; nil if A is not packed.
func (q *product) blockA(l int) []float32 {
	if q.layout == inPlace {
		return nil
	}
	return q.packedA[l/q.kBlock*q.sizeA(q.m, q.kBlock):]
}

// block adds the products over k in [l,l+kb) to rows [r0,r1) of C in the columns of panels [p0,p1). a is that part of A
// in the layout.
func (q *product) block(s *scratch, a []float32, r0, r1, p0, p1, l, kb int) {
	nr := q.path.nr
	panels := q.panels()
	size := q.sizes.block
	if q.packed == nil {
		size = q.sizes.fresh
	}
	step := max(1, size/(kb*nr))
	for p := p0; p < p1; p += step {
		end := min(p1, p+step)
		var b []float32
		if q.packed != nil {
			b = q.packed[((l-q.from)*panels+p*kb)*nr:][:(end-p)*kb*nr]
		} else {
			b = s.b.floats((end - p) * kb * nr)
			q.packPanels(s, b, p, end, l, kb)
		}
		if r1-r0 > maxSmall && q.matrix == nil {
			q.prefetchB(s, end, min(p1, end+step), l, kb)
		}
		q.tiles(s, a, b, r0, r1, p, end, l, kb)
	}
}

// tiles computes rows [r0,r1) of C in the columns of panels [p0,p1) over k in [l,l+kb). b is those panels.
func (q *product) tiles(s *scratch, a, b []float32, r0, r1, p0, p1, l, kb int) {
	nr := q.path.nr
	rows := r1 - r0
	tiles := tileCount(q.mr, rows)
	t := &s.tile
	*t = tile{k: kb, rs: q.rs, cs: q.cs, ldc: q.ldc, alpha: q.alpha, beta: q.beta}
	if l > 0 {
		t.beta = 1
	}
	switch q.layout {
	case padded:
		t.rs = oddLines(kb)
	case columned:
		t.rs, t.cs = 1, q.lanes()
	case squares:
		t.rs, t.cs = matrixRows, matrixRows
	}
	if q.matrix != nil {
		t.sums = s.sums.floats(q.mr * nr)
	}
	wide := 1
	if high := (rows + tiles - 1) / tiles; q.matrix != nil {
		wide = p1 - p0
	} else if high <= maxSmall {
		wide = q.path.panels[high-1]
	}
	groups := (p1 - p0 + wide - 1) / wide
	for c := range tiles * groups {
		i, g := c/groups, c%groups
		if q.path.byPanel {
			i, g = c%tiles, c/tiles
		}
		lo := tileRow(rows, tiles, i)
		p := p0 + g*wide
		end := min(p1, p+wide)
		t.rows = tileRow(rows, tiles, i+1) - lo
		t.a = q.rowsA(a, r0, lo, i, tiles, l, kb)
		for t.panels = wide; p < end; p += t.panels {
			if p+wide > end {
				t.panels = 1
			}
			t.cols = min(q.n-p*nr, t.panels*nr)
			t.b = b[(p-p0)*kb*nr:][:t.panels*kb*nr]
			t.c = q.c[(r0+lo)*q.ldc+p*nr:]
			if q.matrix != nil {
				q.prefetchMatrix(t, a, b, r0, rows, i, p0, l, kb)
			} else {
				q.prefetchVector(s, a, r0, rows, i, g+1 == groups, l, kb)
			}
			q.tile(t)
		}
	}
}

// prefetchVector chooses the memory that the i-th tile prefetches: the last of s.prefetches, or else the next tile of
// C, or of A if this is the tile's last panel.
func (q *product) prefetchVector(s *scratch, a []float32, r0, rows, i int, last bool, l, kb int) {
	t := &s.tile
	tiles := tileCount(q.mr, rows)
	n := len(s.prefetches)
	t.nextCount = q.k
	switch {
	case n > 0:
		t.next, t.nextStride = s.prefetches[n-1].from, s.prefetches[n-1].stride
		s.prefetches = s.prefetches[:n-1]
	case !last:
		t.next, t.nextStride, t.nextCount = t.c[min(q.path.nr, len(t.c)-1):], q.ldc, t.rows
	case i+1 < tiles:
		t.next, t.nextStride = q.rowsA(a, r0, tileRow(rows, tiles, i+1), i+1, tiles, l, kb), q.path.nr
	default:
		t.next, t.nextStride = t.a, 0
	}
}

// prefetchMatrix chooses the memory that the i-th matrix tile prefetches: its share of the packed panels after b, or
// else the next tile of A.
func (q *product) prefetchMatrix(t *tile, a, b []float32, r0, rows, i, p0, l, kb int) {
	nr, tiles := q.path.nr, tileCount(q.mr, rows)
	t.next, t.nextCount = t.b, 0
	if q.packed == nil {
		if i+1 < tiles {
			t.next = q.rowsA(a, r0, tileRow(rows, tiles, i+1), i+1, tiles, l, kb)
			t.nextCount = (q.unit + t.panels - 1) / t.panels
		}
		return
	}
	coming := q.packed[((l-q.from)*q.panels()+p0*kb)*nr+len(b):]
	if share := len(b) / nr * i / tiles * nr; share < len(coming) {
		t.next = coming[share:]
		t.nextCount = (q.unit + tiles - 1) / tiles
	}
}

// rowsA returns A from column l of the i-th tile on, whose first row is r0+lo.
func (q *product) rowsA(a []float32, r0, lo, i, tiles, l, kb int) []float32 {
	switch q.layout {
	case padded:
		return a[lo*oddLines(kb):]
	case columned, squares:
		return a[i*kb*q.lanes():]
	}
	return q.a[(r0+lo)*q.rs+l*q.cs:]
}
