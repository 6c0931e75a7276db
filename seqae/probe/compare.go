package probe

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/retell-rnn/retell/internal/setting"
)

// Task is a measure with its data.
type Task struct {
	Name  string     // name of the corpus
	Of    string     // noun for its examples, such as pairs or lines
	Size  int        // number of examples
	Texts [][]string // texts of each example; see [FindOverlaps]

	// Measure returns the figures of an embedder; the first one is the main figure. The figures of an embedder may lack
	// some of another's.
	Measure func(context.Context, Embedder) ([]Figure, error)
}

// Subject is a model with the baselines made from it.
type Subject struct {
	Model     Embedder
	Sizes     []int // further measures of only the first numbers of the model's vectors; see [Prefix]
	Baselines []Embedder
}

// CompareOptions are the settings of [Compare]. The zero value and a nil pointer mean the defaults.
type CompareOptions struct {
	Baselines []Embedder // baselines of all models
	Overlaps  []Overlap  // overlap of each task with training text, from FindOverlaps; nil means unknown
	Samples   int        // number of samples of the bootstrap; 0 means 1,000, and -1 no intervals and no tests
	Seed      uint64     // seed of the bootstrap
}

// Validate returns [seq2seq.Violations], or nil.
func (o *CompareOptions) Validate() error {
	var v setting.Check
	if o != nil && o.Samples < -1 {
		v.Add("samples", "%d: want 1 or more, 0 for the default, or -1 for none", o.Samples)
	}
	return v.Err()
}

// Result holds the results of one task.
type Result struct {
	Task    string     `json:"task"`              // name of the task
	Of      string     `json:"of"`                // noun for its examples, such as pairs
	Size    int        `json:"size"`              // number of examples
	Overlap *Overlap   `json:"overlap,omitempty"` // overlap with training text; absent if the text was not given
	Models  []Measured `json:"models"`            // figures of the models
}

// Measured holds the figures of a model and its baselines.
type Measured struct {
	Model     string     `json:"model"`           // name of the model
	First     int        `json:"first,omitempty"` // how many of the first numbers of its vectors were measured; absent for all
	Figures   []Figure   `json:"figures"`         // figures of the model
	Baselines []Baseline `json:"baselines"`       // figures of its own and the common baselines
	Tests     []Test     `json:"tests,omitempty"` // each figure against the best own and the best common baseline; absent if no interval was asked for
}

// Baseline holds the figures of a baseline.
type Baseline struct {
	Name    string   `json:"name"`    // name of the baseline
	Figures []Figure `json:"figures"` // figures of the baseline
	Better  []string `json:"better"`  // names of the figures in which it is better than the model

	common bool // whether it is a baseline of all models
}

// Compare measures subjects, their own baselines and the common baselines on tasks, and yields a result for each task,
// with 95 % confidence intervals by bootstrap and paired tests of each figure against the best of the model's own
// baselines and the best common one.
func Compare(ctx context.Context, tasks []Task, subjects []Subject, opts *CompareOptions) iter.Seq2[Result, error] {
	return func(yield func(Result, error) bool) {
		o := CompareOptions{}
		if opts != nil {
			o = *opts
		}
		err := o.Validate()
		if err == nil && o.Overlaps != nil && len(o.Overlaps) != len(tasks) {
			err = fmt.Errorf("%d overlaps for %d tasks: want one per task", len(o.Overlaps), len(tasks))
		}
		if err != nil {
			yield(Result{}, fmt.Errorf("probe: compare options: %w", err))
			return
		}
		for i, task := range tasks {
			c := comparison{task: task, w: new(workspace)}
			if o.Overlaps != nil {
				c.overlap = &o.Overlaps[i]
			}
			r, err := c.compare(ctx, subjects, &o)
			if !yield(r, err) || err != nil {
				return
			}
		}
	}
}

// comparison is the comparison on one task.
type comparison struct {
	task    Task
	overlap *Overlap
	w       *workspace
}

func (c *comparison) compare(ctx context.Context, subjects []Subject, o *CompareOptions) (Result, error) {
	r := Result{Task: c.task.Name, Of: c.task.Of, Size: c.task.Size, Overlap: c.overlap}
	common, err := c.baselines(ctx, o.Baselines, true)
	if err != nil {
		return r, err
	}
	for _, s := range subjects {
		own, err := c.baselines(ctx, s.Baselines, false)
		if err != nil {
			return r, err
		}
		model := &memo{Embedder: s.Model}
		for _, size := range append([]int{0}, s.Sizes...) {
			m := Measured{Model: model.Name(), First: size, Baselines: slices.Concat(own, common)}
			var e Embedder = model
			if size > 0 {
				e = Prefix(model, size)
				m.Model = e.Name()
			}
			if m.Figures, err = c.measure(ctx, e); err != nil {
				return r, err
			}
			r.Models = append(r.Models, m)
		}
	}
	for i := range r.Models {
		r.Models[i].rank()
	}
	if o.Samples < 0 {
		return r, nil
	}
	return r, r.resample(ctx, o)
}

// baselines measures baselines.
func (c *comparison) baselines(ctx context.Context, list []Embedder, common bool) ([]Baseline, error) {
	var out []Baseline
	for _, e := range list {
		figures, err := c.measure(ctx, e)
		if err != nil {
			return nil, err
		}
		out = append(out, Baseline{Name: e.Name(), Figures: figures, common: common})
	}
	return out, nil
}

// measure returns the figures of an embedder. If some examples are in training text, further figures measure the main
// one without them.
func (c *comparison) measure(ctx context.Context, e Embedder) ([]Figure, error) {
	figures, err := c.task.Measure(ctx, e)
	if err != nil {
		return nil, err
	}
	if len(figures) == 0 {
		return nil, fmt.Errorf("probe: task %s: %s has no figures: want at least one", c.task.Name, e.Name())
	}
	if c.overlap == nil || c.overlap.Examples == 0 || c.overlap.Examples == c.task.Size {
		return figures, nil
	}
	main := figures[0].Measure
	for i := 0; i < len(figures); i++ {
		if f := figures[i]; f.Measure == main && f.whole && len(c.overlap.seen) == f.Size {
			figures = slices.Insert(figures, i+1, f.unseen(c.overlap.seen, c.w))
			i++
		}
	}
	return figures, nil
}

// rank finds the figures in which baselines are better than the model.
func (m *Measured) rank() {
	for k := range m.Baselines {
		b := &m.Baselines[k]
		b.Better = []string{}
		for _, f := range b.Figures {
			if own, ok := find(m.Figures, f); ok && own.over(f.Value, own.Value) > 0 {
				b.Better = append(b.Better, f.Name())
			}
		}
	}
}

// best returns the baseline with the best value of a figure, the earliest of equal ones; -1 if none has the figure.
func (m *Measured) best(like Figure, of func(b Baseline) bool) (at int, figure Figure) {
	at = -1
	for k, b := range m.Baselines {
		if !of(b) {
			continue
		}
		if f, ok := find(b.Figures, like); ok && (at < 0 || like.over(f.Value, figure.Value) > 0) {
			at, figure = k, f
		}
	}
	return at, figure
}

func isAny(Baseline) bool      { return true }
func isCommon(b Baseline) bool { return b.common }
func isOwn(b Baseline) bool    { return !b.common }

// resample adds intervals to all figures, and tests.
func (r *Result) resample(ctx context.Context, o *CompareOptions) error {
	samples := o.Samples
	if samples == 0 {
		samples = 1000
	}
	var statistics []statistic
	numbers := make(map[statistic]int)
	r.each(func(f *Figure) {
		if _, ok := numbers[f.of]; f.of != nil && !ok {
			numbers[f.of] = len(statistics)
			statistics = append(statistics, f.of)
		}
	})
	values, err := resample(ctx, r.Size, samples, o.Seed, statistics)
	if err != nil {
		return err
	}
	intervals := make([]*Confidence, len(statistics))
	for k := range statistics {
		i := percentiles(values[k])
		intervals[k] = &i
	}
	r.each(func(f *Figure) {
		if f.of != nil {
			f.Interval = intervals[numbers[f.of]]
		}
	})
	for i := range r.Models {
		m := &r.Models[i]
		for _, f := range m.Figures {
			for _, of := range []func(Baseline) bool{isOwn, isCommon} {
				if k, best := m.best(f, of); k >= 0 && f.of != nil && best.of != nil {
					m.Tests = append(m.Tests, paired(m.Baselines[k].Name, f, best, values[numbers[f.of]], values[numbers[best.of]]))
				}
			}
		}
	}
	return nil
}

// each calls yield with all figures. Baselines share theirs between models.
func (r *Result) each(yield func(f *Figure)) {
	for _, m := range r.Models {
		for i := range m.Figures {
			yield(&m.Figures[i])
		}
		for _, b := range m.Baselines {
			for i := range b.Figures {
				yield(&b.Figures[i])
			}
		}
	}
}
