package vectors

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/retell-rnn/retell/internal/kernel"
)

// Pair is a row of one file and a row of another.
type Pair struct {
	A, B         int // numbers of the rows, from 0
	TextA, TextB string
	Similarity   float32 // cosine of the vectors, -1 to 1; 0 if one is blank
	Score        float64 // figure that orders pairs: the margin score of [Mine], and else the cosine
}

// Aligned streams row n of a with row n of b, in constant memory. It is an error if one has more rows.
func Aligned(a, b iter.Seq2[Row, error]) iter.Seq2[Pair, error] {
	return func(yield func(Pair, error) bool) {
		next, stop := iter.Pull2(b)
		defer stop()
		n, width := 0, 0
		for left, err := range a {
			right, errB, ok := next()
			switch {
			case err != nil:
			case !ok:
				err = fmt.Errorf("vectors: the second file ends after %d rows, and the first has more: want as many", n)
			case errB != nil:
				err = errB
			default:
				if err = checkVector(left.Vector, width); err == nil {
					width = len(left.Vector)
					err = checkVector(right.Vector, width)
				}
				if err != nil {
					err = fmt.Errorf("vectors: row %d: %w", n+1, err)
				}
			}
			if err != nil {
				yield(Pair{}, err)
				return
			}
			s := similarity(left.Vector, right.Vector)
			if !yield(Pair{A: n, B: n, TextA: left.Text, TextB: right.Text, Similarity: s, Score: float64(s)}, nil) {
				return
			}
			n++
		}
		if _, err, more := next(); more {
			if err == nil {
				err = fmt.Errorf("vectors: the first file ends after %d rows, and the second has more: want as many", n)
			}
			yield(Pair{}, err)
		}
	}
}

// similarity returns the cosine of two vectors, 0 if one is all zeros.
func similarity(a, b []float32) float32 {
	u, v := make([]float32, len(a)), make([]float32, len(b))
	if !kernel.Unit(u, a) || !kernel.Unit(v, b) {
		return 0
	}
	return clip(kernel.Dot(u, v))
}

// clip moves a cosine that rounding has put outside of its range to the end of the range.
func clip(s float32) float32 { return max(-1, min(1, s)) }

// Cosines streams, for each row of a, the row's cosines with all rows of b, as a row with a's text. The cosines with
// blank rows are 0. The rows of b stay in memory; those of a do not.
func Cosines(ctx context.Context, a iter.Seq2[Row, error], b *Matrix) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		unit, numbers := b.unit()
		for batch, err := range batches(a, b.Width) {
			var out []float32
			if err == nil {
				out, err = cosines(ctx, batch, unit, numbers, b.Rows())
			}
			if err != nil {
				yield(Row{}, err)
				return
			}
			for i, text := range batch.Texts {
				if !yield(Row{Text: text, Vector: out[i*b.Rows():][:b.Rows():b.Rows()]}, nil) {
					return
				}
			}
		}
	}
}

// cosines returns the cosines of a batch with all rows, [batch, of]. numbers are those of the rows that are not blank.
func cosines(ctx context.Context, batch, unit *Matrix, numbers []int, of int) ([]float32, error) {
	asked, at := batch.unit()
	out := make([]float32, batch.Rows()*of)
	if len(at) == 0 || len(numbers) == 0 {
		return out, ctx.Err()
	}
	err := scanAll(ctx, unit.Data, unit.Rows(), pack(asked.Data, asked.Width), func() (func(int, []float32), func()) {
		return func(first int, c []float32) { // cores write different columns
			for i := range len(c) / len(at) {
				for j, s := range c[i*len(at):][:len(at)] {
					out[at[j]*of+numbers[first+i]] = clip(s)
				}
			}
		}, func() {}
	})
	return out, err
}

// batches collects rows into matrices of up to blockRows rows. All must have the given width.
func batches(rows iter.Seq2[Row, error], width int) iter.Seq2[*Matrix, error] {
	return func(yield func(*Matrix, error) bool) {
		m, n := &Matrix{Width: width}, 0
		for r, err := range rows {
			n++
			if err == nil {
				if err = checkVector(r.Vector, width); err != nil {
					err = fmt.Errorf("vectors: row %d: %w", n, err)
				}
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if m.add(r.Text, r.Vector); m.Rows() == blockRows {
				if !yield(m, nil) {
					return
				}
				m = &Matrix{Width: width}
			}
		}
		if m.Rows() > 0 {
			yield(m, nil)
		}
	}
}

// TopPairs returns the n pairs of a row of a and a row of b with the greatest cosines, the greatest first; of equal
// ones, the one with the earlier rows. The rows of b stay in memory; those of a do not. Blank rows are in no pair.
func TopPairs(ctx context.Context, a iter.Seq2[Row, error], b *Matrix, n int) ([]Pair, error) {
	return topPairs(ctx, a, b, n, func(int, int) bool { return true })
}

// TopPairsWithin is [TopPairs] of the rows of one file. A row is not paired with itself, and a pair comes once, its
// earlier row first.
func TopPairsWithin(ctx context.Context, m *Matrix, n int) ([]Pair, error) {
	return topPairs(ctx, m.All(), m, n, func(a, b int) bool { return a < b })
}

// topPairs is TopPairs of the pairs that the function allows.
func topPairs(ctx context.Context, a iter.Seq2[Row, error], b *Matrix, n int, allowed func(a, b int) bool) ([]Pair, error) {
	if n < 1 {
		return nil, fmt.Errorf("vectors: %d pairs: want at least 1", n)
	}
	unit, numbers := b.unit()
	found := &best{k: n} // a hit's row is a's number · rows of b + b's number
	var texts []string
	for batch, err := range batches(a, b.Width) {
		if err != nil {
			return nil, err
		}
		asked, at := batch.unit()
		before := len(texts)
		texts = append(texts, batch.Texts...)
		if len(at) == 0 || len(numbers) == 0 {
			continue
		}
		if err := found.pairs(ctx, asked, unit, func(i, j int) (int, bool) {
			row, of := before+at[i], numbers[j]
			return row*b.Rows() + of, allowed(row, of)
		}); err != nil {
			return nil, err
		}
	}
	if len(texts) == 0 {
		return nil, errors.New("vectors: no rows: want at least one")
	}
	pairs := []Pair{}
	for _, h := range found.sorted() {
		row, of := h.row/b.Rows(), h.row%b.Rows()
		s := clip(h.similarity)
		pairs = append(pairs, Pair{A: row, B: of, TextA: texts[row], TextB: b.Texts[of], Similarity: s, Score: float64(s)})
	}
	return pairs, nil
}

// pairs offers all pairs of asked and rows to b. number returns the number of a pair and whether b may keep it.
func (b *best) pairs(ctx context.Context, asked, rows *Matrix, number func(i, j int) (int, bool)) error {
	width, bar := asked.Rows(), float32(-2)
	if len(b.hits) == b.k {
		bar = b.hits[0].similarity
	}
	return scanAll(ctx, rows.Data, rows.Rows(), pack(asked.Data, asked.Width), func() (func(int, []float32), func()) {
		mine := best{k: b.k}
		use := func(first int, c []float32) {
			for j := range len(c) / width {
				for i, s := range c[j*width:][:width] {
					if s < bar || mine.full(s) {
						continue
					}
					if row, ok := number(i, first+j); ok {
						mine.offer(hit{row, s})
					}
				}
			}
		}
		return use, func() {
			for _, h := range mine.hits {
				b.offer(h)
			}
		}
	})
}
