package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/retell-rnn/retell/seq2seq"
)

// readRemembered reads again what readRunConfig has read into c, over the settings with which the training of its model was begun.
func readRemembered(c *runConfig, recipe, file string, overrides []string, set func(*runConfig)) (runConfig, error) {
	model := c.Output.Model
	if model == "" {
		return *c, misusef("--continue: no training is named: want -o MODEL.retell")
	}
	state, err := seq2seq.ReadState(outputConfig{Model: model}.state())
	if errors.Is(err, fs.ErrNotExist) {
		return *c, misusef("--continue: there is no %s: want -o to name a model whose training was stopped or has ended", outputConfig{Model: model}.state())
	}
	if err != nil {
		return *c, err
	}
	if state.About == "" {
		return *c, nil // of an older version: want all settings again
	}
	base := defaultRunConfig(c.Kind)
	if err := decodeSettings("settings of "+model, []byte(state.About), &base); err != nil {
		return *c, err
	}
	base.Output.Model = model
	if state.Source != nil { // the weights of the state are for its tokenizers
		base.from = &seq2seq.BeginOptions{Kind: base.Kind, Source: state.Source, Target: state.Target}
	}
	return readRunConfigOver(base, recipe, file, overrides, set)
}

// checkOutput refuses, before any work is done, a model file that could not be written or that would be lost, or, where models beside it
// are to be kept, files of their names. It reports whether there is a training to go on with.
func checkOutput(o outputConfig, keep int) (resumed bool, err error) {
	_, stateErr := os.Stat(o.state())
	if stateErr == nil {
		return true, nil
	}
	info, err := os.Stat(o.Model)
	switch {
	case err == nil && info.Mode().IsRegular():
		return false, misusef("%s exists and there is no %s to go on from: remove it or name another file", o.Model, o.state())
	case err == nil:
		return false, misusef("%s is not a regular file: want one that may be replaced", o.Model)
	case !errors.Is(err, fs.ErrNotExist):
		return false, err
	}
	if keep > 0 {
		kept, err := seq2seq.KeptModels(o.Model)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return false, fmt.Errorf("%s: %w", filepath.Dir(o.Model), err)
		}
		if len(kept) > 0 {
			return false, misusef("train.keep would replace or remove %s, of an earlier training: want them moved away, or another -o",
				strings.Join(kept[:min(3, len(kept))], ", "))
		}
	}
	probe, err := os.CreateTemp(filepath.Dir(o.Model), "."+filepath.Base(o.Model)+".*")
	if err != nil {
		if at, ok := errors.AsType[*fs.PathError](err); ok {
			err = at.Err // without the name of the probe
		}
		return false, fmt.Errorf("%s cannot be written: %w", o.Model, err)
	}
	probe.Close()
	return false, os.Remove(probe.Name())
}
