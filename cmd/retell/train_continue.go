package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/retell-rnn/retell/internal/atomicfile"
	"github.com/retell-rnn/retell/seq2seq"
)

// readRemembered repeats readRunConfig, which gave c, over the settings with which the training of c's model began.
func readRemembered(c *runConfig, recipe string, file configFile, overrides []string, set func(*runConfig)) (runConfig, error) {
	base := defaultRunConfig(c.Kind)
	state, err := recall(c.Output.Model, &base)
	if err == nil && base.Kind != c.Kind {
		base = defaultRunConfig(base.Kind)
		state, err = recall(c.Output.Model, &base)
	}
	if err != nil {
		return *c, err
	}
	if err := keepsBeginning(&c.Train, &base.Train, c.Data.givenTokenizers(), base.Data.givenTokenizers()); err != nil {
		return *c, err
	}
	base.Output.Model = c.Output.Model
	base.from = begunWith(state, base.Kind)
	return readRunConfigOver(base, recipe, file, overrides, set)
}

// recall reads the settings with which the training of a model began, as its state records them, into the struct that
// settings points to.
func recall(model string, settings any) (*seq2seq.State, error) {
	if model == "" {
		return nil, misusef("--continue: no training is named: want -o MODEL.retell")
	}
	name := outputConfig{Model: model}.state()
	state, err := seq2seq.ReadState(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, misusef("--continue: there is no %s: want -o to name a model whose training was stopped or has ended", name)
	}
	if err != nil {
		return nil, err
	}
	if state.About == "" {
		return nil, fmt.Errorf("--continue: %s is of an earlier version of Retell and does not hold the settings: end the training with that version", name)
	}
	if err := decodeSettings("settings of "+model, []byte(state.About), settings); err != nil {
		first, _, _ := strings.Cut(err.Error(), "\n")
		return nil, misusef("--continue: %s is not of this command, or of another version: want the command that began it: %s", name, first)
	}
	return state, nil
}

// begunWith returns the options that make a model fit the weights of a state; nil if the state does not hold
// tokenizers.
func begunWith(state *seq2seq.State, kind string) *seq2seq.BeginOptions {
	if state.Source == nil {
		return nil
	}
	return &seq2seq.BeginOptions{Kind: kind, Source: state.Source, Target: state.Target}
}

// keepsBeginning refuses settings of a continued training that change its beginning.
func keepsBeginning(now, was *seq2seq.TrainOptions, given, before givenTokenizers) error {
	for _, s := range []struct{ key, now, was string }{
		{"train.from", now.From, was.From},
		{"train.extend_vocabulary", now.ExtendVocabulary.String(), was.ExtendVocabulary.String()},
		{"data.tokenizer", given.both, before.both},
		{"data.source_tokenizer", given.source, before.source},
		{"data.target_tokenizer", given.target, before.target},
	} {
		if s.now != s.was && s.now != "" && s.now != seq2seq.ExtendUnknown.String() {
			return misusef("%s=%s: --continue keeps the weights and tokenizers of the training: want another -o to begin anew", s.key, s.now)
		}
	}
	return nil
}

// checkOutput refuses, before any work is done, a model file that could not be written or would be lost. If models
// beside it are to be kept, it refuses files of their names, too. It reports whether there is a training to continue.
func checkOutput(o outputConfig, keep int) (resumed bool, err error) {
	_, stateErr := os.Stat(o.state())
	if resumed = stateErr == nil; !resumed {
		if err := checkNew(o, keep); err != nil {
			return false, err
		}
	}
	for _, file := range []string{o.Model, o.state()} {
		if err := atomicfile.Check(file); err != nil {
			return false, fmt.Errorf("%s cannot be written: %w", file, errors.Unwrap(err))
		}
	}
	return resumed, nil
}

// checkNew refuses to begin a training whose files already exist.
func checkNew(o outputConfig, keep int) error {
	info, err := os.Stat(o.Model)
	switch {
	case err == nil && info.Mode().IsRegular():
		return misusef("%s exists, and there is no %s to continue from: remove it or name another file", o.Model, o.state())
	case err == nil:
		return misusef("%s is not a regular file: want one that may be replaced", o.Model)
	case !errors.Is(err, fs.ErrNotExist):
		return err
	case keep == 0:
		return nil
	}
	kept, err := seq2seq.KeptModels(o.Model)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: %w", filepath.Dir(o.Model), err)
	}
	if len(kept) > 0 {
		return misusef("train.keep would replace or remove %s, of an earlier training: want them moved away, or another -o",
			strings.Join(kept[:min(3, len(kept))], ", "))
	}
	return nil
}
