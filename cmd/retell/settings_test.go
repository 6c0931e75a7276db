package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type testSettings struct {
	Model testModel `yaml:"model"`
	Train testTrain `yaml:"train"`
}

type testModel struct {
	Encoder testLayer `yaml:"encoder"`
	Dropout float64   `yaml:"dropout"`
	Shared  bool      `yaml:"shared_vocab"`
}

type testLayer struct {
	Layers int    `yaml:"layers"`
	Cell   string `yaml:"cell"`
}

type testTrain struct {
	Seed       uint64   `yaml:"seed"`
	Epochs     int      `yaml:"epochs"`
	Files      []string `yaml:"files"`
	TestFilter `yaml:",inline"`
	Untagged   int
}

// TestFilter is exported because the YAML library does not set unexported embedded structs.
type TestFilter struct {
	MaxTokens int `yaml:"max_tokens"`
}

func defaultTestSettings() testSettings {
	return testSettings{
		Model: testModel{Encoder: testLayer{Layers: 1, Cell: "lstm"}},
		Train: testTrain{Files: []string{"a"}},
	}
}

func TestDecodeSettings(t *testing.T) {
	tests := []struct {
		name, yaml string
		change     func(*testSettings)
	}{
		{"empty", "", func(*testSettings) {}},
		{"comment", "# nothing\n", func(*testSettings) {}},
		{"empty section", "model:\n", func(*testSettings) {}},
		{"keeps the rest", "model:\n  encoder: {layers: 2}\n", func(s *testSettings) { s.Model.Encoder.Layers = 2 }},
		{"exponent", "model: {dropout: 1e-3}", func(s *testSettings) { s.Model.Dropout = 1e-3 }},
		{"whole number as fraction", "model: {dropout: 1}", func(s *testSettings) { s.Model.Dropout = 1 }},
		{"list replaces", "train: {files: [b, c]}", func(s *testSettings) { s.Train.Files = []string{"b", "c"} }},
		{"inline", "train: {max_tokens: 5}", func(s *testSettings) { s.Train.MaxTokens = 5 }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, want := defaultTestSettings(), defaultTestSettings()
			test.change(&want)
			if err := decodeSettings("run.yaml", []byte(test.yaml), &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("settings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDecodeSettingsErrors(t *testing.T) {
	tests := []struct{ name, yaml, want string }{
		{"unknown key", "model:\n  encoder:\n    laers: 3\n", `run.yaml:3: unknown key "model.encoder.laers": did you mean "model.encoder.layers"?`},
		{"wrong section", "model:\n  epochs: 3\n", `run.yaml:2: unknown key "model.epochs": did you mean "train.epochs"?`},
		{"nothing near", "nonsense: 1\n", `run.yaml:1: unknown key "nonsense": want one of model, train`},
		{"field without tag", "train:\n  untagged: 1\n", `run.yaml:2: unknown key "train.untagged": want one of epochs, files, max_tokens, seed`},
		{
			"all unknown keys", "modl: {}\ntrain: {sed: 1}\n",
			`run.yaml:1: unknown key "modl": did you mean "model"?; run.yaml:2: unknown key "train.sed": did you mean "train.seed"?`,
		},
		{"text for number", "\ntrain: {epochs: many}", `run.yaml:2: "many" is a string: want a whole number`},
		{"fraction for whole number", "train: {epochs: 1.5}", `run.yaml:1: train.epochs is 1.5: want a whole number`},
		{"negative", "train: {seed: -1}", `run.yaml:1: -1 does not fit: want a whole number, 0 or more`},
		{"not true or false", "model: {shared_vocab: maybe}", `run.yaml:1: "maybe" is a string: want true or false`},
		{"section for number", "train:\n  epochs:\n    a: 1", `run.yaml:3: train.epochs is a section of keys: want a whole number`},
		{"number for section", "model: 3", `run.yaml:1: model is "3": want a section of keys`},
		{"list for everything", "- a", `run.yaml:1: the document is "-": want a section of keys`},
		{"anchor", "model: {encoder: &e {layers: 1}}", `run.yaml:1: model.encoder is an anchor or alias: want a section of keys`},
		{"key twice", "train:\n  epochs: 1\n  epochs: 2", `run.yaml:3: mapping key "epochs" already defined at [2:3]`},
		{"two documents", "train: {}\n---\ntrain: {}", `run.yaml:1: 2 YAML documents: want one`},
		{"tab", "train:\n\tepochs: 1", `run.yaml:2: found character '	' that cannot start any token`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			settings := defaultTestSettings()
			checkMisuse(t, decodeSettings("run.yaml", []byte(test.yaml), &settings), test.want)
		})
	}
}

func TestOverrideSetting(t *testing.T) {
	tests := []struct {
		setting string
		change  func(*testSettings)
	}{
		{"train.epochs=4", func(s *testSettings) { s.Train.Epochs = 4 }},
		{"train.max_tokens=4", func(s *testSettings) { s.Train.MaxTokens = 4 }},
		{"model.encoder.cell=gru: #1", func(s *testSettings) { s.Model.Encoder.Cell = "gru: #1" }},
		{"model.encoder.cell=", func(s *testSettings) { s.Model.Encoder.Cell = "" }},
		{"model.encoder={layers: 3}", func(s *testSettings) { s.Model.Encoder.Layers = 3 }},
		{"train.files=[x, y]", func(s *testSettings) { s.Train.Files = []string{"x", "y"} }},
		{"train.files=x,y", func(s *testSettings) { s.Train.Files = []string{"x", "y"} }},
		{"model.shared_vocab=true", func(s *testSettings) { s.Model.Shared = true }},
	}
	for _, test := range tests {
		t.Run(test.setting, func(t *testing.T) {
			got, want := defaultTestSettings(), defaultTestSettings()
			test.change(&want)
			if err := overrideSetting(&got, test.setting); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("settings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestOverrideSettingErrors(t *testing.T) {
	tests := []struct{ setting, want string }{
		{"epochs", `argument "epochs": want KEY=VALUE`},
		{"epochs=1", `argument "epochs=1": unknown key "epochs": did you mean "train.epochs"?`},
		{"train.epocs=1", `argument "train.epocs=1": unknown key "train.epocs": did you mean "train.epochs"?`},
		{"train.epochs.more=1", `argument "train.epochs.more=1": unknown key "train.epochs.more": train.epochs has no keys below it`},
		{"train.epochs=", `argument "train.epochs=": no value: want a whole number`},
		{"train.epochs=1.5", `argument "train.epochs=1.5": train.epochs is 1.5: want a whole number`},
		{"model.encoder=3", `argument "model.encoder=3": model.encoder is "3": want a section of keys`},
		{"model.encoder={layer: 3}", `argument "model.encoder={layer: 3}": unknown key "model.encoder.layer": did you mean "model.encoder.layers"?`},
	}
	for _, test := range tests {
		t.Run(test.setting, func(t *testing.T) {
			settings := defaultTestSettings()
			checkMisuse(t, overrideSetting(&settings, test.setting), test.want)
		})
	}
}

func checkMisuse(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error: want %s", want)
	}
	if got := oneLine(err); got != want {
		t.Errorf("error:\n%s\nwant:\n%s", got, want)
	}
	if !errors.As(err, new(misuse)) {
		t.Errorf("error %v is no misuse", err)
	}
}

// TestUnknownNames checks that all unknown names of a file are reported at once with their places. Those of arguments
// are left to the validation, which reports them with all other violations.
func TestUnknownNames(t *testing.T) {
	c := defaultRunConfig(kindSeq2Seq)
	document := "model:\n  encoder:\n    cell: rnn\n  decoder:\n    cell: ''\n    attention: 7\n"
	checkMisuse(t, decodeSettings("run.yaml", []byte(document), &c), `run.yaml:3: model.encoder.cell: "rnn": want lstm, gru, mgu or peephole; `+
		`run.yaml:6: model.decoder.attention: "7": want none, dot, scaled_dot, general, concat or bahdanau`)

	if err := overrideSetting(&c, "model.encoder.cell=rnn"); err != nil {
		t.Fatal(err)
	}
	c.Model.Encoder.Layers = 9
	err := c.validate()
	if want := "model.encoder.cell: \"rnn\": want lstm, gru, mgu or peephole\nmodel.encoder.layers: 9: want 0 to 8\n"; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("error %v: want %s", err, want)
	}
}
