package kernel

const (
	// fewRows is about the number of rows that are packed at a time, before the panel beside them. It divides every
	// kBlock before rounding to units.
	fewRows = 64
	// minPanels is the least number of panels of B for which copying a badly laid out A pays.
	minPanels = 2
	// pairStretch is the pairs of a row that are rounded at a time.
	pairStretch = 256
)

// layout is the memory layout of A while it is multiplied.
type layout int

const (
	inPlace  layout = iota
	padded          // rows, copied to a stride that spreads them over the sets of the cache
	columned        // for each block of k and each tile: columns in one register, [k of the block, lanes]
	squares         // for each block of k and each tile: the squares of the first matrixRows rows, then the next
)

// layoutA chooses the layout of A for a product with so many columns. It gathers distant columns, and rows whose stride
// maps them to the same few sets of the L1 cache.
func (q *product) layoutA(columns int) layout {
	if q.unitValues > 1 { // rounding copies it
		switch {
		case q.cs == 1:
			return padded
		case q.matrix != nil:
			return squares
		}
		return columned
	}
	if columns < minPanels*q.path.nr || q.m <= maxSmall {
		return inPlace
	}
	if q.cs != 1 {
		return columned
	}
	if q.k <= 64 {
		return inPlace
	}
	const sets, most = 64, 4
	var used [sets]int
	for i := range min(q.m, q.mr) {
		set := i * q.rs / 16 % sets
		used[set]++
		if used[set] > most {
			return padded
		}
	}
	return inPlace
}

// oddLines returns a stride for rows of n elements that spreads them over the sets of the cache: an odd number of
// lines.
func oddLines(n int) int {
	const line = cacheLine / 4
	return (n+line-1)/line*line | line
}

// sizeA returns the elements of a block of A with rows rows, in the layout.
func (q *product) sizeA(rows, kb int) int {
	if q.layout == padded {
		return rows * oddLines(kb)
	}
	return tileCount(q.mr, rows) * q.lanes() * kb
}

// lanes returns the rows of a packed column of A.
func (q *product) lanes() int {
	if q.matrix != nil {
		return q.mr
	}
	return q.path.lanes
}

// packA packs tiles [t0,t1) of rows rows of A from row r0 on: the block of kb elements from element l.
func (q *product) packA(s *scratch, dst []float32, r0, rows, t0, t1, l, kb int) {
	tiles := tileCount(q.mr, rows)
	if q.layout == padded {
		first, end := q.first(l), min(q.depth, q.first(l+kb))
		for i := tileRow(rows, tiles, t0); i < tileRow(rows, tiles, t1); i++ {
			row := q.a[(r0+i)*q.rs:][first:end]
			to := dst[i*oddLines(kb):][:kb]
			switch {
			case q.pairs != nil:
				q.pairRow(to, row)
			case q.inInt8():
				q.ints.roundRow(r0+i, to, row)
			default:
				copy(to, row)
			}
		}
		return
	}
	lanes := q.lanes()
	few := fewRows / q.unit * q.unit
	for at := 0; at < kb; at += few {
		k := min(few, kb-at)
		for t := t0; t < t1; t++ {
			lo := tileRow(rows, tiles, t)
			high := tileRow(rows, tiles, t+1) - lo
			if q.layout == squares {
				q.packSquares(s, dst[t*kb*lanes:][:kb*lanes], r0+lo, high, l+at, at, k)
				continue
			}
			s.panel = panel{
				dst: dst[(t*kb+at)*lanes:][:k*lanes], stride: lanes,
				b: q.a[r0+lo+q.first(l+at)*q.cs:], ldb: q.cs, k: k, cols: high,
			}
			q.pack(s, l+at)
		}
	}
}

// packSquares packs rows [r0,r0+rows) of a tile: k elements from element l, to element at of dst.
func (q *product) packSquares(s *scratch, dst []float32, r0, rows, l, at, k int) {
	side := matrixRows
	for r := 0; r < rows; r += side {
		s.panel = panel{
			dst: dst[r*len(dst)/q.mr+at*side:][:k*side],
			b:   q.a[r0+r+q.first(l)*q.cs:], ldb: q.cs, k: q.columns(l, k), cols: min(side, rows-r),
		}
		q.matrix.square(&s.panel)
	}
}

// columns returns the columns in k elements from element l on.
func (q *product) columns(l, k int) int { return min(q.first(k), q.depth-q.first(l)) }

// pack packs the panel of s, which begins at element l along k.
func (q *product) pack(s *scratch, l int) {
	p := &s.panel
	if q.pairs == nil {
		q.path.pack(p)
		return
	}
	k := q.columns(l, p.k)
	switch {
	case !p.trans:
		clear(p.dst[k/q.unitValues*q.unit*p.stride : p.k*p.stride])
		p.k = k
		q.pairs.pack(p)
	case q.matrix != nil:
		whole := *p
		p.k = k
		for j := 0; j < whole.stride; j += matrixRows {
			p.dst, p.b = whole.dst[j:], whole.b[min(j, whole.cols-1)*whole.ldb:]
			p.cols = min(whole.cols-j, matrixRows)
			q.matrix.transpose(p)
		}
	default:
		ld := oddLines(p.k)
		rows := s.pairs.floats(p.cols * ld)
		for j := range p.cols {
			q.pairRow(rows[j*ld:][:p.k], p.b[j*p.ldb:][:k])
		}
		p.b, p.ldb = rows, ld
		q.path.pack(p)
	}
}

// pairRow packs a row as pairs, with zeros after them.
func (q *product) pairRow(dst, src []float32) {
	n := (len(src) + 1) / 2
	if q.pairs.parts > 1 {
		n = (len(src) + q.unitValues - 1) / q.unitValues * q.unit
	}
	q.pairs.row(dst[:n], src)
	clear(dst[n:])
}

// packB packs elements [from,to) of B along k.
func (q *product) packB(dst []float32, procs int) {
	q.packTo = dst
	if (q.to-q.from)*q.n < minParallel {
		procs = 1
	}
	q.parts = share(q.panels(), procs)
	run(q.parts, procs, q.packBTo)
}

// packBPart is a task: it packs the i-th part of the panels of B.
func (q *product) packBPart(i int) {
	s := getScratch()
	defer s.release()
	panels := q.panels()
	lo, hi := part(i, q.parts, panels)
	for l := q.from; l < q.to; l += q.kBlock {
		kb := min(q.kBlock, q.k-l)
		q.packPanels(s, q.packTo[((l-q.from)*panels+lo*kb)*q.path.nr:], lo, hi, l, kb)
	}
}

// packPanels packs panels [p0,p1) of B for k in [l,l+kb). It works in stretches of k in which adjacent panels share
// pages.
func (q *product) packPanels(s *scratch, dst []float32, p0, p1, l, kb int) {
	nr := q.path.nr
	stretch := fewRows / q.unit * q.unit
	if q.transB {
		stretch = kb
		if q.pairs != nil { // rows are rounded first and stay in the cache until they are packed
			stretch = min(kb, pairStretch/q.unit*q.unit)
		}
	}
	for at := 0; at < kb; at += stretch {
		k := min(stretch, kb-at)
		first := q.first(l + at)
		for p := p0; p < p1; p++ {
			s.panel = panel{
				dst: dst[((p-p0)*kb+at)*nr:][:k*nr], stride: nr,
				ldb: q.ldb, k: k, cols: min(nr, q.n-p*nr), trans: q.transB,
			}
			if q.transB {
				s.panel.b = q.b[p*nr*q.ldb+first:]
			} else {
				s.panel.b = q.b[first*q.ldb+p*nr:]
			}
			q.pack(s, l+at)
		}
	}
}

// prefetchB notes panels [p0,p1) of B, in parts that one tile can prefetch.
func (q *product) prefetchB(s *scratch, p0, p1, l, kb int) {
	nr, values := q.path.nr, q.unitValues
	for p := p0; p < p1; p++ {
		for i := range unroll {
			at := i * kb / unroll
			switch {
			case q.packed != nil:
				s.prefetches = append(s.prefetches, prefetch{q.packed[((l-q.from)*q.panels()+p*kb+at)*nr:], nr})
			case q.transB: // about nr contiguous rows of kb
				s.prefetches = append(s.prefetches, prefetch{q.b[min(p*nr+i*nr/unroll, q.n-1)*q.ldb+l*values:], nr * values})
			default:
				s.prefetches = append(s.prefetches, prefetch{q.b[(l+at)*values*q.ldb+p*nr:], q.ldb * values})
			}
		}
	}
}

// prefetchA notes rows [r0,r1) of an A that will be copied: the block from element l.
func (q *product) prefetchA(s *scratch, r0, r1, l int) {
	if q.matrix != nil {
		return
	}
	switch q.layout {
	case columned:
		for r := r0; r < r1; r += q.path.nr {
			for i := range unroll {
				at := l + i*min(q.k-l, q.kBlock)/unroll
				s.prefetches = append(s.prefetches, prefetch{q.a[q.first(at)*q.cs+r:], q.cs * q.unitValues})
			}
		}
	case padded: // one tile prefetches about a few contiguous rows
		rows := max(1, q.path.lanes/unroll)
		for r := r0; r < r1; r += rows {
			s.prefetches = append(s.prefetches, prefetch{q.a[r*q.rs+q.first(l):], q.path.nr * q.unitValues})
		}
	}
}
