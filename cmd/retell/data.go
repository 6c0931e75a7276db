package main

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"

	"github.com/retell-rnn/retell/corpora"
)

// dataConfig says what a model is trained and validated on.
type dataConfig struct {
	Format corpora.Format `yaml:"format"` // how all files hold examples
	Root   string         `yaml:"root"`   // folder that relative paths start from; empty is the working directory

	Text      string `yaml:"text"`       // file of lines for an autoencoder; of files of other formats it reads the sources (train)
	ValidText string `yaml:"valid_text"` // file of lines to validate an autoencoder on

	// Holdout is how many lines of an autoencoder are drawn to validate on where no file is given; 0 means one of twenty, 1,000 at most.
	Holdout int `yaml:"holdout"`

	// Train is a file of examples in a format other than lines, which has TrainSource and TrainTarget. A made-up task without a file
	// makes its examples.
	Train string `yaml:"train"`
	Valid string `yaml:"valid"` // file of examples to validate on, in the same format

	TrainSource string `yaml:"train_source"` // file of sources, one a line
	TrainTarget string `yaml:"train_target"` // file of targets, line by line
	ValidSource string `yaml:"valid_source"` // file of sources to validate on
	ValidTarget string `yaml:"valid_target"` // file of targets to validate on

	SourceVectors string `yaml:"source_vectors"` // file of source embeddings to begin with: word2vec's or GloVe's
	TargetVectors string `yaml:"target_vectors"` // file of target embeddings to begin with: word2vec's or GloVe's

	// TrainExamples is how many examples to use: of a file, drawn at random, 0 for all; of a made-up task, to make, 0 for 10,000.
	TrainExamples int `yaml:"train_examples"`
	ValidExamples int `yaml:"valid_examples"` // examples to validate on; 0 means all of a file and 500 of a made-up task

	Filter corpora.Filter `yaml:"filter"` // drops training examples by their length
	Dedup  bool           `yaml:"dedup"`  // train once on examples that are equal on both sides
}

// isMade reports whether the examples are made up and not read.
func (d *dataConfig) isMade() bool {
	return slices.Contains(corpora.Tasks(), d.Format.Type) && d.Train == ""
}

// isPairs reports whether examples stand in pairs of files.
func (d *dataConfig) isPairs() bool {
	return d.Format.Type == "" || d.Format.Type == corpora.TypeLines
}

// validate returns every violation, joined, or nil. Each begins with its setting. next says that lines are learnt in their order.
func (d *dataConfig) validate(autoencoder, next bool) error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	for _, err := range []error{d.Format.Validate(), d.Filter.Validate()} {
		if err != nil {
			bad("%s", strings.ReplaceAll(err.Error(), "corpora: ", ""))
		}
	}
	if d.TrainExamples < 0 || d.ValidExamples < 0 {
		bad("train_examples: %d, and valid_examples: %d: want 0 or more", d.TrainExamples, d.ValidExamples)
	}
	hasPairs := d.TrainSource+d.TrainTarget+d.ValidSource+d.ValidTarget != ""
	hasText := d.Text+d.ValidText != ""
	if d.Holdout < 0 || d.Holdout > 0 && (!autoencoder || d.ValidText+d.Valid != "") {
		bad("holdout: %d: want lines of an autoencoder to hold out, where there are no others to validate on", d.Holdout)
	}
	if next && (d.Dedup || !d.Filter.IsZero() || d.TrainExamples > 0) {
		bad("dedup, filter and train_examples: want none of them where the next sentence is learnt")
	}
	switch hasFiles := d.Train+d.Valid != ""; {
	case hasText && !autoencoder:
		bad("text: want kind: %s for lines without targets", kindSeqAE)
	case hasText && (hasPairs || hasFiles || !d.isPairs()):
		bad("text: want it alone, or train and valid, or train_source and so on")
	case autoencoder && hasPairs:
		bad("train_source and so on: want text for an autoencoder")
	case autoencoder && d.isPairs() && d.Text == "":
		bad("text: want a file (--text)")
	case hasText:
	case d.isPairs() && hasFiles:
		bad("train and valid: want train_source, train_target and so on for type lines")
	case d.isPairs() && (d.TrainSource == "" || d.TrainTarget == ""):
		bad("train_source and train_target: want a file for each (--source and --target)")
	case d.isPairs() && (d.ValidSource == "") != (d.ValidTarget == ""):
		bad("valid_source and valid_target: want both or none")
	case !d.isPairs() && hasPairs:
		bad("train_source and so on: want train and valid for type %s", d.Format.Type)
	case !d.isPairs() && !d.isMade() && d.Train == "":
		bad("train: want a file")
	case d.isMade() && d.Valid != "":
		bad("valid: want train too, or neither for a made-up task")
	}
	return errors.Join(errs...)
}

// load returns the training examples and the validation examples, of which there may be none. The seed fixes what is made or
// drawn.
func (d *dataConfig) load(opts *corpora.ReadOptions, seed uint64, log *slog.Logger) (train, valid []corpora.Example, err error) {
	var all iter.Seq2[corpora.Example, error]
	if d.isMade() {
		parts, err := corpora.TaskSplit(d.Format.Type, seed, cmp.Or(d.TrainExamples, 10_000), cmp.Or(d.ValidExamples, 500))
		if err != nil {
			return nil, nil, err
		}
		all, valid = corpora.Stream(parts[0]), parts[1]
	} else {
		lenient := *opts
		lenient.AllowEmpty = d.Filter.MinTokens > 0 // the filter drops empty sides and counts them
		all = d.read(d.Train, d.TrainSource, d.TrainTarget, &lenient)
		if d.Valid+d.ValidSource != "" {
			if valid, err = corpora.Collect(d.read(d.Valid, d.ValidSource, d.ValidTarget, opts)); err != nil {
				return nil, nil, err
			}
			valid = draw(valid, d.ValidExamples, seed)
		}
	}
	if train, err = clean(all, d.Filter, d.Dedup, log); err != nil {
		return nil, nil, err
	}
	if len(train) == 0 {
		return nil, nil, errors.New("no training examples are left: the filter drops all of them")
	}
	train = draw(train, d.TrainExamples, seed)
	log.Info("examples", "train", len(train), "valid", len(valid))
	return train, valid, nil
}

// read streams one part: a file, or a pair of files.
func (d *dataConfig) read(file, source, target string, opts *corpora.ReadOptions) iter.Seq2[corpora.Example, error] {
	if d.isPairs() {
		return corpora.Pairs(d.path(source), d.path(target), opts)
	}
	return d.Format.Read(d.path(file), opts)
}

func (d *dataConfig) path(name string) string {
	if name == "-" || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(d.Root, name)
}

// draw returns n of the examples, all of them if n is 0 or they are fewer. The seed says which.
func draw(examples []corpora.Example, n int, seed uint64) []corpora.Example {
	if n == 0 || n >= len(examples) {
		return examples
	}
	corpora.Shuffle(examples, seed)
	return examples[:n]
}

// loadLines returns the lines that an autoencoder is trained and validated on. With next, they keep their order and blank lines, and
// those to validate on are the last.
func (d *dataConfig) loadLines(opts *corpora.ReadOptions, seed uint64, next bool, log *slog.Logger) (train, valid []string, err error) {
	all, err := clean(d.readLines(d.Train, d.Text, opts), d.Filter, d.Dedup, log)
	if err != nil {
		return nil, nil, err
	}
	if d.Valid+d.ValidText != "" {
		kept, err := corpora.Collect(d.readLines(d.Valid, d.ValidText, opts))
		if err != nil {
			return nil, nil, err
		}
		train, valid = lines(draw(all, d.TrainExamples, seed)), lines(draw(kept, d.ValidExamples, seed))
	} else {
		held := cmp.Or(d.Holdout, min(1000, len(all)/20))
		if held >= len(all) {
			return nil, nil, fmt.Errorf("%s has %d lines: want more than the %d that are held out", d.Text+d.Train, len(all), held)
		}
		if !next {
			corpora.Shuffle(all, seed)
		}
		train, valid = lines(draw(all[:len(all)-held], d.TrainExamples, seed)), lines(all[len(all)-held:])
	}
	if len(train) == 0 {
		return nil, nil, errors.New("no training lines are left")
	}
	log.Info("lines", "train", len(train), "valid", len(valid))
	return train, valid, nil
}

// readLines streams the lines of a text, or the sources of a file of another format, as examples without targets.
func (d *dataConfig) readLines(file, text string, opts *corpora.ReadOptions) iter.Seq2[corpora.Example, error] {
	read := corpora.Lines(d.path(text), opts)
	if !d.isPairs() {
		read = corpora.Sources(d.Format.Read(d.path(file), opts))
	}
	return func(yield func(corpora.Example, error) bool) {
		for line, err := range read {
			if !yield(corpora.Example{Source: line}, err) {
				return
			}
		}
	}
}

// lines are the sources of examples.
func lines(examples []corpora.Example) []string {
	out := make([]string, len(examples))
	for i, e := range examples {
		out[i] = e.Source
	}
	return out
}
