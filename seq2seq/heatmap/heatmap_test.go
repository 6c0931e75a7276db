package heatmap

import (
	"bytes"
	"image/png"
	"strings"
	"testing"

	"golang.org/x/image/font/gofont/goregular"

	"github.com/retell-rnn/retell/seq2seq"
)

func explanation(source ...string) seq2seq.Explanation {
	x := seq2seq.Explanation{Source: source, Target: []string{"hund￭", "</s>"}}
	for i := range x.Target {
		row := make([]float32, len(source))
		row[i%len(row)] = 1
		x.Attention = append(x.Attention, row)
	}
	return x
}

// TestSVG checks that a drawing has every token, with its marks as plain signs, and the percentages.
func TestSVG(t *testing.T) {
	m, err := New(explanation("a▁dog", "犬"), nil)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := m.WriteSVG(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"<svg", ">a_dog<", ">犬<", ">hund▪<", ">100<", "attention, in %"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the drawing has no %s", want)
		}
	}
}

// TestPNG checks that pictures grow with the tokens, and that letters a picture would show wrongly are errors.
func TestPNG(t *testing.T) {
	width := func(x seq2seq.Explanation, opts *Options) int {
		m, err := New(x, opts)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := m.WritePNG(&b); err != nil {
			t.Fatal(err)
		}
		c, err := png.DecodeConfig(&b)
		if err != nil {
			t.Fatal(err)
		}
		return c.Width
	}
	many := explanation(strings.Fields("a b c d e f g h i j k l m n o p")...)
	if few, wide := width(explanation("a"), nil), width(many, nil); wide <= few {
		t.Errorf("16 tokens are %d wide and 1 is %d: want more", wide, few)
	}
	width(explanation("a"), &Options{Font: goregular.TTF})
	for token, want := range map[string]string{"犬": "the font has no '犬'", "שלום": "a PNG cannot show letters like"} {
		m, err := New(explanation(token), nil)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := m.WritePNG(&b); err == nil || !strings.Contains(err.Error(), want) || b.Len() > 0 {
			t.Errorf("%s: %d bytes, error %v: want none, and %q", token, b.Len(), err, want)
		}
	}
	if _, err := New(explanation("a"), &Options{Font: []byte("no font")}); err == nil {
		t.Error("text was read as a font: want an error")
	}
}
