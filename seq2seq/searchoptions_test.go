package seq2seq

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/retell-rnn/retell/metric"
	"github.com/retell-rnn/retell/seq2seq/internal/search"
)

func TestSearchOptions(t *testing.T) {
	want := SearchOptions{Beam: 5, NBest: 1, LengthNorm: NormAverage, Alpha: 1, MaxLengthRatio: 2, MaxLengthConstant: 10, DiverseGroups: 1, BatchSentences: 64}
	for _, o := range []*SearchOptions{nil, {}} {
		if err := o.Validate(); err != nil {
			t.Error(err)
		}
		if got := o.resolved(); !cmp.Equal(got, want) {
			t.Errorf("defaults %+v: want %+v", got, want)
		}
	}
	if got := (&SearchOptions{LengthNorm: NormGNMT}).resolved().Alpha; got != 0.6 {
		t.Errorf("alpha of gnmt %v: want 0.6", got)
	}
	if err := (&SearchOptions{Beam: 10, NBest: 10, LengthNorm: NormGNMT, Alpha: 0.2, CoveragePenalty: 0.2}).Validate(); err != nil {
		t.Error(err)
	}
	bad := &SearchOptions{Beam: -1, NBest: -1, LengthNorm: "log", Alpha: -1, CoveragePenalty: math.NaN(), MaxLengthRatio: math.Inf(1), MaxLengthConstant: -1, BatchSentences: -1}
	lines := strings.Split(bad.Validate().Error(), "\n")
	if len(lines) != 8 || lines[2] != `length_norm: "log": want none, average or gnmt` {
		t.Errorf("violations:\n%s", strings.Join(lines, "\n"))
	}
	for o, want := range map[*SearchOptions]string{
		{NBest: 1001}:                       "nbest: 1001 of beam: 1000: want at most 1000, or a wider beam",
		{LengthNorm: NormNone, Alpha: 0.5}:  "alpha: 0.5 with length_norm none: want 0",
		{Beam: 1, NBest: 2, LengthNorm: ""}: "nbest: 2 of beam: 1: want at most 1, or a wider beam",
	} {
		if err := o.Validate(); err == nil || err.Error() != want {
			t.Errorf("%+v: %v: want %s", o, err, want)
		}
	}
}

// TestSearchOfOptions checks the options that package search receives.
func TestSearchOfOptions(t *testing.T) {
	usual := func(change func(*search.Options)) search.Options {
		o := search.Options{
			Beam: 5, NBest: 1, Diverse: search.Diverse{Groups: 1}, Scoring: search.Scoring{Alpha: 1},
			Length: search.Length{Ratio: 2, Constant: 10},
		}
		change(&o)
		return o
	}
	for name, test := range map[string]struct {
		o    *SearchOptions
		want search.Options
	}{
		"none": {nil, usual(func(*search.Options) {})},
		"sum": {&SearchOptions{LengthNorm: NormNone, NBest: 7}, usual(func(o *search.Options) {
			o.Scoring.Alpha, o.NBest, o.Beam = 0, 7, 7
		})},
		"gnmt": {&SearchOptions{LengthNorm: NormGNMT, CoveragePenalty: 0.2}, usual(func(o *search.Options) {
			o.Scoring = search.Scoring{Offset: 5, Alpha: 0.6, Coverage: 0.2}
		})},
		"lengths": {&SearchOptions{MaxLengthRatio: 1, MaxLengthConstant: 3, MinLength: 2}, usual(func(o *search.Options) {
			o.Length = search.Length{Ratio: 1, Constant: 3, Min: 2}
		})},
		"rules": {&SearchOptions{NoRepeatNGram: 3}, usual(func(o *search.Options) { o.Rules = []search.Rule{search.NoRepeat(3)} })},
		"groups": {&SearchOptions{Beam: 6, DiverseGroups: 2}, usual(func(o *search.Options) {
			o.Beam, o.Diverse = 6, search.Diverse{Groups: 2, Weight: 0.5}
		})},
		"samples by risk": {&SearchOptions{Sample: 4, TopK: 2, Seed: 9, MBR: metric.NewTokenAccuracy()}, usual(func(o *search.Options) {
			o.Sampling, o.NBest = search.Sampling{Samples: 4, Temperature: 1, TopK: 2, TopP: 1, Seed: 9}, 4
		})},
	} {
		if diff := cmp.Diff(test.want, *test.o.search()); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
