package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// edge returns a slice of n elements directly before memory that must not be touched, or directly after it.
func edge(t *testing.T, n int, after bool) []float32 {
	t.Helper()
	page := unix.Getpagesize()
	size := (n*4 + page - 1) / page * page
	b, err := unix.Mmap(-1, 0, size+2*page, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := unix.Munmap(b); err != nil {
			t.Error(err)
		}
	})
	for _, guard := range [][]byte{b[:page], b[page+size:]} {
		if err := unix.Mprotect(guard, unix.PROT_NONE); err != nil {
			t.Fatal(err)
		}
	}
	off := page + size - 4*n
	if after {
		off = page
	}
	return unsafe.Slice((*float32)(unsafe.Pointer(&b[off])), n)
}

// TestEdges: no function reads or writes outside its slices. A fault ends the test with the address.
func TestEdges(t *testing.T) {
	eachProduct(t, func(t *testing.T, prec Precision) {
		if Path() == generic.name {
			t.Skip("Go checks its own bounds")
		}
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprint("after=", after), func(t *testing.T) {
				r := rand.New(rand.NewPCG(1, 1))
				at := func(n int) []float32 {
					x := edge(t, n, after)
					for i := range x {
						x[i] = r.Float32()
					}
					return x
				}
				for n := 1; n < 40; n++ {
					x, y, z, w := at(n), at(n), at(n), at(n)
					Exp(y, x)
					Tanh(y, x)
					Sigmoid(y, x)
					Add(z, x, y)
					Mul(z, x, y)
					Axpy(2, x, y)
					Scale(0.5, y)
					Dot(x, y)
					Sum(x)
					SumSquares(x)
					ArgMax(x)
					LogSumExp(x)
					MaxPlus(z, w[:1], x)
					MaxPlus(w[:1], x, y)
					CrossEntropy(x, 0, 0.1, 1)
					Softmax(x)
					g4, a3, b3 := at(4*n), at(3*n), at(3*n)
					LSTMForward(1, n, g4, x, y, z, w)
					LSTMBackward(1, n, g4, x, y, z, w)
					GRUForward(1, n, a3, b3, x, y)
					GRUBackward(1, n, a3, b3, x, y)
					Adam{Rate: 1, Step: 1, Beta1: 0.9, Beta2: 0.9, Epsilon: 1}.Update(x, y, z, w)
					Momentum(x, y, z, 1, 1, 1, 1)
				}
				var p Packed
				for range 150 {
					m, n, k := 1+r.IntN(40), 1+r.IntN(300), 1+r.IntN(80)
					a, b, c := at(m*k), at(k*n), at(m*n)
					for i := range 4 {
						ta, tb := i&1 != 0, i&2 != 0
						lda, ldb := k, n
						if ta {
							lda = m
						}
						if tb {
							ldb = k
						}
						GemmAs(prec, ta, tb, m, n, k, 1, a, lda, b, ldb, 1, c, n)
						p.PackAs(prec, tb, k, n, b, ldb)
						p.Mul(m, a, k, 0, c, n)
						p.PackAs(Int8, tb, k, n, b, ldb)
						p.Mul(m, a, k, 1, c, n)
					}
				}
			})
		}
	})
}
