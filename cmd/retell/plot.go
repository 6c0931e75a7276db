package main

import (
	"bufio"
	"fmt"
	"image/color"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	canvas "gonum.org/v1/plot/vg/draw"

	"github.com/retell-rnn/retell/metric"
)

func newPlot() *cobra.Command {
	var output, y, x string
	cmd := &cobra.Command{
		Use:   "plot LOG... -o FILE.svg|FILE.png",
		Short: "Draw the curves of one or several trainings",
		Long: `Draw what the logs of trainings say ('retell train --log'), each in a colour of its own: a thin line for what was measured in
training, a thick one with points for the validations.`,
		Example: `  retell train mine.yaml --log mine.jsonl -o m.retell
  retell plot mine.jsonl -o mine.svg
  retell plot lstm.jsonl gru.jsonl -y perplexity -x minutes -o cells.png`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, files []string) error {
			format := strings.TrimPrefix(filepath.Ext(output), ".")
			if format != "svg" && format != "png" {
				return misusef("-o %s: want a name that ends in .svg or .png", output)
			}
			vertical, err := axisNamed("-y", y, verticalAxes())
			if err != nil {
				return err
			}
			horizontal, err := axisNamed("-x", x, horizontalAxes())
			if err != nil {
				return err
			}
			var runs []pastRun
			for _, file := range files {
				r := pastRun{name: strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))}
				if err := readRunLog(file, func(_ []byte, rec runRecord) { r.records = append(r.records, rec) }); err != nil {
					return err
				}
				runs = append(runs, r)
			}
			p, err := curves(runs, horizontal, vertical)
			if err != nil {
				return err
			}
			drawing, err := canvas.NewFormattedCanvas(18*vg.Centimeter, 11*vg.Centimeter, format)
			if err != nil {
				return err
			}
			const margin = 3 * vg.Millimeter
			p.Draw(canvas.Crop(canvas.New(drawing), margin, -2*margin, margin, -margin))
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

// axis is a number of each record: in training, and in its validation if it has one. A nil function has none.
type axis struct {
	name, label  string
	train, valid func(runRecord) float64
}

func verticalAxes() []axis {
	return []axis{
		{
			"loss", "loss, nats a token",
			func(r runRecord) float64 { return r.Loss }, func(r runRecord) float64 { return *r.ValidLoss },
		},
		{
			"perplexity", "perplexity",
			func(r runRecord) float64 { return metric.Perplexity(r.Loss, 1) }, func(r runRecord) float64 { return metric.Perplexity(*r.ValidLoss, 1) },
		},
		{"score", "score of the validation", nil, func(r runRecord) float64 {
			if r.ValidScore == nil {
				return math.NaN()
			}
			return *r.ValidScore
		}},
		{"accuracy", "token accuracy, %", nil, func(r runRecord) float64 { return 100 * *r.ValidAccuracy }},
		{"rate", "learning rate", func(r runRecord) float64 { return r.Rate }, nil},
		{"gradient", "norm of the gradient", func(r runRecord) float64 { return r.GradNorm }, nil},
		{"speed", "target tokens a second", func(r runRecord) float64 { return r.TokensPerSecond }, nil},
	}
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

// curves draws runs over each other.
func curves(runs []pastRun, x, y axis) (*plot.Plot, error) {
	p := plot.New()
	p.X.Label.Text, p.Y.Label.Text = x.label, y.label
	p.Legend.Top = y.train != nil // at the bottom where curves end that rise
	p.Legend.Padding, p.Legend.ThumbnailWidth = vg.Millimeter, vg.Centimeter
	for _, style := range []*text.Style{
		&p.X.Label.TextStyle, &p.Y.Label.TextStyle, &p.X.Tick.Label, &p.Y.Tick.Label, &p.Legend.TextStyle,
	} {
		style.Font.Variant = "Sans"
	}
	grid := plotter.NewGrid()
	grid.Vertical.Color, grid.Horizontal.Color = color.Gray{230}, color.Gray{230}
	p.Add(grid)
	drawn := false
	for i, r := range runs {
		at := func(value func(runRecord) float64, has func(runRecord) bool) plotter.XYs {
			var points plotter.XYs
			for _, rec := range r.records {
				if value == nil || !has(rec) {
					continue
				}
				if v := value(rec); !math.IsNaN(v) && !math.IsInf(v, 0) {
					points = append(points, plotter.XY{X: x.train(rec), Y: v})
				}
			}
			drawn = drawn || len(points) > 0
			return points
		}
		train := at(y.train, func(runRecord) bool { return true })
		valid := at(y.valid, func(rec runRecord) bool { return rec.ValidLoss != nil })
		if err := drawRun(p, r.name, hue(i), train, valid); err != nil {
			return nil, fmt.Errorf("%s: %w", r.name, err)
		}
	}
	if !drawn {
		return nil, fmt.Errorf("the logs hold nothing to draw of %s", y.name)
	}
	return p, nil
}

func drawRun(p *plot.Plot, name string, c color.Color, train, valid plotter.XYs) error {
	if len(train) > 0 {
		line, err := plotter.NewLine(train)
		if err != nil {
			return err
		}
		line.Width, line.Color = vg.Points(0.75), c
		p.Add(line)
		p.Legend.Add(name+", training", line)
	}
	if len(valid) > 0 {
		line, points, err := plotter.NewLinePoints(valid)
		if err != nil {
			return err
		}
		line.Width, line.Color = vg.Points(2), c
		points.Color, points.Shape, points.Radius = c, canvas.CircleGlyph{}, vg.Points(2.5)
		p.Add(line, points)
		p.Legend.Add(name+", validation", line, points)
	}
	return nil
}

// hue returns one of the colours that Okabe and Ito found to be told apart by everybody.
func hue(i int) color.Color {
	palette := []color.RGBA{
		{0, 114, 178, 255},
		{213, 94, 0, 255},
		{0, 158, 115, 255},
		{204, 121, 167, 255},
		{86, 180, 233, 255},
		{230, 159, 0, 255},
		{0, 0, 0, 255},
	}
	return palette[i%len(palette)]
}
