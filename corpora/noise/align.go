package noise

// maxAligned is the most characters of a line that is aligned; memory is proportional to the product of two lengths.
const maxAligned = 4000

// change is what became of a run of characters: those before it, the run, its replacement and those after it. A change
// of nothing to something is an insertion.
type change struct{ from, to []rune }

// align returns the lines as alternating equal and changed runs, from a cheapest sequence of insertions, deletions and
// substitutions of single characters (Levenshtein 1966). Runs of edits without a kept character between them are one
// change. Equal runs have equal slices.
func align(clean, dirty []rune) []change {
	n, m := len(clean), len(dirty)
	cost := make([]uint16, (n+1)*(m+1)) // cost of clean[i:] to dirty[j:]
	at := func(i, j int) int { return i*(m+1) + j }
	for j := range m + 1 {
		cost[at(n, j)] = uint16(m - j)
	}
	for i := n - 1; i >= 0; i-- {
		cost[at(i, m)] = uint16(n - i)
		for j := m - 1; j >= 0; j-- {
			best := cost[at(i+1, j+1)]
			if clean[i] != dirty[j] {
				best = min(best, cost[at(i+1, j)], cost[at(i, j+1)]) + 1
			}
			cost[at(i, j)] = best
		}
	}
	var runs []change
	same := false
	add := func(i, j, di, dj int) {
		equal := di == 1 && dj == 1 && clean[i] == dirty[j]
		if len(runs) == 0 || same != equal {
			runs = append(runs, change{clean[i:i], dirty[j:j]})
			same = equal
		}
		last := &runs[len(runs)-1]
		last.from, last.to = last.from[:len(last.from)+di], last.to[:len(last.to)+dj]
	}
	for i, j := 0, 0; i < n || j < m; {
		di, dj := 1, 1
		if i == n || j == m || clean[i] != dirty[j] {
			switch c := cost[at(i, j)]; {
			case i < n && j < m && cost[at(i+1, j+1)]+1 == c:
			case i < n && cost[at(i+1, j)]+1 == c:
				dj = 0
			default:
				di = 0
			}
		}
		add(i, j, di, dj)
		i, j = i+di, j+dj
	}
	return runs
}

// equal reports whether a run is kept.
func (c change) equal() bool {
	return len(c.from) > 0 && len(c.from) == len(c.to) && string(c.from) == string(c.to)
}
