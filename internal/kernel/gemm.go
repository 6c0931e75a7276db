package kernel

import (
	"fmt"
	"runtime"
	"sync"
)

// kBlock is the longest stretch of k that one tile sums before it is added to C. A fixed number: it shows in the bits.
const kBlock = 2048

// blockFloats is how much packed B a worker goes through for one tile of A before it takes the next: 256 KiB, which stay
// in the second-level cache.
const blockFloats = 64 << 10

// tile is one call of a micro-kernel: rows × cols elements of C = alpha·A·B + beta·C over a stretch of k.
type tile struct {
	a      []float32 // element (i,l) at a[i*rs+l*cs]
	b      []float32 // panels of k·nr, one after the other
	c      []float32 // element (i,j) at c[i*ldc+j]
	rows   int       // 1..mr
	panels int       // how many panels of b: 1, or panels[rows-1] of the path
	cols   int       // columns of c; more than (panels-1)·nr, at most panels·nr
	k      int       // at least 1
	rs, cs int
	ldc    int
	alpha  float32
	beta   float32 // 0 never reads c
}

// panel is one call of a packing kernel: dst[l*nr+j] = op(B)[l,j] for l < k, j < nr, with zeros at and past cols.
type panel struct {
	dst    []float32
	b      []float32 // element (l,j) at b[l*ldb+j], or at b[j*ldb+l] when trans
	ldb    int
	k      int
	cols   int // 1..nr
	trans  bool
	stride int // nr
}

// Gemm computes C = alpha·op(A)·op(B) + beta·C on all cores. C is [m,n], op(A) is [m,k] and op(B) is [k,n]; trans means that
// the matrix is stored as its transpose. C is not read when beta is 0, A and B are not when alpha is 0. C overlaps neither.
func Gemm(transA, transB bool, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	if m < 0 || n < 0 || k < 0 {
		panic(fmt.Sprintf("kernel: Gemm: m=%d n=%d k=%d: want none negative", m, n, k))
	}
	if m == 0 || n == 0 {
		return
	}
	checkMatrix("C", m, n, c, ldc)
	if k == 0 || alpha == 0 {
		scaleMatrix(m, n, beta, c, ldc)
		return
	}
	p := product{path: active, m: m, n: n, k: k, a: a, rs: lda, cs: 1, b: b, ldb: ldb, transB: transB, c: c, ldc: ldc, alpha: alpha, beta: beta}
	if transA {
		checkMatrix("A", k, m, a, lda)
		p.rs, p.cs = 1, lda
	} else {
		checkMatrix("A", m, k, a, lda)
	}
	if transB {
		checkMatrix("B", n, k, b, ldb)
	} else {
		checkMatrix("B", k, n, b, ldb)
	}
	p.runParallel()
}

// checkMatrix panics unless x holds rows × cols elements with leading dimension ld.
func checkMatrix(name string, rows, cols int, x []float32, ld int) {
	if ld < cols || len(x) < (rows-1)*ld+cols {
		panic(fmt.Sprintf("kernel: %s is %d elements with leading dimension %d: want %d×%d", name, len(x), ld, rows, cols))
	}
}

// scaleMatrix computes C = beta·C; beta 0 clears without reading.
func scaleMatrix(m, n int, beta float32, c []float32, ldc int) {
	for i := range m {
		row := c[i*ldc:][:n]
		if beta == 0 {
			clear(row)
		} else if beta != 1 {
			active.affine(beta, 0, row)
		}
	}
}

// Packed is op(B) laid out once for many products with it: recurrent weights, the output layer. The zero value is empty.
// It may be used by many goroutines at once, but not while Pack runs.
type Packed struct {
	path *path
	k, n int
	data []float32 // for each block of k: panels of nr columns, each [k of the block, nr], zeros past n
}

// Pack lays out op(B), [k,n], on all cores; trans means that b is stored as [n,k]. It reuses the memory of p when that is
// enough and keeps no reference to b.
func (p *Packed) Pack(trans bool, k, n int, b []float32, ldb int) {
	if k < 0 || n < 0 {
		panic(fmt.Sprintf("kernel: Pack: k=%d n=%d: want none negative", k, n))
	}
	p.path, p.k, p.n = active, k, n
	nr := p.path.nr
	panels := (n + nr - 1) / nr
	size := k * panels * nr
	if cap(p.data) < size {
		p.data = alignedFloats(size)
	}
	p.data = p.data[:size]
	if size == 0 {
		return
	}
	if trans {
		checkMatrix("B", n, k, b, ldb)
	} else {
		checkMatrix("B", k, n, b, ldb)
	}
	Parallel(panels, func(lo, hi int) {
		for l := 0; l < k; l += kBlock {
			kb := min(kBlock, k-l)
			packPanels(p.path, p.data[l*panels*nr+lo*kb*nr:], lo, hi, l, kb, n, b, ldb, trans)
		}
	})
}

// K returns the rows of op(B).
func (p *Packed) K() int { return p.k }

// N returns the columns of op(B).
func (p *Packed) N() int { return p.n }

// Mul computes C = A·B + beta·C on the calling goroutine. A is [m,K] and C is [m,N]; beta 0 never reads C.
func (p *Packed) Mul(m int, a []float32, lda int, beta float32, c []float32, ldc int) {
	if q, ok := p.product(m, a, lda, beta, c, ldc); ok {
		q.block(0, m, 0, q.panelCount())
	}
}

// MulParallel is Mul on all cores.
func (p *Packed) MulParallel(m int, a []float32, lda int, beta float32, c []float32, ldc int) {
	if q, ok := p.product(m, a, lda, beta, c, ldc); ok {
		q.runParallel()
	}
}

func (p *Packed) product(m int, a []float32, lda int, beta float32, c []float32, ldc int) (product, bool) {
	if m <= 0 || p.n == 0 {
		return product{}, false
	}
	checkMatrix("C", m, p.n, c, ldc)
	if p.k == 0 {
		scaleMatrix(m, p.n, beta, c, ldc)
		return product{}, false
	}
	checkMatrix("A", m, p.k, a, lda)
	return product{path: p.path, m: m, n: p.n, k: p.k, a: a, rs: lda, cs: 1, packed: p.data, c: c, ldc: ldc, alpha: 1, beta: beta}, true
}

// product is one matrix product with everything checked.
type product struct {
	path        *path
	m, n, k     int
	a           []float32
	rs, cs      int // element (i,l) of op(A) at a[i*rs+l*cs]
	packed      []float32
	b           []float32 // used when packed is nil
	ldb         int
	transB      bool
	c           []float32
	ldc         int
	alpha, beta float32

	rowParts, colParts int // how runParallel splits C
}

func (q *product) panelCount() int { return (q.n + q.path.nr - 1) / q.path.nr }

// products recycles what runParallel hands to the pool, so that a product allocates nothing.
var products = sync.Pool{New: func() any {
	s := new(shared)
	s.run = s.part
	return s
}}

// shared is a product that several goroutines work on.
type shared struct {
	product
	run func(i int)
}

// part computes the i-th part of C.
func (s *shared) part(i int) {
	r, c := i%s.rowParts, i/s.rowParts
	panels := s.panelCount()
	s.block(r*s.m/s.rowParts, (r+1)*s.m/s.rowParts, c*panels/s.colParts, (c+1)*panels/s.colParts)
}

// minParallel is the number of multiplications below which waking a worker costs more than it saves.
const minParallel = 64 << 10

func (q *product) runParallel() {
	procs := runtime.GOMAXPROCS(0)
	panels := q.panelCount()
	if procs == 1 || q.m*q.n*q.k < minParallel {
		q.block(0, q.m, 0, panels)
		return
	}
	q.rowParts, q.colParts = 1, 1
	switch {
	case panels >= 4*procs || q.m < 2*procs:
		q.colParts = min(procs, panels)
	default:
		q.rowParts = procs
	}
	s := products.Get().(*shared)
	s.product = *q
	run(s.rowParts*s.colParts, procs, s.run)
	s.product = product{}
	products.Put(s)
}

// block computes rows [r0,r1) of C in the columns of panels [p0,p1).
func (q *product) block(r0, r1, p0, p1 int) {
	nr := q.path.nr
	panels := q.panelCount()
	var buf *buffer
	if q.packed == nil {
		buf = getBuffer()
		defer putBuffer(buf)
	}
	for l := 0; l < q.k; l += kBlock {
		kb := min(kBlock, q.k-l)
		beta := q.beta
		if l > 0 {
			beta = 1
		}
		step := max(1, blockFloats/(kb*nr))
		for p := p0; p < p1; p += step {
			end := min(p1, p+step)
			var b []float32
			if q.packed != nil {
				b = q.packed[l*panels*nr+p*kb*nr:][:(end-p)*kb*nr]
			} else {
				b = buf.floats((end - p) * kb * nr)
				packPanels(q.path, b, p, end, l, kb, q.n, q.b, q.ldb, q.transB)
			}
			q.tiles(r0, r1, p, end, l, kb, b, beta)
		}
	}
}

// tiles computes rows [r0,r1) in the columns of panels [p0,p1), whose packed stretch of k from l is b.
func (q *product) tiles(r0, r1, p0, p1, l, kb int, b []float32, beta float32) {
	nr := q.path.nr
	m := r1 - r0
	count := (m + q.path.mr - 1) / q.path.mr // tiles of nearly equal height
	t := tile{k: kb, rs: q.rs, cs: q.cs, ldc: q.ldc, alpha: q.alpha, beta: beta}
	for i := range count {
		lo, hi := r0+i*m/count, r0+(i+1)*m/count
		t.rows = hi - lo
		wide := 1
		if t.rows <= maxSmall {
			wide = q.path.panels[t.rows-1]
		}
		t.a = q.a[lo*q.rs+l*q.cs:]
		for p := p0; p < p1; p += t.panels {
			t.panels = 1
			if p+wide <= p1 {
				t.panels = wide
			}
			t.cols = min(q.n-p*nr, t.panels*nr)
			t.b = b[(p-p0)*kb*nr:][:t.panels*kb*nr]
			t.c = q.c[lo*q.ldc+p*nr:]
			q.path.tile(&t)
		}
	}
}

// packPanels packs the columns of panels [p0,p1) for k in [l,l+kb) into dst.
func packPanels(path *path, dst []float32, p0, p1, l, kb, n int, b []float32, ldb int, trans bool) {
	nr := path.nr
	pn := panel{ldb: ldb, k: kb, trans: trans, stride: nr}
	for p := p0; p < p1; p++ {
		pn.dst = dst[(p-p0)*kb*nr:][:kb*nr]
		pn.cols = min(nr, n-p*nr)
		if trans {
			pn.b = b[p*nr*ldb+l:]
		} else {
			pn.b = b[l*ldb+p*nr:]
		}
		path.pack(&pn)
	}
}

// buffer is scratch memory for packing.
type buffer struct{ data []float32 }

var buffers = sync.Pool{New: func() any { return new(buffer) }}

func getBuffer() *buffer  { return buffers.Get().(*buffer) }
func putBuffer(b *buffer) { buffers.Put(b) }

// floats returns n elements of undefined content.
func (b *buffer) floats(n int) []float32 {
	if cap(b.data) < n {
		b.data = alignedFloats(max(n, blockFloats))
	}
	return b.data[:n]
}
