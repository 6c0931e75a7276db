package kernel

const (
	// fewRows is how many rows are packed at a time, where what is packed next lies beside them. It divides every kBlock.
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

// layoutA decides how A is to lie: columns far apart are gathered, and so are rows whose distance makes them meet in the same
// few sets of the first-level cache.
func (q *product) layoutA() layout {
	if q.values > 1 { // it is copied as it is rounded
		switch {
		case q.cs == 1:
			return padded
		case q.matrix != nil:
			return squares
		}
		return columned
	}
	if q.n < minPanels*q.path.nr || q.m <= maxSmall {
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

// stride returns the distance of rows of a padded A.
func (q *product) stride() int { return oddLines(q.k) }

// oddLines returns a distance for rows of n elements that spreads them over the cache: an odd number of cache lines.
func oddLines(n int) int { return (n+15)/16*16 | 16 }

// sizeA returns the length of rows rows of A in the layout.
func (q *product) sizeA(rows int) int {
	if q.layout == padded {
		return rows * q.stride()
	}
	return tileCount(q.mr, rows) * q.lanes() * q.k
}

// lanes returns for how many rows a column of A has room.
func (q *product) lanes() int {
	if q.matrix != nil {
		return q.mr
	}
	return q.path.nr / 2
}

// packA lays out tiles [t0,t1) of the rows rows of A from row r0.
func (q *product) packA(s *scratch, dst []float32, r0, rows, t0, t1 int) {
	tiles := tileCount(q.mr, rows)
	if q.layout == padded {
		for i := tileRow(rows, tiles, t0); i < tileRow(rows, tiles, t1); i++ {
			row := q.a[(r0+i)*q.rs:][:q.depth]
			to := dst[i*q.stride():][:q.k]
			switch {
			case q.pairs != nil:
				n := (q.depth + 1) / 2
				q.pairs.row(to[:n], row)
				clear(to[n:])
			case q.inInt8():
				q.whole.round(r0+i, to, row)
			default:
				copy(to, row)
			}
		}
		return
	}
	lanes := q.lanes()
	for l := 0; l < q.k; l += fewRows {
		start := l / q.path.kBlock * q.path.kBlock
		kb := min(q.path.kBlock, q.k-start)
		k := min(fewRows, q.k-l)
		for t := t0; t < t1; t++ {
			lo := tileRow(rows, tiles, t)
			if q.layout == squares {
				q.packSquares(s, dst[(start*tiles+t*kb)*lanes:][:kb*lanes], r0+lo, tileRow(rows, tiles, t+1)-lo, l, l-start, k)
				continue
			}
			s.panel = panel{
				dst: dst[(start*tiles+t*kb+l-start)*lanes:][:k*lanes], stride: lanes,
				b: q.a[r0+lo+l*q.values*q.cs:], ldb: q.cs, k: k, cols: tileRow(rows, tiles, t+1) - lo,
			}
			q.pack(s, l)
		}
	}
}

// packSquares lays out rows [r0,r0+rows) of a tile for k elements from the l-th, which are the at-th of dst.
func (q *product) packSquares(s *scratch, dst []float32, r0, rows, l, at, k int) {
	side := q.matrix.side
	for r := 0; r < rows; r += side {
		columns := s.squares.floats(fewRows * side)
		s.panel = panel{
			dst: columns[:k*side], stride: side,
			b: q.a[r0+r+l*q.values*q.cs:], ldb: q.cs, k: k, cols: min(side, rows-r),
		}
		q.pack(s, l)
		to := dst[r*len(dst)/q.mr+at*side:]
		for i := 0; i < k; i += side {
			s.panel = panel{dst: to[i*side:][:side*side], stride: side, b: columns[i*side:], ldb: side, k: side, cols: side, trans: true}
			q.path.pack(&s.panel)
		}
	}
}

// pack packs the panel of s, whose first element along k is the l-th.
func (q *product) pack(s *scratch, l int) {
	p := &s.panel
	if q.pairs == nil {
		q.path.pack(p)
		return
	}
	k := min(2*p.k, q.depth-2*l)
	clear(p.dst[(k+1)/2*p.stride : p.k*p.stride])
	p.k = (k + 1) / 2
	if !p.trans {
		p.k = k
		q.pairs.pack(p)
		return
	}
	ld := oddLines(p.k)
	rows := s.pairs.floats(p.cols * ld)
	for j := range p.cols {
		q.pairs.row(rows[j*ld:][:p.k], p.b[j*p.ldb:][:k])
	}
	p.b, p.ldb = rows, ld
	q.path.pack(p)
}

// packB lays out all of B.
func (q *product) packB(dst []float32, procs int) {
	q.packTo = dst
	if q.k*q.n < minParallel {
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
	for l := 0; l < q.k; l += q.path.kBlock {
		kb := min(q.path.kBlock, q.k-l)
		q.packPanels(s, q.packTo[(l*panels+lo*kb)*q.path.nr:], lo, hi, l, kb)
	}
}

// packPanels lays out panels [p0,p1) of B for k in [l,l+kb), a stretch that panels beside each other share pages in at a time.
func (q *product) packPanels(s *scratch, dst []float32, p0, p1, l, kb int) {
	nr := q.path.nr
	stretch := fewRows
	if q.transB {
		stretch = kb
		if q.pairs != nil { // which are rounded before they are packed and stay in the cache between
			stretch = min(kb, pairStretch)
		}
	}
	for at := 0; at < kb; at += stretch {
		k := min(stretch, kb-at)
		first := (l + at) * q.values
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
	nr, values := q.path.nr, q.values
	for p := p0; p < p1; p++ {
		for i := range turn {
			at := i * kb / turn
			switch {
			case q.packed != nil:
				s.soon = append(s.soon, touch{q.packed[(l*q.panels()+p*kb+at)*nr:], nr})
			case q.transB: // nr rows of kb, about one after the other
				s.soon = append(s.soon, touch{q.b[min(p*nr+i*nr/turn, q.n-1)*q.ldb+l*values:], nr * values})
			default:
				s.soon = append(s.soon, touch{q.b[(l+at)*values*q.ldb+p*nr:], q.ldb * values})
			}
		}
	}
}

// soonA notes rows [r0,r1) of an A that will be copied.
func (q *product) soonA(s *scratch, r0, r1 int) {
	switch q.layout {
	case columned:
		for r := r0; r < r1; r += q.path.nr {
			for i := range turn {
				s.soon = append(s.soon, touch{q.a[i*min(q.k, q.path.kBlock)/turn*q.values*q.cs+r:], q.cs * q.values})
			}
		}
	case padded: // a call goes over as much as a few rows, about one after the other
		rows := max(1, q.path.nr/2/turn)
		for r := r0; r < r1; r += rows {
			s.soon = append(s.soon, touch{q.a[r*q.rs:], q.path.nr * q.values})
		}
	}
}
