package heatmap

import (
	"fmt"
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	canvas "gonum.org/v1/plot/vg/draw"
)

// frame draws thin lines around the cells.
type frame struct{ grid }

// Plot draws the lines.
func (f frame) Plot(c canvas.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	style := canvas.LineStyle{Color: color.Gray{215}, Width: vg.Points(0.5)}
	columns, rows := f.Dims()
	for i := range columns + 1 {
		c.StrokeLine2(style, x(float64(i)-0.5), y(0.5-float64(rows)), x(float64(i)-0.5), y(0.5))
	}
	for i := range rows + 1 {
		c.StrokeLine2(style, x(-0.5), y(0.5-float64(i)), x(float64(columns)-0.5), y(0.5-float64(i)))
	}
}

// values writes the cells' percentages, except those below one half percent.
type values struct {
	grid
	style text.Style
}

// Plot writes the values, in white on dark cells.
func (v values) Plot(c canvas.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	columns, rows := v.Dims()
	style := v.style
	style.Font.Size = 7
	style.XAlign, style.YAlign = text.XCenter, text.YCenter
	for row := range rows {
		for column := range columns {
			share := v.Z(column, row)
			if share < 0.005 {
				continue
			}
			style.Color = color.Gray{40}
			if share > 0.5 {
				style.Color = color.White
			}
			c.FillText(style, vg.Point{X: x(v.X(column)), Y: y(v.Y(row))}, fmt.Sprint(math.Round(100*share)))
		}
	}
}

// scale is the legend: the color of each share of attention.
type scale struct {
	colors []color.Color
	style  text.Style
}

const (
	scaleTitle = "attention, in %"
	scaleSteps = 5 // from 0 to 100 %
	scaleBox   = 8 * vg.Millimeter
)

func (s scale) width() vg.Length {
	return s.style.Width(scaleTitle) + 2*vg.Millimeter + scaleSteps*scaleBox
}

func (s scale) height() vg.Length { return 9 * vg.Millimeter }

// draw draws the scale in the upper left corner.
func (s scale) draw(c canvas.Canvas) {
	const height = 5 * vg.Millimeter
	at := vg.Point{X: c.Min.X, Y: c.Max.Y - height}
	style := s.style
	style.XAlign, style.YAlign = text.XLeft, text.YCenter
	c.FillText(style, vg.Point{X: at.X, Y: at.Y + height/2}, scaleTitle)
	at.X += s.style.Width(scaleTitle) + 2*vg.Millimeter
	style.XAlign = text.XCenter
	for i := range scaleSteps {
		share := float64(i) / (scaleSteps - 1)
		box := []vg.Point{at, {X: at.X + scaleBox, Y: at.Y}, {X: at.X + scaleBox, Y: at.Y + height}, {X: at.X, Y: at.Y + height}}
		c.FillPolygon(s.colors[int(share*float64(len(s.colors)-1))], box)
		c.StrokeLines(canvas.LineStyle{Color: color.Gray{215}, Width: vg.Points(0.5)}, append(box, at))
		style.Color = color.Gray{40}
		if share > 0.5 {
			style.Color = color.White
		}
		c.FillText(style, vg.Point{X: at.X + scaleBox/2, Y: at.Y + height/2}, fmt.Sprint(100*share))
		at.X += scaleBox
	}
}
