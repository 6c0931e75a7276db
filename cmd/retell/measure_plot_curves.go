package main

import (
	"fmt"
	"image/color"
	"math"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	canvas "gonum.org/v1/plot/vg/draw"
)

// curves are runs drawn over each other, and what says which is which.
type curves struct {
	plot   *plot.Plot
	legend plot.Legend
}

// curvesPoints is how many points the curve of a training has at most, about.
const curvesPoints = 250

// smoothed returns records of at least so many steps each, with means in training over all of them: a mean over the few
// steps before a validation stands out as though something had happened there. Validations are left out.
func smoothed(records []runRecord, steps int) []runRecord {
	var out []runRecord
	var sums runRecord
	before := 0
	for i, r := range records {
		if r.Steps == 0 {
			r.Steps = r.Step - before
		}
		if before = r.Step; r.Tokens == 0 {
			r.Tokens = r.Steps
		}
		r.Loss *= float64(r.Tokens)
		r.GradNorm *= float64(r.Steps)
		if sums.add(r); sums.Steps >= steps {
			out = append(out, sums)
			sums = runRecord{}
		} else if i == len(records)-1 && len(out) > 0 {
			out[len(out)-1].add(sums)
		} else if i == len(records)-1 {
			out = append(out, sums)
		}
	}
	for i := range out {
		out[i] = out[i].means()
	}
	return out
}

// curvesOf draws runs.
func curvesOf(runs []pastRun, x, y axis) (*curves, error) {
	c := &curves{plot: plot.New(), legend: plot.NewLegend()}
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
	trained, validated := false, false
	for i, r := range runs {
		steps := recordSteps
		if n := len(r.records); n > 0 {
			steps = max(steps, r.records[n-1].Step/curvesPoints)
		}
		train := pointsOf(smoothed(r.records, steps), x.train, y.train)
		valid := pointsOf(r.records, x.train, y.valid)
		trained, validated = trained || len(train) > 0, validated || len(valid) > 0
		if err := c.add(r.name, styleOf(i), train, valid, y.stepwise); err != nil {
			return nil, fmt.Errorf("%s: %w", r.name, err)
		}
	}
	if !trained && !validated {
		return nil, fmt.Errorf("the logs hold nothing to draw of %s", y.name)
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

// pointsOf are the finite values of records. A nil function has none.
func pointsOf(records []runRecord, x, y func(runRecord) float64) plotter.XYs {
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

// add draws a run and names it.
func (c *curves) add(name string, style canvas.LineStyle, train, valid plotter.XYs, stepwise bool) error {
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
		line, points, err := plotter.NewLinePoints(valid)
		if err != nil {
			return err
		}
		line.LineStyle, points.GlyphStyle = thick, point
		c.plot.Add(line, points)
		thumbs = []plot.Thumbnailer{line, points}
	}
	if thumbs != nil {
		c.legend.Add(name, thumbs...)
	}
	return nil
}

// lineStyles are those of what was measured in training and of validations, of one color.
func lineStyles(s canvas.LineStyle) (thin, thick canvas.LineStyle, point canvas.GlyphStyle) {
	thin, thick = s, s
	thin.Width, thick.Width = vg.Points(0.75), vg.Points(2)
	return thin, thick, canvas.GlyphStyle{Color: s.Color, Shape: canvas.CircleGlyph{}, Radius: vg.Points(2.5)}
}

// draw makes the drawing, the legend above the curves, where it hides none.
func (c *curves) draw(format string) (vg.CanvasWriterTo, error) {
	const width, height, margin = 18 * vg.Centimeter, 11 * vg.Centimeter, 3 * vg.Millimeter
	page := canvas.Canvas{Rectangle: vg.Rectangle{Max: vg.Point{X: width, Y: height}}}
	above := c.legend.Rectangle(page).Size().Y + margin
	drawing, err := canvas.NewFormattedCanvas(width, height+above, format)
	if err != nil {
		return nil, err
	}
	all := canvas.Crop(canvas.New(drawing), margin, -2*margin, margin, -margin)
	c.legend.Draw(canvas.Crop(all, margin, 0, height-margin, 0))
	c.plot.Draw(canvas.Crop(all, 0, 0, 0, -above))
	return drawing, nil
}

// styleOf returns one of the colors that Okabe and Ito found to be told apart by everybody, and dashes when they are
// used up.
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

// roundTicks puts ticks at multiples of 1, 2 or 5 times a power of ten, four to eight with a number.
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
