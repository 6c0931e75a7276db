// Package curves draws the course of trainings: loss, perplexity, scores and more, over steps or time.
//
//	records, err := runlog.Read("run.jsonl")
//	c, err := curves.New([]curves.Run{{Name: "run", Records: records}}, nil)
//	err = c.WriteSVG(w)
package curves

import (
	"fmt"
	"image/color"
	"io"
	"math"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	canvas "gonum.org/v1/plot/vg/draw"

	"github.com/retell-rnn/retell/seq2seq/runlog"
)

// Run is the log of a training.
type Run struct {
	Name    string // name in the legend
	Records []runlog.Record
}

// Options select the curves. The zero value and a nil pointer mean the loss over steps.
type Options struct {
	Vertical   string // one of [Vertical]; "" means "loss"
	Horizontal string // one of [Horizontal]; "" means "steps"
}

// Validate returns an error about the first invalid option. A nil receiver is valid.
func (o *Options) Validate() error {
	_, _, err := o.axes()
	return err
}

func (o *Options) axes() (x, y axis, err error) {
	if o == nil {
		o = &Options{}
	}
	if y, err = find(verticalAxes(), o.Vertical); err != nil {
		return x, y, fmt.Errorf("vertical: %w", err)
	}
	if x, err = find(horizontalAxes(), o.Horizontal); err != nil {
		return x, y, fmt.Errorf("horizontal: %w", err)
	}
	return x, y, nil
}

// Curves are the curves of one or more trainings and their legend. A thin line shows training, a thick line with points
// the validations.
type Curves struct {
	plot   *plot.Plot
	legend plot.Legend
}

// points is roughly the largest number of points in the training curve of a run.
const points = 250

// New draws runs, each in its own color. If no run has a value to draw, New returns an error.
func New(runs []Run, opts *Options) (*Curves, error) {
	x, y, err := opts.axes()
	if err != nil {
		return nil, fmt.Errorf("curves: %w", err)
	}
	c := empty(x, y)
	p := c.plot
	trained, validated := false, false
	for i, r := range runs {
		steps := runlog.RecordSteps
		if n := len(r.Records); n > 0 {
			steps = max(steps, r.Records[n-1].Step/points)
		}
		train := pointsOf(runlog.Smooth(r.Records, steps), x.train, y.train)
		valid := pointsOf(r.Records, x.train, y.valid)
		trained, validated = trained || len(train) > 0, validated || len(valid) > 0
		if err := c.add(r.Name, styleOf(i), train, valid, y.stepwise); err != nil {
			return nil, fmt.Errorf("curves: %s: %w", r.Name, err)
		}
	}
	if !trained && !validated {
		return nil, fmt.Errorf("curves: the logs have no values of %s", y.name)
	}
	if trained && validated {
		thin, thick, point := lineStyles(canvas.LineStyle{Color: color.Gray{100}})
		c.legend.Add("training", &plotter.Line{LineStyle: thin})
		c.legend.Add("validation", &plotter.Line{LineStyle: thick}, &plotter.Scatter{GlyphStyle: point})
	}
	p.X.Min = 0
	margin := (p.Y.Max - p.Y.Min) / 30
	if p.Y.Min >= 0 && p.Y.Min < margin {
		p.Y.Min = 0
	} else {
		p.Y.Min -= margin
	}
	p.Y.Max += margin
	return c, nil
}

// empty returns axes, a grid and a legend without curves.
func empty(x, y axis) *Curves {
	c := &Curves{plot: plot.New(), legend: plot.NewLegend()}
	p := c.plot
	p.X.Label.Text, p.Y.Label.Text = x.label, y.label
	p.X.Tick.Marker, p.Y.Tick.Marker = roundTicks{}, roundTicks{}
	c.legend.Top, c.legend.Left = true, true
	c.legend.Padding, c.legend.ThumbnailWidth = vg.Millimeter, vg.Centimeter
	for _, style := range []*text.Style{
		&p.X.Label.TextStyle, &p.Y.Label.TextStyle, &p.X.Tick.Label, &p.Y.Tick.Label, &c.legend.TextStyle,
	} {
		style.Font.Variant = "Sans"
	}
	grid := plotter.NewGrid()
	grid.Vertical.Color, grid.Horizontal.Color = color.Gray{230}, color.Gray{230}
	p.Add(grid)
	return c
}

// pointsOf returns the finite values of records, or none if y is nil.
func pointsOf(records []runlog.Record, x, y func(runlog.Record) float64) plotter.XYs {
	var points plotter.XYs
	for _, r := range records {
		if y == nil {
			continue
		}
		if v := y(r); !math.IsNaN(v) && !math.IsInf(v, 0) {
			points = append(points, plotter.XY{X: x(r), Y: v})
		}
	}
	return points
}

// add draws a run and adds it to the legend.
func (c *Curves) add(name string, style canvas.LineStyle, train, valid plotter.XYs, stepwise bool) error {
	thin, thick, point := lineStyles(style)
	var thumbs []plot.Thumbnailer
	if len(train) > 0 {
		line, err := plotter.NewLine(train)
		if err != nil {
			return err
		}
		if line.LineStyle = thin; stepwise {
			line.StepStyle = plotter.PreStep
		}
		c.plot.Add(line)
		thumbs = []plot.Thumbnailer{line}
	}
	if len(valid) > 0 {
		line, dots, err := plotter.NewLinePoints(valid)
		if err != nil {
			return err
		}
		line.LineStyle, dots.GlyphStyle = thick, point
		c.plot.Add(line, dots)
		thumbs = []plot.Thumbnailer{line, dots}
	}
	if thumbs != nil {
		c.legend.Add(name, thumbs...)
	}
	return nil
}

// lineStyles returns the styles of training and validation curves in one color.
func lineStyles(s canvas.LineStyle) (thin, thick canvas.LineStyle, point canvas.GlyphStyle) {
	thin, thick = s, s
	thin.Width, thick.Width = vg.Points(0.75), vg.Points(2)
	return thin, thick, canvas.GlyphStyle{Color: s.Color, Shape: canvas.CircleGlyph{}, Radius: vg.Points(2.5)}
}

// WriteSVG draws the curves as SVG.
func (c *Curves) WriteSVG(w io.Writer) error { return c.write(w, "svg") }

// WritePNG draws the curves as PNG.
func (c *Curves) WritePNG(w io.Writer) error { return c.write(w, "png") }

// write draws the curves. The legend stands above them, where it hides no curve.
func (c *Curves) write(w io.Writer, format string) error {
	const width, height, margin = 18 * vg.Centimeter, 11 * vg.Centimeter, 3 * vg.Millimeter
	page := canvas.Canvas{Rectangle: vg.Rectangle{Max: vg.Point{X: width, Y: height}}}
	above := c.legend.Rectangle(page).Size().Y + margin
	drawing, err := canvas.NewFormattedCanvas(width, height+above, format)
	if err != nil {
		return err
	}
	all := canvas.Crop(canvas.New(drawing), margin, -2*margin, margin, -margin)
	c.legend.Draw(canvas.Crop(all, margin, 0, height-margin, 0))
	c.plot.Draw(canvas.Crop(all, 0, 0, 0, -above))
	_, err = drawing.WriteTo(w)
	return err
}

// styleOf returns the style of run i. Its colors suit all kinds of color vision (Okabe and Ito, Color Universal Design,
// 2008). Dashes tell runs apart once the colors are used up.
func styleOf(i int) canvas.LineStyle {
	palette := []color.RGBA{
		{0, 114, 178, 255},
		{213, 94, 0, 255},
		{0, 158, 115, 255},
		{204, 121, 167, 255},
		{86, 180, 233, 255},
		{230, 159, 0, 255},
		{0, 0, 0, 255},
	}
	s := canvas.LineStyle{Color: palette[i%len(palette)]}
	if round := i / len(palette); round > 0 {
		s.Dashes = []vg.Length{vg.Points(float64(2 + 4*round)), vg.Points(2)}
	}
	return s
}

// roundTicks places ticks at multiples of 1, 2 or 5 times a power of ten. Four to eight of them have a number.
type roundTicks struct{}

func (roundTicks) Ticks(low, high float64) []plot.Tick {
	const most = 8
	if !(high > low) {
		return []plot.Tick{{Value: low, Label: strconv.FormatFloat(low, 'g', 6, 64)}}
	}
	exponent := math.Floor(math.Log10((high - low) / most))
	step, parts := 0.0, 0
	for _, try := range []struct {
		mantissa float64
		parts    int
	}{{1, 5}, {2, 4}, {5, 5}, {10, 5}} {
		if step, parts = try.mantissa*math.Pow(10, exponent), try.parts; (high-low)/step <= most {
			break
		}
	}
	digits := max(0, -int(math.Floor(math.Log10(step)+1e-9)))
	var ticks []plot.Tick
	small := step / float64(parts)
	for i := int(math.Ceil(low/small - 1e-9)); float64(i)*small <= high+1e-9*step; i++ {
		t := plot.Tick{Value: float64(i) * small}
		if i%parts == 0 {
			t.Label = strconv.FormatFloat(t.Value, 'f', digits, 64)
			if math.Abs(t.Value) >= 1e7 || digits > 7 && t.Value != 0 {
				t.Label = strconv.FormatFloat(t.Value, 'g', 6, 64)
			}
		}
		ticks = append(ticks, t)
	}
	return ticks
}
