package setting

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCheck(t *testing.T) {
	var none Check
	none.In("section", nil)
	if err := none.Err(); err != nil {
		t.Errorf("error %v: want none", err)
	}

	var inner Check
	inner.Between("layers", 9, 1, 8)
	inner.Within("scale", math.NaN(), 0, 1)
	inner.Rate("dropout", 1)
	inner.AtLeast("patience", -1, 0)
	inner.Add("", "too large")
	inner.Amend(": want less")

	var outer Check
	outer.In("model", fmt.Errorf("wrapped: %w", inner.Err()))
	outer.In("metric", errors.New("none"))
	want := Violations{
		{"model.layers", "9: want 1 to 8"},
		{"model.scale", "NaN: want 0 to 1"},
		{"model.dropout", "1: want 0 or more and less than 1"},
		{"model.patience", "-1: want 0 or more"},
		{"model", "too large: want less"},
		{"metric", "none"},
	}
	err := outer.Err()
	got, _ := errors.AsType[Violations](fmt.Errorf("configuration: %w", err))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("violations (-want +got):\n%s", diff)
	}
	if v, ok := errors.AsType[Violation](err); !ok || v != want[0] {
		t.Errorf("violation %v: want the first", v)
	}
	const text = "model.layers: 9: want 1 to 8\nmodel.scale: NaN: want 0 to 1\nmodel.dropout: 1: want 0 or more and less than 1\n" +
		"model.patience: -1: want 0 or more\nmodel: too large: want less\nmetric: none"
	if err.Error() != text {
		t.Errorf("text:\n%v\nwant:\n%s", err, text)
	}
}
