package main

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/retell-rnn/retell/corpora"
)

// TestDataOverRecipes reads every recipe with data of every shape that its kind of model reads.
func TestDataOverRecipes(t *testing.T) {
	all, err := recipes()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range all {
		plain, err := readRunConfig(kindSeq2Seq, r.name, configFile{}, []string{"output.model=m"}, func(*runConfig) {})
		if err != nil {
			t.Fatal(err)
		}
		shapes := map[string][]string{"pairs": {"data.train_source=s", "data.train_target=t"}, "file": {"data.train=d.tsv"}, "several": {"data.corpora=[{file: d.jsonl}, {source: s, target: t}]"}}
		if plain.Kind == kindSeqAE {
			shapes = map[string][]string{"text": {"data.text=x"}, "file": {"data.train=d.tsv"}, "several": {"data.corpora=[{file: d.jsonl}, {text: x}]"}}
		}
		for name, settings := range shapes {
			c, err := readRunConfig(kindSeq2Seq, r.name, configFile{}, append(settings, "output.model=m"), func(*runConfig) {})
			if err == nil {
				err = c.validate()
			}
			if err != nil {
				t.Errorf("%s with %s: %v", r.name, name, err)
				continue
			}
			files := slices.Concat(c.Data.Text, c.Data.Train, c.Data.TrainSource, c.Data.TrainTarget)
			want := map[string]fileList{"text": {"x"}, "file": {"d.tsv"}, "pairs": {"s", "t"}}[name]
			if !slices.Equal(files, want) {
				t.Errorf("%s with %s: trains on %v, want %v", r.name, name, files, want)
			}
			if _, ok := c.Data.validation(); ok || c.Data.TrainExamples+c.Data.ValidExamples > 0 {
				t.Errorf("%s with %s: settings of the recipe's data stay: %+v", r.name, name, c.Data)
			}
			held := 0
			if _, validated := plain.Data.validation(); validated || plain.Data.isMade() {
				held = someHeldOut
			}
			if c.Data.Holdout != held {
				t.Errorf("%s with %s: holdout is %d, want %d", r.name, name, c.Data.Holdout, held)
			}
			if name == "file" && plain.Data.shape() == pairData && c.Data.Format.Type != corpora.TypeTSV {
				t.Errorf("%s with %s: type is %q", r.name, name, c.Data.Format.Type)
			}
		}
	}
}

func TestFileList(t *testing.T) {
	var c struct {
		Files fileList `yaml:"files"`
	}
	for text, want := range map[string]fileList{
		"files=a b: c":   {"a b: c"},
		"files=*.gz":     {"*.gz"},
		"files=":         nil,
		"files=[a, b]":   {"a", "b"},
		"files=[ab].txt": {"[ab].txt"},
	} {
		if err := overrideSetting(&c, text); err != nil || !cmp.Equal(want, c.Files) {
			t.Errorf("%s: %q, %v; want %q", text, c.Files, err, want)
		}
	}
	for text, want := range map[string]fileList{"files: a": {"a"}, "files: [a, b]": {"a", "b"}, "files:\n- a\n": {"a"}, "files: ''": nil, "files: 5": {"5"}} {
		if err := decodeSettings("f", []byte(text), &c); err != nil || !cmp.Equal(want, c.Files) {
			t.Errorf("%s: %q, %v; want %q", text, c.Files, err, want)
		}
	}
	if err := decodeSettings("f", []byte("files: {a: b}"), &c); err == nil {
		t.Errorf("a section is taken for files: %q", c.Files)
	}
}
