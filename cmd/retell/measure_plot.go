package main

import (
	"bufio"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/metric"
)

func newPlot() *cobra.Command {
	var output, y, x string
	cmd := &cobra.Command{
		Use:   "plot LOG... -o FILE.svg|FILE.png",
		Short: "Draw the curves of one or several trainings",
		Long: `Draw what the logs of trainings say ('retell train --log', 'retell ablate'), each in a color of its own: a thin line for what was measured
in training, a thick one with points for the validations. Points of the thin line are means over 10 steps or more.`,
		Example: `  retell train mine.yaml --log mine.jsonl -o m.retell
  retell plot mine.jsonl -o mine.svg
  retell plot lstm.jsonl gru.jsonl -y perplexity -x minutes -o cells.png`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, files []string) error {
			format := strings.TrimPrefix(filepath.Ext(output), ".")
			if format != "svg" && format != "png" {
				return misusef("-o %s: want a name that ends in .svg or .png", output)
			}
			if err := checkOutputs(output); err != nil {
				return err
			}
			vertical, err := axisNamed("-y", y, verticalAxes())
			if err != nil {
				return err
			}
			horizontal, err := axisNamed("-x", x, horizontalAxes())
			if err != nil {
				return err
			}
			runs, err := readRuns(files)
			if err != nil {
				return err
			}
			c, err := curvesOf(runs, horizontal, vertical)
			if err != nil {
				return err
			}
			drawing, err := c.draw(format)
			if err != nil {
				return err
			}
			return writeOutput(cmd, output, func(w *bufio.Writer) error {
				_, err := drawing.WriteTo(w)
				return err
			})
		},
	}
	f := cmd.Flags()
	f.StringVarP(&output, "output", "o", "", "file of the drawing: .svg or .png")
	f.StringVarP(&y, "vertical", "y", "loss", "what is drawn: "+axisNames(verticalAxes()))
	f.StringVarP(&x, "horizontal", "x", "steps", "over what: "+axisNames(horizontalAxes()))
	required(cmd, "output")
	return cmd
}

// pastRun is a training by its log.
type pastRun struct {
	name    string
	records []runRecord
}

// readRuns reads the logs of trainings, which are called as their files are: without the folders, unless that is not
// enough.
func readRuns(files []string) ([]pastRun, error) {
	named := map[string]int{}
	base := func(file string) string { return strings.TrimSuffix(filepath.Base(file), filepath.Ext(file)) }
	for _, file := range files {
		named[base(file)]++
	}
	var runs []pastRun
	for _, file := range files {
		r := pastRun{name: base(file)}
		if named[r.name] > 1 {
			r.name = file
		}
		if err := readRunLog(file, func(_ []byte, rec runRecord) { r.records = append(r.records, rec) }); err != nil {
			return nil, err
		}
		runs = append(runs, r)
	}
	return runs, nil
}

// axis is a number of each record: in training, and in its validation if it has one. A nil function has none.
type axis struct {
	name, label  string
	train, valid func(runRecord) float64
	stepwise     bool // it holds over the steps of a record
}

func verticalAxes() []axis {
	return []axis{
		{
			name: "loss", label: "loss, nats a token",
			train: func(r runRecord) float64 { return r.Loss },
			valid: func(r runRecord) float64 { return orNaN(r.ValidLoss) },
		},
		{
			name: "perplexity", label: "perplexity",
			train: func(r runRecord) float64 { return metric.Perplexity(r.Loss, 1) },
			valid: func(r runRecord) float64 { return metric.Perplexity(orNaN(r.ValidLoss), 1) },
		},
		{name: "score", label: "score of the validation", valid: func(r runRecord) float64 { return orNaN(r.ValidScore) }},
		{name: "accuracy", label: "token accuracy, %", valid: func(r runRecord) float64 { return 100 * orNaN(r.ValidAccuracy) }},
		{name: "rate", label: "learning rate", train: func(r runRecord) float64 { return r.Rate }, stepwise: true},
		{name: "gradient", label: "norm of the gradient", train: func(r runRecord) float64 { return r.GradNorm }},
		{name: "speed", label: "target tokens a second", train: func(r runRecord) float64 { return r.TokensPerSecond }},
	}
}

func orNaN(v *float64) float64 {
	if v == nil {
		return math.NaN()
	}
	return *v
}

func horizontalAxes() []axis {
	return []axis{
		{name: "steps", label: "step", train: func(r runRecord) float64 { return float64(r.Step) }},
		{name: "minutes", label: "minutes", train: func(r runRecord) float64 { return r.Seconds / 60 }},
	}
}

func axisNames(axes []axis) string {
	var names []string
	for _, a := range axes {
		names = append(names, a.name)
	}
	return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}

func axisNamed(flag, name string, axes []axis) (axis, error) {
	at := slices.IndexFunc(axes, func(a axis) bool { return a.name == name })
	if at < 0 {
		return axis{}, misusef("%s %s: want %s", flag, name, axisNames(axes))
	}
	return axes[at], nil
}
