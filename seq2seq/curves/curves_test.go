package curves

import (
	"strings"
	"testing"
)

// TestRoundTicks checks that the numbers at an axis are few, round and distinct.
func TestRoundTicks(t *testing.T) {
	for _, test := range []struct {
		low, high float64
		want      string
	}{
		{0, 384, "0 50 100 150 200 250 300 350"},
		{1.28, 2.7, "1.4 1.6 1.8 2.0 2.2 2.4 2.6"},
		{0, 0.08, "0.00 0.01 0.02 0.03 0.04 0.05 0.06 0.07 0.08"},
		{19, 40.5, "20 25 30 35 40"},
		{0, 12345, "0 2000 4000 6000 8000 10000 12000"},
		{-0.1, 0.1, "-0.10 -0.05 0.00 0.05 0.10"},
		{3e7, 5e7, "3e+07 3.5e+07 4e+07 4.5e+07 5e+07"},
		{2, 2, "2"},
	} {
		var labels []string
		for _, tick := range (roundTicks{}).Ticks(test.low, test.high) {
			if tick.Value < test.low-1e-9 || tick.Value > test.high*(1+1e-9) {
				t.Errorf("%g to %g: a tick at %g", test.low, test.high, tick.Value)
			}
			if tick.Label != "" {
				labels = append(labels, tick.Label)
			}
		}
		if got := strings.Join(labels, " "); got != test.want {
			t.Errorf("%g to %g: %s: want %s", test.low, test.high, got, test.want)
		}
	}
}

// TestNothingToDraw checks the errors for logs without the quantity and for an unknown quantity.
func TestNothingToDraw(t *testing.T) {
	run := []Run{{Name: "a"}}
	for _, test := range []struct {
		opts *Options
		want string
	}{
		{nil, "curves: the logs have no values of loss"},
		{&Options{Vertical: "beauty"}, `curves: vertical: "beauty": want loss, perplexity, score, accuracy, rate, gradient or speed`},
		{&Options{Horizontal: "hours"}, `curves: horizontal: "hours": want steps or minutes`},
	} {
		if _, err := New(run, test.opts); err == nil || err.Error() != test.want {
			t.Errorf("error %v: want %s", err, test.want)
		}
	}
}
