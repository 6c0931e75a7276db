package kernel

import (
	"fmt"
	"runtime"
)

// tile holds the arguments of a tile kernel: rows × cols elements of C = alpha·A·B + beta·C over a stretch of k.
type tile struct {
	a      []float32 // element (i,l) at a[i*rs+l*cs]
	b      []float32 // panels of k·nr, one after the other
	c      []float32 // element (i,j) at c[i*ldc+j]
	rows   int       // 1..mr
	panels int       // panels of b: 1, or panels[rows-1] of the path
	cols   int       // columns of c; more than (panels-1)·nr, at most panels·nr
	k      int       // at least 1
	rs, cs int
	ldc    int
	alpha  float32
	beta   float32   // 0 never reads c
	sums   []float32 // scratch for the sums of one panel; matrix tiles only

	// next is memory that later tiles read. Every unroll columns of A, the kernel prefetches nr elements of it into the
	// L2 cache. The values are not used.
	next       []float32
	nextStride int // elements from one prefetch to the next; matrix tiles have no gaps
	nextCount  int // prefetches before it starts over; in matrix tiles, prefetches in each unit of k
}

// panel holds the arguments of a packing kernel: dst[l*stride+j] = op(B)[l,j] for l < k and j < cols, and 0 for
// cols ≤ j < stride.
type panel struct {
	dst    []float32
	b      []float32 // element (l,j) at b[l*ldb+j], or at b[j*ldb+l] when trans
	ldb    int
	k      int
	cols   int // 1..stride
	stride int // nr, or the lanes of a register
	trans  bool
}

// Gemm computes C = alpha·op(A)·op(B) + beta·C on all cores. C is [m,n], op(A) is [m,k] and op(B) is [k,n]; trans
// means that the matrix is stored as its transpose. C is not read if beta is 0, and A and B are not read if alpha is 0.
// C must not overlap A or B.
func Gemm(transA, transB bool, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	GemmAs(Float32, transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
}

// GemmAs is [Gemm] in a precision that is available and not [Int8].
func GemmAs(prec Precision, transA, transB bool, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	gemm(prec, transA, m, k, alpha, a, lda, right{n: n, b: b, ldb: ldb, transB: transB, beta: beta, c: c, ldc: ldc})
}

// Right is the right side of one of several products with the same A: C = op(A)·B + Beta·C. B is [k,N] and C is
// [m,N].
type Right struct {
	N    int
	B    []float32
	LDB  int
	Beta float32
	C    []float32
	LDC  int
}

// GemmEach computes several products with one op(A), [m,k], which is packed once. See [GemmAs].
func GemmEach(prec Precision, transA bool, m, k int, a []float32, lda int, rights ...Right) {
	var room [4]right
	all := room[:0]
	for _, r := range rights {
		all = append(all, right{n: r.N, b: r.B, ldb: r.LDB, beta: r.Beta, c: r.C, ldc: r.LDC})
	}
	gemm(prec, transA, m, k, 1, a, lda, all...)
}

// gemm checks the operands and computes the products.
func gemm(prec Precision, transA bool, m, k int, alpha float32, a []float32, lda int, rights ...right) {
	if prec == Int8 {
		panic("kernel: GemmAs: precision int8: want weights packed by PackAs")
	}
	q := getProduct()
	defer q.release()
	for _, r := range rights {
		if m < 0 || r.n < 0 || k < 0 {
			panic(fmt.Sprintf("kernel: Gemm: m=%d n=%d k=%d: want no negative size", m, r.n, k))
		}
		if m == 0 || r.n == 0 {
			continue
		}
		checkMatrix("C", m, r.n, r.c, r.ldc)
		if k == 0 || alpha == 0 {
			scaleMatrix(m, r.n, r.beta, r.c, r.ldc)
			continue
		}
		if r.transB {
			checkMatrix("B", r.n, k, r.b, r.ldb)
		} else {
			checkMatrix("B", k, r.n, r.b, r.ldb)
		}
		q.rights = append(q.rights, r)
	}
	if len(q.rights) == 0 {
		return
	}
	q.path, q.m, q.alpha = active, m, alpha
	q.setDepth(prec, k)
	q.a, q.rs, q.cs = a, lda, 1
	if transA {
		checkMatrix("A", k, m, a, lda)
		q.rs, q.cs = 1, lda
	} else {
		checkMatrix("A", m, k, a, lda)
	}
	q.compute(runtime.GOMAXPROCS(0))
}

// checkMatrix panics unless x holds rows × cols elements with leading dimension ld.
func checkMatrix(name string, rows, cols int, x []float32, ld int) {
	if ld < cols || len(x) < (rows-1)*ld+cols {
		panic(fmt.Sprintf("kernel: %s has %d elements with leading dimension %d: want %d×%d", name, len(x), ld, rows, cols))
	}
}

// scaleMatrix computes C = beta·C; beta 0 clears C without reading it.
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
