package corpora

import (
	"fmt"
	"iter"
	"strings"
	"text/tabwriter"
)

// Report counts kept and dropped examples, with reasons. It is complete when the stream that fills it ends. Ranging
// over that stream again resets it.
type Report struct {
	Read    int    `json:"read"`              // number of examples read
	Kept    int    `json:"kept"`              // number of examples kept
	Dropped []Drop `json:"dropped,omitempty"` // reasons, in the order of the first drop
}

// Drop is a reason and the number of examples dropped for it. An example counts for the first reason that applies.
type Drop struct {
	Reason   string `json:"reason"`   // reason, such as duplicate
	Examples int    `json:"examples"` // number of examples
}

// keep counts an example; reason is "" to keep it. It reports whether to keep it.
func (r *Report) keep(reason string) bool {
	r.Read++
	if reason == "" {
		r.Kept++
		return true
	}
	for i := range r.Dropped {
		if r.Dropped[i].Reason == reason {
			r.Dropped[i].Examples++
			return false
		}
	}
	r.Dropped = append(r.Dropped, Drop{reason, 1})
	return false
}

// String returns a table.
func (r *Report) String() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	row := func(n int, what string) {
		percent := 0.0
		if r.Read > 0 {
			percent = 100 * float64(n) / float64(r.Read)
		}
		fmt.Fprintf(w, "%d\t%.1f %%\t  %s\n", n, percent, what)
	}
	row(r.Read, "read")
	for _, d := range r.Dropped {
		row(d.Examples, "dropped: "+d.Reason)
	}
	row(r.Kept, "kept")
	w.Flush()
	return b.String()
}

// judge returns the reason to drop an example, or "".
type judge func(Example) string

// sift streams the examples that a judge keeps. Every range over the stream gets a new judge from begin.
func sift(examples iter.Seq2[Example, error], report *Report, begin func() (judge, error)) iter.Seq2[Example, error] {
	if report == nil {
		report = &Report{}
	}
	return func(yield func(Example, error) bool) {
		*report = Report{}
		reason, err := begin()
		if err != nil {
			yield(Example{}, err)
			return
		}
		for e, err := range examples {
			if (err != nil || report.keep(reason(e))) && !yield(e, err) {
				return
			}
		}
	}
}
