package main

import (
	"cmp"
	"log/slog"
	"slices"
	"strings"

	"github.com/retell-rnn/retell/internal/setting"
	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/seqae"
	"github.com/retell-rnn/retell/seqae/repair"
	"github.com/retell-rnn/retell/tokenize"
)

// runConfig holds all settings of a training. A YAML file, KEY=VALUE arguments and flags set it, in this order.
type runConfig struct {
	Kind        string               `yaml:"kind"`        // kind of model: seq2seq, seqae for an autoencoder, embedder for sentence vectors, or repairer of text
	Model       seq2seq.Config       `yaml:"model"`       // the model and its tokenizers
	Autoencoder seqae.Objective      `yaml:"autoencoder"` // target and noise of an autoencoder's training
	Repair      repairConfig         `yaml:"repair"`      // what a repairer learns to repair
	Data        dataConfig           `yaml:"data"`        // examples to train and validate on
	Train       seq2seq.TrainOptions `yaml:"train"`       // how a model is trained
	Output      outputConfig         `yaml:"output"`      // files that a training writes

	from   *seq2seq.BeginOptions // model and tokenizers that the training begins with (train.from, data.tokenizer); nil if none
	bySize bool                  // the size of the data decides the marked settings
}

// Kinds of models that can be trained.
const (
	kindSeq2Seq  = "seq2seq"
	kindSeqAE    = seqae.Kind
	kindEmbedder = seq2seq.KindEmbedder
	kindRepairer = repair.Kind
)

// trainsSets reports whether a model is trained on sets of sentences that mean the same: an embedder, or an autoencoder
// that learns to tell their vectors apart, too.
func (c *runConfig) trainsSets() bool {
	return c.Kind == kindEmbedder || c.Kind == kindSeqAE && c.Train.Contrast.Weight > 0
}

// kindOfReader returns the kind of model that reads data as c's does.
func (c *runConfig) kindOfReader() string {
	if c.trainsSets() {
		return kindEmbedder
	}
	return c.Kind
}

// kinds returns the kinds of models.
func kinds() []string { return []string{kindSeq2Seq, kindSeqAE, kindEmbedder, kindRepairer} }

// outputConfig names the files that a training writes.
type outputConfig struct {
	Model string `yaml:"model"` // file of the model; the state of the training is written beside it
	Log   string `yaml:"log"`   // log file of JSON Lines, one for every few steps; empty means none

	TensorBoard string `yaml:"tensorboard"` // folder of TensorBoard's event files; empty means none
}

// validate returns violations, or nil.
func (o outputConfig) validate() error {
	var v setting.Check
	if o.Model == "" {
		v.Add("model", "no file: want -o MODEL.retell")
	}
	return v.Err()
}

// state returns the file of the training's state.
func (o outputConfig) state() string { return o.Model + ".state" }

func defaultRunConfig(kind string) runConfig {
	c := runConfig{Kind: kind, Model: seq2seq.DefaultConfig(), Train: seq2seq.TrainOptions{Seed: 1, Samples: 3}}
	switch kind {
	case kindSeqAE:
		d := seqae.DefaultConfig()
		c.Model, c.Autoencoder = d.Model, d.Objective
		c.Train.Samples = 0 // lines that are written back are shown instead
	case kindEmbedder:
		c.Model = seq2seq.DefaultEmbedderConfig()
		c.Train.Samples = 0 // it writes nothing
	case kindRepairer:
		c.Model = repair.DefaultConfig(repair.FormEdit).Model
	}
	return c
}

// bySize marks a number that the size of the data decides, for settings whose zero means none.
const bySize = -1

// leaveToData marks the settings that [seq2seq.Suited] chooses by the size of the data. Settings read later unmark
// theirs.
func (c *runConfig) leaveToData() {
	switch c.Kind {
	case kindSeqAE, kindRepairer:
		return
	case kindEmbedder:
		c.Model.Encoder.Embedding, c.Model.Bottleneck.Size = 0, 0
		c.Model.Encoder.NGrams, c.Model.Encoder.Frequency = seq2seq.NGramConfig{Max: bySize}, bySize
		c.Model.Source.MinCount, c.Model.Target.MinCount = bySize, bySize
		c.bySize = true
		return
	}
	c.Model.Encoder.Hidden, c.Model.Encoder.Embedding = 0, 0
	c.Model.Decoder.Hidden, c.Model.Decoder.Embedding = 0, 0
	c.Model.Decoder.Attention, c.Train.LabelSmoothing = "", bySize
	c.bySize = true
}

// settle sets the marked settings by the size of the data and logs them.
func (c *runConfig) settle(examples int, log *slog.Logger) {
	if !c.bySize {
		return
	}
	model, train := seq2seq.Suited(examples)
	var said []any
	set := func(key string, to *int, value int) {
		if *to == 0 {
			*to = value
			said = append(said, key, value)
		}
	}
	m, o := &c.Model, &c.Train
	for _, side := range []struct {
		key     string
		to      *tokenize.Config
		value   int
		learned bool
	}{
		{"model.source.merges", &m.Source, model.Source.Merges, learns(c.from, true, m.SharedVocab)},
		{"model.target.merges", &m.Target, model.Target.Merges, learns(c.from, false, m.SharedVocab)},
	} {
		if side.learned && (side.to.Kind == "" || side.to.Kind == tokenize.BPE) {
			set(side.key, &side.to.Merges, side.value)
		}
	}
	set("model.encoder.hidden", &m.Encoder.Hidden, cmp.Or(m.Decoder.Hidden, model.Encoder.Hidden)+m.Decoder.Hidden%2)
	set("model.decoder.hidden", &m.Decoder.Hidden, m.Encoder.Hidden)
	set("model.encoder.embedding", &m.Encoder.Embedding, cmp.Or(m.Decoder.Embedding, model.Encoder.Embedding))
	set("model.decoder.embedding", &m.Decoder.Embedding, m.Encoder.Embedding)
	if m.Decoder.Attention == "" {
		m.Decoder.Attention = model.Decoder.Attention
		said = append(said, "model.decoder.attention", m.Decoder.Attention)
	}
	if o.LabelSmoothing == bySize {
		o.LabelSmoothing = train.LabelSmoothing
		if o.Risk.Metric != "" {
			o.LabelSmoothing = 0 // smoothing is for likelihood training
		}
		said = append(said, "train.label_smoothing", o.LabelSmoothing)
	}
	if o.BatchTokens == 0 && o.Memory == 0 {
		set("train.batch_sentences", &o.BatchSentences, train.BatchSentences)
	}
	set("train.epochs", &o.Epochs, train.Epochs)
	if o.Schedule.Rate == 0 && (o.Optimizer.Kind != seq2seq.SGD) {
		o.Schedule.Rate = train.Schedule.Rate
		said = append(said, "train.schedule.rate", o.Schedule.Rate)
	}
	if len(said) > 0 {
		log.Info("defaults by the size of the data (--print-config shows all settings)", append([]any{"examples", examples}, said...)...)
	}
	c.bySize = false
}

// configArgs separates the configuration file, at most one, from KEY=VALUE arguments.
func configArgs(args []string) (file string, overrides []string, err error) {
	for _, arg := range args {
		switch {
		case strings.Contains(arg, "=") && !isConfigFile(arg):
			overrides = append(overrides, arg)
		case file != "":
			return "", nil, misusef("two configurations, %s and %s: want one at most", file, arg)
		default:
			file = arg
		}
	}
	return file, overrides, nil
}

// layer reads the settings of one source over those of the struct that into points to.
type layer func(into any) error

// layers returns the layers of a recipe, a file, both optional, and KEY=VALUE arguments, in this order.
func layers(recipeName string, file configFile, overrides []string) []layer {
	return []layer{
		func(into any) error {
			if recipeName == "" {
				return nil
			}
			r, err := findRecipe(recipeName)
			if err != nil {
				return err
			}
			return decodeSettings("recipe "+recipeName, r.yaml, into)
		},
		func(into any) error {
			return decodeSettings(file.name, file.text, into)
		},
		func(into any) error {
			for _, setting := range overrides {
				if err := overrideSetting(into, setting); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// readOver reads settings over those of the struct c.
func readOver[T any](c T, recipeName string, file configFile, overrides []string) (T, error) {
	for _, read := range layers(recipeName, file, overrides) {
		if err := read(&c); err != nil {
			return c, err
		}
	}
	return c, nil
}

// readRunConfig reads settings in layers over the defaults of a kind of model: a recipe and a file, both optional,
// KEY=VALUE arguments, and set. If a layer names another kind, its defaults apply. Data in a later layer replaces a
// recipe's; so do the network and tokenizers of a model in train.from, unless the recipe takes over only what fits.
func readRunConfig(kind, recipeName string, file configFile, overrides []string, set func(*runConfig)) (runConfig, error) {
	said, err := readRunConfigOver(runConfig{}, recipeName, file, overrides, set)
	if err != nil {
		return said, err
	}
	base := func(kind string) runConfig {
		c := defaultRunConfig(kind)
		if kind == kindRepairer {
			c.Model = repair.DefaultConfig(said.Repair.Form).Model
		}
		if recipeName == "" { // recipes were tuned with the fixed defaults
			c.leaveToData()
		}
		return c
	}
	kind = kindOfData(kind, &said)
	c, err := readRunConfigOver(base(kind), recipeName, file, overrides, set)
	if err == nil && c.Kind != kind {
		c, err = readRunConfigOver(base(c.Kind), recipeName, file, overrides, set)
	}
	if err != nil {
		return c, err
	}
	from, err := readBeginning(c.Kind, c.Train, c.Data.givenTokenizers())
	if err != nil || from == nil {
		return c, withoutIt(err, c.Output)
	}
	d := base(c.Kind)
	if from.From != nil && from.From.Kind() == c.Kind { // the model has all sizes
		d = defaultRunConfig(c.Kind)
		d.bySize = c.Kind == kindEmbedder && recipeName == "" // the size of the data decides how it is trained
	}
	d.from = from
	if err := d.inherit(); err != nil {
		return c, err
	}
	c, err = readRunConfigOver(d, recipeName, file, overrides, set)
	c.inheritFormat()
	return c, err
}

func readRunConfigOver(c runConfig, recipeName string, file configFile, overrides []string, set func(*runConfig)) (runConfig, error) {
	all := layers(recipeName, file, overrides)
	last := all[len(all)-1]
	all[len(all)-1] = func(into any) error { // flags count as arguments
		err := last(into)
		set(into.(*runConfig))
		return err
	}
	ofRecipe := false // whether the data is the recipe's
	for i, read := range all {
		var alone runConfig // this layer's settings
		if err := read(&alone); err != nil {
			return c, err
		}
		c.Data.giveWay(&alone.Data, ofRecipe)
		ofRecipe = i == 0 && recipeName != "" || ofRecipe && alone.Data.shape() == noData
		if err := read(&c); err != nil {
			return c, err
		}
		if i == 0 && recipeName != "" && c.from != nil && !c.Train.FromPartial {
			c.Model = c.from.Inherit(c.Model)
		}
	}
	c.Data.settle(c.kindOfReader())
	return c, nil
}

// validate returns every contradiction and every value out of its range, each with the path of its setting.
func (c *runConfig) validate() error {
	if c.bySize {
		full, quiet := *c, slog.New(slog.DiscardHandler)
		if c.Kind == kindEmbedder {
			full.settleEmbedder(nil, nil, quiet)
		} else {
			full.settle(0, quiet)
		}
		return full.validate()
	}
	var v, model setting.Check
	switch c.Kind {
	case kindSeq2Seq, kindEmbedder:
		switch layers := c.Model.Decoder.Layers; {
		case c.Kind == kindEmbedder && layers != 0:
			model.Add("model.decoder.layers", "%d with kind %s: want 0", layers, c.Kind)
		case c.Kind == kindSeq2Seq && layers == 0:
			model.Add("model.decoder.layers", "0 with kind %s: want 1 or more, or kind: %s", c.Kind, kindEmbedder)
		default:
			model.In("model", c.Model.Validate())
		}
		if c.Autoencoder != (seqae.Objective{}) {
			model.Add("autoencoder", "settings with kind %s: want kind: %s", c.Kind, kindSeqAE)
		}
	case kindSeqAE:
		model.In("", seqae.Config{Model: c.Model, Objective: c.Autoencoder}.Validate())
		if c.Autoencoder.Next && c.trainsSets() {
			model.Add("autoencoder.next", "true with train.contrast.weight: want one of the two")
		}
	case kindRepairer:
		model.In("", repair.Config{Model: c.Model, Task: c.Repair.Task}.Validate())
	default:
		model.In("kind", setting.OneOf(c.Kind, kinds()...))
	}
	if c.Kind != kindRepairer && !c.Repair.isZero() {
		model.Add("repair", "settings with kind %s: want kind: %s (--repair)", c.Kind, kindRepairer)
	}
	if c.Kind == kindRepairer && c.Autoencoder != (seqae.Objective{}) {
		model.Add("autoencoder", "settings with kind %s: want kind: %s", c.Kind, kindSeqAE)
	}
	if c.from != nil {
		if err := c.from.Check(c.Model); err != nil {
			model = setting.Check{} // the error of Check may cause these violations
			model.In("model", err)
		}
	}
	v.In("", model.Err())
	if c.Kind == kindSeqAE && !c.trainsSets() && c.Data.hasSets() {
		v.Add("train.contrast.weight", "0 with kind %s and sentences that mean the same: want a number above 0, such as 1, or kind: %s", c.Kind, kindEmbedder)
	}
	if given := slices.ContainsFunc(c.Data.training(), func(d corpusConfig) bool { return len(d.Alignment) > 0 }); given != (c.Train.GuidedAlignment != 0) {
		v.Add("train.guided_alignment and data.train_alignment", "want a weight (0.1 is usual) and alignments, or neither")
	}
	v.In("data", c.Data.validate(c.kindOfReader(), c.Autoencoder.Next))
	v.In("train", c.Train.Validate())
	v.In("output", c.Output.validate())
	return misused(v.Err())
}

// resolvedDefaults returns the default settings of a kind of model, with zeros and "" replaced by the values that they
// mean.
func resolvedDefaults(kind string) runConfig {
	c := defaultRunConfig(kind)
	return c.resolved()
}

// resolved returns the settings, with zeros and "" replaced by the values that they mean.
func (c *runConfig) resolved() runConfig {
	r := *c
	if c.Kind == kindEmbedder {
		r.Train.Contrast.Weight, r.Train.Mixture.Power = 1, cmp.Or(c.Train.Mixture.Power, 0.5)
		if c.Train.Memory == 0 {
			r.Train.BatchSentences = cmp.Or(c.Train.BatchSentences, 512)
		}
	}
	r.Model, r.Train, r.Data.Format = c.Model.Resolved(), r.Train.Resolved(), c.Data.Format.Resolved()
	return r
}
