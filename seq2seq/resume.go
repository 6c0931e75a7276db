package seq2seq

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/retell-rnn/retell/internal/safetensors"
)

// begun holds the settings and data that a training began with, as its state file stores them.
type begun struct {
	Config     Config       `json:"model"`
	Options    TrainOptions `json:"train"`
	Seed       uint64       `json:"seed"`            // seed of the first weights
	Start      string       `json:"start,omitempty"` // hash of first weights copied from another model
	Train      string       `json:"training_examples"`
	Valid      string       `json:"validation_examples"`
	Vocabulary [2]int       `json:"vocabulary"`
	Batches    int          `json:"batches"` // batches of the current epoch
}

func (t *trainer) begun() begun {
	o := t.o
	o.Epochs, o.MaxSteps, o.Patience = 0, 0, 0 // length of the training, which may change
	s := t.summary
	return begun{t.config, o, s.Seed, s.Start, s.TrainHash, s.ValidHash, [2]int{t.source.Size(), t.target.Size()}, len(t.epoch())}
}

// change is a setting that has changed since a training began.
type change struct {
	Path    string
	Was, Is any
}

func (c change) String() string {
	text := func(v any) any {
		if v == nil || v == "" {
			return "none"
		}
		return v
	}
	return fmt.Sprintf("%s was %v and is %v", c.Path, text(c.Was), text(c.Is))
}

// changes holds all changed settings, and the number of batches that the current epoch had.
type changes struct {
	list    []change
	batches int
}

// has reports whether a setting, or a setting below its path, has changed.
func (c changes) has(path string) bool {
	return slices.ContainsFunc(c.list, func(d change) bool { return d.Path == path || strings.HasPrefix(d.Path, path+".") })
}

// averageBegins reports whether averaging of weights has been turned on.
func (c changes) averageBegins() bool {
	return slices.ContainsFunc(c.list, func(d change) bool { return d.Path == "train.average" && d.Was == 0.0 })
}

// mayChange reports whether a training may resume with another value of the setting.
func mayChange(path string) bool {
	switch path {
	case "train.seed", "train.optimizer.kind":
		return false
	case "model.dropout", "model.variational_dropout", "model.recurrent_dropout", "model.embedding_dropout",
		"model.encoder.word_dropout", "model.decoder.word_dropout", "model.encoder.chars.dropout",
		"model.encoder.ngrams.pair_dropout":
		return true
	}
	return strings.HasPrefix(path, "train.")
}

// changes compares the settings of a training with saved, the ones that it began with. An error names all changes that
// prevent resuming.
func (t *trainer) changes(saved string) (changes, error) {
	now := t.begun()
	text, err := json.Marshal(now)
	if err != nil {
		return changes{}, err
	}
	var was, is map[string]any
	if err := errors.Join(json.Unmarshal([]byte(saved), &was), json.Unmarshal(text, &is)); err != nil {
		return changes{}, fmt.Errorf("metadata: %s: %w", metaOptions, err)
	}
	if model, ok := was["model"].(map[string]any); ok && now.Config.Decoder == (DecoderConfig{}) {
		delete(model, "decoder") // classifiers of earlier versions have one
	}
	batches, _ := was["batches"].(float64)
	delete(was, "batches")
	delete(is, "batches")
	if start, _ := was["start"].(string); now.Start == "" {
		t.summary.Start = start // the file of From is gone
		delete(was, "start")
	}
	c := changes{list: differences("", was, is), batches: int(batches)}
	var wrong []string
	data := false
	for _, d := range c.list {
		isData := d.Path == "training_examples" || d.Path == "validation_examples"
		data = data || isData
		if !mayChange(d.Path) && !(isData && t.o.Checkpoint.Continue) {
			wrong = append(wrong, d.String())
		}
	}
	switch {
	case len(wrong) == 0:
		return c, nil
	case data && !t.o.Checkpoint.Continue:
		return c, safetensors.Mark(fmt.Errorf("belongs to another training: %s; want --continue to train on other examples", strings.Join(wrong, ", ")), ErrOtherTraining)
	}
	return c, safetensors.Mark(fmt.Errorf("belongs to another training: %s", strings.Join(wrong, ", ")), ErrOtherTraining)
}

// adapt adapts a resumed training to changed settings, and logs them.
func (t *trainer) adapt(ctx context.Context, c changes) error {
	for _, d := range c.list {
		t.o.Log.Warn("continuing with another setting", "setting", d.Path, "was", d.Was, "is", d.Is)
	}
	if n := len(t.epoch()); n != c.batches && c.batches > 0 {
		t.at.Batch = t.at.Batch * n / c.batches // the same share of the epoch as before
	}
	if t.best != nil && (c.has("validation_examples") || c.has("train.validate_by")) {
		return t.judgeBest(ctx)
	}
	return nil
}

// judgeBest measures the best weights so far again, after a change of the validation data or metric.
func (t *trainer) judgeBest(ctx context.Context) error {
	if len(t.valid.pairs) == 0 {
		t.best, t.at.Best, t.at.Worse = nil, 0, 0
		return nil
	}
	now, average := t.weights(nil), t.average
	t.setWeights(t.best)
	t.average = nil
	v, err := t.measure(ctx)
	t.average = average
	t.setWeights(now)
	if err != nil {
		return err
	}
	t.at.Best, t.at.Worse = t.cost(v), 0
	t.at.Summary.Loss, t.at.Summary.Accuracy = v.Loss, v.Accuracy
	return nil
}

// differences returns the paths at which two JSON values differ. An absent value counts as zero.
func differences(path string, was, is any) []change {
	a, ok1 := was.(map[string]any)
	b, ok2 := is.(map[string]any)
	if !(ok1 || was == nil) || !(ok2 || is == nil) || !ok1 && !ok2 {
		if reflect.DeepEqual(was, is) || isZero(was) && isZero(is) {
			return nil
		}
		return []change{{path, was, is}}
	}
	keys := slices.Collect(maps.Keys(a))
	for key := range b {
		if _, ok := a[key]; !ok {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	var out []change
	for _, key := range keys {
		out = append(out, differences(strings.TrimPrefix(path+"."+key, "."), a[key], b[key])...)
	}
	return out
}

// isZero reports whether encoding/json omits v with omitempty.
func isZero(v any) bool {
	return v == nil || reflect.ValueOf(v).IsZero()
}
