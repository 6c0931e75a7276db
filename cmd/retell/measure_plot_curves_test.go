package main

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestSmoothed holds that training figures are means over enough steps, by tokens, also where a validation cuts a
// record short, and that logs of old versions, which do not count steps, are read alike.
func TestSmoothed(t *testing.T) {
	records := []runRecord{
		{Step: 10, Steps: 10, Tokens: 100, Loss: 2, GradNorm: 1, Rate: 0.1},
		{Step: 11, Steps: 1, Tokens: 10, Loss: 9, GradNorm: 12, Rate: 0.1, ValidLoss: new(float64)},
		{Step: 20, Steps: 9, Tokens: 90, Loss: 1, GradNorm: 2, Rate: 0.2},
		{Step: 22, Steps: 2, Tokens: 100, Loss: 3, GradNorm: 2, Rate: 0.3, ValidLoss: new(float64)},
	}
	got := smoothed(records, 10)
	if len(got) != 2 || got[0].Step != 10 || got[0].Loss != 2 || got[1].Step != 22 {
		t.Fatalf("records %+v: want two, of steps 10 and 22", got)
	}
	if m := got[1]; math.Abs(m.Loss-(90+90+300)/200.0) > 1e-12 || math.Abs(m.GradNorm-(12+18+4)/12.0) > 1e-12 || m.Rate != 0.3 || m.ValidLoss != nil {
		t.Errorf("the second is %+v: want a loss of 2.4, a norm of 2.83, the last rate and no validation", m)
	}
	for i := range records {
		records[i].Steps, records[i].Tokens = 0, 0
	}
	got = smoothed(records, 10)
	if len(got) != 2 || math.Abs(got[1].Loss-(9+9+6)/12.0) > 1e-12 {
		t.Errorf("of an old log, %+v: want a loss of 2 in the second", got)
	}
	if got := smoothed(records[:1], 100); len(got) != 1 || got[0].Loss != 2 {
		t.Errorf("of a single short record, %+v: want it", got)
	}
	if got := smoothed(nil, 10); got != nil {
		t.Errorf("of nothing, %+v: want nothing", got)
	}
}

// TestRoundTicks holds that the numbers at an axis are few, round and told apart.
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

// TestRunsOfOneName holds that logs of one name in two folders are told apart.
func TestRunsOfOneName(t *testing.T) {
	dir := t.TempDir()
	var files, want []string
	for _, name := range []string{"a/log.jsonl", "b/log.jsonl", "c.jsonl"} {
		files = append(files, filepath.Join(dir, filepath.FromSlash(name)))
		file := files[len(files)-1]
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o777), os.WriteFile(file, nil, 0o666)); err != nil {
			t.Fatal(err)
		}
	}
	want = append(want, files[0], files[1], "c")
	runs, err := readRuns(files)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range runs {
		got = append(got, r.name)
	}
	if !slices.Equal(got, want) {
		t.Errorf("names %q: want %q", got, want)
	}
}
