package seq2seq

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/retell-rnn/retell/internal/atomicfile"
	"github.com/retell-rnn/retell/internal/safetensors"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/tokenize"
)

// The state of a training is a separate safetensors file. It holds the current, average and best weights and the
// optimizer's memory. Its metadata hold the tokenizers, the position and the settings that the training began with.

const (
	metaPosition = "retell.position"
	metaOptions  = "retell.options"
)

// position is the state of a training without the weights and the optimizer's memory.
type position struct {
	Step    int         `json:"step"`
	Epoch   int         `json:"epoch"` // finished epochs
	Batch   int         `json:"batch"` // finished batches of this epoch
	Plateau rnn.Plateau `json:"plateau"`
	Best    float64     `json:"best"`  // cost of the best validation
	Worse   int         `json:"worse"` // validations since the best one
	Trend   trend       `json:"trend"`
	Rewound rewound     `json:"rewound"`
	Kept    []int       `json:"kept"`    // steps whose models are kept beside the best one
	Keeps   bool        `json:"keeps"`   // whether this training has kept models: files with such names are its own
	Ended   string      `json:"ended"`   // reason for ending before the last step
	Summary Summary     `json:"summary"` // summary of the best weights

	// Objective is the objective's state. Its key is older than other objectives' states.
	Objective json.RawMessage `json:"latent,omitempty"`
}

// State describes a training by its state file.
type State struct {
	Steps  int     // steps made
	Epochs float64 // finished epochs

	// Source and Target are the model's tokenizers: the same one if the vocabulary is shared, nil in files of old
	// versions.
	Source, Target *tokenize.Codec

	About string // see [Checkpoint]
}

// ReadState reads a training's state file. If the file does not exist, the error wraps [fs.ErrNotExist].
func ReadState(path string) (*State, error) {
	s, err := readState(path)
	if err != nil {
		return nil, fmt.Errorf("seq2seq: state %s: %w", path, err)
	}
	return s, nil
}

func readState(path string) (*State, error) {
	f, closeFile, err := open(path, kindState)
	if err != nil {
		return nil, err
	}
	defer closeFile()
	meta := f.Metadata()
	var at position
	if err := unmarshal(meta, metaPosition, &at); err != nil {
		return nil, err
	}
	s := &State{Steps: at.Step, Epochs: float64(at.Epoch), About: meta[metaAbout]}
	if meta[metaSource] != "" {
		s.Source, s.Target, err = codecs(meta, meta[metaTarget] == "")
	}
	return s, err
}

// hasState reports whether there is a state file to resume from.
func (t *trainer) hasState() (bool, error) {
	if t.o.Checkpoint.State != "" {
		if _, err := os.Stat(t.o.Checkpoint.State); !errors.Is(err, fs.ErrNotExist) {
			return true, nil
		}
	}
	if t.o.Checkpoint.Continue {
		return false, safetensors.Mark(fmt.Errorf("no state %s: want one to resume from", t.o.Checkpoint.State), ErrNoState)
	}
	return false, nil
}

// slotNames returns the names of the arrays in an optimizer's memory of a parameter.
func slotNames(param string, slots int) []string {
	names := make([]string, slots)
	for i := range names {
		names[i] = fmt.Sprintf("optimizer.%d/%s", i, param)
	}
	return names
}

// slotShape returns the shape of such an array: the parameter's shape, or one number for each row.
func slotShape(p *rnn.Param, slot []float32) []int {
	if len(slot) == len(p.W) {
		return p.Shape
	}
	return []int{len(slot)}
}

func (t *trainer) saveState() error {
	if t.o.Checkpoint.State == "" {
		return nil
	}
	if err := t.syncRecords(); err != nil {
		return err
	}
	if state := t.objective.state(); state != nil {
		text, err := json.Marshal(state)
		if err != nil {
			return err
		}
		t.at.Objective = text
	}
	meta := map[string]string{metaKind: kindState, metaVersion: version, metaAbout: t.o.Checkpoint.About}
	parts := map[string]any{metaPosition: t.at, metaOptions: t.begun(), metaSource: t.source}
	if t.target != t.source {
		parts[metaTarget] = t.target
	}
	for key, v := range parts {
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
	err := atomicfile.Write(t.o.Checkpoint.State, func(w io.Writer) error { return safetensors.Write(w, meta, tensors) })
	if err != nil {
		return fmt.Errorf("saving the state: %w", err)
	}
	t.saves.state = true
	return nil
}

// restore reads the state file, and adds its name to errors.
func (t *trainer) restore(ctx context.Context) error {
	if err := t.loadState(ctx); err != nil {
		return fmt.Errorf("state %s: %w (remove it to train from the beginning)", t.o.Checkpoint.State, err)
	}
	t.saves.state = true
	return nil
}

func (t *trainer) loadState(ctx context.Context) error {
	f, closeFile, err := open(t.o.Checkpoint.State, kindState)
	if err != nil {
		return err
	}
	defer closeFile()
	meta := f.Metadata()
	changes, err := t.changes(meta[metaOptions])
	if err != nil && meta[metaVersion] == "1" {
		return fmt.Errorf("%w; the state is of an earlier version of Retell with other defaults and tokenizers: finish the training with that version", err)
	}
	if err != nil {
		return err
	}
	if err := unmarshal(meta, metaPosition, &t.at); err != nil {
		return err
	}
	if state := t.objective.state(); state != nil && t.at.Objective != nil {
		if err := json.Unmarshal(t.at.Objective, state); err != nil {
			return fmt.Errorf("metadata: %s: %w", metaPosition, err)
		}
	}
	if t.summary.Origin == nil {
		t.summary.Origin = t.at.Summary.Origin
	}
	if err := t.net.read(f, "now/"); err != nil {
		return err
	}
	t.opt.SetSteps(t.optimizerSteps())
	hasBest := false
	for p := range t.net.params.All() {
		slots := t.opt.Slots(p)
		for i, name := range slotNames(p.Name, len(slots)) {
			if _, ok := f.Tensor(name); !ok && changes.has("train.optimizer") {
				continue // an array new to the training, such as momentum, begins with zeros
			}
			if err := readTensor(f, name, slotShape(p, slots[i]), slots[i]); err != nil {
				return err
			}
		}
		if t.average != nil && changes.averageBegins() {
			copy(t.average.Of(p), p.W)
		} else if t.average != nil {
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
		t.at.Ended = "" // the options may now allow further steps
	}
	t.changed()
	return t.adapt(ctx, changes)
}
