package corpora

import (
	"fmt"
	"iter"
	"strings"
	"text/tabwriter"
)

// Report counts what a pass over examples kept and what it dropped, and why. It is complete when the stream that fills
// it has ended, and starts from nothing when that stream is ranged over again.
type Report struct {
	Read    int    `json:"read"`
	Kept    int    `json:"kept"`
	Dropped []Drop `json:"dropped,omitempty"` // the reasons in the order in which they first arose
}

// Drop is one reason and how many examples it cost. An example is dropped for one reason only, the first that holds.
type Drop struct {
	Reason   string `json:"reason"`
	Examples int    `json:"examples"`
}

// keep counts an example for which there is a reason to drop it, or none (""). It returns whether to keep it.
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

// judge returns why an example is to be dropped, or "".
type judge func(Example) string

// sift streams the examples that a judge finds no reason to drop. Every range over the stream begins with a fresh
// judge.
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
