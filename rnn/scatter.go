package rnn

import "github.com/retell-rnn/retell/internal/kernel"

// rowGroups sorts numbers by value. It keeps memory for the next call.
type rowGroups struct {
	place  []int32 // by number: how often it occurs, then 1 + its index in values; zeros between calls
	values []int32 // that occur
	start  []int32 // the numbers equal to values[k] are at places[start[k]:start[k+1]]
	places []int32 // in ascending order for each value
}

// group sorts numbers, each from 0 to limit-1. The values are in ascending order or in order of first use.
func (s *rowGroups) group(numbers []int32, limit int, ascending bool) {
	if len(s.place) < limit {
		s.place = make([]int32, limit)
	}
	s.values = s.values[:0]
	for _, r := range numbers {
		if s.place[r] == 0 {
			s.values = append(s.values, r)
		}
		s.place[r]++
	}
	if ascending {
		s.values = s.values[:0]
		for r, count := range s.place[:limit] {
			if count > 0 {
				s.values = append(s.values, int32(r))
			}
		}
	}
	s.start = append(s.start[:0], 0)
	for k, r := range s.values {
		s.start = append(s.start, s.start[k]+s.place[r])
		s.place[r] = int32(k + 1)
	}
	if cap(s.places) < len(numbers) {
		s.places = make([]int32, len(numbers))
	}
	s.places = s.places[:len(numbers)]
	for i, r := range numbers { // start[k] moves on to start[k+1]
		at := &s.start[s.place[r]-1]
		s.places[*at] = int32(i)
		*at++
	}
	copy(s.start[1:], s.start[:len(s.values)])
	s.start[0] = 0
	for _, r := range s.values {
		s.place[r] = 0
	}
}

// of returns the places of the k-th value.
func (s *rowGroups) of(k int) []int32 { return s.places[s.start[k]:s.start[k+1]] }

// rowBlock is the number of rows that a core sums at a time.
const rowBlock = 32

// each calls f for every value, on all cores.
func (s *rowGroups) each(f func(k int)) {
	n := len(s.values)
	kernel.Tasks((n+rowBlock-1)/rowBlock, func(block int) {
		for k := block * rowBlock; k < min(n, (block+1)*rowBlock); k++ {
			f(k)
		}
	})
}

// addRows adds row from[i] of g, [_, columns], to the gradient of rows[i], for each i in order; a nil from means i.
// factors are those of the parameter's rows; nil means 1. The rows are touched in ascending order, which is faster for
// many rows, or in order of first use.
func (p *Param) addRows(rows, from []int32, g, factors []float32, ascending bool) {
	p.beginRows()
	s, n := &p.groups, p.Columns()
	s.group(rows, len(p.W)/n, ascending)
	for _, r := range s.values {
		p.touch(r)
	}
	s.each(func(k int) {
		r := int(s.values[k])
		dst := p.grad[r*n:][:n]
		for _, i := range s.of(k) {
			if from != nil {
				i = from[i]
			}
			if row := g[int(i)*n:][:n]; factors == nil {
				kernel.Add(dst, dst, row)
			} else {
				kernel.Axpy(factors[r], row, dst)
			}
		}
	})
}
