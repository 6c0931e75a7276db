package rnn

import "github.com/retell-rnn/retell/internal/kernel"

// Buffers allocates float32 memory for one batch and reuses it for the next: fresh pages cost more than most of the
// arithmetic done on them. It keeps as much memory as the largest batch has needed. The zero value is ready. It is not
// safe for concurrent use.
type Buffers struct {
	slab    []float32
	used    int // allocated elements of the slab
	spilled int // elements allocated beside the slab because it was too small
}

// bufferAlign is the granule of buffers in elements: a cache line.
const bufferAlign = 16

// Take returns a buffer of n elements with undefined content.
func (b *Buffers) Take(n int) []float32 {
	size := (n + bufferAlign - 1) / bufferAlign * bufferAlign
	if b.used+size > len(b.slab) {
		b.spilled += size
		return make([]float32, n)
	}
	at := b.used
	b.used += size
	return b.slab[at : at+n : at+n]
}

// zeros returns a buffer of n zeros.
func (b *Buffers) zeros(n int) []float32 {
	buf := b.Take(n)
	clear(buf)
	return buf
}

// allocated returns the number of allocated elements, gaps between buffers included.
func (b *Buffers) allocated() int { return b.used + b.spilled }

// Reset frees every buffer. Slices allocated before must not be used again.
func (b *Buffers) Reset() {
	if b.spilled > 0 {
		size := b.used + b.spilled
		b.slab = nil // lets the collector free the old slab before the new one exists
		b.slab = kernel.Floats(size + size/8)
	}
	b.used, b.spilled = 0, 0
}
