package rnn

import "github.com/retell-rnn/retell/internal/kernel"

// rowGroups sorts numbers by value. It keeps memory for the next call.
type rowGroups struct {
	place  []int32 // by number: 1 + its index in values; 0 for a number that does not occur
	values []int32 // that occur, in order of first use
	start  []int32 // the numbers equal to values[k] are at places[start[k]:start[k+1]]
	places []int32 // in ascending order for each value
}

// group sorts numbers, each from 0 to limit-1.
func (s *rowGroups) group(numbers []int32, limit int) {
	if len(s.place) < limit {
		s.place = make([]int32, limit)
	}
	s.values, s.start = s.values[:0], append(s.start[:0], 0)
	for _, r := range numbers {
		if s.place[r] == 0 {
			s.values, s.start = append(s.values, r), append(s.start, 0)
			s.place[r] = int32(len(s.values))
		}
		s.start[s.place[r]]++
	}
	for k := range s.values {
		s.start[k+1] += s.start[k]
	}
	if cap(s.places) < len(numbers) {
		s.places = make([]int32, len(numbers))
	}
	s.places = s.places[:len(numbers)]
	for i, r := range numbers { // start[k] moves on to the end of the values
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
func (p *Param) addRows(rows, from []int32, g []float32) {
	p.beginRows()
	s, n := &p.groups, p.Columns()
	s.group(rows, len(p.W)/n)
	for _, r := range s.values {
		p.touch(r)
	}
	s.each(func(k int) {
		dst := p.grad[int(s.values[k])*n:][:n]
		for _, i := range s.of(k) {
			if from != nil {
				i = from[i]
			}
			kernel.Add(dst, dst, g[int(i)*n:][:n])
		}
	})
}
