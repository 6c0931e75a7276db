package rnn

import (
	"cmp"
	"math"

	"github.com/retell-rnn/retell/internal/kernel"
)

// contrast is the arithmetic of a [ContrastLoss] over the cosines of anchors with candidates, [anchors, candidates].
// Candidates are the positives and then the negatives.
type contrast struct {
	kind                ContrastKind
	temperature, margin float32
	anchors, candidates int
	rows                ContrastRows
	pairs               map[int32][]int32 // by sentence: the pairs that it occurs in
	negatives           map[int32][]int32 // by sentence: its candidates among the negatives
}

func newContrast(l ContrastLoss, rows ContrastRows) *contrast {
	c := &contrast{
		kind: cmp.Or(l.Kind, InfoNCE), temperature: float32(cmp.Or(l.Temperature, defaultTemperature)), margin: float32(l.Margin),
		anchors: len(rows.Anchors), candidates: len(rows.Positives) + len(rows.Negatives), rows: rows,
	}
	if rows.Sentences == nil {
		return c
	}
	c.pairs, c.negatives = map[int32][]int32{}, map[int32][]int32{}
	for i, a := range rows.Anchors {
		s, t := rows.Sentences[a], rows.Sentences[rows.Positives[i]]
		c.pairs[s] = append(c.pairs[s], int32(i))
		if t != s {
			c.pairs[t] = append(c.pairs[t], int32(i))
		}
	}
	for k, r := range rows.Negatives {
		s := rows.Sentences[r]
		c.negatives[s] = append(c.negatives[s], int32(c.anchors+k))
	}
	return c
}

// row returns the row of an anchor.
func (c *contrast) row(x []float32, anchor int) []float32 {
	return x[anchor*c.candidates:][:c.candidates]
}

// mask sets an anchor's masked candidates to -Inf.
func (c *contrast) mask(x []float32, anchor int) {
	if c.pairs == nil {
		return
	}
	own := x[anchor]
	for _, r := range [...]int32{c.rows.Anchors[anchor], c.rows.Positives[anchor]} {
		s := c.rows.Sentences[r]
		for _, lists := range [...][]int32{c.pairs[s], c.negatives[s]} {
			for _, k := range lists {
				x[k] = float32(math.Inf(-1))
			}
		}
	}
	x[anchor] = own
}

// figures masks the cosines and returns the figures of [ContrastStats].
func (c *contrast) figures(cosines []float32) (hits int, cosine float64) {
	hit := make([]bool, c.anchors)
	kernel.Parallel(c.anchors, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			row := c.row(cosines, i)
			c.mask(row, i)
			hit[i] = row[i] >= kernel.Max(row)
		}
	})
	for i, h := range hit {
		if h {
			hits++
		}
		cosine += float64(cosines[i*c.candidates+i])
	}
	return hits, cosine
}

// loss returns the loss, summed over anchors. With gradient, it replaces the masked cosines by their gradients.
func (c *contrast) loss(mem *Buffers, cosines []float32, gradient bool) float64 {
	if c.kind == MarginLoss {
		return c.hinge(cosines, gradient)
	}
	return c.entropy(mem, cosines, gradient)
}

// entropy is the loss of InfoNCE.
func (c *contrast) entropy(mem *Buffers, x []float32, gradient bool) float64 {
	n := c.anchors
	target, forth := mem.Take(n), mem.Take(n) // logits of the pairs, and log Σ e^logit of the anchors
	kernel.Parallel(n, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			row := c.row(x, i)
			row[i] -= c.margin
			kernel.Scale(1/c.temperature, row)
			target[i], forth[i] = row[i], kernel.LogSumExp(row)
		}
	})
	back := mem.Take(n) // log Σ e^logit of the positives
	c.columns(x, back)
	loss := 0.0
	for i, t := range target {
		loss += (float64(forth[i])-float64(t))/2 + (float64(back[i])-float64(t))/2
	}
	if !gradient {
		return loss
	}
	kernel.Parallel(n, func(lo, hi int) {
		column := make([]float32, n)
		for i := lo; i < hi; i++ {
			row := c.row(x, i)
			copy(column, row)
			kernel.Axpy(-1, back, column)
			kernel.Exp(column, column)
			kernel.Softmax(row)
			kernel.Add(row[:n], row[:n], column)
			row[i] -= 2
			kernel.Scale(0.5/c.temperature, row)
		}
	})
	return loss
}

// columnBlock is the number of columns that columns computes at a time.
const columnBlock = 128

// columns sets out to log Σ e^x over the anchors for each positive. x is finite in the rows of pairs.
func (c *contrast) columns(x, out []float32) {
	kernel.Tasks((c.anchors+columnBlock-1)/columnBlock, func(block int) {
		lo := block * columnBlock
		n := min(columnBlock, c.anchors-lo)
		var top, e [columnBlock]float32
		var sums [columnBlock]float64
		copy(top[:n], x[lo:])
		for i := range c.anchors {
			for j, v := range c.row(x, i)[lo:][:n] {
				if v > top[j] {
					top[j] = v
				}
			}
		}
		for i := range c.anchors {
			copy(e[:n], c.row(x, i)[lo:])
			kernel.Axpy(-1, top[:n], e[:n])
			kernel.Exp(e[:n], e[:n])
			for j, v := range e[:n] {
				sums[j] += float64(v)
			}
		}
		for j := range n {
			out[lo+j] = float32(float64(top[j]) + math.Log(sums[j]))
		}
	})
}
