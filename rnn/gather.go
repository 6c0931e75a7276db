package rnn

import (
	"errors"
	"fmt"
	"slices"

	"github.com/retell-rnn/retell/internal/kernel"
	"gorgonia.org/gorgonia"
)

// Gather returns rows of x [n, size], [len(rows), size]. A row may occur several times; -1 gives zeros. A number below
// -1 or above n-1 is an error. Forward keeps rows, which must not change.
func Gather(p *Pass, x *gorgonia.Node, rows []int32) *gorgonia.Node {
	if !p.matrix("gather", x, -1, -1) {
		return nil
	}
	return gather(p, x, x.Shape()[1], 1, rows)
}

// gather reads x as rows of the given width, of which a row of x holds a whole number. A row of the result joins the
// next n of the given rows.
func gather(p *Pass, x *gorgonia.Node, width, n int, rows []int32) *gorgonia.Node {
	count := shapeOf(x).len() / width
	if len(rows) == 0 {
		p.fail(errors.New("rnn: gather: no rows: want at least one"))
		return nil
	}
	if i := slices.IndexFunc(rows, func(r int32) bool { return r < -1 || int(r) >= count }); i >= 0 {
		p.fail(fmt.Errorf("rnn: gather: row %d: want -1 to %d", rows[i], count-1))
		return nil
	}
	return p.apply(&fused{
		name: "gather",
		outs: []shape{{len(rows) / n, n * width}},
		forward: func(in, out [][]float32) {
			out[0] = p.mem.Take(len(rows) * width)
			gatherRows(out[0], in[0], width, rows)
		},
		backward: func(gout, gin [][]float32) {
			gin[0] = p.mem.zeros(count * width)
			scatterRows(gin[0], gout[0], width, rows, count)
		},
	}, x)[0]
}

// GatherRows sets y [len(rows), size] to rows of x [_, size]; -1 gives zeros.
func GatherRows(y, x []float32, size int, rows []int32) {
	gatherRows(y[:len(rows)*size], x, size, rows)
}

func gatherRows(y, x []float32, size int, rows []int32) {
	for i, r := range rows {
		dst := y[i*size:][:size]
		if r < 0 {
			clear(dst)
			continue
		}
		copy(dst, x[int(r)*size:])
	}
}

// scatterRows adds the rows of g to those of dx [count, size] that they were gathered from, each sum in the order of g.
func scatterRows(dx, g []float32, size int, rows []int32, count int) {
	shifted := make([]int32, len(rows)) // so that -1 is a group, which is left out
	for i, r := range rows {
		shifted[i] = r + 1
	}
	var groups rowGroups
	groups.group(shifted, count+1, true)
	groups.each(func(k int) {
		r := int(groups.values[k]) - 1
		if r < 0 {
			return
		}
		dst := dx[r*size:][:size]
		for _, i := range groups.of(k) {
			kernel.Add(dst, dst, g[int(i)*size:][:size])
		}
	})
}
