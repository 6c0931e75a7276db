package probe

import (
	"context"
	"iter"

	"github.com/retell-rnn/retell/corpora"
)

// Task is a measure with its data.
type Task struct {
	Name string // name of the corpus
	Of   string // noun for its examples, such as pairs or lines
	Size int    // number of examples

	// Measure returns the figures of an embedder, the same measures in the same order for each.
	Measure func(context.Context, Embedder) ([]Figure, error)
}

// Figure is a measured value.
type Figure struct {
	Measure string  `json:"measure"` // name of the measure
	Value   float64 `json:"value"`   // -1 to 1 for correlations, 0 to 1 for others; the greater, the better
}

// SimilarityTask is [Similarity] on pairs.
func SimilarityTask(name string, pairs []corpora.Judged) Task {
	return Task{name, "pairs", len(pairs), func(ctx context.Context, e Embedder) ([]Figure, error) {
		r, err := Similarity(ctx, e, pairs)
		return []Figure{{"pearson", r.Pearson}, {"spearman", r.Spearman}}, err
	}}
}

// RetrieveTask is [Retrieve] on line-aligned texts.
func RetrieveTask(name string, lines, partners []string) Task {
	return Task{name, "pairs", len(lines), func(ctx context.Context, e Embedder) ([]Figure, error) {
		r, err := Retrieve(ctx, e, lines, partners)
		return []Figure{{"recall@1", r.Recall1}, {"recall@5", r.Recall5}, {"recall@10", r.Recall10}, {"mrr", r.MRR}}, err
	}}
}

// ClassifyTask is [Classify] on labeled lines, or [ClassifyOn] if there are test lines.
func ClassifyTask(name string, lines, test []corpora.Labeled, opts *ClassifyOptions) Task {
	size := len(lines)
	if len(test) > 0 {
		size = len(test)
	}
	return Task{name, "lines", size, func(ctx context.Context, e Embedder) ([]Figure, error) {
		var r Accuracy
		var err error
		if len(test) > 0 {
			r, err = ClassifyOn(ctx, e, lines, test)
		} else {
			r, err = Classify(ctx, e, lines, opts)
		}
		return []Figure{{"accuracy", r.Accuracy}}, err
	}}
}

// Subject is a model with the baselines made from it.
type Subject struct {
	Model     Embedder
	Baselines []Embedder
}

// Result holds the results of one task.
type Result struct {
	Task   string     `json:"task"`   // name of the task
	Of     string     `json:"of"`     // noun for its examples, such as pairs
	Size   int        `json:"size"`   // number of examples
	Models []Measured `json:"models"` // figures of the models
}

// Measured holds the figures of a model and its baselines.
type Measured struct {
	Model     string     `json:"model"`     // name of the model
	Figures   []Figure   `json:"figures"`   // figures of the model
	Baselines []Baseline `json:"baselines"` // figures of its own and the common baselines
}

// Baseline holds the figures of a baseline.
type Baseline struct {
	Name    string   `json:"name"`    // name of the baseline
	Figures []Figure `json:"figures"` // figures of the baseline
	Better  []string `json:"better"`  // names of the measures in which it exceeds the model
}

// Compare measures subjects, their own baselines and the common baselines on tasks, and yields a result for each task.
func Compare(ctx context.Context, tasks []Task, subjects []Subject, common ...Embedder) iter.Seq2[Result, error] {
	return func(yield func(Result, error) bool) {
		for _, task := range tasks {
			r, err := compare(ctx, task, subjects, common)
			if !yield(r, err) || err != nil {
				return
			}
		}
	}
}

func compare(ctx context.Context, task Task, subjects []Subject, common []Embedder) (Result, error) {
	r := Result{Task: task.Name, Of: task.Of, Size: task.Size}
	shared, err := measureAll(ctx, task, common)
	if err != nil {
		return r, err
	}
	for _, s := range subjects {
		figures, err := task.Measure(ctx, s.Model)
		if err != nil {
			return r, err
		}
		own, err := measureAll(ctx, task, s.Baselines)
		if err != nil {
			return r, err
		}
		m := Measured{Model: s.Model.Name(), Figures: figures}
		for _, b := range append(own, shared...) {
			b.Better = []string{}
			for i, f := range b.Figures {
				if f.Value > figures[i].Value {
					b.Better = append(b.Better, f.Measure)
				}
			}
			m.Baselines = append(m.Baselines, b)
		}
		r.Models = append(r.Models, m)
	}
	return r, nil
}

func measureAll(ctx context.Context, task Task, baselines []Embedder) ([]Baseline, error) {
	var out []Baseline
	for _, b := range baselines {
		figures, err := task.Measure(ctx, b)
		if err != nil {
			return nil, err
		}
		out = append(out, Baseline{Name: b.Name(), Figures: figures})
	}
	return out, nil
}
