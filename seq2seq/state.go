package seq2seq

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/retell-rnn/retell/internal/atomicfile"
	"github.com/retell-rnn/retell/internal/safetensors"
	"github.com/retell-rnn/retell/rnn"
)

// The state of a training is a safetensors file of its own: the present, the average and the best weights, the optimiser's memory and, in
// the metadata, the position and what the training was begun with.

const (
	metaPosition = "retell.position"
	metaOptions  = "retell.options"
)

// begun is what a training must have in common with the state that it goes on from.
type begun struct {
	Config     Config       `json:"model"`
	Options    TrainOptions `json:"train"`
	Seed       uint64       `json:"seed"`            // of the first weights
	Start      string       `json:"start,omitempty"` // hash of first weights taken over
	Train      string       `json:"training_examples"`
	Valid      string       `json:"validation_examples"`
	Vocabulary [2]int       `json:"vocabulary"`
}

func (t *trainer) begun() begun {
	o := t.o
	o.Epochs, o.MaxSteps, o.Patience = 0, 0, 0 // these may be changed to train longer
	s := t.summary
	return begun{t.config, o, s.Seed, s.Start, s.TrainHash, s.ValidHash, [2]int{t.source.Size(), t.target.Size()}}
}

// slotNames name an optimiser's memory of a parameter.
func slotNames(param string, slots int) []string {
	names := make([]string, slots)
	for i := range names {
		names[i] = fmt.Sprintf("optimizer.%d/%s", i, param)
	}
	return names
}

// slotShape is the shape of an array of an optimiser's memory: the parameter's, or a number for each row.
func slotShape(p *rnn.Param, slot []float32) []int {
	if len(slot) == len(p.W) {
		return p.Shape
	}
	return []int{len(slot)}
}

func (t *trainer) saveState() error {
	if t.o.State == "" {
		return nil
	}
	meta := map[string]string{metaKind: kindState, metaVersion: version}
	for key, v := range map[string]any{metaPosition: t.at, metaOptions: t.begun()} {
		text, err := json.Marshal(v)
		if err != nil {
			return err
		}
		meta[key] = string(text)
	}
	tensors := t.net.tensors("now/")
	best := t.best
	for p := range t.net.params.All() {
		slots := t.opt.Slots(p)
		for i, name := range slotNames(p.Name, len(slots)) {
			tensors = append(tensors, safetensors.Tensor{Name: name, Shape: slotShape(p, slots[i]), Data: slots[i]})
		}
		if t.average != nil {
			tensors = append(tensors, safetensors.Tensor{Name: "average/" + p.Name, Shape: p.Shape, Data: t.average.Of(p)})
		}
		if best != nil {
			tensors = append(tensors, safetensors.Tensor{Name: "best/" + p.Name, Shape: p.Shape, Data: best[:len(p.W)]})
			best = best[len(p.W):]
		}
	}
	err := atomicfile.Write(t.o.State, func(w io.Writer) error { return safetensors.Write(w, meta, tensors) })
	if err != nil {
		return fmt.Errorf("saving the state: %w", err)
	}
	return nil
}

// restore goes on from the state file, if there is one.
func (t *trainer) restore() error {
	if _, err := os.Stat(t.o.State); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err := t.loadState(); err != nil {
		return fmt.Errorf("state %s: %w (remove it to train from the beginning)", t.o.State, err)
	}
	return nil
}

func (t *trainer) loadState() error {
	f, closeFile, err := open(t.o.State, kindState)
	if err != nil {
		return err
	}
	defer closeFile()
	meta := f.Metadata()
	if err := sameBeginning(meta[metaOptions], t.begun()); err != nil {
		return err
	}
	if err := unmarshal(meta, metaPosition, &t.at); err != nil {
		return err
	}
	if err := t.net.read(f, "now/"); err != nil {
		return err
	}
	t.opt.SetSteps(t.at.Step)
	hasBest := false
	for p := range t.net.params.All() {
		slots := t.opt.Slots(p)
		for i, name := range slotNames(p.Name, len(slots)) {
			if err := readTensor(f, name, slotShape(p, slots[i]), slots[i]); err != nil {
				return err
			}
		}
		if t.average != nil {
			if err := readTensor(f, "average/"+p.Name, p.Shape, t.average.Of(p)); err != nil {
				return err
			}
		}
		if _, ok := f.Tensor("best/" + p.Name); ok {
			hasBest = true
		}
	}
	if hasBest {
		t.best = make([]float32, t.net.params.Count())
		rest := t.best
		for p := range t.net.params.All() {
			if err := readTensor(f, "best/"+p.Name, p.Shape, rest[:len(p.W)]); err != nil {
				return err
			}
			rest = rest[len(p.W):]
		}
	}
	if t.o.Patience < 0 || t.at.Worse < t.o.Patience {
		t.at.Ended = "" // the options may allow more than they did
	}
	t.changed()
	return nil
}

// sameBeginning compares what a training was begun with and names what differs.
func sameBeginning(saved string, now begun) error {
	text, err := json.Marshal(now)
	if err != nil {
		return err
	}
	var was, is any
	if err := errors.Join(json.Unmarshal([]byte(saved), &was), json.Unmarshal(text, &is)); err != nil {
		return fmt.Errorf("metadata: %s: %w", metaOptions, err)
	}
	if diff := differences("", was, is); len(diff) > 0 {
		return fmt.Errorf("belongs to another training: %s", strings.Join(diff, ", "))
	}
	return nil
}

// differences lists the values that differ between two JSON values of the same form, by their paths.
func differences(path string, was, is any) []string {
	a, ok1 := was.(map[string]any)
	b, ok2 := is.(map[string]any)
	if !ok1 || !ok2 {
		if reflect.DeepEqual(was, is) {
			return nil
		}
		return []string{fmt.Sprintf("%s was %v and is %v", path, was, is)}
	}
	var out []string
	for _, key := range slices.Sorted(maps.Keys(b)) {
		out = append(out, differences(strings.TrimPrefix(path+"."+key, "."), a[key], b[key])...)
	}
	return out
}
