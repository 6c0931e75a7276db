package rnn

import (
	"encoding"
	"encoding/json"
	"strings"
	"testing"
)

// TestKinds checks that kinds are their names in JSON, and that JSON and layers refuse other names.
func TestKinds(t *testing.T) {
	for name, kind := range map[string]encoding.TextMarshaler{
		"gru": GRU, "lstm": LSTM, "none": NoAttention, "bahdanau": Bahdanau, "attention": PoolAttention, "last": PoolLast, "": Cell(""),
	} {
		if text, err := json.Marshal(kind); err != nil || string(text) != `"`+name+`"` {
			t.Errorf("%v is %s in JSON: %v", kind, text, err)
		}
	}
	var c Cell
	if err := json.Unmarshal([]byte(`"gru"`), &c); err != nil || c != GRU {
		t.Errorf("cell %q: %v", c, err)
	}
	for want, to := range map[string]encoding.TextUnmarshaler{
		`"x": want lstm, gru, mgu or peephole`:                                new(Cell),
		`"x": want none, dot, scaled_dot, general, concat or bahdanau`:        new(Attention),
		`"x": want last, mean, max, min or attention, or several joined by +`: new(Pooling),
	} {
		if err := to.UnmarshalText([]byte("x")); err == nil || err.Error() != want {
			t.Errorf("error %v: want %s", err, want)
		}
	}
	ps := NewParams(nil)
	for _, make := range []func() error{
		func() error { _, err := NewLayer(ps, "a", LayerConfig{Cell: "x", In: 1, Hidden: 1}); return err },
		func() error {
			_, err := NewDecoder(ps, "b", DecoderConfig{Cell: "x", Layers: 1, In: 1, Hidden: 1})
			return err
		},
		func() error {
			_, err := NewDecoder(ps, "c", DecoderConfig{Attention: "x", Layers: 1, In: 1, Hidden: 1})
			return err
		},
		func() error { _, err := NewPooler(ps, "d", "x", 1, Inits{}); return err },
		func() error {
			_, err := NewBottleneck(ps, "e", BottleneckConfig{Cell: "x", In: 1, Size: 1, Layers: 1, Hidden: 1})
			return err
		},
	} {
		if err := make(); err == nil || !strings.Contains(err.Error(), `"x": want`) {
			t.Errorf("error %v: want one about x", err)
		}
	}
}
