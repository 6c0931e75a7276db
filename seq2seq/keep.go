package seq2seq

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/retell-rnn/retell/internal/setting"
)

// Checkpoint names the files of a training and says how often they are saved. The zero value saves nothing: the trained
// model is only in memory.
type Checkpoint struct {
	// Model is the file of the best model so far or, without validation examples, of the last one; "" means none.
	Model string `yaml:"-"`

	// State is the file of the training's state; "" means none. If the file exists, [Network.Train] resumes from it. It
	// is written after each validation, at times between validations, and when the training is stopped.
	State string `yaml:"-"`

	// Continue allows a training to resume from State with other examples. The file must exist. Dropout and all
	// training options but Seed and the optimizer's kind may change without Continue.
	Continue bool `yaml:"-"`

	// About is the caller's note about the training. The state file stores it, and [ReadState] returns it.
	About string `yaml:"-"`

	// Keep is the number of models of the last validations that stay on disk beside the best one, under its name with
	// their step before the extension. 0 means none.
	Keep int `yaml:"keep"`

	// SaveEvery is the number of steps between saves of the state, in addition to those at validations; 0 (the default)
	// means no such saves.
	SaveEvery int `yaml:"save_every"`

	// SaveSeconds is the number of seconds between saves of the state, in addition to those at validations; 0 means 60.
	// Saves become rarer if they would take more than 2 % of the time. The first comes 2 seconds after the start.
	SaveSeconds float64 `yaml:"save_seconds"`
}

func (c Checkpoint) validate(v *setting.Check) {
	v.AtLeast("keep", c.Keep, 0)
	v.AtLeast("save_every", c.SaveEvery, 0)
	v.Within("save_seconds", c.SaveSeconds, 0, 1e6)
}

// saves records the saves of a training so far.
type saves struct {
	state bool          // whether a state is on disk
	last  time.Time     // time of the last save, or of the start
	cost  time.Duration // duration of the last save
}

const (
	firstSave = 2 * time.Second // time from the start to the first save
	saveShare = 50              // least ratio of training time to saving time
)

// save writes the files that are due after a step: model and state after a validation and at the end, and the state
// alone at times between. Without validation examples, the steps at which a validation would be due count as
// validations.
func (t *trainer) save(p Progress, due bool) error {
	if t.o.Checkpoint.Model == "" && t.o.Checkpoint.State == "" && p.Validation == nil && p.End == "" {
		return nil
	}
	now := t.o.Now()
	if t.saves.last.IsZero() {
		t.saves.last = now
	}
	passed, interval := now.Sub(t.saves.last), time.Duration(t.o.Checkpoint.SaveSeconds*float64(time.Second))
	spared := passed >= saveShare*t.saves.cost
	var err error
	switch {
	case p.Validation != nil, p.End != "", due && spared:
		err = t.keep(p.Validation)
	case t.o.Checkpoint.SaveEvery > 0 && t.at.Step%t.o.Checkpoint.SaveEvery == 0,
		!t.saves.state && passed >= min(firstSave, interval), passed >= interval && spared:
		if t.healthy() {
			err = t.saveState()
		}
	default:
		return nil
	}
	t.saves.last = t.o.Now()
	t.saves.cost = t.saves.last.Sub(now)
	return err
}

// keep keeps the weights if they are the best so far or if there are no validations. Then it writes the files.
func (t *trainer) keep(v *Validation) error {
	if !t.healthy() {
		return nil // the weights may be diverging
	}
	s := &t.summary
	s.Steps = t.at.Step
	s.Epochs = float64(t.at.Epoch) + float64(t.at.Batch)/float64(len(t.epoch()))
	if v != nil {
		s.Loss, s.Accuracy, s.Score = v.Loss, v.Accuracy, v.Score
	}
	better := v == nil && len(t.valid.pairs) == 0 || v != nil && v.Best
	if better {
		_ = t.averaged(func() error { t.best = t.weights(t.best); return nil })
		t.at.Summary = t.summary
	}
	// A training cannot resume from a model without a state, so the first state is written before the model. Later
	// states are written after it: if the process is killed in between, the resumed training writes the same model
	// again.
	if t.o.Checkpoint.Model != "" && !t.saves.state {
		if err := t.saveState(); err != nil {
			return err
		}
	}
	err := t.averaged(func() error {
		if better && t.o.Checkpoint.Model != "" {
			if err := t.Save(t.o.Checkpoint.Model); err != nil {
				return err
			}
		}
		return t.keepLast()
	})
	if err != nil {
		return err
	}
	return t.saveState()
}

// saveLost writes the final model if its file is missing. The state still has its weights.
func (t *trainer) saveLost() error {
	if t.o.Checkpoint.Model == "" {
		return nil
	}
	if _, err := os.Stat(t.o.Checkpoint.Model); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return t.Save(t.o.Checkpoint.Model)
}

// averaged calls f while the averaged weights, if there are any, replace the current ones.
func (t *trainer) averaged(f func() error) error {
	if t.average == nil {
		return f()
	}
	swap := func() {
		t.average.Swap(t.net.params)
		t.changed()
	}
	swap()
	defer swap()
	return f()
}

// keepLast writes the model to a file named by its step, and removes the oldest such file if there are more than Keep.
func (t *trainer) keepLast() error {
	if t.o.Checkpoint.Keep == 0 || t.o.Checkpoint.Model == "" {
		return nil
	}
	if err := t.Save(keptName(t.o.Checkpoint.Model, t.at.Step)); err != nil {
		return err
	}
	t.at.Kept = append(t.at.Kept, t.at.Step)
	for len(t.at.Kept) > t.o.Checkpoint.Keep {
		if err := os.Remove(keptName(t.o.Checkpoint.Model, t.at.Kept[0])); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		t.at.Kept = t.at.Kept[1:]
	}
	return nil
}

// checkKept returns an error if files of an earlier training have the names of models to keep.
func (t *trainer) checkKept() error {
	begins := t.o.Checkpoint.Keep > 0 && t.o.Checkpoint.Model != "" && !t.at.Keeps && len(t.at.Kept) == 0
	t.at.Keeps = t.at.Keeps || t.o.Checkpoint.Keep > 0
	if !begins {
		return nil
	}
	kept, err := KeptModels(t.o.Checkpoint.Model)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // save reports the error
	}
	if err == nil && len(kept) > 0 {
		err = fmt.Errorf("options: keep would replace or remove %s, of an earlier training: want them moved away", strings.Join(kept[:min(3, len(kept))], ", "))
	}
	return err
}

// keptName returns the name of the file that [Checkpoint].Keep writes for a step.
func keptName(model string, step int) string {
	ext := filepath.Ext(model)
	return fmt.Sprintf("%s-%d%s", strings.TrimSuffix(model, ext), step, ext)
}

// KeptModels returns the files beside a model that have the names of [Checkpoint].Keep. A training may replace or
// remove them.
func KeptModels(model string) ([]string, error) {
	ext := filepath.Ext(model)
	base := strings.TrimSuffix(filepath.Base(model), ext)
	entries, err := os.ReadDir(filepath.Dir(model))
	if err != nil {
		return nil, plain(err)
	}
	var found []string
	for _, e := range entries {
		step, ok := strings.CutPrefix(strings.TrimSuffix(e.Name(), ext), base+"-")
		if ok && step != "" && strings.Trim(step, "0123456789") == "" && filepath.Ext(e.Name()) == ext {
			found = append(found, filepath.Join(filepath.Dir(model), e.Name()))
		}
	}
	return found, nil
}

// weights copies all weights to dst and returns it; it allocates a new slice if dst is too small.
func (t *trainer) weights(dst []float32) []float32 {
	dst = dst[:0]
	for p := range t.net.params.All() {
		dst = append(dst, p.W...)
	}
	return dst
}

// setWeights sets all weights from a copy made by weights.
func (t *trainer) setWeights(src []float32) {
	for p := range t.net.params.All() {
		src = src[copy(p.W, src):]
	}
	t.changed()
}
