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
	base := defaultRunConfig(c.Kind)
	state, err := recall(c.Output.Model, &base)
	if err != nil || state.About == "" { // of an older version: want all settings again
		return *c, err
	}
	base.Output.Model = c.Output.Model
	base.from = begunWith(state, base.Kind)
	return readRunConfigOver(base, recipe, file, overrides, set)
}

// recall reads into settings, a pointer to a struct, those with which the training of a model was begun, where its state has them.
func recall(model string, settings any) (*seq2seq.State, error) {
	if model == "" {
		return nil, misusef("--continue: no training is named: want -o MODEL.retell")
	}
	name := outputConfig{Model: model}.state()
	state, err := seq2seq.ReadState(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, misusef("--continue: there is no %s: want -o to name a model whose training was stopped or has ended", name)
	}
	if err != nil || state.About == "" {
		return state, err
	}
	return state, decodeSettings("settings of "+model, []byte(state.About), settings)
}

// begunWith returns what makes a model of a kind read as the weights of a state want it; nil where the state does not say.
func begunWith(state *seq2seq.State, kind string) *seq2seq.BeginOptions {
	if state.Source == nil {
		return nil
	}
	return &seq2seq.BeginOptions{Kind: kind, Source: state.Source, Target: state.Target}
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
