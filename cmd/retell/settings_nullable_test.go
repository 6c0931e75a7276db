package main

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/retell-rnn/retell/seq2seq"
)

type inner struct {
	Depth float32 `json:"depth"`
}

type outer struct {
	inner
	Name      string             `json:"name"`
	Share     float64            `json:"share"`
	Kept      *float64           `json:"kept,omitempty"`
	Absent    *float64           `json:"absent,omitempty"`
	Null      *float64           `json:"null"`
	None      []float64          `json:"none,omitempty"`
	Nil       []string           `json:"nil"`
	List      []float32          `json:"list"`
	By        map[string]float64 `json:"by"`
	Any       []any              `json:"any"`
	Zero      inner              `json:"zero,omitzero"`
	Alignment seq2seq.Alignment  `json:"alignment"`
	Hidden    int                `json:"-"`
	Plain     bool
	Bytes     []byte `json:"bytes"`
}

// TestWriteJSON holds that a number that is not finite becomes null and changes nothing else of what is written.
func TestWriteJSON(t *testing.T) {
	kept := 2.5
	value := func(x float64) outer {
		return outer{
			inner: inner{float32(x)}, Name: "a<b>", Share: x, Kept: &kept, Null: &x, List: []float32{1, float32(x)},
			By: map[string]float64{"y": 1, "x": x}, Any: []any{x, "s", inner{float32(x)}}, Alignment: seq2seq.Alignment{{Source: 1, Target: 0}},
			Hidden: 3, Bytes: []byte("hi"),
		}
	}
	write := func(v any) string {
		var b strings.Builder
		if err := writeJSON(&b, v); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	want := strings.ReplaceAll(write(value(77)), "77", "null")
	for _, x := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		if diff := cmp.Diff(want, write(value(x))); diff != "" {
			t.Errorf("%v: %s", x, diff)
		}
		if got := write([]any{&x, nil, struct{}{}}); got != "[null,null,{}]\n" {
			t.Errorf("%v: %q", x, got)
		}
	}
	if err := writeJSON(new(strings.Builder), make(chan int)); err == nil {
		t.Error("a channel was written: want an error")
	}
}

// TestRecordsOfOverflow holds that records of a training whose losses have run away are written.
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
