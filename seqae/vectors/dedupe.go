package vectors

import (
	"context"
	"fmt"
	"iter"
	"strings"

	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/internal/setting"
)

// DedupeOptions say which rows are near-equal. The zero value and a nil pointer mean the defaults.
type DedupeOptions struct {
	Threshold float32 // minimum cosine of near-equal rows, above 0 and at most 1; 0 means 0.95
}

// Validate returns [Violations], or nil.
func (o *DedupeOptions) Validate() error {
	var v setting.Check
	if o != nil && !(o.Threshold >= 0 && o.Threshold <= 1) {
		v.Add("threshold", "%v: want more than 0 and at most 1, or 0 for the default", o.Threshold)
	}
	return v.Err()
}

// Deduped is a row and the kept row that it repeats, if any.
type Deduped struct {
	Row
	Number     int     // number of the row, from 0
	Of         int     // number of the nearest earlier kept row that is near-equal; -1 if this row is kept
	OfText     string  // text of that row
	Similarity float32 // cosine with that row
}

// Dedupe streams all rows, each with the kept row that it repeats. A row is kept unless an earlier kept row is
// near-equal. The comparison is exact. A blank row, of zeros, repeats only an earlier blank row of the same text, but
// for white space around it. Kept rows stay in memory.
func Dedupe(ctx context.Context, rows iter.Seq2[Row, error], opts *DedupeOptions) iter.Seq2[Deduped, error] {
	return func(yield func(Deduped, error) bool) {
		if err := opts.Validate(); err != nil {
			yield(Deduped{}, fmt.Errorf("vectors: dedupe options: %w", err))
			return
		}
		d := &deduper{threshold: 0.95, blank: map[string]int{}}
		if opts != nil && opts.Threshold > 0 {
			d.threshold = opts.Threshold
		}
		d.threshold -= 1e-6 // rounding may leave a unit vector's product with itself below 1
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

// deduper holds the kept rows.
type deduper struct {
	threshold float32
	kept      Matrix // vectors of length 1
	numbers   []int  // numbers of the kept rows
	seen      int    // number of rows so far

	blank map[string]int // numbers of the kept blank rows, by text
}

// take decides which rows of a batch are kept.
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
	first := d.kept.Rows() // where the batch's own kept rows begin
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

// nearestKept returns the kept row nearest to each vector; its similarity is -2 if no row is kept yet.
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

// blanks marks the blank rows of a batch that repeat another one's text.
func (d *deduper) blanks(batch *Matrix, out []Deduped) {
	for i := range out {
		if kernel.SumSquares(batch.Vector(i)) > 0 {
			continue
		}
		o, text := &out[i], strings.TrimSpace(out[i].Text)
		if of, ok := d.blank[text]; ok {
			o.Of, o.OfText, o.Similarity = of, text, 1
		} else {
			d.blank[text] = o.Number
		}
	}
}
