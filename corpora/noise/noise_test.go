package noise

import (
	"bytes"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/metric"
)

func generator(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }

// TestTotal checks the kinds that leave no choice at rate 1.
func TestTotal(t *testing.T) {
	for _, test := range []struct{ kind, clean, dirty string }{
		{Accents, "Ça a été l'œuvre d'un élève  naïf.", "Ca a ete l'œuvre d'un eleve  naif."},
		{Accents, "İstanbul'da güneş ışığı, 한국어, हिन्दी", "Istanbul'da gunes ısıgı, 한국어, हिन्दी"},
		{Case, "The U.S. and Élise's NATO", "the u.s. and élise's nato"},
		{Punctuation, "Well, after U.S. tests: 63,000 or 4.43! (Done.) Is it 19:30?", "Well after U.S tests 63,000 or 4.43 (Done) Is it 19:30"},
		{Punctuation, "¿Qué tal? ¡Bien! Vraiment ? Oui : bien…", "Qué tal Bien Vraiment Oui bien"},
		{Spaces, "The film begins\twith a baby.", "Thefilmbeginswithababy."},
	} {
		if got := (Step{Kind: test.kind}).kind(nil).Apply(generator(1), 1, test.clean); got != test.dirty {
			t.Errorf("%s of %q is %q: want %q", test.kind, test.clean, got, test.dirty)
		}
	}
}

const sentence = "The quick brown fox, which definitely knew their weather station, jumps over the sleeping dogs of our neighbors"

// TestRates checks that the errors of a kind grow with its rate, that none occur at rate 0 and that they are few.
func TestRates(t *testing.T) {
	for _, name := range Kinds() {
		if name == Learned {
			continue
		}
		kind := (Step{Kind: name}).kind(nil)
		distance := func(rate float64) float64 {
			rng, sum := generator(7), 0
			for range 50 {
				sum += metric.EditDistance([]rune(sentence), []rune(kind.Apply(rng, rate, sentence)))
			}
			return float64(sum) / 50
		}
		none, some, many := distance(0), distance(0.1), distance(0.4)
		accented := name == Accents // the sentence has none
		if none != 0 || !accented && !(some > 0 && many > 2*some) || some > 20 {
			t.Errorf("%s: %v, %v and %v edits at the rates 0, 0.1 and 0.4", name, none, some, many)
		}
	}
}

// TestMeanRate checks that lines draw rates between 0 and 1 with the mean asked for, and that some lines stay clean.
func TestMeanRate(t *testing.T) {
	for _, rate := range []float64{0.1, 0.5, 0.9, 1} {
		var seen rates
		n, err := New(Spec{{Kind: Clean, Rate: 0.25}, {Kind: "mine", Own: &seen, Rate: rate, Lines: 0.8}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		rng := generator(3)
		for range 4000 {
			n.Apply(rng, "text")
		}
		sum := 0.0
		for _, r := range seen {
			if r < 0 || r > 1 {
				t.Fatalf("rate %v: want 0 to 1", r)
			}
			sum += r
		}
		if mean, share := sum/float64(len(seen)), float64(len(seen))/4000; math.Abs(mean-rate) > 0.02 || math.Abs(share-0.6) > 0.03 {
			t.Errorf("mean rate %.3f in a share %.3f of the lines: want %v and 0.6", mean, share, rate)
		}
	}
}

// rates is a kind that records its rates and leaves a line as it is.
type rates []float64

func (r *rates) Apply(_ *rand.Rand, rate float64, line string) string {
	*r = append(*r, rate)
	return line
}

// TestExamples checks that errors depend on the seed and the line's number alone, and that lines keep text.
func TestExamples(t *testing.T) {
	spec, err := ParseSpec("typos:layout=fr,words,phonetic,accents:lines=0.5,flip,punctuation,spaces:rate=0.1,ocr")
	if err != nil {
		t.Fatal(err)
	}
	n, err := New(spec, corpora.Stream([]string{sentence, sentence}))
	if err != nil {
		t.Fatal(err)
	}
	lines := []string{sentence, "!", "", "L'été, ça dure !", sentence}
	of := func(seed uint64) []corpora.Example {
		all, err := corpora.Collect(n.Examples(seed, corpora.Stream(lines)))
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	first := of(1)
	if diff := cmp.Diff(first, of(1)); diff != "" {
		t.Errorf("another run: %s", diff)
	}
	if other := of(2); first[0].Source == other[0].Source || first[0].Source == first[4].Source {
		t.Errorf("equal errors with other seeds or in other lines: %q", first[0].Source)
	}
	if first[1].Source != "!" || first[2].Source != "" || first[3].Targets[0] != lines[3] {
		t.Errorf("%+v: want lines with text", first)
	}
}

// TestWords checks real-word errors: words of the lexicon, and case and marks kept.
func TestWords(t *testing.T) {
	known, err := newLexicon(corpora.Stream([]string{"house horse hose houses mouse shore"}))
	if err != nil {
		t.Fatal(err)
	}
	near := map[string]bool{}
	rng := generator(1)
	for range 100 {
		near[known.near(rng, "house")] = true
	}
	want := map[string]bool{"horse": true, "hose": true, "houses": true, "mouse": true}
	if diff := cmp.Diff(want, near); diff != "" {
		t.Errorf("words near house: %s", diff)
	}
	seen := map[string]bool{}
	for range 200 {
		seen[newWords(nil).Apply(rng, 1, "(Their)")] = true
	}
	if !seen["(There)"] || !seen["(They're)"] || seen["(Their)"] && len(seen) < 3 {
		t.Errorf("words for (Their): %v", seen)
	}
}

// TestKeyboards checks neighbors on each layout, in both directions.
func TestKeyboards(t *testing.T) {
	for layout, want := range map[string]string{"us": "wrsd", "de": "wrsd", "fr": "zrsd", "es": "wrsd", "tr": "wrsd"} {
		k := newKeyboard(layout)
		for _, r := range want {
			if !strings.ContainsRune(string(k.near['e']), r) {
				t.Errorf("%s: near e are %q: want %q among them", layout, string(k.near['e']), r)
			}
		}
		for a, all := range k.near {
			for _, b := range all {
				if !strings.ContainsRune(string(k.near[b]), a) {
					t.Errorf("%s: %q is near %q, not the other way", layout, b, a)
				}
			}
		}
	}
	if k := newKeyboard("tr"); k.upper('i') != 'İ' || k.lower('I') != 'ı' {
		t.Error("Turkish: want a dotted capital of i")
	}
}

func TestSpecErrors(t *testing.T) {
	for text, want := range map[string]string{
		"tipos":               `noise: "tipos": kind: "tipos": want typos, words, phonetic, accents, case, flip, punctuation, spaces, ocr, learned or clean`,
		"typos:rate=2":        `noise: "typos:rate=2": rate: 2: want 0 to 1`,
		"typos:rate=0":        `noise: "typos:rate=0": rate is 0: want above 0 and at most 1, or another kind`,
		"typos:lines=0":       `noise: "typos:lines=0": lines is 0: want above 0 and at most 1, or another kind`,
		"typos:rate=much":     `noise: "typos:rate=much": rate is "much": want a number, 0 to 1`,
		"accents:layout=fr":   `noise: "accents:layout=fr": layout: "fr": want one for typos only, not for accents`,
		"typos:layout=dvorak": `noise: "typos:layout=dvorak": layout: "dvorak": want us, de, fr, es or tr`,
		"case,learned":        `noise: "learned": learned: missing: want a file of 'retell noise fit'`,
		"typos:size=3":        `noise: "typos:size=3": "size=3": want rate=NUMBER, lines=NUMBER, layout=NAME or learned=FILE`,
	} {
		if _, err := ParseSpec(text); err == nil || err.Error() != want {
			t.Errorf("%q: error %v: want %s", text, err, want)
		}
	}
	if _, err := New(Spec{{Kind: Clean, Rate: 1}}, nil); err == nil {
		t.Error("no error without a kind")
	}
}

// TestFit learns from pairs and makes the same errors at the same rate.
func TestFit(t *testing.T) {
	var pairs []corpora.Example
	rng := generator(5)
	for range 400 {
		clean := "modern corn is their thing and rain"
		dirty := clean
		if rng.IntN(2) == 0 {
			dirty = strings.Replace(dirty, "corn", "com", 1)
		}
		if rng.IntN(4) == 0 {
			dirty = strings.Replace(dirty, "their", "thier", 1)
		}
		if rng.IntN(8) == 0 {
			dirty = strings.Replace(dirty, "thing and", "thingand", 1)
		}
		pairs = append(pairs, corpora.Example{Source: dirty, Targets: []string{clean}})
	}
	c, err := Fit(corpora.Stream(pairs))
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := c.Write(&file); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "fit.json")
	if err := os.WriteFile(path, file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	back, err := ReadConfusions(path)
	if diff := cmp.Diff(c, back); err != nil || diff != "" {
		t.Fatalf("read back: %v %s", err, diff)
	}
	n, err := New(Spec{{Kind: Learned, File: path}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for range 4000 {
		line := n.Apply(rng, "modern corn is their thing and rain")
		for _, part := range []string{"com is", "thier", "thingand", "modem"} {
			if strings.Contains(line, part) {
				counts[part]++
			}
		}
	}
	for part, want := range map[string]int{"com is": 2000, "thier": 1000, "thingand": 500, "modem": 0} {
		if got := counts[part]; math.Abs(float64(got-want)) > 0.2*float64(want) {
			t.Errorf("%q occurs %d times of 4000: want about %d; %s", part, got, want, file.String())
		}
	}
}

// TestAlign checks the runs of an alignment.
func TestAlign(t *testing.T) {
	for _, test := range []struct{ clean, dirty, want string }{
		{"the cat", "teh cat", "[t=t][he>eh][ cat= cat]"},
		{"corn", "com", "[co=co][rn>m]"},
		{"", "ab", "[>ab]"},
		{"ab", "", "[ab>]"},
		{"a lot", "alot", "[a=a][ >][lot=lot]"},
		{"", "", ""},
	} {
		var b strings.Builder
		for _, run := range align([]rune(test.clean), []rune(test.dirty)) {
			sign := ">"
			if run.equal() {
				sign = "="
			}
			b.WriteString("[" + string(run.from) + sign + string(run.to) + "]")
		}
		if b.String() != test.want {
			t.Errorf("%q and %q: %s: want %s", test.clean, test.dirty, b.String(), test.want)
		}
	}
}

func FuzzParseConfusions(f *testing.F) {
	f.Add([]byte(`{"format":"retell-confusions-1","errors":0.1,"rate":0.1,"lines":1,"edits":[{"from":"a","to":"b","count":1,"of":2,"contexts":[]}]}`))
	f.Add([]byte(`{"format":"retell-confusions-1","rate":2,"edits":[{"from":"","to":"","count":0}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := parseConfusions(text)
		if err != nil {
			return
		}
		c.Kind().Apply(generator(1), 0.5, "a line of text") // must not panic
	})
}

// TestYAML reads steps written as names, as texts with settings and as mappings.
func TestYAML(t *testing.T) {
	var got Spec
	text := "- accents\n- typos:rate=0.05:layout=de\n- {kind: learned, learned: errors.json, lines: 0.5}\n- kind: clean\n  rate: 0.3\n"
	if err := yaml.UnmarshalWithOptions([]byte(text), &got, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	want := Spec{
		{Kind: Accents},
		{Kind: Typos, Rate: 0.05, Layout: "de"},
		{Kind: Learned, File: "errors.json", Lines: 0.5},
		{Kind: Clean, Rate: 0.3},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, bad := range []string{"- {kind: typos, size: 3}", "- typos:size=3", "- {kind: typos, rate: much}"} {
		if err := yaml.UnmarshalWithOptions([]byte(bad), &got, yaml.Strict()); err == nil {
			t.Errorf("%s: no error", bad)
		}
	}
}
