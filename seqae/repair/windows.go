package repair

// span is a window of a line: tokens from to to.
type span struct{ from, to int }

// windowsOf returns the windows of n tokens in which a model reads them. They overlap by a quarter of their size.
func windowsOf(n, size int) []span {
	if n <= size {
		return []span{{0, n}}
	}
	var out []span
	for from, stride := 0, size-size/4; ; from += stride {
		if from+size >= n {
			return append(out, span{n - size, n})
		}
		out = append(out, span{from, from + size})
	}
}

// trusted returns, for each of n tokens, the number of the window in which it is farthest from an edge. The ends of the
// line are no edges.
func trusted(n int, windows []span) []int {
	out := make([]int, n)
	inside := func(w span, i int) int {
		left, right := i-w.from, w.to-1-i
		if w.from == 0 {
			left = n
		}
		if w.to == n {
			right = n
		}
		return min(left, right)
	}
	first := 0 // window that holds i
	for i := range out {
		for windows[first].to <= i {
			first++
		}
		best := -1
		for k := first; k < len(windows) && windows[k].from <= i; k++ {
			if d := inside(windows[k], i); d > best {
				out[i], best = k, d
			}
		}
	}
	return out
}
