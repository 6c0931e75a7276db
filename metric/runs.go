package metric

// run is a part of an alignment: equal tokens of two sequences, or tokens of the first and those in their place.
type run[T comparable] struct {
	same     bool
	a, b     []T
	atA, atB int // where they begin
}

// maxAlignment is the largest product of two lengths that are aligned in full, after what they have in common at both
// ends. Larger middles are one run.
const maxAlignment = 1 << 26

// alignRuns aligns two sequences with the fewest insertions, deletions and substitutions. Runs of equal and of other
// tokens alternate.
func alignRuns[T comparable](a, b []T) []run[T] {
	start := 0
	for start < min(len(a), len(b)) && a[start] == b[start] {
		start++
	}
	endA, endB := len(a), len(b)
	for endA > start && endB > start && a[endA-1] == b[endB-1] {
		endA, endB = endA-1, endB-1
	}
	var runs []run[T]
	add := func(same bool, i, j, toI, toJ int) {
		if i == toI && j == toJ {
			return
		}
		if n := len(runs) - 1; n >= 0 && runs[n].same == same {
			last := &runs[n]
			last.a, last.b = a[last.atA:toI], b[last.atB:toJ]
			return
		}
		runs = append(runs, run[T]{same, a[i:toI], b[j:toJ], i, j})
	}
	add(true, 0, 0, start, start)
	n, m := endA-start, endB-start
	if n == 0 || m == 0 || n*m > maxAlignment {
		add(false, start, start, endA, endB)
	} else {
		cost := editCosts(a[start:endA], b[start:endB])
		for i, j := 0, 0; i < n || j < m; {
			di, dj := nextEdit(cost, m+1, i, j, n, m, i < n && j < m && a[start+i] == b[start+j])
			same := di+dj == 2 && a[start+i] == b[start+j]
			add(same, start+i, start+j, start+i+di, start+j+dj)
			i, j = i+di, j+dj
		}
	}
	add(true, endA, endB, len(a), len(b))
	return runs
}

// editCosts returns the edit distances of a[i:] and b[j:], [len(a)+1][len(b)+1].
func editCosts[T comparable](a, b []T) []int32 {
	n, m := len(a), len(b)
	cost := make([]int32, (n+1)*(m+1))
	for j := range m {
		cost[n*(m+1)+j] = int32(m - j)
	}
	for i := n - 1; i >= 0; i-- {
		row, next := cost[i*(m+1):(i+1)*(m+1)], cost[(i+1)*(m+1):]
		row[m] = int32(n - i)
		for j := m - 1; j >= 0; j-- {
			row[j] = next[j+1]
			if a[i] != b[j] {
				row[j] = min(next[j+1], next[j], row[j+1]) + 1
			}
		}
	}
	return cost
}

// nextEdit returns how many tokens of both sequences the next edit of a cheapest alignment takes. It prefers a
// substitution.
func nextEdit(cost []int32, width, i, j, n, m int, same bool) (di, dj int) {
	here := cost[i*width+j]
	switch {
	case same || i < n && j < m && cost[(i+1)*width+j+1]+1 == here:
		return 1, 1
	case i < n && cost[(i+1)*width+j]+1 == here:
		return 1, 0
	default:
		return 0, 1
	}
}
