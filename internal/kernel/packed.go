package kernel

import (
	"fmt"
	"runtime"
)

// Packed is op(B), laid out once for many products: recurrent weights, or an output layer. The zero value is empty.
// Goroutines may share it, except while Pack runs.
type Packed struct {
	path *path
	prec Precision
	k, n int
	data []float32 // for each block of k: panels of nr columns, each [k of the block, nr], zeros past n

	scales, bias []float32 // of the columns, in int8; see intProduct
}

// Pack lays out op(B), [k,n], on all cores; trans means that b is stored as [n,k]. It reuses the memory of p if
// possible, and keeps no reference to b.
func (p *Packed) Pack(trans bool, k, n int, b []float32, ldb int) {
	p.PackAs(Float32, trans, k, n, b, ldb)
}

// PackAs is Pack for products in an available precision.
func (p *Packed) PackAs(prec Precision, trans bool, k, n int, b []float32, ldb int) {
	if k < 0 || n < 0 {
		panic(fmt.Sprintf("kernel: Pack: k=%d n=%d: want no negative size", k, n))
	}
	if prec == Int8 && k > maxInt8Depth {
		panic(fmt.Sprintf("kernel: PackAs: k=%d in int8: want at most %d", k, maxInt8Depth))
	}
	p.path, p.prec, p.k, p.n = active, prec, k, n
	size := packedSize(p.path, active.elements(prec, k), n)
	if cap(p.data) < size {
		p.data = Floats(size)
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
	q := getProduct()
	defer q.release()
	q.path, q.right = p.path, right{n: n, b: b, ldb: ldb, transB: trans}
	q.setDepth(prec, k)
	if prec == Int8 {
		p.scales, p.bias = q.packInt8(p.data)
		return
	}
	q.from, q.to = 0, q.k
	q.packB(p.data, runtime.GOMAXPROCS(0))
}

// K returns the rows of op(B).
func (p *Packed) K() int { return p.k }

// N returns the columns of op(B).
func (p *Packed) N() int { return p.n }

// Mul computes C = A·B + beta·C on the calling goroutine. A is [m,K] and C is [m,N]; C is not read if beta is 0.
func (p *Packed) Mul(m int, a []float32, lda int, beta float32, c []float32, ldc int) {
	p.mul(1, m, a, lda, beta, c, ldc)
}

// MulParallel is Mul on all cores.
func (p *Packed) MulParallel(m int, a []float32, lda int, beta float32, c []float32, ldc int) {
	p.mul(runtime.GOMAXPROCS(0), m, a, lda, beta, c, ldc)
}

func (p *Packed) mul(procs, m int, a []float32, lda int, beta float32, c []float32, ldc int) {
	if m <= 0 || p.n == 0 {
		return
	}
	checkMatrix("C", m, p.n, c, ldc)
	if p.k == 0 {
		scaleMatrix(m, p.n, beta, c, ldc)
		return
	}
	checkMatrix("A", m, p.k, a, lda)
	q := getProduct()
	defer q.release()
	q.path, q.m, q.alpha = p.path, m, 1
	q.setDepth(p.prec, p.k)
	q.a, q.rs, q.cs = a, lda, 1
	r := right{n: p.n, packed: p.data, c: c, ldc: ldc, beta: beta}
	if w := &q.ints; q.inInt8() {
		w.c, w.ldc, w.beta, w.rows, w.scales, w.bias = c, ldc, beta, q.ownRows.floats(m), p.scales, p.bias
		r.c, r.ldc, r.beta = q.ownC.floats(m*p.n), p.n, 0
	}
	q.rights = append(q.rights, r)
	q.compute(procs)
}
