package runlog

import (
	"math"
	"testing"
)

// TestSmooth checks that training figures are means by tokens over enough steps, also if a validation cuts a record
// short, and that Smooth reads logs of old versions, which do not count steps.
func TestSmooth(t *testing.T) {
	records := []Record{
		{Step: 10, Steps: 10, Tokens: 100, Loss: 2, GradNorm: 1, Rate: 0.1},
		{Step: 11, Steps: 1, Tokens: 10, Loss: 9, GradNorm: 12, Rate: 0.1, ValidLoss: new(float64)},
		{Step: 20, Steps: 9, Tokens: 90, Loss: 1, GradNorm: 2, Rate: 0.2},
		{Step: 22, Steps: 2, Tokens: 100, Loss: 3, GradNorm: 2, Rate: 0.3, ValidLoss: new(float64)},
	}
	got := Smooth(records, 10)
	if len(got) != 2 || got[0].Step != 10 || got[0].Loss != 2 || got[1].Step != 22 {
		t.Fatalf("records %+v: want two, of steps 10 and 22", got)
	}
	if m := got[1]; math.Abs(m.Loss-(90+90+300)/200.0) > 1e-12 || math.Abs(m.GradNorm-(12+18+4)/12.0) > 1e-12 || m.Rate != 0.3 || m.ValidLoss != nil {
		t.Errorf("the second is %+v: want a loss of 2.4, a norm of 2.83, the last rate and no validation", m)
	}
	for i := range records {
		records[i].Steps, records[i].Tokens = 0, 0
	}
	got = Smooth(records, 10)
	if len(got) != 2 || math.Abs(got[1].Loss-(9+9+6)/12.0) > 1e-12 {
		t.Errorf("of an old log, %+v: want a loss of 2 in the second", got)
	}
	if got := Smooth(records[:1], 100); len(got) != 1 || got[0].Loss != 2 {
		t.Errorf("of a single short record, %+v: want it", got)
	}
	if got := Smooth(nil, 10); got != nil {
		t.Errorf("of nothing, %+v: want nothing", got)
	}
}
