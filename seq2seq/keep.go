package seq2seq

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// keep holds on to the best weights and writes the files.
func (t *trainer) keep(v *Validation) error {
	s := &t.summary
	s.Steps = t.at.Step
	s.Epochs = float64(t.at.Epoch) + float64(t.at.Batch)/float64(len(t.epoch()))
	if v != nil {
		s.Loss, s.Accuracy = v.Loss, v.Accuracy
	}
	err := t.averaged(func() error {
		if v == nil && len(t.valid) == 0 || v != nil && v.Best {
			t.best = t.weights(t.best)
			t.at.Summary = t.summary
			if t.o.Model != "" {
				if err := t.Save(t.o.Model); err != nil {
					return err
				}
			}
		}
		return t.keepLast()
	})
	if err != nil {
		return err
	}
	return t.saveState()
}

// saveLost writes the model that the training ends with if its file is gone: the state has it still.
func (t *trainer) saveLost() error {
	if t.o.Model == "" {
		return nil
	}
	if _, err := os.Stat(t.o.Model); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return t.Save(t.o.Model)
}

// averaged calls f while the weights are their average, if there is one.
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

// keepLast writes the model under a name of its own and removes the one that is then too many.
func (t *trainer) keepLast() error {
	if t.o.Keep == 0 || t.o.Model == "" {
		return nil
	}
	name := func(step int) string {
		ext := filepath.Ext(t.o.Model)
		return fmt.Sprintf("%s-%d%s", strings.TrimSuffix(t.o.Model, ext), step, ext)
	}
	if err := t.Save(name(t.at.Step)); err != nil {
		return err
	}
	t.at.Kept = append(t.at.Kept, t.at.Step)
	for len(t.at.Kept) > t.o.Keep {
		if err := os.Remove(name(t.at.Kept[0])); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		t.at.Kept = t.at.Kept[1:]
	}
	return nil
}

// weights copies all weights into dst, which may be nil.
func (t *trainer) weights(dst []float32) []float32 {
	dst = dst[:0]
	for p := range t.net.params.All() {
		dst = append(dst, p.W...)
	}
	return dst
}

// setWeights is the reverse of weights.
func (t *trainer) setWeights(src []float32) {
	for p := range t.net.params.All() {
		src = src[copy(p.W, src):]
	}
	t.changed()
}
