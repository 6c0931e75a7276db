package vectors

import (
	"fmt"
	"image/color"
	"io"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// Sizes of a picture. If there are clusters, the right part is the legend.
const (
	pictureWidth  = 24 * vg.Centimeter
	pictureHeight = 16 * vg.Centimeter
	legendWidth   = 6.5 * vg.Centimeter
	pictureDPI    = 150 // resolution of a PNG
	margin        = 5 * vg.Millimeter
)

// clusterColor returns the color of a cluster, or, for -1, of points without a cluster. Kelly, Twenty-two Colors of
// Maximum Contrast, 1965, without white and black.
func clusterColor(cluster int) color.RGBA {
	palette := [...]uint32{
		0x0067a5, 0xf38400, 0x008856, 0xbe0032, 0x875692, 0xf3c300, 0xe68fac, 0x654522, 0x8db600, 0x604e97,
		0xa1caf1, 0xe25822, 0x2b3d26, 0xb3446c, 0xc2b280, 0x848482, 0xf99379, 0xf6a600, 0xdcd300, 0x882d17,
	}
	if cluster < 0 {
		return color.RGBA{0x00, 0x67, 0xa5, 255}
	}
	c := palette[cluster%len(palette)]
	return color.RGBA{uint8(c >> 16), uint8(c >> 8), uint8(c), 255}
}

// WriteSVG draws the map as SVG.
func (m *Map) WriteSVG(w io.Writer) error {
	c := vgsvg.New(pictureWidth, pictureHeight)
	return m.draw(w, c, c)
}

// WritePNG draws the map as PNG.
func (m *Map) WritePNG(w io.Writer) error {
	c := vgimg.PngCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(pictureWidth, pictureHeight), vgimg.UseDPI(pictureDPI))}
	return m.draw(w, c, c)
}

// draw draws the points and the legend on a canvas and writes the canvas to w.
func (m *Map) draw(w io.Writer, sized vg.CanvasSizer, out io.WriterTo) error {
	page := draw.Crop(draw.New(sized), margin, -margin, margin, -margin)
	left := page
	if len(m.Clusters) > 0 {
		left = draw.Crop(page, 0, -legendWidth, 0, 0)
		m.legend().Draw(draw.Crop(page, pictureWidth-2*margin-legendWidth+margin, 0, 0, 0))
	}
	p := plot.New()
	p.HideAxes()
	p.BackgroundColor = color.White
	points, err := plotter.NewScatter(m.xys())
	if err != nil {
		return fmt.Errorf("vectors: picture: %w", err)
	}
	radius := vg.Points(min(3, max(0.9, 75/math.Sqrt(float64(len(m.Points))))))
	points.GlyphStyleFunc = func(i int) draw.GlyphStyle {
		return draw.GlyphStyle{Color: clusterColor(m.Points[i].Cluster), Radius: radius, Shape: draw.CircleGlyph{}}
	}
	p.Add(points)
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = m.bounds(float64(left.Size().X / left.Size().Y))
	p.Draw(left)
	if _, err := out.WriteTo(w); err != nil {
		return fmt.Errorf("vectors: picture: %w", err)
	}
	return nil
}

func (m *Map) xys() plotter.XYs {
	xys := make(plotter.XYs, len(m.Points))
	for i, p := range m.Points {
		xys[i] = plotter.XY{X: p.X, Y: p.Y}
	}
	return xys
}

// bounds returns the smallest rectangle around all points with the given ratio of width to height, so that both axes
// have the same scale.
func (m *Map) bounds(ratio float64) (xMin, xMax, yMin, yMax float64) {
	xMin, xMax, yMin, yMax = plotter.XYRange(m.xys())
	width, height := max(xMax-xMin, 1e-9), max(yMax-yMin, 1e-9)
	wide, high := max(width, height*ratio)-width, max(height, width/ratio)-height
	return xMin - wide/2, xMax + wide/2, yMin - high/2, yMax + high/2
}

// legend returns the legend of the clusters that have points.
func (m *Map) legend() *plot.Legend {
	l := plot.NewLegend()
	l.Top, l.Left = true, true
	l.Padding, l.ThumbnailWidth = 1.2*vg.Millimeter, 4*vg.Millimeter
	l.TextStyle.Font.Variant, l.TextStyle.Font.Size = "Sans", vg.Points(9)
	for i, c := range m.Clusters {
		if !slices.ContainsFunc(m.Points, func(p Point) bool { return p.Cluster == i }) {
			continue
		}
		l.Add(shorten(c.Name, 34), &plotter.Scatter{
			XYs:        plotter.XYs{{}},
			GlyphStyle: draw.GlyphStyle{Color: clusterColor(i), Radius: vg.Points(3.5), Shape: draw.CircleGlyph{}},
		})
	}
	return &l
}

// shorten cuts a text to at most the given number of characters.
func shorten(s string, most int) string {
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return s
}
