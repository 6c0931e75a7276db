package kernel

import "sync"

const (
	// chunkTiles is how many tiles of A meet one block of B after the other, at least.
	chunkTiles = 6
	// minParallel is the number of multiplications below which waking a worker costs more than it saves.
	minParallel = 128 << 10
)

// sizes says how many elements are at work at a time, so that they stay in the second-level cache together.
type sizes struct {
	block int // packed B that meets one tile of A after the other
	fresh int // the same, where B is packed for that
	chunk int // A that meets one block of B after the other
}

var (
	vectorSizes = sizes{block: 32 << 10, fresh: 32 << 10, chunk: 160 << 10}
	// Matrix tiles take more of what they multiply in the same time, so that neither may come by often.
	matrixSizes = sizes{block: 64 << 10, fresh: 224 << 10, chunk: 224 << 10}
)

// product is a matrix product, or several with the same A, checked, with what the goroutines that work on it share. C
// is cut into parts, either by rows or by columns; each part is one task.
type product struct {
	path       *path
	m          int
	depth      int          // columns of op(A)
	k          int          // elements that they take
	kBlock     int          // longest stretch of them that one tile sums
	unit       int          // of how many of them stretches consist
	unitValues int          // and how many columns those hold
	pairs      *pairKernels // in bf16 and in parts of it
	matrix     *matrixTiles // of pairs; nil where tiles are those of the path
	mr         int          // most rows of a tile
	sizes      *sizes
	whole      wholeProduct  // in int8
	tile       func(t *tile) // of the path, pairs or whole
	a          []float32
	rs, cs     int // element (i,l) of op(A) at a[i*rs+l*cs]
	alpha      float32
	right      // the one at hand, of
	rights     []right

	layout  layout // of A while it is multiplied
	parts   int
	from    int // the elements along k that tasks work on: [from,to), whole blocks or to the end
	to      int
	packedA []float32 // all of A when parts are columns and layout is not inPlace
	packTo  []float32 // where packB packs

	ownA, ownB       buffer      // memory of packedA and packed
	ownC, ownRows    buffer      // memory of the sums and of whole.rows
	byRows, byCols   func(i int) // tasks, made once
	packATo, packBTo func(i int)
}

// right is what one product has for itself.
type right struct {
	n      int
	packed []float32 // B from the from-th element on
	b      []float32 // used when packed is nil
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

// getProduct returns a product to fill in; release ends its use.
func getProduct() *product { return products.Get().(*product) }

func (q *product) release() {
	clear(q.rights)
	*q = product{rights: q.rights[:0], ownA: q.ownA, ownB: q.ownB, ownC: q.ownC, ownRows: q.ownRows, byRows: q.byRows, byCols: q.byCols, packATo: q.packATo, packBTo: q.packBTo}
	products.Put(q)
}

// scratch is what one goroutine needs while it computes a part.
type scratch struct {
	tile        tile
	panel       panel
	a, b        buffer
	pairs, sums buffer
	soon        []touch
}

// touch is memory that will be read after the tiles at hand, for one of them to bring nearer.
type touch struct {
	from []float32
	step int
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

func getScratch() *scratch { return scratches.Get().(*scratch) }

func (s *scratch) release() {
	s.tile, s.panel = tile{}, panel{}
	clear(s.soon)
	s.soon = s.soon[:0]
	scratches.Put(s)
}

// buffer is memory that grows to what is asked for.
type buffer struct{ data []float32 }

// floats returns n elements of undefined content.
func (b *buffer) floats(n int) []float32 {
	if cap(b.data) < n {
		b.data = Floats(n)
	}
	return b.data[:n]
}

// setDepth sets the length of the sums and how they are multiplied. The path is set.
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
			q.mr, q.kBlock, q.sizes = q.matrix.mr, q.evenBlock(q.matrix.kBlock), &matrixSizes
		}
	case Int8: // sums are exact, and rows are scaled as a whole
		q.kBlock = q.k
		q.whole.wholeKernels = q.path.whole
		q.tile = q.path.whole.tile
	}
}

func (q *product) inInt8() bool { return q.whole.wholeKernels != nil }

// evenBlock returns the length of blocks of k that are nearly equal and at most so long, but for the rounding to units.
func (q *product) evenBlock(most int) int {
	units := q.k / q.unit
	blocks := max(1, (q.k+most-1)/most)
	return max(1, (units+blocks-1)/blocks) * q.unit
}

// pairKernels returns the kernels of products of pairs; nil where there are none or products are of other elements.
func (p *path) pairKernels(prec Precision) *pairKernels {
	switch prec {
	case BF16:
		return p.pairs
	case Split:
		return p.split
	}
	return nil
}

// units returns how many elements along k belong together in an operand, and how many values they hold.
func (p *path) units(prec Precision) (elements, values int) {
	pairs := p.pairKernels(prec)
	switch {
	case prec == Int8:
		return 1, p.whole.values
	case pairs == nil:
		return 1, 1
	case pairs.matrix == nil:
		return 1, 2
	}
	return pairs.parts * pairs.matrix.side, 2 * pairs.matrix.side
}

// elements returns how many elements k values take.
func (p *path) elements(prec Precision, k int) int {
	unit, values := p.units(prec)
	return (k + values - 1) / values * unit
}

// first returns the column that the l-th element holds the first value of, where a unit begins.
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

// computeRows computes C by rows. B that is not packed yet is packed a block of k at a time: it is still near when it
// is multiplied.
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

// share returns into how many parts to cut so many units: two for each of procs, so that one that is held up costs
// little.
func share(units, procs int) int {
	if procs > 1 {
		procs *= 2
	}
	return max(1, min(units, procs))
}

func (q *product) panels() int { return (q.n + q.path.nr - 1) / q.path.nr }

func packedSize(p *path, k, n int) int { return (n + p.nr - 1) / p.nr * p.nr * k }

// tileCount returns how many tiles cover so many rows: as few as can, of nearly equal height.
func tileCount(mr, rows int) int { return (rows + mr - 1) / mr }

// tileRow returns the first row of the i-th tile.
func tileRow(rows, tiles, i int) int { return i * rows / tiles }

// part returns the i-th of so many nearly equal parts of [0,n).
func part(i, parts, n int) (lo, hi int) { return i * n / parts, (i + 1) * n / parts }

func (q *product) rowPart(i int) {
	lo, hi := part(i, q.parts, q.m)
	s := getScratch()
	defer s.release()
	own := *q // with the right one at hand
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
				q.soonA(s, r0, r1, l+kb)
			} else {
				q.soonA(s, r1, r2, q.from)
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

func (q *product) packAPart(i int) {
	s := getScratch()
	defer s.release()
	lo, hi := part(i, q.parts, tileCount(q.mr, q.m))
	for l := q.from; l < q.to; l += q.kBlock {
		q.packA(s, q.blockA(l), 0, q.m, lo, hi, l, min(q.kBlock, q.k-l))
	}
}

// blockA returns the block of packedA that begins with the l-th element; nothing where A is multiplied in place.
func (q *product) blockA(l int) []float32 {
	if q.layout == inPlace {
		return nil
	}
	return q.packedA[l/q.kBlock*q.sizeA(q.m, q.kBlock):]
}

// block adds to rows [r0,r1) of C in the columns of panels [p0,p1) the products over k in [l,l+kb). a is A there in the
// layout.
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
			q.soonB(s, end, min(p1, end+step), l, kb)
		}
		q.tiles(s, a, b, r0, r1, p, end, l, kb)
	}
}

// tiles computes rows [r0,r1) in the columns of panels [p0,p1), which are b, over k in [l,l+kb).
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
		t.rs, t.cs = q.matrix.side, q.matrix.side
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
				q.upcomingSquares(t, a, b, r0, rows, i, p0, l, kb)
			} else {
				q.upcoming(s, a, r0, rows, i, g+1 == groups, l, kb)
			}
			q.tile(t)
		}
	}
}

// upcoming chooses what the kernel of the i-th tile brings near while it multiplies: what was noted, or else the next
// tile of C or, when this one meets its last panel, of A.
func (q *product) upcoming(s *scratch, a []float32, r0, rows, i int, last bool, l, kb int) {
	t := &s.tile
	tiles := tileCount(q.mr, rows)
	n := len(s.soon)
	t.nextTurns = q.k
	switch {
	case n > 0:
		t.next, t.nextStep = s.soon[n-1].from, s.soon[n-1].step
		s.soon = s.soon[:n-1]
	case !last:
		t.next, t.nextStep, t.nextTurns = t.c[min(q.path.nr, len(t.c)-1):], q.ldc, t.rows
	case i+1 < tiles:
		t.next, t.nextStep = q.rowsA(a, r0, tileRow(rows, tiles, i+1), i+1, tiles, l, kb), q.path.nr
	default:
		t.next, t.nextStep = t.a, 0
	}
}

// upcomingSquares chooses what the kernel of the i-th matrix tile brings near: its share of the packed panels of B that
// come after those at hand, b, or else the next tile of A.
func (q *product) upcomingSquares(t *tile, a, b []float32, r0, rows, i, p0, l, kb int) {
	nr, tiles := q.path.nr, tileCount(q.mr, rows)
	t.next, t.nextTurns = t.b, 0
	if q.packed == nil {
		if i+1 < tiles {
			t.next = q.rowsA(a, r0, tileRow(rows, tiles, i+1), i+1, tiles, l, kb)
			t.nextTurns = (q.unit + t.panels - 1) / t.panels
		}
		return
	}
	coming := q.packed[((l-q.from)*q.panels()+p0*kb)*nr+len(b):]
	if share := len(b) / nr * i / tiles * nr; share < len(coming) {
		t.next = coming[share:]
		t.nextTurns = (q.unit + tiles - 1) / tiles
	}
}

// rowsA returns A from the i-th tile, whose first row is lo after r0, and from column l.
func (q *product) rowsA(a []float32, r0, lo, i, tiles, l, kb int) []float32 {
	switch q.layout {
	case padded:
		return a[lo*oddLines(kb):]
	case columned, squares:
		return a[i*kb*q.lanes():]
	}
	return q.a[(r0+lo)*q.rs+l*q.cs:]
}
