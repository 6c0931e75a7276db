package tokenize

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestWordTokens(t *testing.T) {
	c := learn(t, Config{Kind: Words, Lossless: true}, "world")
	for line, want := range map[string]string{
		"":                        "",
		"Hello, world.":           "Hello ￭, world ￭.",
		"(world)":                 "(￭ world ￭)",
		`say "world world" twice`: `say "￭ world world ￭" twice`,
		"well-known":              "well ￭-￭ known",
		"it's 3.14 (or so)...":    "it's 3.14 (￭ or so ￭) ￭. ￭. ￭.",
		"so , tokenized .":        "so , tokenized .",
		"東京":                      "東 ￭京",
		" a  b\tc ":               "￭▁￭ a ￭▁￭ ￭▁￭ b ￭\t￭ c ￭▁￭",
		`￭ \ ▁`:                   `\￭ \\ \▁`,
		`a￭\b`:                    `a ￭\￭ ￭\\￭ b`,
		"<unk>":                   "<￭ unk ￭>",
	} {
		full := learn(t, Config{Kind: Words, Lossless: true}, line, "x")
		for _, c := range []*Codec{c, full} { // c writes unknown joins as single marks
			got := c.Tokens(line)
			if c == full {
				if got := strings.Join(got, " "); got != want {
					t.Errorf("%q: got %q, want %q", line, got, want)
				}
			}
			if len(got) != len(c.Encode(line)) {
				t.Errorf("%q: %d tokens, %d ids", line, len(got), len(c.Encode(line)))
			}
		}
	}
}

// TestUnknownWordsKeepSpacing holds that decoding replaces unknown words and nothing else.
func TestUnknownWordsKeepSpacing(t *testing.T) {
	c := learn(t, Config{Kind: Words, Lossless: true}, "known, (known) § .", "known")
	for line, want := range map[string]string{
		"foo, known (bar)":  "<unk>, known (<unk>)",
		"known§known foo§":  "known§known <unk>§", // known only with spaces around it
		"3€ €3 known €":     "<unk><unk> <unk><unk> known <unk>",
		" a\tb  ":           " <unk><unk><unk>  ",
		"known.(known),foo": "known.(known),<unk>",
	} {
		if got := c.Decode(c.Encode(line)); got != want {
			t.Errorf("%q: got %q, want %q (tokens %q)", line, got, want, c.Tokens(line))
		}
	}
	if got, want := c.Tokens("a€ § x§"), []string{"a", "￭", "€", "§", "x", "￭", "§"}; !slices.Equal(got, want) {
		t.Errorf("tokens of unknown words: got %q, want %q", got, want)
	}
}

// wordsRoundTrip checks that a codec with all words of a line restores the line, and that a codec with none restores
// its spacing.
func wordsRoundTrip(t rapid.TB, line string) {
	for _, lossless := range []bool{false, true} {
		wordsRoundTripOf(t, Config{Kind: Words, Lossless: lossless}, line)
	}
}

func wordsRoundTripOf(t rapid.TB, cfg Config, line string) {
	known, err := Learn(cfg, stream(line, "x"))
	if err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	want := known.Normalize(line)
	if got := known.Decode(known.Encode(line)); got != want {
		t.Errorf("%q: got %q, want %q (tokens %q)", line, got, want, known.Tokens(line))
	}

	ignorant, err := Learn(cfg, stream("\U0001F9FF"))
	if err != nil {
		t.Fatalf("%v", err)
	}
	var masked strings.Builder
	from := 0
	splitWords(want, func(text string, _ join) {
		at := from + strings.Index(want[from:], text)
		masked.WriteString(want[from:at])
		if text == " " || text == "\U0001F9FF" {
			masked.WriteString(text)
		} else {
			masked.WriteString("<unk>")
		}
		from = at + len(text)
	})
	masked.WriteString(want[from:])
	if got := ignorant.Decode(ignorant.Encode(line)); got != masked.String() {
		t.Errorf("%q without vocabulary: got %q, want %q", line, got, masked.String())
	}
}

func TestWordsRoundTrip(t *testing.T) {
	for _, line := range training {
		wordsRoundTrip(t, line)
	}
	line := anyLine()
	rapid.Check(t, func(t *rapid.T) { wordsRoundTrip(t, line.Draw(t, "line")) })
}

func FuzzWords(f *testing.F) {
	for _, line := range training {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) { wordsRoundTrip(t, line) })
}

func TestSpaceTokens(t *testing.T) {
	c := learn(t, Config{Kind: Space, Lossless: true, KeepCase: true}, "a b\u00a0c <pad> \\<s> ▁d ￭ \\e")
	if got, want := c.Tokens("a b\u00a0c <pad> \\<s> ▁d ￭ \\e zz <unk>"), []string{"a", "b\u00a0c", `\<pad>`, `\\<s>`, "▁d", "￭", `\e`, "zz", `\<unk>`}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for line, want := range map[string]string{
		"":                 "",
		"   ":              "",
		"  a   b\u00a0c  ": "a b\u00a0c",
		"a <pad> \\<s>":    "a <pad> \\<s>",
		"a <s> b":          "a <unk> <unk>",
	} {
		if got := c.Decode(c.Encode(line)); got != want {
			t.Errorf("%q: got %q, want %q", line, got, want)
		}
	}
	line := anyLine()
	rapid.Check(t, func(t *rapid.T) {
		line := line.Draw(t, "line")
		c, err := Learn(Config{Kind: Space, Lossless: rapid.Bool().Draw(t, "lossless")}, stream(line, "x"))
		if err != nil {
			t.Fatal(err)
		}
		if got, want := c.Decode(c.Encode(line)), c.Normalize(line); got != want {
			t.Fatalf("%q: got %q, want %q", line, got, want)
		}
	})
}
