package main

import (
	"math"
	"strings"
	"testing"

	"github.com/retell-rnn/retell/seq2seq"
)

// TestRecordsOfOverflow checks that a training whose losses overflow still writes its records.
func TestRecordsOfOverflow(t *testing.T) {
	v := &seq2seq.Validation{Loss: 1981}
	if p := v.Perplexity(); p != math.MaxFloat64 {
		t.Errorf("perplexity %v: want the greatest number", p)
	}
	if line := validated(v); !strings.Contains(line, "ppl 1.8e+308 ") {
		t.Errorf("line %q: want a short perplexity", line)
	}
	var b strings.Builder
	record := trainRecord{Loss: math.Inf(1), ValidLoss: v.Loss, ValidPerplexity: v.Perplexity()}
	if err := writeJSON(&b, record); err != nil || !strings.Contains(b.String(), `"loss":null,`) || !strings.Contains(b.String(), `"valid_perplexity":1.79`) {
		t.Errorf("%q, error %v", b.String(), err)
	}
}
