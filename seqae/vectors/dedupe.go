package vectors

import (
	"context"
	"fmt"
	"iter"

	"github.com/retell-rnn/retell/internal/kernel"
)

// DedupeOptions says which rows are near-equal. Nil means the defaults.
type DedupeOptions struct {
	Threshold float32 // the least cosine of near-equal rows, whatever the lengths of their vectors; 0 = 0.95
}

// Validate refuses a threshold that no two rows or any two rows would reach.
func (o *DedupeOptions) Validate() error {
	if o != nil && !(o.Threshold >= 0 && o.Threshold <= 1) {
		return fmt.Errorf("vectors: threshold is %v: want more than 0 and at most 1, or 0 for the default", o.Threshold)
	}
	return nil
}

// Deduped is a row and the one that it repeats.
type Deduped struct {
	Row
	Number int // of the row, from 0
	// Of is the number of the kept row before it that is nearest, if that is near enough; -1 says that the row is kept.
	Of         int
	OfText     string
	Similarity float32 // with Of
}

// Dedupe streams rows, each with what it repeats: a row is dropped if an earlier one that was kept is near-equal. Every
// two rows are compared, exactly. The first blank row is kept and the others repeat it. The kept rows stay in memory.
func Dedupe(ctx context.Context, rows iter.Seq2[Row, error], opts *DedupeOptions) iter.Seq2[Deduped, error] {
	return func(yield func(Deduped, error) bool) {
		if err := opts.Validate(); err != nil {
			yield(Deduped{}, err)
			return
		}
		d := &deduper{threshold: 0.95, blank: -1}
		if opts != nil && opts.Threshold > 0 {
			d.threshold = opts.Threshold
		}
		d.threshold -= 1e-6 // a unit vector's product with itself may miss 1 by its rounding
		var batch []Row
		flush := func() bool {
			out, err := d.take(ctx, batch)
			if err != nil {
				yield(Deduped{}, err)
				return false
			}
			for _, o := range out {
				if !yield(o, nil) {
					return false
				}
			}
			batch = batch[:0]
			return true
		}
		n, width := 0, 0
		for r, err := range rows {
			if err == nil {
				if err = checkRow(r, width); err != nil {
					err = fmt.Errorf("vectors: row %d: %w", n+1, err)
				}
			}
			if err != nil {
				if flush() {
					yield(Deduped{}, err)
				}
				return
			}
			width = len(r.Vector)
			n++
			if batch = append(batch, r); len(batch) == blockRows && !flush() {
				return
			}
		}
		flush()
	}
}

// deduper holds the rows that were kept.
type deduper struct {
	threshold float32
	kept      Matrix // of length 1
	numbers   []int  // of the kept rows
	seen      int    // rows so far
	blank     int    // the number of the first blank row, or -1
}

// take judges a batch of rows.
func (d *deduper) take(ctx context.Context, rows []Row) ([]Deduped, error) {
	if len(rows) == 0 {
		return nil, ctx.Err()
	}
	width := len(rows[0].Vector)
	d.kept.Width = width
	batch := &Matrix{Width: width}
	for _, r := range rows {
		batch.add(r.Text, r.Vector)
	}
	unit, numbers := batch.unit()
	before, err := d.nearestKept(ctx, unit)
	if err != nil {
		return nil, err
	}
	out := make([]Deduped, len(rows))
	for i, r := range rows {
		out[i] = Deduped{Row: r, Number: d.seen + i, Of: -1}
	}
	first := d.kept.Rows() // of the batch's own kept rows
	for i, row := range numbers {
		v, o := unit.Vector(i), &out[row]
		near := before[i]
		for j := first; j < d.kept.Rows(); j++ {
			if s := kernel.Dot(v, d.kept.Vector(j)); s > near.similarity {
				near = hit{j, s}
			}
		}
		if near.similarity < d.threshold {
			d.kept.add(o.Text, v)
			d.numbers = append(d.numbers, o.Number)
			continue
		}
		o.Of, o.OfText, o.Similarity = d.numbers[near.row], d.kept.Texts[near.row], min(near.similarity, 1)
	}
	d.blanks(batch, out)
	d.seen += len(rows)
	return out, nil
}

// nearestKept returns the kept row that is nearest to each vector, of similarity -2 if there is none.
func (d *deduper) nearestKept(ctx context.Context, unit *Matrix) ([]hit, error) {
	found := make([]hit, unit.Rows())
	for i := range found {
		found[i].similarity = -2
	}
	if len(found) == 0 {
		return found, nil
	}
	near, err := nearest(ctx, d.kept.Data, d.kept.Rows(), pack(unit.Data, unit.Width), 1)
	if err != nil {
		return nil, err
	}
	for i, hits := range near {
		if len(hits) > 0 {
			found[i] = hits[0]
		}
	}
	return found, nil
}

// blanks marks the blank rows of a batch but the very first.
func (d *deduper) blanks(batch *Matrix, out []Deduped) {
	for i := range out {
		if kernel.SumSquares(batch.Vector(i)) > 0 {
			continue
		}
		if d.blank < 0 {
			d.blank = out[i].Number
			continue
		}
		out[i].Of, out[i].Similarity = d.blank, 1
	}
}
