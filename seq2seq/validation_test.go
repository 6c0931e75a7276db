package seq2seq

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/rnn"
)

// TestSamplesAndFurtherSets trains with samples and with further validation sets.
func TestSamplesAndFurtherSets(t *testing.T) {
	data := collect(t, corpora.Task("copy", 1, 90))
	learn, valid, other := data[:60], data[60:80], data[80:]
	for _, by := range []string{"", "wer"} {
		m := newModel(t, smallConfig(), data, 1)
		o := TrainOptions{Epochs: 2, ValidateBy: by, Samples: 4, Also: []ValidationSet{{"other", other}, {"same", valid}}}
		for _, p := range train(t, m, learn, valid, &o) {
			v := p.Validation
			if v == nil {
				continue
			}
			var sources []string
			for i, s := range v.Samples {
				sources = append(sources, s.Source)
				if s.Reference != valid[5*i].Targets[0] {
					t.Errorf("sample %d wants %q: want %q", i, s.Reference, valid[5*i].Targets[0])
				}
			}
			if want := []string{valid[0].Source, valid[5].Source, valid[10].Source, valid[15].Source}; !slices.Equal(sources, want) {
				t.Errorf("samples of %q: want %q", sources, want)
			}
			if len(v.Also) != 2 || v.Also[0].Name != "other" || v.Also[0].Loss == v.Loss || v.Also[1].Loss != v.Loss || v.Also[1].Accuracy != v.Accuracy {
				t.Errorf("further sets %+v beside %+v: want the first to differ and the second to be the same", v.Also, v)
			}
			if (v.Also[1].Score != nil) != (by != "") || by != "" && v.Also[1].Score.Value != v.Score.Value {
				t.Errorf("score of the same set is %v: want %v", v.Also[1].Score, v.Score)
			}
		}
	}
	_, err := lastError(t, newModel(t, smallConfig(), data, 1), learn, valid, &TrainOptions{Also: []ValidationSet{{"blank", []corpora.Example{{Source: " ", Targets: []string{"1"}}}}}})
	if err == nil || !strings.Contains(err.Error(), "blank") {
		t.Errorf("a further set with an empty source: %v: want an error that names the set", err)
	}
}

// TestSummary holds that a model's file describes its training.
func TestSummary(t *testing.T) {
	data := collect(t, corpora.Task("copy", 1, 60))
	m := newModel(t, smallConfig(), data, 1)
	run := Run{Date: "2001-09-09T01:46:40Z", Program: "retell 1", Data: []string{"copy.tsv"}}
	m.SetRun(run)
	path := filepath.Join(t.TempDir(), "m")
	train(t, m, data[:50], data[50:], &TrainOptions{Epochs: 1, ValidateBy: "wer", Checkpoint: Checkpoint{Model: path}})
	saved, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	s := saved.Summary()
	if diff := cmp.Diff(s, m.Summary()); diff != "" {
		t.Error("the file's summary differs:", diff)
	}
	o := s.Options
	if o == nil || o.Schedule.Rate != 0.001 || o.BatchSentences != 64 || o.Optimizer.Kind != "adam" || o.Precision != "float32" || o.Clip != 1 {
		t.Errorf("options %+v: want resolved defaults", o)
	}
	if s.Arithmetic == "" || s.Score == nil || s.Score.Metric != "WER" {
		t.Errorf("arithmetic %q, score %+v: want both", s.Arithmetic, s.Score)
	}
	if diff := cmp.Diff(*s.Run, run); diff != "" {
		t.Error("run:", diff)
	}
}

// TestValidate holds that Validate after a training returns the best validation, also if it was before a stop.
func TestValidate(t *testing.T) {
	data := collect(t, corpora.Task("sort", 2, 60))
	learn, valid := data[:50], data[50:]
	o := TrainOptions{Epochs: 4, BatchSentences: 8, Average: 0.8, ValidateBy: "chrf", Also: []ValidationSet{{"other", data[:5]}}, Schedule: rnn.Schedule{Kind: "constant", Rate: 0.01}}
	var best *Validation
	for _, p := range train(t, newModel(t, smallConfig(), data, 1), learn, valid, &o) {
		if p.Validation != nil && p.Validation.Best {
			best = p.Validation
		}
	}
	o.Checkpoint.State = filepath.Join(t.TempDir(), "state")
	for p, err := range newModel(t, smallConfig(), data, 1).Train(t.Context(), learn, valid, &o) {
		if err != nil {
			t.Fatal(err)
		}
		if p.End != "" {
			break
		}
	}
	m := newModel(t, smallConfig(), data, 1)
	if steps := train(t, m, learn, valid, &o); len(steps) != 0 {
		t.Fatalf("%d more steps: want none", len(steps))
	}
	got, err := m.Validate(t.Context(), valid, &o)
	if err != nil {
		t.Fatal(err)
	}
	got.Best = true
	if diff := cmp.Diff(best, got); diff != "" {
		t.Error("validation after a stop:", diff)
	}
	for _, bad := range [][]corpora.Example{nil, {{Source: " ", Targets: []string{"a"}}}} {
		if _, err := m.Validate(t.Context(), bad, nil); err == nil {
			t.Errorf("%v: no error", bad)
		}
	}
}
