package kernel

const (
	// fewRows is about how many rows are packed at a time, where what is packed next lies beside them. It divides every
	// kBlock but for the rounding to units.
	fewRows = 64
	// minPanels is the number of panels of B from which it pays to copy an A that lies badly.
	minPanels = 2
	// pairStretch is how many pairs of a row are rounded at a time.
	pairStretch = 256
)

// layout is how A lies while it is multiplied.
type layout int

const (
	inPlace  layout = iota
	padded          // rows copied to a stride that spreads them over the cache
	columned        // for each block of k and each tile: columns of one register, [k of the block, lanes]
	squares         // for each block of k and each tile: squares of matrixTiles.side rows, those of the same rows one after the other
)

// layoutA decides how A, which meets so many columns, is to lie: columns far apart are gathered, and so are rows whose
// distance makes them meet in the same few sets of the first-level cache.
func (q *product) layoutA(columns int) layout {
	if q.unitValues > 1 { // it is copied as it is rounded
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

// oddLines returns a distance for rows of n elements that spreads them over the cache: an odd number of cache lines.
func oddLines(n int) int { return (n+15)/16*16 | 16 }

// sizeA returns the length of rows rows of a block of A in the layout.
func (q *product) sizeA(rows, kb int) int {
	if q.layout == padded {
		return rows * oddLines(kb)
	}
	return tileCount(q.mr, rows) * q.lanes() * kb
}

// lanes returns for how many rows a column of A has room.
func (q *product) lanes() int {
	if q.matrix != nil {
		return q.mr
	}
	return q.path.nr / 2
}

// packA lays out tiles [t0,t1) of the rows rows of A from row r0, the block of kb elements from the l-th.
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
				q.whole.round(r0+i, to, row)
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

// packSquares lays out rows [r0,r0+rows) of a tile for k elements from the l-th, which are the at-th of dst.
func (q *product) packSquares(s *scratch, dst []float32, r0, rows, l, at, k int) {
	side := q.matrix.side
	for r := 0; r < rows; r += side {
		s.panel = panel{
			dst: dst[r*len(dst)/q.mr+at*side:][:k*side],
			b:   q.a[r0+r+q.first(l)*q.cs:], ldb: q.cs, k: q.columns(l, k), cols: min(side, rows-r),
		}
		q.matrix.square(&s.panel)
	}
}

// columns returns how many columns k elements from the l-th hold.
func (q *product) columns(l, k int) int { return min(q.first(k), q.depth-q.first(l)) }

// pack packs the panel of s, whose first element along k is the l-th.
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
		for j := 0; j < whole.stride; j += q.matrix.side {
			p.dst, p.b = whole.dst[j:], whole.b[min(j, whole.cols-1)*whole.ldb:]
			p.cols = min(whole.cols-j, q.matrix.side)
			q.matrix.turn(p)
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

// pairRow lays out neighbours of a row as pairs, with zeros after them.
func (q *product) pairRow(dst, src []float32) {
	n := (len(src) + 1) / 2
	if q.pairs.parts > 1 {
		n = (len(src) + q.unitValues - 1) / q.unitValues * q.unit
	}
	q.pairs.row(dst[:n], src)
	clear(dst[n:])
}

// packB lays out B from the from-th element to the to-th.
func (q *product) packB(dst []float32, procs int) {
	q.packTo = dst
	if (q.to-q.from)*q.n < minParallel {
		procs = 1
	}
	q.parts = share(q.panels(), procs)
	run(q.parts, procs, q.packBTo)
}

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

// packPanels lays out panels [p0,p1) of B for k in [l,l+kb), a stretch that panels beside each other share pages in at
// a time.
func (q *product) packPanels(s *scratch, dst []float32, p0, p1, l, kb int) {
	nr := q.path.nr
	stretch := fewRows / q.unit * q.unit
	if q.transB {
		stretch = kb
		if q.pairs != nil { // which are rounded before they are packed and stay in the cache between
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

// soonB notes panels [p0,p1) of B, in parts that a tile can bring near in its turns.
func (q *product) soonB(s *scratch, p0, p1, l, kb int) {
	nr, values := q.path.nr, q.unitValues
	for p := p0; p < p1; p++ {
		for i := range turn {
			at := i * kb / turn
			switch {
			case q.packed != nil:
				s.soon = append(s.soon, touch{q.packed[((l-q.from)*q.panels()+p*kb+at)*nr:], nr})
			case q.transB: // nr rows of kb, about one after the other
				s.soon = append(s.soon, touch{q.b[min(p*nr+i*nr/turn, q.n-1)*q.ldb+l*values:], nr * values})
			default:
				s.soon = append(s.soon, touch{q.b[(l+at)*values*q.ldb+p*nr:], q.ldb * values})
			}
		}
	}
}

// soonA notes rows [r0,r1) of an A that will be copied, the block from the l-th element.
func (q *product) soonA(s *scratch, r0, r1, l int) {
	if q.matrix != nil {
		return
	}
	switch q.layout {
	case columned:
		for r := r0; r < r1; r += q.path.nr {
			for i := range turn {
				at := l + i*min(q.k-l, q.kBlock)/turn
				s.soon = append(s.soon, touch{q.a[q.first(at)*q.cs+r:], q.cs * q.unitValues})
			}
		}
	case padded: // a call goes over as much as a few rows, about one after the other
		rows := max(1, q.path.nr/2/turn)
		for r := r0; r < r1; r += rows {
			s.soon = append(s.soon, touch{q.a[r*q.rs+q.first(l):], q.path.nr * q.unitValues})
		}
	}
}
