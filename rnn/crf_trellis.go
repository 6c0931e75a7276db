package rnn

import (
	"cmp"
	"math"
	"runtime"
	"slices"

	"github.com/retell-rnn/retell/internal/kernel"
)

// trellis sums over all label sequences of a batch. Its first pass runs backwards, in log space:
//
//	βₜ[i] = log Σ e^(trans[i, j] + xₜ₊₁[j] + βₜ₊₁[j]) over j,  βₙ[i] = end[i]
//
// The second runs forwards with the distributions of a label given the one before it. The sums are products of matrices
// of e^…, which lose terms that lie far below the greatest; where these could matter, a sum is computed term by term.
// A sequence's results do not depend on the rest of the batch.
type trellis struct {
	*chain
	lay *Layout
	x   []float32 // emissions, [rows, n]

	b     []float32 // e^(x + β − shift), [rows, n]: the greatest of a row is 1
	sums  []float32 // Σ ratio·b of the next token, [rows, n]; undefined at last tokens
	shift []float64 // by row
	logZ  []float64 // by sequence

	u     []float32 // x + β − shift, [rows, n], of the rows that are known; see logs
	known []bool
	lift  []float64 // by row that is not known: its shift less that of the next token's row

	r     []float32  // expected labels of the token before, divided by their sums; [rows, n], undefined at first tokens
	exact [][]branch // labels whose sums are computed term by term, by chunk
}

// branch is an expected label before a row whose successors r omits.
type branch struct {
	row, label int
	mass       float32
}

// newTrellis prepares the passes over emissions x.
func newTrellis(mem *Buffers, h *chain, x []float32, lay *Layout) *trellis {
	size := lay.Rows() * h.n
	return &trellis{
		chain: h, lay: lay, x: x, b: mem.Take(size), sums: mem.Take(size),
		shift: make([]float64, lay.Rows()), logZ: make([]float64, lay.Batch()), u: mem.Take(size), known: make([]bool, lay.Rows()), lift: make([]float64, lay.Rows()),
	}
}

func (t *trellis) row(x []float32, row int) []float32 { return x[row*t.n:][:t.n] }

// block returns the rows of ranks lo to hi at a step.
func (t *trellis) block(x []float32, step, lo, hi int) []float32 {
	return x[(t.lay.start[step]+lo)*t.n : (t.lay.start[step]+hi)*t.n]
}

// filter runs the pass backwards.
func (t *trellis) filter() {
	chunks := t.lay.chunks(runtime.GOMAXPROCS(0))
	kernel.Tasks(len(chunks), func(i int) {
		lo, hi := chunks[i][0], chunks[i][1]
		beta := make([]float64, t.n)
		for step := t.lay.Steps() - 1; step >= 0; step-- {
			top := min(hi, t.lay.sizes[step])
			more := lo // ranks from here on end at this step
			if step+1 < t.lay.Steps() {
				more = max(lo, min(hi, t.lay.sizes[step+1]))
			}
			if lo < more {
				t.back.Mul(more-lo, t.block(t.b, step+1, lo, more), t.n, 0, t.block(t.sums, step, lo, more), t.n)
			}
			for rank := lo; rank < top; rank++ {
				row := t.lay.start[step] + rank
				if rank >= more {
					for j, v := range t.end {
						beta[j] = float64(v)
					}
					t.join(row, beta)
				} else if next := t.lay.start[step+1] + rank; !t.multiply(row, next) {
					t.shift[row] = t.shift[next]
					for j := range beta {
						beta[j] = t.beta(row, next, j)
					}
					t.join(row, beta)
				}
			}
		}
		for rank := lo; rank < hi; rank++ {
			t.logZ[t.lay.order[rank]] = logSum(t.start, t.logs(rank)) + t.shift[rank]
		}
	})
}

// multiply sets a row's b and shift without logarithms. It reports false if this would lose terms.
func (t *trellis) multiply(row, next int) bool {
	b, sums := t.row(t.b, row), t.row(t.sums, row)
	for j, s := range sums {
		if s < floor && !t.dead[j] {
			return false
		}
	}
	top := kernel.Max(t.row(t.x, row))
	copy(b, t.row(t.x, row))
	kernel.Affine(1, -top, b)
	kernel.Exp(b, b)
	kernel.Mul(b, b, sums)
	kernel.Mul(b, b, t.scale)
	most := kernel.Max(b)
	if !(most >= enough) {
		return false
	}
	kernel.Scale(1/most, b)
	t.lift[row] = float64(top) + t.most + math.Log(float64(most))
	t.shift[row] = t.shift[next] + t.lift[row]
	return true
}

// beta returns β of a label at a row, less the shift of the next token's row.
func (t *trellis) beta(row, next, label int) float64 {
	if s := t.sums[row*t.n+label]; !(s < floor) {
		return t.top[label] + math.Log(float64(s))
	}
	return t.after(label, t.logs(next))
}

// join sets a row's b and u and adds to its shift.
func (t *trellis) join(row int, beta []float64) {
	x, u, b := t.row(t.x, row), t.row(t.u, row), t.row(t.b, row)
	top := math.Inf(-1)
	for j, v := range x {
		beta[j] += float64(v)
		if beta[j] > top {
			top = beta[j]
		}
	}
	if math.IsInf(top, -1) {
		top = 0
	}
	t.shift[row] += top
	for j, v := range beta {
		u[j], b[j] = float32(v-top), power(v-top)
	}
	kernel.Exp(b, b)
	t.known[row] = true
}

// logs returns u of a row.
func (t *trellis) logs(row int) []float32 {
	u := t.row(t.u, row)
	if t.known[row] {
		return u
	}
	for j, v := range t.row(t.x, row) {
		u[j] = float32(float64(v) + t.top[j] + math.Log(float64(t.sums[row*t.n+j])) - t.lift[row])
	}
	t.known[row] = true
	return u
}

// logSum returns log Σ e^(a + b), in float64.
func logSum(a, b []float32) float64 {
	top := math.Inf(-1)
	for j, v := range a {
		top = max(top, float64(v)+float64(b[j]))
	}
	if math.IsInf(top, -1) {
		return top
	}
	sum := 0.0
	for j, v := range a {
		sum += math.Exp(float64(v) + float64(b[j]) - top)
	}
	return top + math.Log(sum)
}

// nll returns −log p of a sequence's labels, after filter.
func (t *trellis) nll(s int, labels []int32) float64 {
	score, before := 0.0, int32(-1)
	for k := range t.lay.lens[s] {
		row := t.lay.Row(s, k)
		y := labels[row]
		score += float64(t.x[row*t.n+int(y)])
		if before < 0 {
			score += float64(t.chain.start[y])
		} else {
			score += float64(t.trans[int(before)*t.n+int(y)])
		}
		before = y
	}
	return t.logZ[s] - score - float64(t.end[before])
}

// smooth runs the pass forwards, after filter: it sets q [rows, n] to the probability of each label at each token.
//
// With a target, q is the part of the weighted loss's gradient that does not subtract the target: each token adds its
// weight times the labels expected from it on, given the target's labels before it.
func (t *trellis) smooth(mem *Buffers, q []float32, target *labelTarget) {
	t.r = mem.Take(len(q))
	chunks := t.lay.chunks(runtime.GOMAXPROCS(0))
	t.exact = make([][]branch, len(chunks))
	kernel.Tasks(len(chunks), func(i int) {
		lo, hi := chunks[i][0], chunks[i][1]
		for rank := lo; rank < hi; rank++ {
			first := t.row(q, rank)
			kernel.Add(first, t.chain.start, t.logs(rank))
			kernel.Softmax(first)
			if target != nil {
				kernel.Scale(target.weight(rank), first)
			}
		}
		odd, probs := 0, make([]float32, t.n)
		for step := 1; step < t.lay.Steps() && lo < t.lay.sizes[step]; step++ {
			top := min(hi, t.lay.sizes[step])
			for rank := lo; rank < top; rank++ {
				t.exact[i] = t.divide(t.exact[i], q, t.lay.start[step-1]+rank, t.lay.start[step]+rank, target)
			}
			next := t.block(q, step, lo, top)
			t.forth.Mul(top-lo, t.block(t.r, step, lo, top), t.n, 0, next, t.n)
			kernel.Mul(next, next, t.block(t.b, step, lo, top))
			for ; odd < len(t.exact[i]); odd++ {
				e := t.exact[i][odd]
				t.given(probs, e)
				kernel.Axpy(e.mass, probs, t.row(q, e.row))
			}
		}
	})
}

// divide sets r of a row from q of the row before it. It appends the labels whose sums are too small to divide by.
func (t *trellis) divide(exact []branch, q []float32, row, next int, target *labelTarget) []branch {
	r, sums := t.row(t.r, next), t.row(t.sums, row)
	copy(r, t.row(q, row))
	if target != nil {
		target.renew(r, row, next)
	}
	for j, s := range sums {
		if !(s < floor) {
			r[j] /= s
			continue
		}
		if r[j] != 0 {
			exact = append(exact, branch{row: next, label: j, mass: r[j]})
		}
		r[j] = 0
	}
	return exact
}

// given sets p to the distribution of the labels of a branch's row.
func (t *trellis) given(p []float32, e branch) {
	kernel.Add(p, t.row(t.trans, e.label), t.logs(e.row))
	kernel.Softmax(p)
}

// weigh multiplies the transitions that pairs adds by the weights of their second tokens.
func (t *trellis) weigh(weight func(row int) float32) {
	for row := t.lay.Batch(); row < t.lay.Rows(); row++ {
		kernel.Scale(weight(row), t.row(t.r, row))
	}
	for _, list := range t.exact {
		for i := range list {
			list[i].mass *= weight(list[i].row)
		}
	}
}

// pairs adds the expected transitions to sums [n, n], after smooth.
func (t *trellis) pairs(sums []float32) {
	first := t.lay.Batch() * t.n
	if rows := t.lay.Rows() - t.lay.Batch(); rows > 0 {
		kernel.Gemm(true, false, t.n, t.n, rows, 1, t.r[first:], t.n, t.b[first:], t.n, 1, sums, t.n)
	}
	kernel.Mul(sums, sums, t.ratio)
	exact := slices.Concat(t.exact...)
	slices.SortFunc(exact, func(a, b branch) int { return cmp.Or(cmp.Compare(a.row, b.row), cmp.Compare(a.label, b.label)) })
	probs := make([]float32, t.n)
	for _, e := range exact {
		t.given(probs, e)
		kernel.Axpy(e.mass, probs, sums[e.label*t.n:][:t.n])
	}
}
