package kernel

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
)

var _ interface {
	blas.Float32
	blas.Float64
	blas.Complex64
	blas.Complex128
} = BLAS{}

func TestBLAS(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 1))
		for _, ta := range []blas.Transpose{blas.NoTrans, blas.Trans, blas.ConjTrans} {
			for _, tb := range []blas.Transpose{blas.NoTrans, blas.Trans, blas.ConjTrans} {
				const m, n, k, ld = 19, 35, 23, 40
				a, b, c := random(r, ld*ld), random(r, ld*ld), random(r, ld*ld)
				want := append([]float32(nil), c...)
				gonum.Implementation{}.Sgemm(ta, tb, m, n, k, 1.5, a, ld, b, ld, -0.5, want, ld)
				BLAS{}.Sgemm(ta, tb, m, n, k, 1.5, a, ld, b, ld, -0.5, c, ld)
				for i := range want {
					if math.Abs(float64(c[i]-want[i])) > 1e-4 {
						t.Fatalf("%c%c: element %d is %v: gonum says %v", ta, tb, i, c[i], want[i])
					}
				}
			}
		}
	})
}

func TestBLASBadTranspose(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	BLAS{}.Sgemm('x', blas.NoTrans, 1, 1, 1, 1, []float32{1}, 1, []float32{1}, 1, 0, []float32{1}, 1)
}
