package tokenize

import (
	"bytes"
	"log"
	"math/rand/v2"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
)

func TestNormalize(t *testing.T) {
	for _, test := range []struct {
		config     Config
		line, want string
	}{
		{Config{}, "e\u0301 ﬁ Ⅷ A", "é ﬁ Ⅷ A"},
		{Config{Normalize: NFKC}, "e\u0301 ﬁ Ⅷ A", "é fi VIII A"},
		{Config{Normalize: None}, "e\u0301 ﬁ", "e\u0301 ﬁ"},
		{Config{Lowercase: true}, "ÄÖ Straße IIİ", "äö straße iii"},
		{Config{Lowercase: true}, "J\u030C", "\u01F0"}, // J with caron has no code point, j with caron has
		{Config{Lowercase: true, Normalize: NFKC}, "ℌ", "h"},
		{Config{}, "a\xff\xfeb\n", "a\uFFFDb"},
		{Config{}, "  a \t b\u00a0\u2009c\u3000\r", "a b c"},
		{Config{}, "\ufeffe\u200b\u0301 soft\u00adly\u2060", "é softly"},
		{Config{}, "a\u200cb \u200d", "a\u200cb \u200d"}, // joiners are letters of some scripts
		{Config{Normalize: NFKC}, "\u00b4a", "\u0301a"},  // the normal form begins with a space
		{Config{}, " \t\u00a0\u200b\ufeff\u200d\u2028", ""},
		{Config{Lossless: true}, " \t\u00a0\u200b\ufeff", ""},
		{Config{Lossless: true}, "\ufeff  a\t b\u00a0\n", "\ufeff  a\t b\u00a0 "},
		{Config{Kind: Space}, "  a   b\tc ", "a b c"},
		{Config{Kind: Space, Lossless: true}, "  a   b\tc ", "a b\tc"},
		{Config{Stem: "english"}, "The running Dogs, 42  cats!", "the run dog, 42 cat!"},
		{Config{Stem: "spanish", Lossless: true}, "¿Corriendo?  perros", "¿corr?  perr"},
		{Config{Stem: "french"}, "nous voudrions chanter", "nous voudrion chant"},
		{Config{Stem: "russian"}, "Книги", "книг"},
		{Config{Stem: "swedish"}, "flickorna", "flick"},
		{Config{Stem: "norwegian"}, "husene", "hus"},
		{Config{Stem: "hungarian"}, "házakban", "ház"},
	} {
		if got := test.config.normalize(test.line); got != test.want {
			t.Errorf("%+v: %q: got %q, want %q", test.config, test.line, got, test.want)
		}
	}
}

// TestStemAnything holds that no stemmer panics, prints, or returns an empty stem for words made of its own affixes.
func TestStemAnything(t *testing.T) {
	var printed bytes.Buffer
	defer log.SetOutput(log.Writer())
	log.SetOutput(&printed)
	parts := strings.Fields("a e i y s ' ’ é ü ő ß ñ İ un re ing ed ies ational ization fulness li ement issement euse logie amment ivité " +
		"ción mente ándose íais guéis ейше ость ивши вав ание heter erna lig elov ban val kké stul ággal 's y’s yy voudrion")
	rng := rand.New(rand.NewPCG(7, 0))
	for range 30000 {
		var b strings.Builder
		for range 1 + rng.IntN(5) {
			b.WriteString(parts[rng.IntN(len(parts))])
		}
		for _, language := range stemLanguages() {
			if stem(b.String(), language) == "" {
				t.Fatalf("%s: %q has no stem", language, b.String())
			}
		}
	}
	if printed.Len() > 0 {
		t.Errorf("printed %q", printed.String())
	}
}

func FuzzNormalize(f *testing.F) {
	f.Add("Ärger e\u0301\u0323 ﬁ J\u030c", true, uint8(0))
	f.Add("voudrions \xff\n", false, uint8(3))
	f.Fuzz(func(t *testing.T, line string, lower bool, stem uint8) {
		languages := append([]string{""}, stemLanguages()...)
		c := Config{Lowercase: lower, Stem: languages[int(stem)%len(languages)]}
		got := c.normalize(line)
		if c.Stem == "" && c.normalize(got) != got {
			t.Errorf("%q becomes %q", got, c.normalize(got))
		}
		if got != strings.Join(strings.Fields(got), " ") {
			t.Errorf("%q has more white space than it needs", got)
		}
		if !norm.NFC.IsNormalString(got) {
			t.Errorf("%q is not in NFC", got)
		}
		if strings.ToValidUTF8(got, "") != got || strings.Contains(got, "\n") {
			t.Errorf("%q is not one line of UTF-8", got)
		}
	})
}
