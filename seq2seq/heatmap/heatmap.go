// Package heatmap draws a model's attention: which source tokens it attends to as it writes each target token.
//
//	x, err := model.Explain(ctx, "A dog runs .", "", nil)
//	m, err := heatmap.New(x, nil)
//	err = m.WriteSVG(w)
package heatmap

import (
	"fmt"
	"image/color"
	"io"
	"math"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/text/unicode/bidi"
	"golang.org/x/text/width"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	canvas "gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"

	"github.com/retell-rnn/retell/seq2seq"
)

// Options change how a map is drawn. The zero value and a nil pointer mean the defaults.
type Options struct {
	// Font is the content of a TrueType or OpenType file. Empty means Liberation Sans, which has Latin, Greek and Cyrillic
	// letters.
	Font []byte
}

// Map is a heat map of attention. Rows are target tokens, from the top; columns are source tokens, from the left. A
// cell shows its percentage of the row's attention: the darker, the more.
type Map struct {
	source, target []string
	attention      [][]float32
	lettering      lettering
	own            bool // whether a font is given
}

// New returns a map of an explanation's attention. A font that cannot be read is an error.
func New(x seq2seq.Explanation, opts *Options) (*Map, error) {
	m := &Map{
		source: shown(x.Source), target: shown(x.Target), attention: x.Attention,
		lettering: lettering{text.Plain{Fonts: font.DefaultCache}},
	}
	if opts == nil || len(opts.Font) == 0 {
		return m, nil
	}
	m.own = true
	face, err := opentype.Parse(opts.Font)
	if err != nil {
		return nil, fmt.Errorf("heatmap: font: %w: want a TrueType or OpenType font", err)
	}
	m.lettering.Fonts = font.NewCache(font.Collection{{Font: font.Font{Typeface: "Given", Variant: "Sans"}, Face: face}})
	return m, nil
}

// WriteSVG draws the map as SVG. Without [Options].Font the viewer chooses the font, so the drawing can show any
// script.
func (m *Map) WriteSVG(w io.Writer) error { return m.write(w, "svg") }

// WritePNG draws the map as PNG. A letter that the font lacks is an error, and so is a script whose letters are joined
// or run from right to left.
func (m *Map) WritePNG(w io.Writer) error {
	if err := m.legible(); err != nil {
		return fmt.Errorf("heatmap: %w", err)
	}
	return m.write(w, "png")
}

// shown replaces the marks in tokens by signs that fonts have: a join by ▪, a space by _.
func shown(tokens []string) []string {
	marks := strings.NewReplacer("￭", "▪", "▁", "_")
	out := make([]string, len(tokens))
	for i, token := range tokens {
		out[i] = marks.Replace(token)
	}
	return out
}

// grid is a map as a plotter.GridXYZ: x grows to the right and y upward from the last row.
type grid struct{ *Map }

func (h grid) Dims() (columns, rows int) { return len(h.source), len(h.target) }
func (h grid) X(column int) float64      { return float64(column) }
func (h grid) Y(row int) float64         { return float64(-row) }

// Z returns a weight. A softmax may round to slightly more than 1, so Z limits it to 1.
func (h grid) Z(column, row int) float64 { return min(1, float64(h.attention[row][column])) }

// palette runs from white to dark blue.
type palette struct{}

func (palette) Colors() []color.Color {
	colors := make([]color.Color, 256)
	for i := range colors {
		mix := func(light, dark float64) uint8 { return uint8(light + (dark-light)*float64(i)/255) }
		colors[i] = color.RGBA{mix(255, 8), mix(255, 48), mix(255, 107), 255}
	}
	return colors
}

// write draws the map in a format, svg or png.
func (m *Map) write(w io.Writer, format string) error {
	p, small := m.axes()
	cells := plotter.NewHeatMap(grid{m}, palette{})
	cells.Min, cells.Max = 0, 1
	p.Add(cells, frame{grid{m}}, values{grid{m}, small})
	p.X.Min, p.X.Max = -0.5, float64(len(m.source))-0.5
	p.Y.Min, p.Y.Max = 0.5-float64(len(m.target)), 0.5

	const margin = 4 * vg.Millimeter
	l := scale{palette{}.Colors(), small}
	axis := 3 * small.FontExtents().Height
	width := max(cell*vg.Length(len(m.source))+widest(m.target, p.Y.Tick.Label)+axis, l.width()) + 2*margin
	height := max(cell*vg.Length(len(m.target)), p.Y.Label.TextStyle.Width(p.Y.Label.Text)) + widest(m.source, p.X.Tick.Label) + axis + l.height() + 2*margin
	var drawing interface {
		vg.CanvasSizer
		io.WriterTo
	}
	if format == "svg" {
		drawing = vgsvg.NewWith(vgsvg.UseWH(width, height), vgsvg.EmbedFonts(m.own))
	} else {
		drawing = vgimg.PngCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(192))}
	}
	c := canvas.Crop(canvas.New(drawing), margin, -margin, margin, -margin)
	l.draw(c)
	p.Draw(canvas.Crop(c, 0, 0, 0, -l.height()))
	_, err := drawing.WriteTo(w)
	return err
}

// axes returns a plot with the tokens at its axes, and the style of small text.
func (m *Map) axes() (p *plot.Plot, small text.Style) {
	p = plot.New()
	p.X.Label.Text, p.Y.Label.Text = "source, as read", "translation, as written"
	for _, style := range []*text.Style{&p.X.Label.TextStyle, &p.Y.Label.TextStyle, &p.X.Tick.Label, &p.Y.Tick.Label} {
		style.Handler = m.lettering
		style.Font.Typeface, style.Font.Variant, style.Font.Size = "", "Sans", 11
	}
	small = p.X.Label.TextStyle
	small.Font.Size = 9
	p.X.Label.TextStyle.Font.Size, p.Y.Label.TextStyle.Font.Size = small.Font.Size, small.Font.Size
	p.X.Label.Padding, p.Y.Label.Padding = vg.Millimeter, vg.Millimeter
	p.X.Tick.Label.Rotation = math.Pi / 2
	p.X.Tick.Label.XAlign, p.X.Tick.Label.YAlign = text.XRight, text.YCenter
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Padding, a.Width, a.Tick.Width, a.Tick.Length = 0, 0, 0, vg.Millimeter
	}
	p.X.Padding = p.X.Tick.Label.FontExtents().Descent + vg.Millimeter // gonum moves labels up by the descent, rotated or not
	p.X.Tick.Marker, p.Y.Tick.Marker = tokenTicks(m.source, 1), tokenTicks(m.target, -1)
	return p, small
}

// cell is the side of a cell.
const cell = 7 * vg.Millimeter

// tokenTicks puts tokens at 0, step, 2·step and so on.
func tokenTicks(tokens []string, step float64) plot.ConstantTicks {
	ticks := make(plot.ConstantTicks, len(tokens))
	for i, token := range tokens {
		ticks[i] = plot.Tick{Value: step * float64(i), Label: token}
	}
	return ticks
}

func widest(tokens []string, style text.Style) vg.Length {
	w := vg.Length(0)
	for _, token := range tokens {
		box, _, _ := style.Handler.Box(token, style.Font)
		w = max(w, box)
	}
	return w
}

// legible returns an error about the first letter that a PNG cannot show: the font lacks it, or its script is joined or
// runs from right to left, which gonum's text does not support.
func (m *Map) legible() error {
	face := m.lettering.Fonts.Lookup(font.Font{Variant: "Sans"}, 11)
	for _, token := range slices.Concat(m.source, m.target) {
		for _, r := range token {
			if needsShaping(r) {
				return fmt.Errorf("a PNG cannot show letters like %q correctly: want SVG", r)
			}
			if !has(face, r) {
				return fmt.Errorf("the font has no %q: want another font, or SVG", r)
			}
		}
	}
	return nil
}

func has(face font.Face, r rune) bool {
	var buf sfnt.Buffer
	glyph, err := face.Face.GlyphIndex(&buf, r)
	return err == nil && glyph != 0
}

// needsShaping reports whether r runs from right to left, or changes its form or position next to other letters, as in
// the scripts of South and Southeast Asia.
func needsShaping(r rune) bool {
	p, _ := bidi.LookupRune(r)
	return p.Class() == bidi.R || p.Class() == bidi.AL || unicode.In(r,
		unicode.Devanagari, unicode.Bengali, unicode.Gurmukhi, unicode.Gujarati, unicode.Oriya, unicode.Tamil, unicode.Telugu,
		unicode.Kannada, unicode.Malayalam, unicode.Sinhala, unicode.Thai, unicode.Lao, unicode.Tibetan, unicode.Myanmar, unicode.Khmer,
		unicode.Mongolian)
}

// lettering writes text with letters that the font may lack. It leaves room for them, because the viewer's font draws
// them.
type lettering struct{ text.Plain }

// Box returns the size of one line.
func (l lettering) Box(line string, f font.Font) (w, height, depth vg.Length) {
	w, height, depth = l.Plain.Box(line, f)
	return w + l.lacking(line, f), height, depth
}

// Draw writes a line at a point.
func (l lettering) Draw(c vg.Canvas, line string, style text.Style, at vg.Point) {
	if w, _, _ := l.Plain.Box(line, style.Font); w > 0 {
		style.XAlign *= text.XAlignment(1 + l.lacking(line, style.Font)/w)
	}
	l.Plain.Draw(c, line, style, at)
}

// lacking estimates how much wider a line becomes through letters that the font lacks.
func (l lettering) lacking(line string, f font.Font) vg.Length {
	face := l.Fonts.Lookup(f, f.Size)
	more := vg.Length(0)
	for _, r := range line {
		if has(face, r) {
			continue
		}
		em := vg.Length(0.6)
		switch kind := width.LookupRune(r).Kind(); {
		case kind == width.EastAsianWide || kind == width.EastAsianFullwidth:
			em = 1
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
			em = 0
		}
		more += em*f.Size - face.Width(string(r))
	}
	return more
}
