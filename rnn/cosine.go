package rnn

import (
	"fmt"
	"math"

	"github.com/retell-rnn/retell/internal/kernel"
)

// leastNorm is the least length of a vector that has a direction. Shorter vectors count as zeros.
const leastNorm = 1e-12

// units are prefixes of chosen rows of z, scaled to length 1.
type units struct {
	size, n int       // of a row of z and of a prefix
	rows    []int32   // of z
	y       []float32 // [len(rows), n]
	norms   []float32 // lengths before scaling; 0 for a row that counts as zeros
}

// newUnits scales the first n numbers of the given rows of z, [rows, size].
func newUnits(mem *Buffers, z []float32, size, n int, rows ...[]int32) *units {
	u := &units{size: size, n: n}
	for _, r := range rows {
		u.rows = append(u.rows, r...)
	}
	u.y, u.norms = mem.Take(len(u.rows)*n), mem.Take(len(u.rows))
	kernel.Parallel(len(u.rows), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			u.norms[i] = setUnit(u.row(u.y, i), z[int(u.rows[i])*size:][:n])
		}
	})
	return u
}

// row returns the part of x, [len(rows), n], that belongs to a row.
func (u *units) row(x []float32, i int) []float32 { return x[i*u.n:][:u.n] }

// setUnit sets y to x scaled to length 1 and returns the length of x. A row that counts as zeros gives zeros.
func setUnit(y, x []float32) (norm float32) {
	length := math.Sqrt(kernel.SumSquares(x))
	if length < leastNorm {
		clear(y)
		return 0
	}
	copy(y, x)
	if length < 1e-30 || length > 1e30 {
		kernel.Unit(y, x)
	} else {
		kernel.Scale(float32(1/length), y)
	}
	return float32(length)
}

// cosines returns the cosines of all pairs, [rows of u, rows of v].
func (u *units) cosines(mem *Buffers, v *units) []float32 {
	m, n := len(u.rows), len(v.rows)
	out := mem.Take(m * n)
	kernel.GemmAs(Float32.Wide(), false, true, m, n, u.n, 1, u.y, u.n, v.y, v.n, 0, out, n)
	return out
}

// backward adds to dz the gradients that dcosines, [rows of u, rows of v], give to the rows of both, times scale.
func (u *units) backward(mem *Buffers, v *units, scale float32, dcosines, dz []float32) {
	m, n := len(u.rows), len(v.rows)
	du, dv := mem.Take(len(u.y)), mem.Take(len(v.y))
	kernel.GemmAs(Float32.Wide(), false, false, m, u.n, n, scale, dcosines, n, v.y, v.n, 0, du, u.n)
	kernel.GemmAs(Float32.Wide(), true, false, n, u.n, m, scale, dcosines, n, u.y, u.n, 0, dv, u.n)
	u.add(du, dz)
	v.add(dv, dz)
}

// add adds to dz the gradients d, [len(rows), n], of the scaled rows. It overwrites d.
func (u *units) add(d, dz []float32) {
	kernel.Parallel(len(u.rows), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			row, y := u.row(d, i), u.row(u.y, i)
			if u.norms[i] == 0 {
				clear(row)
				continue
			}
			kernel.Axpy(-kernel.Dot(row, y), y, row) // dx = (d − (d·y) y) / norm
			kernel.Scale(1/u.norms[i], row)
		}
	})
	for i, r := range u.rows { // in order, because a row may occur twice
		dst := dz[int(r)*u.size:][:u.n]
		kernel.Add(dst, dst, u.row(d, i))
	}
}

// prefixes returns the sizes of the prefixes that a loss takes of vectors.
func prefixes(sizes []int, size int) []int {
	if len(sizes) == 0 {
		return []int{size}
	}
	return sizes
}

// checkSizes returns an error if a prefix is empty or longer than a vector.
func checkSizes(who string, sizes []int, size int) error {
	for _, n := range sizes {
		if n < 1 || n > size {
			return fmt.Errorf("rnn: %s: prefix of %d numbers: want 1 to %d", who, n, size)
		}
	}
	return nil
}

// checkRows returns an error if a list names a row outside a matrix.
func checkRows(who string, rows int, lists ...[]int32) error {
	for _, list := range lists {
		for _, r := range list {
			if r < 0 || int(r) >= rows {
				return fmt.Errorf("rnn: %s: row %d: want 0 to %d", who, r, rows-1)
			}
		}
	}
	return nil
}
