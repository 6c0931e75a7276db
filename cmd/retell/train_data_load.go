package main

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"slices"
	"strings"

	"github.com/retell-rnn/retell/corpora"
)

// load returns the training examples and the validation examples; there may be none of the latter. The seed fixes made
// and drawn examples.
func (d *dataConfig) load(opts *corpora.ReadOptions, seed uint64, log *slog.Logger) (train, valid []corpora.Example, err error) {
	parts, valid, err := d.read(false, opts, seed, log)
	if err != nil {
		return nil, nil, err
	}
	if valid == nil {
		if valid, err = d.holdOut(parts, seed); err != nil {
			return nil, nil, err
		}
	} else {
		valid = draw(valid, d.ValidExamples, seed)
	}
	train = draw(d.visits(parts, seed), d.TrainExamples, seed)
	d.tell("learning tokenizers", 0)
	log.Info("examples", "train", len(train), "valid", len(valid))
	if len(valid) == 0 {
		log.Info("no validation data: the last model is kept, whether it is the best or not; " +
			"data.holdout=-1 holds out one example in twenty to validate on")
	}
	return train, valid, nil
}

// loadLines returns the lines to train and validate an autoencoder on. With next, lines keep their order and blank
// lines, and the last lines are held out.
func (d *dataConfig) loadLines(opts *corpora.ReadOptions, seed uint64, next bool, log *slog.Logger) (train, valid []string, err error) {
	parts, kept, err := d.read(next, opts, seed, log)
	if err != nil {
		return nil, nil, err
	}
	if kept == nil {
		total := 0
		for _, part := range parts {
			total += len(part)
		}
		held := d.holdout(total)
		if held == 0 {
			held = (&dataConfig{Holdout: someHeldOut}).holdout(total)
		}
		if held >= total {
			return nil, nil, fmt.Errorf("there are %d lines to train on: want more than the %d that are held out", total, held)
		}
		for i, part := range parts {
			if !next {
				corpora.Shuffle(part, seed)
			}
			n := len(part) - held*len(part)/total // a single part holds out held lines
			parts[i], kept = part[:n:n], append(kept, part[n:]...)
		}
	} else {
		kept = draw(kept, d.ValidExamples, seed)
	}
	train, valid = lines(draw(d.visits(parts, seed), d.TrainExamples, seed)), lines(kept)
	if len(train) == 0 {
		return nil, nil, errors.New("no training lines are left")
	}
	d.tell("learning tokenizers", 0)
	log.Info("lines", "train", len(train), "valid", len(valid))
	return train, valid, nil
}

// read returns the training examples of each corpus, and the validation examples, nil if no validation files are given.
// inOrder keeps the blank lines of texts without targets. The seed fixes the examples that a task makes.
func (d *dataConfig) read(
	inOrder bool, opts *corpora.ReadOptions, seed uint64, log *slog.Logger,
) (parts [][]corpora.Example, valid []corpora.Example, err error) {
	if d.isMade() {
		made, err := corpora.TaskSplit(d.Format.Type, seed, cmp.Or(d.TrainExamples, 10_000), cmp.Or(d.ValidExamples, 500))
		if err != nil {
			return nil, nil, err
		}
		all, err := clean(corpora.Stream(made[0]), "training", d.Filter, d.Dedup, log)
		return [][]corpora.Example{all}, made[1], err
	}
	var streams []iter.Seq2[corpora.Example, error]
	cs := d.training()
	for _, c := range cs {
		stream, err := c.stream(d.Root, inOrder, opts)
		if err != nil {
			return nil, nil, err
		}
		streams = append(streams, stream)
	}
	parts = make([][]corpora.Example, len(cs))
	at, n := 0, 0 // index of the stream that is being read; number of examples read
	for i, stream := range streams {
		streams[i] = func(yield func(corpora.Example, error) bool) {
			at = i
			stream(yield)
		}
	}
	for e, err := range cleaned(corpora.Concat(streams...), "training", d.Filter, d.Dedup, log) {
		if err != nil {
			return nil, nil, err
		}
		if w := cs[at].Weight; w != 0 {
			e.Weight = w * cmp.Or(e.Weight, 1)
		}
		parts[at] = append(parts[at], e)
		if n++; n%1000 == 0 {
			d.tell("reading", n)
		}
	}
	if err := d.exclude(parts, opts, log); err != nil {
		return nil, nil, err
	}
	if c, ok := d.validation(); ok {
		stream, err := c.stream(d.Root, inOrder, opts)
		if err == nil {
			valid, err = clean(stream, "validation", corpora.Filter{}, false, log)
		}
		if err != nil {
			return nil, nil, err
		}
	}
	return parts, valid, nil
}

// exclude removes from parts the examples that share a text with the excluded corpora.
func (d *dataConfig) exclude(parts [][]corpora.Example, opts *corpora.ReadOptions, log *slog.Logger) error {
	var excluded []corpora.Example
	for _, c := range d.Exclude {
		stream, err := c.stream(d.Root, false, opts)
		if err != nil {
			return err
		}
		some, err := clean(stream, "excluded", corpora.Filter{}, false, log)
		if err != nil {
			return err
		}
		excluded = append(excluded, some...)
	}
	left := 0
	for i, part := range parts {
		var dropped int
		parts[i], dropped = corpora.WithoutTexts(part, excluded)
		left += len(parts[i])
		if dropped > 0 {
			log.Info("dropped", "corpus", d.title(i), "examples", dropped, "of", len(part), "reason", "text of data.exclude")
		}
	}
	if left == 0 {
		return fmt.Errorf("no training examples are left: data.exclude drops all of them")
	}
	return nil
}

// stream streams one corpus.
func (c *corpusConfig) stream(root string, inOrder bool, opts *corpora.ReadOptions) (iter.Seq2[corpora.Example, error], error) {
	named := map[string][]string{}
	for name, list := range map[string]fileList{"text": c.Text, "file": c.File, "source": c.Source, "target": c.Target, "weights": c.Weights, "alignment": c.Alignment} {
		var err error
		if named[name], err = list.under(root); err != nil {
			return nil, err
		}
	}
	var all []iter.Seq2[corpora.Example, error]
	for _, file := range named["text"] {
		if isPairs(c.Format) {
			all = append(all, textOf(file, inOrder, opts))
		} else {
			all = append(all, textsOf(c.Format.Read(file, opts), slices.Contains(setTypes(), c.Format.Type)))
		}
	}
	for _, file := range named["file"] {
		all = append(all, c.Format.Read(file, opts))
	}
	sources, targets := named["source"], named["target"]
	if len(sources) != len(targets) {
		return nil, fmt.Errorf("there are %d files of sources, %s, and %d of targets: want equal numbers", len(sources), c.Source, len(targets))
	}
	for i, source := range sources {
		all = append(all, corpora.Pairs(source, targets[i], opts))
	}
	for _, beside := range []struct {
		name string
		add  func(iter.Seq2[corpora.Example, error], string, *corpora.ReadOptions) iter.Seq2[corpora.Example, error]
	}{{"weights", corpora.Weighted}, {"alignment", corpora.Aligned}} {
		files := named[beside.name]
		if len(files) > 0 && len(files) != len(all) {
			return nil, fmt.Errorf("there are %d files of %s, %s, for %d of examples: want equal numbers", len(files), beside.name, fileList(files), len(all))
		}
		for i, file := range files {
			all[i] = beside.add(all[i], file, opts)
		}
	}
	return corpora.Concat(all...), nil
}

// textOf streams the lines of a text as examples without targets. With inOrder it keeps blank lines, and an unreadable
// line becomes a blank one.
func textOf(file string, inOrder bool, opts *corpora.ReadOptions) iter.Seq2[corpora.Example, error] {
	sources := *opts
	sources.SourceOnly, sources.AllowEmpty = true, inOrder
	lines := corpora.Format{}.Read(file, &sources)
	if !inOrder {
		return lines
	}
	return func(yield func(corpora.Example, error) bool) {
		for e, err := range lines {
			if !yield(e, err) || corpora.IsLineError(err) && !yield(corpora.Example{}, nil) {
				return
			}
		}
	}
}

// textsOf streams the sources of examples, and with all every text, as examples without targets.
func textsOf(examples iter.Seq2[corpora.Example, error], all bool) iter.Seq2[corpora.Example, error] {
	return func(yield func(corpora.Example, error) bool) {
		for e, err := range examples {
			if err != nil || !all {
				if !yield(corpora.Example{Source: e.Source}, err) {
					return
				}
				continue
			}
			for text := range e.Texts() {
				if !yield(corpora.Example{Source: text}, nil) {
					return
				}
			}
		}
	}
}

// holdOut moves the examples to validate on out of parts, if any are to be held out. No source is on both sides.
func (d *dataConfig) holdOut(parts [][]corpora.Example, seed uint64) ([]corpora.Example, error) {
	total := 0
	for _, part := range parts {
		total += len(part)
	}
	held := d.holdout(total)
	switch {
	case held == 0:
		return nil, nil
	case held >= total:
		return nil, fmt.Errorf("there are %d examples to train on: want more than the %d that are held out", total, held)
	}
	var valid []corpora.Example
	for i, part := range parts {
		split, _, err := corpora.SplitCounts(part, corpora.BySource, seed, held*len(part)/total)
		if err != nil {
			return nil, fmt.Errorf("holding out: %w", err)
		}
		parts[i], valid = split[0], append(valid, split[1]...)
	}
	return valid, nil
}

// visits returns the examples of all corpora, each as often as an epoch visits it.
func (d *dataConfig) visits(parts [][]corpora.Example, seed uint64) []corpora.Example {
	if len(d.Corpora) == 0 && len(parts) == 1 {
		return parts[0]
	}
	if len(d.Corpora) == 0 {
		return slices.Concat(parts...)
	}
	var all []corpora.Example
	for i, part := range parts {
		all = append(all, corpora.Visits(part, cmp.Or(d.Corpora[i].Ratio, 1), seed)...)
	}
	return all
}

// draw returns n examples chosen by the seed; all of them if n is 0 or there are fewer.
func draw(examples []corpora.Example, n int, seed uint64) []corpora.Example {
	if n == 0 || n >= len(examples) {
		return examples
	}
	corpora.Shuffle(examples, seed)
	return examples[:n]
}

// lines returns the sources of examples.
func lines(examples []corpora.Example) []string {
	out := make([]string, len(examples))
	for i, e := range examples {
		out[i] = e.Source
	}
	return out
}

// clean collects the stream that [cleaned] returns.
func clean(
	stream iter.Seq2[corpora.Example, error], what string, filter corpora.Filter, dedup bool, log *slog.Logger,
) ([]corpora.Example, error) {
	return corpora.Collect(cleaned(stream, what, filter, dedup, log))
}

// cleaned streams examples without unreadable lines, without those that the filter drops and, with dedup, without
// repeats of earlier ones. At its end it logs how many it dropped and why. An empty result is an error.
func cleaned(
	stream iter.Seq2[corpora.Example, error], what string, filter corpora.Filter, dedup bool, log *slog.Logger,
) iter.Seq2[corpora.Example, error] {
	var skipped corpora.Skipped
	var filtered, distinct corpora.Report
	stream = filter.Apply(corpora.Skip(stream, &skipped), &filtered)
	if dedup {
		stream = corpora.Dedup(stream, corpora.ByPair, &distinct)
	}
	return func(yield func(corpora.Example, error) bool) {
		left := false
		for e, err := range stream {
			if !yield(e, err) || err != nil {
				return
			}
			left = true
		}
		if left {
			logSkipped(log, what, &skipped)
		}
		for _, drop := range slices.Concat(filtered.Dropped, distinct.Dropped) {
			log.Info("dropped", "examples", drop.Examples, "of", filtered.Read, "reason", drop.Reason)
		}
		if !left {
			yield(corpora.Example{}, nothingLeft(what, &skipped))
		}
	}
}

// logSkipped logs one warning for each reason for which lines were left out.
func logSkipped(log *slog.Logger, what string, s *corpora.Skipped) {
	for _, r := range s.Reasons {
		log.Warn("lines left out of the "+strings.TrimSpace(what+" data"), "lines", r.Lines, "of", s.Read, "first", r.First.Error())
	}
}

// nothingLeft returns the error that explains why a corpus is empty.
func nothingLeft(what string, s *corpora.Skipped) error {
	what = strings.TrimSpace(what + " examples")
	switch first, out := s.First(), s.Lines(); {
	case first == nil:
		return fmt.Errorf("no %s are left: the filter drops all of them", what)
	case s.Read == 1:
		return fmt.Errorf("no %s are left: the only line is left out: %w", what, first)
	case out < s.Read:
		return fmt.Errorf("no %s are left: %d of %d lines are left out and the filter drops the others, the first %w", what, out, s.Read, first)
	default:
		return fmt.Errorf("no %s are left: all %d lines are left out, the first %w", what, s.Read, first)
	}
}
