package rnn

import "math/bits"

// Buffers lends float32 memory for the time of one batch and keeps it for the next: fresh pages cost more than most of the arithmetic
// done on them. The zero value is ready. It is not safe for concurrent use.
type Buffers struct {
	free map[int][][]float32 // by capacity
	lent [][]float32
}

// Take returns a buffer of n elements whose content is undefined.
func (a *Buffers) Take(n int) []float32 {
	size := sizeClass(n)
	if l := a.free[size]; len(l) > 0 {
		buf := l[len(l)-1]
		a.free[size] = l[:len(l)-1]
		a.lent = append(a.lent, buf)
		return buf[:n]
	}
	buf := make([]float32, size)
	a.lent = append(a.lent, buf)
	return buf[:n]
}

// Zeros returns a buffer of n zeros.
func (a *Buffers) Zeros(n int) []float32 {
	buf := a.Take(n)
	clear(buf)
	return buf
}

// Reset takes every buffer back. Slices lent before must not be used any more.
func (a *Buffers) Reset() {
	if a.free == nil {
		a.free = map[int][][]float32{}
	}
	for i, buf := range a.lent {
		a.free[cap(buf)] = append(a.free[cap(buf)], buf)
		a.lent[i] = nil
	}
	a.lent = a.lent[:0]
}

// sizeClass rounds n up so that batches of nearly the same size share their buffers: at most an eighth is wasted.
func sizeClass(n int) int {
	if n <= 64 {
		return 64
	}
	step := 1 << (bits.Len(uint(n-1)) - 4)
	return (n + step - 1) / step * step
}
