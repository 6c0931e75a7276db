package tokenize

// heap is a binary heap with the least element on top.
type heap[T any] struct {
	items []T
	less  func(a, b T) bool
}

// push adds an element.
func (h *heap[T]) push(x T) {
	h.items = append(h.items, x)
	i := len(h.items) - 1
	for i > 0 {
		up := (i - 1) / 2
		if !h.less(x, h.items[up]) {
			break
		}
		h.items[i] = h.items[up]
		i = up
	}
	h.items[i] = x
}

// pop removes and returns the least element of a non-empty heap.
func (h *heap[T]) pop() T {
	top := h.items[0]
	last := len(h.items) - 1
	x := h.items[last]
	h.items = h.items[:last]
	if last == 0 {
		return top
	}
	i := 0
	for {
		down := 2*i + 1
		if down >= last {
			break
		}
		if down+1 < last && h.less(h.items[down+1], h.items[down]) {
			down++
		}
		if !h.less(h.items[down], x) {
			break
		}
		h.items[i] = h.items[down]
		i = down
	}
	h.items[i] = x
	return top
}
