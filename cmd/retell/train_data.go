package main

import (
	"fmt"
	"log/slog"
	"math"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/setting"
	"github.com/retell-rnn/retell/seq2seq"
)

// dataConfig names the data that a model is trained and validated on.
type dataConfig struct {
	Format corpora.Format `yaml:"format"` // format of the examples in all files
	Root   string         `yaml:"root"`   // folder that relative paths start from; empty means the working directory

	// Text holds files of lines to train an autoencoder, an embedder or a repairer on. An autoencoder also reads the
	// sources of files in other formats, with train instead; a repairer reads pairs in train beside text.
	Text      fileList `yaml:"text"`
	ValidText fileList `yaml:"valid_text"` // files of lines to validate an autoencoder or a repairer on

	// Holdout is the number of training examples that are held out to validate on if no validation file is given; -1
	// means one in twenty, 1,000 at most. 0 means none, but for an autoencoder, an embedder and a repairer the same as -1.
	// Held-out sets of an embedder share no sentence with the others, and do not depend on the seed.
	Holdout int `yaml:"holdout"`

	// Train is a file of examples in a format other than lines; examples in lines have TrainSource and TrainTarget.
	// Without a file, a made-up task makes its examples. Here and below, a list of files, a pattern or a folder is read
	// as one file.
	Train fileList `yaml:"train"`
	Valid fileList `yaml:"valid"` // file of examples to validate on, in the same format

	TrainSource  fileList `yaml:"train_source"`  // file of sources, one a line
	TrainTarget  fileList `yaml:"train_target"`  // file of targets, one a line, in the order of the sources
	TrainWeights fileList `yaml:"train_weights"` // file with the weight of each training example's loss, one a line

	// TrainAlignment is a file of word alignments for train.guided_alignment, one training example a line, in Pharaoh's
	// format (0-0 1-2).
	TrainAlignment fileList `yaml:"train_alignment"`

	ValidSource fileList `yaml:"valid_source"` // file of sources to validate on
	ValidTarget fileList `yaml:"valid_target"` // file of targets to validate on

	// Corpora lists several corpora to train on, in place of Text, Train, TrainSource and TrainTarget. Each has text,
	// file, or source and target. Optional are format, ratio (how often an epoch visits an example: 0.5 draws half of
	// them, 3 repeats each), weight (of the examples' losses) and weights (a file with one weight a line). An embedder
	// draws each batch from one corpus, see train.mixture; text with a format has the sources of its examples as lines, or
	// every text of sets; holdout is the number of a corpus's sets that are held out, 0 for its share of data.holdout and
	// -1 for none.
	Corpora []corpusConfig `yaml:"corpora"`

	// Also lists further sets of examples. Each validation measures them, each under its name; they have no other
	// effect.
	Also []namedCorpus `yaml:"also"`

	// Exclude lists corpora, each with text, file, or source and target, and an optional format. Training examples that
	// share a text with one of them, if only in other case or with other marks, are left out, so that evaluations on
	// those files remain honest.
	Exclude []corpusConfig `yaml:"exclude"`

	SourceVectors string `yaml:"source_vectors"` // file of source embeddings to begin with: word2vec's or GloVe's
	TargetVectors string `yaml:"target_vectors"` // file of target embeddings to begin with: word2vec's or GloVe's

	// Tokenizer is a ready tokenizer for both sides, used unchanged: a file of 'retell tokenizer learn', or a model.
	Tokenizer       string `yaml:"tokenizer"`
	SourceTokenizer string `yaml:"source_tokenizer"` // ready tokenizer for the source alone
	TargetTokenizer string `yaml:"target_tokenizer"` // ready tokenizer for the target alone

	// TrainExamples is the number of training examples: drawn at random from files (0 means all), or made by a made-up
	// task (0 means 10,000).
	TrainExamples int `yaml:"train_examples"`
	ValidExamples int `yaml:"valid_examples"` // number of validation examples; 0 means all in files, or 500 of a made-up task

	Filter corpora.Filter `yaml:"filter"` // drops training examples by their length
	Dedup  bool           `yaml:"dedup"`  // keep one of the training examples that are equal on both sides

	watch seq2seq.Watch // gets the progress of reading; may be nil
}

// tell reports progress to the watch, if there is one.
func (d *dataConfig) tell(work string, done int) {
	if d.watch != nil {
		d.watch(work, done, 0)
	}
}

// someHeldOut is the value of holdout that means a share of the data.
const someHeldOut = -1

// holdout returns how many of total examples to hold out.
func (d *dataConfig) holdout(total int) int {
	if d.Holdout == someHeldOut {
		return min(1000, total/20)
	}
	return d.Holdout
}

// corpusConfig is one corpus of several: lines of an autoencoder, a file, or a pair of files.
type corpusConfig struct {
	// Text is a file of lines, of an autoencoder or embedder. With a format, its lines are the sources of the examples,
	// or every text of sets.
	Text   fileList `yaml:"text"`
	File   fileList `yaml:"file"`   // file of examples in a format other than lines
	Source fileList `yaml:"source"` // file of sources, one a line
	Target fileList `yaml:"target"` // file of targets, one a line, in the order of the sources

	Format  corpora.Format `yaml:"format"`  // format of the file; data.format if it is not set
	Ratio   float64        `yaml:"ratio"`   // how often an epoch visits an example; 0 means 1
	Weight  float64        `yaml:"weight"`  // weight of each example's loss; 0 means 1
	Weights fileList       `yaml:"weights"` // file with the weight of each example, one a line

	Alignment fileList `yaml:"alignment"` // file with the alignment of each example, one a line

	Holdout int `yaml:"holdout,omitempty"` // number of sets that an embedder holds out; 0 means a share of data.holdout, -1 none
}

// namedCorpus is a further set of examples to validate on: lines, a file, or a pair of files.
type namedCorpus struct {
	Name   string   `yaml:"name"`   // name of the set in the results of a validation
	Text   fileList `yaml:"text"`   // file of lines, of an autoencoder or embedder
	File   fileList `yaml:"file"`   // file of examples in a format other than lines
	Source fileList `yaml:"source"` // file of sources, one a line
	Target fileList `yaml:"target"` // file of targets, one a line, in the order of the sources

	Format corpora.Format `yaml:"format,omitempty"` // format of file; data.format if it is not set
}

// loadAlso returns the further sets to validate on; examples makes examples from an autoencoder's lines.
func (d *dataConfig) loadAlso(
	opts *corpora.ReadOptions, inOrder bool, examples func([]string) []corpora.Example, log *slog.Logger,
) (sets []seq2seq.ValidationSet, err error) {
	for _, n := range d.Also {
		c := corpusConfig{Text: n.Text, File: n.File, Source: n.Source, Target: n.Target, Format: n.Format}
		if c.Format == (corpora.Format{}) && len(c.Text) == 0 {
			c.Format = d.spoken()
		}
		stream, err := c.stream(d.Root, inOrder, opts)
		if err != nil {
			return nil, err
		}
		set := seq2seq.ValidationSet{Name: n.Name}
		if set.Examples, err = clean(stream, n.Name, corpora.Filter{}, false, log); err != nil {
			return nil, err
		}
		if examples != nil {
			set.Examples = examples(lines(set.Examples))
		}
		sets = append(sets, set)
	}
	return sets, nil
}

// validateAlso checks the further sets.
func (d *dataConfig) validateAlso(kind string, v *setting.Check) {
	autoencoder := kind == kindSeqAE
	for i, n := range d.Also {
		v.In(fmt.Sprintf("also[%d].format", i), n.Format.Validate())
		isText, isFile, isPair := len(n.Text) > 0, len(n.File) > 0, len(n.Source) > 0 && len(n.Target) > 0
		switch {
		case n.Name == "":
			v.Add("also", "the set at place %d has no name: want one", i+1)
		case autoencoder && !isText && !isFile || !autoencoder && !isFile && !isPair && !(isText && kind == kindEmbedder):
			v.Add("also", "%s has no examples: want text for an autoencoder, source and target, or file", n.Name)
		case isFile && isPairs(n.Format) && isPairs(d.spoken()):
			v.Add("also", "%s has a file, but data.format is of type lines: want source and target, or text", n.Name)
		}
	}
}

// training returns the training data, as one corpus or several.
func (d *dataConfig) training() []corpusConfig {
	if len(d.Corpora) == 0 {
		if len(d.Text) > 0 && len(d.Train)+len(d.TrainSource) > 0 { // clean lines beside pairs, of a repairer
			return []corpusConfig{{Text: d.Text}, {File: d.Train, Source: d.TrainSource, Target: d.TrainTarget, Weights: d.TrainWeights, Format: d.Format}}
		}
		return []corpusConfig{{Text: d.Text, File: d.Train, Source: d.TrainSource, Target: d.TrainTarget, Weights: d.TrainWeights, Alignment: d.TrainAlignment, Format: d.Format}}
	}
	all := slices.Clone(d.Corpora)
	for i, c := range all {
		if c.Format == (corpora.Format{}) && len(c.Text) == 0 {
			all[i].Format = d.Format
		}
	}
	return all
}

// validation returns the validation data, and whether there is any.
func (d *dataConfig) validation() (corpusConfig, bool) {
	c := corpusConfig{Text: d.ValidText, File: d.Valid, Source: d.ValidSource, Target: d.ValidTarget}
	if len(c.Text) == 0 {
		c.Format = d.spoken()
	}
	return c, len(c.Text)+len(c.File)+len(c.Source) > 0
}

// names returns the names of the files without their folders, or the name of the made-up task.
func (d *dataConfig) names() (names fileNames) {
	if d.isMade() {
		return fileNames{train: []string{"made-up " + d.Format.Type}}
	}
	for _, c := range d.training() {
		names.train = append(names.train, c.names()...)
	}
	valid, _ := d.validation()
	names.valid = valid.names()
	return names
}

func (c *corpusConfig) names() (names []string) {
	return baseNames(slices.Concat(c.Text, c.File, c.Source, c.Target))
}

// baseNames returns paths without their folders.
func baseNames(paths []string) (names []string) {
	for _, path := range paths {
		names = append(names, filepath.Base(path))
	}
	return names
}

// files returns the names of all files that are read.
func (d *dataConfig) files() []string {
	var all []string
	held, _ := d.validation()
	for _, c := range append(d.training(), held) {
		for _, list := range []fileList{c.Text, c.File, c.Source, c.Target, c.Weights} {
			for _, name := range list {
				all = append(all, d.path(name))
			}
		}
	}
	for _, name := range []string{d.SourceVectors, d.TargetVectors} {
		if name != "" {
			all = append(all, d.path(name))
		}
	}
	return all
}

// isMade reports whether a made-up task makes the examples.
func (d *dataConfig) isMade() bool {
	return slices.Contains(corpora.Tasks(), d.Format.Type) && len(d.Train)+len(d.Corpora) == 0
}

// isPairs reports whether examples of a format stand in pairs of files.
func isPairs(f corpora.Format) bool { return f.Type == "" || f.Type == corpora.TypeLines }

// validate returns violations, or nil. next means that an autoencoder learns the next line, so that lines keep their
// order.
func (d *dataConfig) validate(kind string, next bool) error {
	var v setting.Check
	autoencoder, embedder := kind == kindSeqAE, kind == kindEmbedder
	v.In("format", d.Format.Validate())
	if d.Format.IsLabeled() {
		v.Add("format.type", "%s, of labeled tokens: want another, or 'retell label train'", d.Format.Type)
	}
	v.In("filter", d.Filter.Validate())
	v.AtLeast("train_examples", d.TrainExamples, 0)
	v.AtLeast("valid_examples", d.ValidExamples, 0)
	if _, given := d.validation(); d.Holdout < someHeldOut || d.Holdout > 0 && (given || d.isMade()) {
		v.Add("holdout", "%d: want -1 or more, and 0 if there is validation data", d.Holdout)
	}
	d.validateExclude(&v)
	if next && (len(d.Exclude) > 0 || d.Dedup || !d.Filter.IsZero() || d.TrainExamples > 0) {
		v.Add("dedup, filter, exclude and train_examples", "want none of them with autoencoder.next")
	}
	if len(d.TrainWeights) > 0 && (autoencoder || embedder || !hasWeights(d.Format)) {
		v.Add("train_weights", "want them for pairs, type tsv or jsonl")
	}
	d.validateAlso(kind, &v)
	if len(d.TrainAlignment) > 0 && (autoencoder || embedder || !hasWeights(d.Format)) {
		v.Add("train_alignment", "want it for pairs, type tsv or jsonl")
	}
	if len(d.Corpora) > 0 {
		d.validateCorpora(kind, next, &v)
	} else {
		d.validateFiles(kind, &v)
	}
	return v.Err()
}

// validateExclude checks the corpora that training must not see.
func (d *dataConfig) validateExclude(v *setting.Check) {
	for i, c := range d.Exclude {
		at := fmt.Sprintf("exclude[%d]", i)
		v.In(at+".format", c.Format.Validate())
		hasText, hasFile, hasPair := len(c.Text) > 0, len(c.File) > 0, len(c.Source) > 0 && len(c.Target) > 0
		switch alone := (corpusConfig{Text: c.Text, File: c.File, Source: c.Source, Target: c.Target, Format: c.Format}); {
		case !hasText && !hasFile && !hasPair:
			v.Add(at, "want text, file, or source and target")
		case hasFile && isPairs(c.Format):
			v.Add(at+".format.type", "want %s for a file", strings.Join(corpora.Types()[1:], ", "))
		case !reflect.DeepEqual(c, alone):
			v.Add(at, "want text, file, source, target and format only")
		}
	}
}

// hasWeights reports whether each line of a format is one example, so that a file of weights can match it line by line.
func hasWeights(f corpora.Format) bool {
	return isPairs(f) || f.Type != corpora.TypeCMUdict
}

// validateFiles checks the files of a single corpus.
func (d *dataConfig) validateFiles(kind string, v *setting.Check) {
	autoencoder, embedder, repairer := kind == kindSeqAE, kind == kindEmbedder, kind == kindRepairer
	given := func(lists ...fileList) bool {
		return slices.ContainsFunc(lists, func(l fileList) bool { return len(l) > 0 })
	}
	pairs := isPairs(d.Format)
	hasPairs := given(d.TrainSource, d.TrainTarget, d.ValidSource, d.ValidTarget)
	hasText := given(d.Text, d.ValidText)
	switch hasFiles := given(d.Train, d.Valid); {
	case repairer && given(d.Text) && !hasPairs && (hasFiles == !pairs):
	case repairer && !given(d.Text, d.Train, d.TrainSource):
		v.Add("text", "want clean lines (--text), or lines with their repaired form (--data)")
	case repairer && !given(d.Text) && given(d.ValidText):
		v.Add("valid_text", "beside train: want text, too, or valid")
	case repairer && given(d.Text) && hasPairs && given(d.TrainSource) == given(d.TrainTarget) && given(d.ValidSource) == given(d.ValidTarget):
	case hasText && !autoencoder && !embedder:
		v.Add("text", "want kind: %s, %s or %s for lines without targets", kindSeqAE, kindEmbedder, kindRepairer)
	case hasText && (hasPairs || hasFiles || !pairs):
		v.Add("text", "given with other files: want only text, or train and valid, or train_source and train_target")
	case autoencoder && hasPairs:
		v.Add("train_source and so on", "want text for an autoencoder")
	case autoencoder && pairs && !hasFiles && !given(d.Text):
		v.Add("text", "want a file (--text)")
	case hasText:
	case embedder && pairs && !hasPairs && !hasFiles:
		v.Add("corpora", "want files of sentences that mean the same (--pairs), or text (--text)")
	case pairs && hasFiles:
		v.Add("format.type", "not set, and the extension of %q implies none: want %s", d.Train, strings.Join(corpora.Types()[1:], ", "))
	case pairs && !(given(d.TrainSource) && given(d.TrainTarget)):
		v.Add("train_source and train_target", "want a file for each (--source and --target)")
	case pairs && given(d.ValidSource) != given(d.ValidTarget):
		v.Add("valid_source and valid_target", "want both or none")
	case !pairs && hasPairs:
		v.Add("train_source and so on", "want train and valid for type %s", d.Format.Type)
	case !pairs && !d.isMade() && !given(d.Train):
		v.Add("train", "want a file (--data)")
	case d.isMade() && given(d.Valid):
		v.Add("valid", "want train too, or neither for a made-up task")
	}
}

// validateCorpora checks several corpora.
func (d *dataConfig) validateCorpora(kind string, next bool, v *setting.Check) {
	autoencoder, embedder, repairer := kind == kindSeqAE, kind == kindEmbedder, kind == kindRepairer
	if len(d.Text)+len(d.Train)+len(d.TrainSource)+len(d.TrainTarget)+len(d.TrainWeights)+len(d.TrainAlignment) > 0 {
		v.Add("corpora", "beside text, train, train_source, train_weights or train_alignment: want one or the other")
	}
	for i, c := range d.training() {
		at := fmt.Sprintf("corpora[%d]", i)
		if c.Format != d.Format {
			v.In(at+".format", c.Format.Validate())
		}
		pairs := isPairs(c.Format)
		hasText, hasFile, hasPair := len(c.Text) > 0, len(c.File) > 0, len(c.Source) > 0 && len(c.Target) > 0
		switch {
		case (embedder || repairer) && hasText && !hasFile && len(c.Source)+len(c.Target) == 0:
		case embedder && (c.Weight != 0 || len(c.Weights)+len(c.Alignment) > 0):
			v.Add(at, "weight, weights and alignment: want none for an embedder, and a ratio")
		case autoencoder && (hasText == hasFile || len(c.Source)+len(c.Target) > 0):
			v.Add(at, "want text, or a file whose sources are read")
		case !autoencoder && (hasPair == hasFile || hasText || len(c.Source)+len(c.Target) > 0 && !hasPair):
			v.Add(at, "want source and target, or file; for an embedder and a repairer also text")
		case hasFile && pairs:
			v.Add(at+".format.type", "want %s for a file", strings.Join(corpora.Types()[1:], ", "))
		case autoencoder && (c.Weight != 0 || len(c.Weights)+len(c.Alignment) > 0):
			v.Add(at, "weight and alignment: want none for an autoencoder")
		case len(c.Weights) > 0 && !hasWeights(c.Format):
			v.Add(at+".weights", "want none for type %s", c.Format.Type)
		case len(c.Alignment) > 0 && !hasWeights(c.Format):
			v.Add(at+".alignment", "want none for type %s", c.Format.Type)
		}
		if !(c.Ratio >= 0) || math.IsInf(c.Ratio, 0) || next && c.Ratio != 0 && c.Ratio != 1 {
			v.Add(at+".ratio", "%v: want 0 or more, and 1 with autoencoder.next", c.Ratio)
		}
		if c.Holdout < -1 || c.Holdout != 0 && !embedder {
			v.Add(at+".holdout", "%d: want -1 or more, and 0 but for an embedder", c.Holdout)
		}
		if !(c.Weight >= 0) || math.IsInf(c.Weight, 0) {
			v.Add(at+".weight", "%v: want 0 or more", c.Weight)
		}
	}
}

// givenTokenizers returns the files of tokenizers.
func (d *dataConfig) givenTokenizers() givenTokenizers {
	var g givenTokenizers
	for _, f := range []struct {
		to   *string
		name string
	}{{&g.both, d.Tokenizer}, {&g.source, d.SourceTokenizer}, {&g.target, d.TargetTokenizer}} {
		if f.name != "" {
			*f.to = d.path(f.name)
		}
	}
	return g
}

// path returns the path of a file.
func (d *dataConfig) path(name string) string {
	if name == "-" || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(d.Root, name)
}
