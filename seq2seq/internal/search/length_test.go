package search

import "testing"

// TestLengthLimit checks limits against their definition: ratio and constant, or the required tokens and </s>.
func TestLengthLimit(t *testing.T) {
	phrase := Phrase{First: []int32{5}, Later: []int32{4, 5}}
	for _, test := range []struct {
		length Length
		s      Sentence
		want   int
	}{
		{Length{Ratio: 2, Constant: 10}, Sentence{Source: 7}, 24},
		{Length{Ratio: 0.5, Constant: 1}, Sentence{Source: 5}, 3},
		{Length{Constant: 1, Min: 4}, Sentence{Source: 5}, 5},
		{Length{Constant: 1, Min: 4}, Sentence{Prefix: Prefix{4, 4, 4}, Wants: Wants{phrase, phrase}}, 8},
	} {
		if got := test.length.limit(&test.s); got != test.want {
			t.Errorf("%+v of %+v: %d: want %d", test.length, test.s, got, test.want)
		}
	}
}
