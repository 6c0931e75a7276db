package curves

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/retell-rnn/retell/metric"
	"github.com/retell-rnn/retell/seq2seq/runlog"
)

// axis is a quantity of records: of training, of validations, or of both. A nil function means that a record lacks it.
type axis struct {
	name, label  string
	train, valid func(runlog.Record) float64
	stepwise     bool // the value is constant over the steps of a record
}

// verticalAxes are the quantities that can be drawn.
func verticalAxes() []axis {
	return []axis{
		{
			name: "loss", label: "loss, nats a token",
			train: func(r runlog.Record) float64 { return r.Loss },
			valid: func(r runlog.Record) float64 { return orNaN(r.ValidLoss) },
		},
		{
			name: "perplexity", label: "perplexity",
			train: func(r runlog.Record) float64 { return metric.Perplexity(r.Loss, 1) },
			valid: func(r runlog.Record) float64 { return metric.Perplexity(orNaN(r.ValidLoss), 1) },
		},
		{name: "score", label: "score of the validation", valid: func(r runlog.Record) float64 { return orNaN(r.ValidScore) }},
		{name: "accuracy", label: "token accuracy, %", valid: func(r runlog.Record) float64 { return 100 * orNaN(r.ValidAccuracy) }},
		{name: "rate", label: "learning rate", train: func(r runlog.Record) float64 { return r.Rate }, stepwise: true},
		{name: "gradient", label: "norm of the gradient", train: func(r runlog.Record) float64 { return r.GradNorm }},
		{name: "speed", label: "target tokens (embedders: sets) a second", train: func(r runlog.Record) float64 { return r.TokensPerSecond }},
	}
}

func orNaN(v *float64) float64 {
	if v == nil {
		return math.NaN()
	}
	return *v
}

// horizontalAxes are the quantities that curves can be drawn over.
func horizontalAxes() []axis {
	return []axis{
		{name: "steps", label: "step", train: func(r runlog.Record) float64 { return float64(r.Step) }},
		{name: "minutes", label: "minutes", train: func(r runlog.Record) float64 { return r.Seconds / 60 }},
	}
}

// Vertical returns the names that [Options].Vertical may have.
func Vertical() []string { return names(verticalAxes()) }

// Horizontal returns the names that [Options].Horizontal may have.
func Horizontal() []string { return names(horizontalAxes()) }

func names(axes []axis) []string {
	var all []string
	for _, a := range axes {
		all = append(all, a.name)
	}
	return all
}

// find returns the axis with a name; "" means the first.
func find(axes []axis, name string) (axis, error) {
	if name == "" {
		return axes[0], nil
	}
	at := slices.IndexFunc(axes, func(a axis) bool { return a.name == name })
	if at < 0 {
		all := names(axes)
		last := len(all) - 1
		return axis{}, fmt.Errorf("%q: want %s or %s", name, strings.Join(all[:last], ", "), all[last])
	}
	return axes[at], nil
}
