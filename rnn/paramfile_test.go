package rnn

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// TestParamFile checks that parameters survive a round trip, and that a damaged or foreign file changes none.
func TestParamFile(t *testing.T) {
	m, other := newSmall(t), newSmall(t)
	var file bytes.Buffer
	if err := m.ps.Write(&file); err != nil {
		t.Fatal(err)
	}
	for q := range other.ps.All() {
		clear(q.W)
	}
	if err := other.ps.Read(bytes.NewReader(file.Bytes()), int64(file.Len())); err != nil {
		t.Fatal(err)
	}
	for q := range m.ps.All() {
		if !slices.Equal(q.W, other.ps.Get(q.Name).W) {
			t.Errorf("%s is another after reading", q.Name)
		}
	}
	wrong := NewParams(rand.New(rand.NewPCG(1, 1)))
	wrong.New("gate", Constant(7), 4, 3)
	wrong.New("more", Constant(7), 2)
	err := wrong.Read(bytes.NewReader(file.Bytes()), int64(file.Len()))
	for _, want := range []string{"gate: the file has F32 [4 4]: want F32 [4 3]", "more: missing in the file", "out.bias: not a parameter of the model"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v: want %q", err, want)
		}
	}
	broken := bytes.Clone(file.Bytes())
	broken[len(broken)-1] ^= 1
	for q := range other.ps.All() {
		clear(q.W)
	}
	if err := other.ps.Read(bytes.NewReader(broken), int64(len(broken))); err == nil {
		t.Error("a damaged file was read")
	}
	for q := range other.ps.All() {
		for _, v := range q.W {
			if v != 0 {
				t.Fatalf("a damaged file has changed %s", q.Name)
			}
		}
	}
}
