package seq2seq

import (
	"path/filepath"
	"strings"
	"testing"
)

// aNetwork is any kind of model.
type aNetwork interface{ network() *Network }

func (m *Network) network() *Network { return m }

// vectorModel returns a model with a bottleneck as a VectorModel.
func vectorModel(t *testing.T, m *Model) *VectorModel {
	t.Helper()
	v, err := VectorModelOf(m.Network)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestKindOfNetwork holds that a network converts only to the type of its head.
func TestKindOfNetwork(t *testing.T) {
	plain := newModel(t, smallConfig(), pairsOf("a b", "b a"), 1)
	bottleneck, _, _ := bottlenecked(t, func(*Config) {}, TrainOptions{MaxSteps: 1})
	labels := newClassifier(t, classifierConfig("max"), labeled(10), 1)
	for _, test := range []struct {
		name                       string
		n                          *Network
		writes, vector, classifies bool
	}{
		{"writer", plain.Network, true, false, false},
		{"vector writer", bottleneck.Network, true, true, false},
		{"classifier", labels.Network, false, false, true},
	} {
		_, err := ModelOf(test.n)
		if writes := err == nil; writes != test.writes {
			t.Errorf("%s as a model: error %v", test.name, err)
		}
		_, err = VectorModelOf(test.n)
		if vector := err == nil; vector != test.vector {
			t.Errorf("%s as a vector model: error %v", test.name, err)
		}
		_, err = ClassifierOf(test.n)
		if classifies := err == nil; classifies != test.classifies {
			t.Errorf("%s as a classifier: error %v", test.name, err)
		}
	}
	if _, err := New(labels.Config(), labels.Source(), labels.Target(), 1); err == nil || !strings.Contains(err.Error(), "does not write") {
		t.Errorf("New with the configuration of a classifier: error %v", err)
	}
	// The kind in a file may be wrong.
	path := filepath.Join(t.TempDir(), "m")
	if err := labels.SetKind(kindModel, nil); err != nil {
		t.Fatal(err)
	}
	if err := labels.Save(path); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(path); err == nil || !strings.Contains(err.Error(), "does not write") {
		t.Errorf("Load of a classifier that calls itself a model: error %v", err)
	}
}

// TestClassifierHasNoDecoder holds that decoder settings are dropped; files of earlier versions have them.
func TestClassifierHasNoDecoder(t *testing.T) {
	c := classifierConfig("max")
	c.Decoder = DecoderConfig{Layers: 1, Hidden: 1, Embedding: 1, Attention: "none"}
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	m := newClassifier(t, c, labeled(10), 1)
	if got := m.Config(); got.Decoder != (DecoderConfig{}) {
		t.Errorf("decoder %+v: want none", got.Decoder)
	}
	if got := c.Resolved().Decoder; got != (DecoderConfig{}) {
		t.Errorf("resolved decoder %+v: want none", got)
	}
	text, err := m.metadata()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(text[metaConfig], "decoder") {
		t.Errorf("a file has the settings %s: want none of a decoder", text[metaConfig])
	}
}
