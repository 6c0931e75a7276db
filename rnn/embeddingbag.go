package rnn

import (
	"fmt"
	"math"
	"slices"

	"github.com/retell-rnn/retell/internal/kernel"
	"gorgonia.org/gorgonia"
)

// EmbeddingBag maps bags of ids, such as the hashed character n-grams of a word, to sums of their rows of a matrix,
// divided by the square root of the bag's size: the sums of small and large bags begin equally long. Bojanowski, Grave,
// Joulin and Mikolov, Enriching Word Vectors with Subword Information, 2017.
type EmbeddingBag struct {
	Vocab, Size int
	Weight      *Param    // [Vocab, Size]
	Factors     []float32 // [Vocab]: fixed factor of each row; nil means 1
}

// NewEmbeddingBag adds the parameter of an embedding of bags.
func NewEmbeddingBag(ps *Params, name string, vocab, size int, init Inits) *EmbeddingBag {
	return &EmbeddingBag{Vocab: vocab, Size: size, Weight: ps.New(name+".weight", init.matrix(1), vocab, size)}
}

// Forward returns the scaled sums of the rows of bags, [len(bags), Size]. A bag may hold an id several times; an empty
// bag gives zeros. An id outside 0 to Vocab-1 is an error. Equal bags are computed once. Only the rows that occur
// receive gradients. Every run of the graph reads bags anew, so the caller may overwrite them between runs.
func (e *EmbeddingBag) Forward(p *Pass, bags [][]int32) *gorgonia.Node {
	if len(bags) == 0 {
		p.fail(fmt.Errorf("rnn: %s: no bags: want at least one", e.Weight.Name))
	} else if err := e.check(bags); err != nil {
		p.fail(err)
	}
	var d distinctBags
	return p.apply(&fused{
		name:   "bag",
		params: []*Param{e.Weight},
		outs:   []shape{{len(bags), e.Size}},
		forward: func(_, out [][]float32) {
			if err := e.check(bags); err != nil {
				p.reject(err)
				return
			}
			d.find(bags)
			sums := p.mem.Take(len(d.bags) * e.Size)
			e.Pack().Forward(sums, d.bags)
			out[0] = p.mem.Take(len(bags) * e.Size)
			kernel.Parallel(len(bags), func(lo, hi int) {
				for i := lo; i < hi; i++ {
					copy(out[0][i*e.Size:][:e.Size], sums[int(d.of[i])*e.Size:])
				}
			})
		},
		backward: func(gout, _ [][]float32) { e.backward(&p.mem, &d, gout[0]) },
	})[0]
}

// backward adds the gradients of the rows from dout, the gradient of the scaled sums.
func (e *EmbeddingBag) backward(mem *Buffers, d *distinctBags, dout []float32) {
	var equal rowGroups
	equal.group(d.of, len(d.bags), false) // values are 0, 1, 2 and so on
	sums := mem.Take(len(d.bags) * e.Size)
	equal.each(func(k int) {
		dst, places := sums[k*e.Size:][:e.Size], equal.of(k)
		copy(dst, dout[int(places[0])*e.Size:])
		for _, i := range places[1:] {
			kernel.Add(dst, dst, dout[int(i)*e.Size:][:e.Size])
		}
		if n := len(d.bags[k]); n > 0 {
			kernel.Scale(bagScale(n), dst)
		}
	})
	total := 0
	for _, bag := range d.bags {
		total += len(bag)
	}
	rows, from := make([]int32, 0, total), make([]int32, 0, total)
	for k, bag := range d.bags {
		rows = append(rows, bag...)
		for range bag {
			from = append(from, int32(k))
		}
	}
	e.Weight.addRows(rows, from, sums, e.Factors, true)
}

func (e *EmbeddingBag) check(bags [][]int32) error {
	for i, bag := range bags {
		for _, id := range bag {
			if id < 0 || int(id) >= e.Vocab {
				return fmt.Errorf("rnn: %s: bag %d: id %d: want 0 to %d", e.Weight.Name, i, id, e.Vocab-1)
			}
		}
	}
	return nil
}

// bagScale is the factor of the sum of a bag of n rows.
func bagScale(n int) float32 { return float32(1 / math.Sqrt(float64(n))) }

// PackedEmbeddingBag is an [EmbeddingBag] with no graph. It is safe for concurrent use.
type PackedEmbeddingBag struct {
	Vocab, Size int
	rows        []float32 // [Vocab, Size]
	factors     []float32 // [Vocab]; nil means 1
}

// Pack returns the embedding for use with no graph. It shares the weights.
func (e *EmbeddingBag) Pack() *PackedEmbeddingBag {
	return &PackedEmbeddingBag{e.Vocab, e.Size, e.Weight.W, e.Factors}
}

// Forward sets y [len(bags), Size] to the scaled sums of the rows of bags, ids from 0 to Vocab-1.
func (q *PackedEmbeddingBag) Forward(y []float32, bags [][]int32) {
	kernel.Parallel(len(bags), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			q.sum(y[i*q.Size:][:q.Size], bags[i])
		}
	})
}

// sum sets y to the scaled sum of a bag's rows.
func (q *PackedEmbeddingBag) sum(y []float32, bag []int32) {
	clear(y)
	if len(bag) == 0 {
		return
	}
	for _, id := range bag {
		row := q.rows[int(id)*q.Size:][:q.Size]
		if q.factors == nil {
			kernel.Add(y, y, row)
		} else {
			kernel.Axpy(q.factors[id], row, y)
		}
	}
	kernel.Scale(bagScale(len(bag)), y)
}

// distinctBags are the different bags of a list: words recur.
type distinctBags struct {
	bags [][]int32
	of   []int32 // by place in the list: index in bags
}

// find sets d from a list of bags.
func (d *distinctBags) find(list [][]int32) {
	d.bags, d.of = d.bags[:0], d.of[:0]
	known := make(map[uint64]int32, len(list))
	for _, bag := range list {
		h := hashBag(bag)
		k, ok := known[h]
		if !ok || !slices.Equal(d.bags[k], bag) { // of two bags of one hash, the last is known
			k = int32(len(d.bags))
			known[h], d.bags = k, append(d.bags, bag)
		}
		d.of = append(d.of, k)
	}
}

// hashBag returns the FNV-1a hash of a bag's ids.
func hashBag(bag []int32) uint64 {
	h := uint64(14695981039346656037)
	for _, id := range bag {
		h = (h ^ uint64(uint32(id))) * 1099511628211
	}
	return h
}
