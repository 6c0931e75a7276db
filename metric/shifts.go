package metric

import "math"

// Limits of Tercom and sacreBLEU.
const (
	maxShiftSize       = 10   // words of a shift
	maxShiftDistance   = 50   // distance between the positions in hypothesis and reference
	maxShiftCandidates = 1000 // shifts to try for a pair of sentences
	beamWidth          = 25   // cells on each side of the diagonal
)

const unreached = math.MaxInt32 / 2 // the cost of a cell outside the beam

// editsWithShifts returns the number of edits that turn hyp into ref, where a shift of a run of words counts as one
// edit. It chooses shifts greedily: it applies the shift that saves the most edits until none saves any.
func editsWithShifts(hyp, ref []int32) int {
	if len(ref) == 0 {
		return len(hyp)
	}
	g := newEditGrid(hyp, ref)
	shifts, tried := 0, 0
	for {
		best := g.bestShift(&tried)
		if best.saved <= 0 || tried >= maxShiftCandidates {
			return shifts + g.cost()
		}
		g.apply(best)
		shifts++
	}
}

// shift moves the words hyp[start:start+length] to before hyp[target] and reduces the distance by saved.
type shift struct {
	start, length, target int
	saved                 int
}

// before reports whether Tercom prefers s to t: by edits saved, length, early start and early target, in this order.
func (s shift) before(t shift) bool {
	switch {
	case s.saved != t.saved:
		return s.saved > t.saved
	case s.length != t.length:
		return s.length > t.length
	case s.start != t.start:
		return s.start < t.start
	}
	return s.target < t.target
}

// move applies the shift to words and appends the result to dst. A target inside the run counts from the run's end.
func (s shift) move(dst, words []int32) []int32 {
	run, end := words[s.start:s.start+s.length], s.start+s.length
	switch {
	case s.target < s.start:
		dst = append(dst, words[:s.target]...)
		dst = append(dst, run...)
		dst = append(dst, words[s.target:s.start]...)
		return append(dst, words[end:]...)
	case s.target > end:
		dst = append(dst, words[:s.start]...)
		dst = append(dst, words[end:s.target]...)
		dst = append(dst, run...)
		return append(dst, words[s.target:]...)
	default:
		after := min(s.length+s.target, len(words))
		dst = append(dst, words[:s.start]...)
		dst = append(dst, words[end:after]...)
		dst = append(dst, run...)
		return append(dst, words[after:]...)
	}
}

// editGrid holds the edit distances between the prefixes of a hypothesis and those of a reference, in a beam around the
// diagonal.
type editGrid struct {
	hyp, ref []int32
	rows     [][]cell // [len(hyp)+1][len(ref)+1]
	beam     int
	slope    float64 // words of the reference per word of the hypothesis

	shifted []int32   // scratch: a shifted hypothesis
	trial   [2][]cell // scratch: its last rows
}

// cell is the distance between two prefixes and the last edit.
type cell struct {
	cost int32
	op   op
}

// op is an edit that turns the hypothesis into the reference.
type op uint8

const (
	keep       op = iota
	substitute    // another word
	drop          // remove a word of the hypothesis
	insert        // add a word of the reference
)

// newEditGrid returns the filled grid of a hypothesis and a reference.
func newEditGrid(hyp, ref []int32) *editGrid {
	g := &editGrid{
		hyp:     append([]int32(nil), hyp...),
		ref:     ref,
		rows:    make([][]cell, len(hyp)+1),
		beam:    beamWidth,
		slope:   1,
		shifted: make([]int32, 0, len(hyp)),
	}
	width := len(ref) + 1
	cells := make([]cell, (len(hyp)+3)*width)
	for i := range g.rows {
		g.rows[i], cells = cells[:width:width], cells[width:]
	}
	g.trial = [2][]cell{cells[:width], cells[width:]}
	if len(hyp) > 0 {
		g.slope = float64(len(ref)) / float64(len(hyp))
	}
	if beamWidth < g.slope/2 {
		g.beam = int(math.Ceil(g.slope/2 + beamWidth))
	}
	for j := range g.rows[0] {
		g.rows[0][j] = cell{int32(j), insert}
	}
	g.fill(0)
	return g
}

// cost returns the distance between hypothesis and reference.
func (g *editGrid) cost() int {
	return int(g.rows[len(g.hyp)][len(g.ref)].cost)
}

// fill computes the rows after row i.
func (g *editGrid) fill(i int) {
	for ; i < len(g.hyp); i++ {
		g.next(g.rows[i+1], g.rows[i], i+1, g.hyp[i])
	}
}

// next computes row i from the previous row; word is the i-th word. For equal costs, it prefers keep and substitute to
// drop, and drop to insert.
func (g *editGrid) next(row, last []cell, i int, word int32) {
	diagonal := int(math.Floor(float64(i) * g.slope))
	from, to := max(0, diagonal-g.beam), min(len(row), diagonal+g.beam)
	if i == len(g.hyp) {
		to = len(row)
	}
	for j := range row[:from] {
		row[j].cost = unreached
	}
	for j := to; j < len(row); j++ {
		row[j].cost = unreached
	}
	left := int32(unreached)
	for j := from; j < to; j++ {
		best := cell{last[j].cost + 1, drop}
		if j > 0 {
			across := cell{last[j-1].cost, keep}
			if word != g.ref[j-1] {
				across = cell{across.cost + 1, substitute}
			}
			if across.cost <= best.cost {
				best = across
			}
			if left+1 < best.cost {
				best = cell{left + 1, insert}
			}
		}
		row[j] = best
		left = best.cost
	}
}

// try returns the distance after a shift.
func (g *editGrid) try(s shift) int {
	g.shifted = s.move(g.shifted[:0], g.hyp)
	same := 0
	for same < len(g.hyp) && g.shifted[same] == g.hyp[same] {
		same++
	}
	last := g.rows[same]
	for i := same; i < len(g.hyp); i++ {
		row := g.trial[i&1]
		g.next(row, last, i+1, g.shifted[i])
		last = row
	}
	return int(last[len(g.ref)].cost)
}

// apply performs a shift.
func (g *editGrid) apply(s shift) {
	g.shifted = s.move(g.shifted[:0], g.hyp)
	g.hyp, g.shifted = g.shifted, g.hyp
	g.fill(min(s.start, s.target))
}

// alignment is the alignment of words by the cheapest edits.
type alignment struct {
	hypOf              []int // word of the hypothesis at or before each word of the reference; -1 for none
	hypWrong, refWrong []int // number of edited words before each position
}

// align traces the cheapest edits back through the grid.
func (g *editGrid) align() alignment {
	i, j := len(g.hyp), len(g.ref)
	a := alignment{make([]int, j), make([]int, i+1), make([]int, j+1)}
	for i > 0 || j > 0 {
		o := g.rows[i][j].op
		if o != insert {
			i--
			if o != keep {
				a.hypWrong[i+1] = 1
			}
		}
		if o != drop {
			j--
			if o != keep {
				a.refWrong[j+1] = 1
			}
			a.hypOf[j] = i
			if o == insert {
				a.hypOf[j] = i - 1
			}
		}
	}
	for i := range g.hyp {
		a.hypWrong[i+1] += a.hypWrong[i]
	}
	for j := range g.ref {
		a.refWrong[j+1] += a.refWrong[j]
	}
	return a
}

// bestShift returns the best shift of a run of words to a position where the reference has the same words. Both the run
// and the position must contain errors. If there is no such shift, saved is 0. bestShift adds the number of shifts that
// it tries to tried.
func (g *editGrid) bestShift(tried *int) shift {
	a, now := g.align(), g.cost()
	var best shift
	found := false
	for start := range g.hyp {
		for r := max(0, start-maxShiftDistance); r < min(len(g.ref), start+maxShiftDistance+1); r++ {
			for n := 1; n <= maxShiftSize && start+n <= len(g.hyp) && r+n <= len(g.ref) && g.hyp[start+n-1] == g.ref[r+n-1]; n++ {
				if a.hypWrong[start+n] == a.hypWrong[start] || a.refWrong[r+n] == a.refWrong[r] ||
					a.hypOf[r] >= start && a.hypOf[r] < start+n {
					continue
				}
				last := -1
				for at := r - 1; at < r+n; at++ {
					target := 0
					if at >= 0 {
						target = a.hypOf[at] + 1
					}
					if target == last {
						continue
					}
					last = target
					s := shift{start: start, length: n, target: target}
					s.saved = now - g.try(s)
					*tried++
					if !found || s.before(best) {
						best, found = s, true
					}
				}
				if *tried >= maxShiftCandidates {
					return best
				}
			}
		}
	}
	return best
}
