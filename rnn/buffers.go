package rnn

import "github.com/retell-rnn/retell/internal/kernel"

// Buffers allocates float32 memory for one batch and reuses it for the next: fresh pages cost more than most of the
// arithmetic done on them. It holds as much as the largest batch has needed. The zero value is ready. It is not safe
// for concurrent use.
type Buffers struct {
	slab  []float32
	used  int // allocated elements of the slab
	spilt int // elements allocated beside the slab because it was too small
}

// bufferAlign is the granule of buffers in elements: a cache line.
const bufferAlign = 16

// Take returns a buffer of n elements whose content is undefined.
func (b *Buffers) Take(n int) []float32 {
	size := (n + bufferAlign - 1) / bufferAlign * bufferAlign
	if b.used+size > len(b.slab) {
		b.spilt += size
		return make([]float32, n)
	}
	at := b.used
	b.used += size
	return b.slab[at : at+n : at+n]
}

// Zeros returns a buffer of n zeros.
func (b *Buffers) Zeros(n int) []float32 {
	buf := b.Take(n)
	clear(buf)
	return buf
}

// Allocated returns how many elements are allocated, with the gaps between buffers.
func (b *Buffers) Allocated() int { return b.used + b.spilt }

// Reset frees every buffer: slices allocated before must not be used any more.
func (b *Buffers) Reset() {
	if b.spilt > 0 {
		size := b.used + b.spilt
		b.slab = nil // for the collector, before its successor is made
		b.slab = kernel.Floats(size + size/8)
	}
	b.used, b.spilt = 0, 0
}
