package main

import (
	"fmt"
	"image/color"
	"io"
	"math"
	"os"
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

// heatMap draws an explanation's attention: a column for each source token, a row for each target token, the first on
// top.
type heatMap struct {
	source, target []string
	attention      [][]float32
	lettering      lettering
	own            bool // whether the font was given
}

// newHeatMap reads the font from a file, if one is given.
func newHeatMap(x seq2seq.Explanation, file string) (*heatMap, error) {
	h := &heatMap{
		source: shown(x.Source), target: shown(x.Target), attention: x.Attention,
		lettering: lettering{text.Plain{Fonts: font.DefaultCache}},
	}
	if file == "" {
		return h, nil
	}
	h.own = true
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	face, err := opentype.Parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: want a TrueType or OpenType font", file, err)
	}
	h.lettering.Fonts = font.NewCache(font.Collection{{Font: font.Font{Typeface: "Given", Variant: "Sans"}, Face: face}})
	return h, nil
}

// shown replaces the marks of tokens by signs that fonts have: a join by ▪ and a space by _.
func shown(tokens []string) []string {
	marks := strings.NewReplacer("￭", "▪", "▁", "_")
	out := make([]string, len(tokens))
	for i, token := range tokens {
		out[i] = marks.Replace(token)
	}
	return out
}

// The methods that make it a plotter.GridXYZ.

func (h *heatMap) Dims() (columns, rows int) { return len(h.source), len(h.target) }
func (h *heatMap) X(column int) float64      { return float64(column) }
func (h *heatMap) Y(row int) float64         { return float64(-row) }

// Z is at most 1, though a softmax may round to a little more.
func (h *heatMap) Z(column, row int) float64 { return min(1, float64(h.attention[row][column])) }

// Colors returns white to dark blue: the palette.
func (h *heatMap) Colors() []color.Color {
	colors := make([]color.Color, 256)
	for i := range colors {
		mix := func(light, dark float64) uint8 { return uint8(light + (dark-light)*float64(i)/255) }
		colors[i] = color.RGBA{mix(255, 8), mix(255, 48), mix(255, 107), 255}
	}
	return colors
}

// draw returns the drawing in a format, svg or png.
func (h *heatMap) draw(format string) (io.WriterTo, error) {
	if format == "png" {
		if err := h.legible(); err != nil {
			return nil, err
		}
	}
	p := plot.New()
	p.X.Label.Text, p.Y.Label.Text = "source, as read", "translation, as written"
	for _, style := range []*text.Style{&p.X.Label.TextStyle, &p.Y.Label.TextStyle, &p.X.Tick.Label, &p.Y.Tick.Label} {
		style.Handler = h.lettering
		style.Font.Typeface, style.Font.Variant, style.Font.Size = "", "Sans", 11
	}
	small := p.X.Label.TextStyle // as it is set
	small.Font.Size = 9
	p.X.Label.TextStyle.Font.Size, p.Y.Label.TextStyle.Font.Size = small.Font.Size, small.Font.Size
	p.X.Label.Padding, p.Y.Label.Padding = vg.Millimeter, vg.Millimeter
	p.X.Tick.Label.Rotation = math.Pi / 2
	p.X.Tick.Label.XAlign, p.X.Tick.Label.YAlign = text.XRight, text.YCenter
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Padding, a.Width, a.Tick.Width, a.Tick.Length = 0, 0, 0, vg.Millimeter
	}
	p.X.Padding = p.X.Tick.Label.FontExtents().Descent + vg.Millimeter // by the first gonum moves labels up, turned or not
	p.X.Tick.Marker, p.Y.Tick.Marker = tokenTicks(h.source, 1), tokenTicks(h.target, -1)

	m := plotter.NewHeatMap(h, h)
	m.Min, m.Max = 0, 1
	p.Add(m, frame{h}, values{h, small})
	p.X.Min, p.X.Max = -0.5, float64(len(h.source))-0.5
	p.Y.Min, p.Y.Max = 0.5-float64(len(h.target)), 0.5

	const margin = 4 * vg.Millimeter
	l := scale{h.Colors(), small}
	axis := 3 * small.FontExtents().Height
	w := max(cell*vg.Length(len(h.source))+widest(h.target, p.Y.Tick.Label)+axis, l.width()) + 2*margin
	ht := max(cell*vg.Length(len(h.target)), p.Y.Label.TextStyle.Width(p.Y.Label.Text)) + widest(h.source, p.X.Tick.Label) + axis + l.height() + 2*margin
	var drawing interface {
		vg.CanvasSizer
		io.WriterTo
	}
	if format == "svg" {
		drawing = vgsvg.NewWith(vgsvg.UseWH(w, ht), vgsvg.EmbedFonts(h.own))
	} else {
		drawing = vgimg.PngCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(w, ht), vgimg.UseDPI(192))}
	}
	c := canvas.Crop(canvas.New(drawing), margin, -margin, margin, -margin)
	l.draw(c)
	p.Draw(canvas.Crop(c, 0, 0, 0, -l.height()))
	return drawing, nil
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

// legible returns an error about the first letter that a picture of dots cannot hold: one that the font lacks, or of a
// script whose letters are joined or run from right to left, for which gonum's text has no rules.
func (h *heatMap) legible() error {
	face := h.lettering.Fonts.Lookup(font.Font{Variant: "Sans"}, 11)
	for _, token := range slices.Concat(h.source, h.target) {
		for _, r := range token {
			if needsShaping(r) {
				return fmt.Errorf("letters like %q are not drawn as they are read: want a name that ends in .svg", r)
			}
			if !has(face, r) {
				return fmt.Errorf("the font has no %q: want --font FILE of one that has it, or a name that ends in .svg", r)
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

// needsShaping reports whether r is written from right to left or, as in the scripts of South and South-East Asia, in
// another form or order among others than alone.
func needsShaping(r rune) bool {
	p, _ := bidi.LookupRune(r)
	return p.Class() == bidi.R || p.Class() == bidi.AL || unicode.In(r,
		unicode.Devanagari, unicode.Bengali, unicode.Gurmukhi, unicode.Gujarati, unicode.Oriya, unicode.Tamil, unicode.Telugu,
		unicode.Kannada, unicode.Malayalam, unicode.Sinhala, unicode.Thai, unicode.Lao, unicode.Tibetan, unicode.Myanmar, unicode.Khmer,
		unicode.Mongolian)
}

// lettering writes text of which the font lacks some letters: it keeps room for what whoever shows the drawing will put
// there.
type lettering struct{ text.Plain }

// Box returns the size of one line.
func (l lettering) Box(line string, f font.Font) (w, height, depth vg.Length) {
	w, height, depth = l.Plain.Box(line, f)
	return w + l.lacking(line, f), height, depth
}

// Draw writes a line at a place.
func (l lettering) Draw(c vg.Canvas, line string, style text.Style, at vg.Point) {
	if w, _, _ := l.Plain.Box(line, style.Font); w > 0 {
		style.XAlign *= text.XAlignment(1 + l.lacking(line, style.Font)/w)
	}
	l.Plain.Draw(c, line, style, at)
}

// lacking is how much wider a line becomes by the letters that the font lacks, about.
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
