package metric

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// TestText compares with str.lower and str.split of Python 3.11.
func TestText(t *testing.T) {
	for in, want := range map[string]string{
		"ÉTÉ":          "été",
		"İstanbul IĞ":  "i\u0307stanbul iğ",
		"ΟΔΟΣ ΣΑΣ Σ":   "οδος σας σ",
		"ΑΣ. ΑΣ.Β Α'Σ": "ας. ασ.β α'ς",
		"ǅ ẞ ᾼ":        "ǆ ß ᾳ",
	} {
		if got := lower(in); got != want {
			t.Errorf("lower(%q) = %q, want %q", in, got, want)
		}
	}
	want := []string{"a", "b", "c", "d", "e\u200bf"}
	if got := fields(" a\u3000b\x1cc\u0085d\u00a0e\u200bf\u2028"); !slices.Equal(got, want) {
		t.Errorf("fields are %q, want %q", got, want)
	}
}

// TestTokenizers compares with sacreBLEU 2.6.0.
func TestTokenizers(t *testing.T) {
	for _, c := range []struct {
		tokenizer Tokenizer
		in, want  string
	}{
		{Tok13a, "Hello, world! It's 3.5%, 1,000-2,000 (a-b).", "Hello , world ! It's 3.5 % , 1,000 - 2,000 ( a-b ) ."},
		{Tok13a, "In 1999. &quot;x&amp;lt;&quot; <skipped>end", `In 1999 . " x < " end`},
		{Tok13a, "one.. two.,5 .5", "one . . two . ,5 . 5"},
		{TokIntl, "Hello, world! It's 3.5%, 1,000-2,000 (a-b).", "Hello , world ! It ' s 3.5 % , 1,000-2,000 ( a - b ) ."},
		{TokIntl, "In 1999. “x” ½€ ١٫٢ no–yes", "In 1999 . “ x ” ½ € ١٫٢ no – yes"},
		{TokZh, "我们有 3.5 只cat。Yes, two.", "我 们 有 3.5 只 cat 。 Yes , two ."},
		{TokZh, "so “it” is — 5.", "so “ it ” is — 5."},
		{TokChar, "a b我", "a b 我"},
		{TokNone, " a,  b ", "a, b"},
	} {
		if got := strings.Join(fields(c.tokenizer.function()(trimRight(c.in))), " "); got != c.want {
			t.Errorf("%s: %q becomes %q, want %q", c.tokenizer, c.in, got, c.want)
		}
	}
}

func FuzzMetrics(f *testing.F) {
	f.Add("The dog bit the man.", "It's the dog, isn't it?")
	f.Add("İΣ &quot;-\n、ΑΣ.", "\xff\xfe 3.,")
	f.Add("", "")
	var metrics []Metric
	for _, spec := range []string{
		"bleu", "bleu:tok=intl,case=lc", "bleu:tok=zh,order=9", "bleu:tok=char,smooth=none,eff=yes", "bleu:tok=none,smooth=add-k",
		"chrf:space=yes", "chrf++:case=lc,eff=no", "ter:norm=yes,asian=yes", "ter:norm=yes,punct=no,case=mixed",
		"wer", "cer", "exact", "ser", "accuracy",
	} {
		metrics = append(metrics, parse(f, spec))
	}
	f.Fuzz(func(t *testing.T, hyp, ref string) {
		if len(hyp)+len(ref) > 1<<10 {
			t.Skip("long texts take long in TER")
		}
		for _, m := range metrics {
			s := m.Score(m.Stats(hyp, []string{ref}))
			if !(s.Value >= 0) || m.HigherIsBetter() && s.Value > 100+1e-9 {
				t.Errorf("%s of %q and %q is %v", m.Name(), hyp, ref, s.Value)
			}
		}
	})
}

// TestTokenizersKeepText holds that tokenizers only add white space; 13a also removes markup, which the lines lack.
func TestTokenizersKeepText(t *testing.T) {
	bare := func(s string) string { return strings.Join(fields(s), "") }
	rapid.Check(t, func(t *rapid.T) {
		line := rapid.StringOf(rapid.SampledFrom([]rune("ab5 .,-%'“€我。\tΣ"))).Draw(t, "line")
		for _, name := range []Tokenizer{Tok13a, TokIntl, TokZh, TokChar, TokNone} {
			tokenize := name.function()
			out := tokenize(line)
			if !utf8.ValidString(out) || bare(out) != bare(line) {
				t.Fatalf("%s: %q becomes %q", name, line, out)
			}
		}
	})
}
