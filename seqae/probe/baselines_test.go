package probe

import (
	"context"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCharacters(t *testing.T) {
	var got []string
	(&TFIDF{Min: 3, Max: 4}).each("Ab, é! Öle", func(term string) { got = append(got, term) })
	want := []string{" ab", "ab ", " ab ", " é ", " öl", "öle", "le ", " öle", "öle "}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	got = nil
	(&TFIDF{Min: 5, Max: 6}).each("ab", func(term string) { got = append(got, term) })
	if diff := cmp.Diff([]string{" ab "}, got); diff != "" {
		t.Error(diff)
	}
}

func TestWords(t *testing.T) {
	for text, want := range map[string]string{
		"":                           "",
		" ,. ":                       "",
		"Don't  STOP-me now":         "don|t|stop|me|now",
		"Ünder 3½ é, naïve—Ω ok\xff": "ünder|3½|é|naïve|ω|ok",
	} {
		var got []string
		for word, rest := nextWord(nil, text); len(word) > 0; word, rest = nextWord(nil, rest) {
			got = append(got, string(word))
		}
		if strings.Join(got, "|") != want {
			t.Errorf("%q: %q, want %s", text, got, want)
		}
	}
}

// TestProjection holds that random projections keep cosines approximately.
func TestProjection(t *testing.T) {
	lines := []string{"a dog runs on a beach", "a dog sleeps on a beach", "stocks fell", "stocks fell sharply", "?"}
	exact, err := (&TFIDF{}).Embed(t.Context(), lines)
	if err != nil {
		t.Fatal(err)
	}
	v, err := (&Projection{Size: 4000, Seed: 1}).Embed(t.Context(), lines)
	if err != nil {
		t.Fatal(err)
	}
	equal, err := (&Projection{Size: 4000, Seed: 1, Equal: true}).Embed(t.Context(), lines)
	if err != nil {
		t.Fatal(err)
	}
	v, equal = v.Unit(), equal.Unit()
	for i := range lines {
		for j := range lines {
			if got, want := v.Dot(i, j), exact.Dot(i, j); math.Abs(got-want) > 0.08 {
				t.Errorf("lines %d and %d: %v, want about %v", i, j, got, want)
			}
		}
	}
	if got, want := equal.Dot(2, 3), 2/math.Sqrt(6); math.Abs(got-want) > 0.08 {
		t.Errorf("equal weights: %v, want about %v", got, want)
	}
}

func TestPrefix(t *testing.T) {
	e := Prefix(fake{"letters", letters}, 2)
	v, err := e.Embed(t.Context(), []string{"abbc", "c"})
	if err != nil || e.Name() != "letters:2" || !slices.Equal(v.(*Dense).Data(), []float32{1, 2, 0, 0}) {
		t.Errorf("%s: %v, %v", e.Name(), v, err)
	}
	if _, err := Prefix(&TFIDF{}, 1).Embed(t.Context(), []string{"a"}); err == nil {
		t.Error("sparse vectors have a prefix")
	}
}

// TestOverlapsNearby compares the search by prefixes with all pairs.
func TestOverlapsNearby(t *testing.T) {
	sets := func(text string) map[string]bool {
		set := map[string]bool{}
		for _, w := range strings.Fields(text) {
			set[w] = true
		}
		return set
	}
	var texts, training []string
	rng := rand.New(rand.NewPCG(1, 5))
	for i := range 200 {
		var a []string
		for range 1 + i%9 {
			a = append(a, string(rune('b'+rng.IntN(20)))+"x")
		}
		b := slices.Clone(a)
		for range rng.IntN(3) {
			b[rng.IntN(len(b))] = string(rune('b'+rng.IntN(25))) + "x"
		}
		if i%3 == 0 {
			b = append(b, "bx")
		}
		texts, training = append(texts, strings.Join(a, " ")), append(training, strings.Join(b, " "))
	}
	index := newTextIndex([]Task{{Texts: [][]string{texts}}})
	for _, text := range training {
		index.see(text)
	}
	near := 0
	for _, a := range texts {
		want := unseen
		for _, b := range training {
			x, y, common := sets(a), sets(b), 0
			for w := range x {
				if y[w] {
					common++
				}
			}
			if a == b {
				want = seenEqual
			} else if want == unseen && min(len(x), len(y)) >= 2 && 10*common >= 7*(len(x)+len(y)-common) {
				want = seenNear
			}
		}
		if got := index.sights[index.texts[a+" "]]; got != want {
			t.Errorf("%q: %v, want %v", a, got, want)
		}
		if want == seenNear {
			near++
		}
	}
	if near < 50 {
		t.Errorf("%d near texts: want more", near)
	}
}

func TestOverlapErrors(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := FindOverlaps(ctx, nil, func(yield func(string, error) bool) {
		for yield("a", nil) {
		}
	})
	if err != context.Canceled {
		t.Errorf("%v: want the context's error", err)
	}
	_, err = FindOverlaps(t.Context(), nil, func(yield func(string, error) bool) { yield("", io.ErrUnexpectedEOF) })
	if err != io.ErrUnexpectedEOF {
		t.Errorf("%v: want the stream's error", err)
	}
}
