package jsonline

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/retell-rnn/retell/corpora"
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
	Alignment corpora.Alignment  `json:"alignment"`
	Hidden    int                `json:"-"`
	Plain     bool
	Bytes     []byte `json:"bytes"`
}

// TestWrite checks that a number that is not finite becomes null, and that nothing else changes.
func TestWrite(t *testing.T) {
	kept := 2.5
	value := func(x float64) outer {
		return outer{
			inner: inner{float32(x)}, Name: "a<b>", Share: x, Kept: &kept, Null: &x, List: []float32{1, float32(x)},
			By: map[string]float64{"y": 1, "x": x}, Any: []any{x, "s", inner{float32(x)}}, Alignment: corpora.Alignment{{Source: 1, Target: 0}},
			Hidden: 3, Bytes: []byte("hi"),
		}
	}
	write := func(v any) string {
		var b strings.Builder
		if err := Write(&b, v); err != nil {
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
	if err := Write(new(strings.Builder), make(chan int)); err == nil {
		t.Error("a channel was written: want an error")
	}
}
