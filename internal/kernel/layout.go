package kernel

const (
	// fewRows is how many rows are packed at a time, where what is packed next lies beside them. It divides every kBlock.
	fewRows = 64
	// minPanels is the number of panels of B from which it pays to copy an A that lies badly.
	minPanels = 4
)

// layout is how A lies while it is multiplied.
type layout int

const (
	inPlace  layout = iota
	padded          // rows copied to a stride that spreads them over the cache
	columned        // for each block of k and each tile: columns of one register, [k of the block, lanes]
)

// layoutA decides how A is to lie: columns far apart are gathered, and so are rows whose distance makes them meet in the same
// few sets of the first-level cache.
func (q *product) layoutA() layout {
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
	for i := range min(q.m, q.path.mr) {
		set := i * q.rs / 16 % sets
		used[set]++
		if used[set] > most {
			return padded
		}
	}
	return inPlace
}

// stride returns the distance of rows of a padded A: an odd number of cache lines.
func (q *product) stride() int { return (q.k+15)/16*16 | 16 }

// sizeA returns the length of rows rows of A in the layout.
func (q *product) sizeA(rows int) int {
	if q.layout == padded {
		return rows * q.stride()
	}
	return tileCount(q.path, rows) * q.lanes() * q.k
}

func (q *product) lanes() int { return q.path.nr / 2 }

// packA lays out tiles [t0,t1) of the rows rows of A from row r0.
func (q *product) packA(s *scratch, dst []float32, r0, rows, t0, t1 int) {
	tiles := tileCount(q.path, rows)
	if q.layout == padded {
		for i := tileRow(rows, tiles, t0); i < tileRow(rows, tiles, t1); i++ {
			copy(dst[i*q.stride():], q.a[(r0+i)*q.rs:][:q.k])
		}
		return
	}
	lanes := q.lanes()
	p := &s.panel
	*p = panel{ldb: q.cs, stride: lanes}
	for l := 0; l < q.k; l += fewRows {
		start := l / q.path.kBlock * q.path.kBlock
		kb := min(q.path.kBlock, q.k-start)
		p.k = min(fewRows, q.k-l)
		for t := t0; t < t1; t++ {
			lo := tileRow(rows, tiles, t)
			p.cols = tileRow(rows, tiles, t+1) - lo
			p.b = q.a[r0+lo+l*q.cs:]
			p.dst = dst[(start*tiles+t*kb+l-start)*lanes:][:p.k*lanes]
			q.path.pack(p)
		}
	}
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
	}
	s.panel = panel{ldb: q.ldb, trans: q.transB, stride: nr}
	for at := 0; at < kb; at += stretch {
		s.panel.k = min(stretch, kb-at)
		for p := p0; p < p1; p++ {
			s.panel.dst = dst[((p-p0)*kb+at)*nr:][:s.panel.k*nr]
			s.panel.cols = min(nr, q.n-p*nr)
			if q.transB {
				s.panel.b = q.b[p*nr*q.ldb+l+at:]
			} else {
				s.panel.b = q.b[(l+at)*q.ldb+p*nr:]
			}
			q.path.pack(&s.panel)
		}
	}
}

// soonB notes panels [p0,p1) of B.
func (q *product) soonB(s *scratch, p0, p1, l, kb int) {
	nr := q.path.nr
	for p := p0; p < p1; p++ {
		switch {
		case q.packed != nil:
			s.soon = append(s.soon, touch{q.packed[(l*q.panels()+p*kb)*nr:], nr})
		case q.transB: // nr rows of kb, about one after the other
			s.soon = append(s.soon, touch{q.b[p*nr*q.ldb+l:], nr})
		default:
			s.soon = append(s.soon, touch{q.b[l*q.ldb+p*nr:], q.ldb})
		}
	}
}

// soonA notes rows [r0,r1) of an A that will be copied.
func (q *product) soonA(s *scratch, r0, r1 int) {
	switch q.layout {
	case columned:
		for r := r0; r < r1; r += q.path.nr {
			s.soon = append(s.soon, touch{q.a[r:], q.cs})
		}
	case padded: // a call goes over as much as a few rows, about one after the other
		for r := r0; r < r1; r += q.path.nr / 2 {
			s.soon = append(s.soon, touch{q.a[r*q.rs:], q.path.nr / 2})
		}
	}
}
