package main

import (
	"bufio"
	"cmp"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/setting"
	"github.com/retell-rnn/retell/seq2seq"
)

func newLabel() *cobra.Command {
	return group("label", "Train, use and measure labelers of tokens", newLabelTrain(), newLabelPredict(), newLabelEval())
}

// labelConfig are the settings of a labeler's training.
type labelConfig struct {
	Model   seq2seq.Config       `yaml:"model"`
	Classes tagsConfig           `yaml:"classes"`
	Data    sequenceConfig       `yaml:"data"`
	Train   seq2seq.TrainOptions `yaml:"train"`
	Output  outputConfig         `yaml:"output"`

	from   *seq2seq.BeginOptions // nil if there is none
	bySize bool                  // the data decide the marked settings
}

// tagsConfig says how the labels of a labeler count.
type tagsConfig struct {
	// Weights of the losses of labels: balanced, with which all labels count alike, or LABEL=WEIGHT,..., with 1 for the
	// others. Empty (the default) means 1 for all.
	Weights string `yaml:"weights"`
}

// of returns the weights of a labeler's labels.
func (c tagsConfig) of(l *seq2seq.Labeler, train []corpora.Example) (map[string]float64, error) {
	weights, err := parseClassWeights(c.Weights)
	if err == nil && c.Weights == balanced {
		weights = l.BalancedWeights(train)
	}
	return weights, err
}

func defaultLabelConfig() labelConfig {
	return labelConfig{Model: seq2seq.DefaultLabelerConfig(), Train: seq2seq.TrainOptions{Seed: 1}}
}

// leaveToData marks the settings that settle chooses. Settings read later unmark theirs.
func (c *labelConfig) leaveToData() {
	c.bySize = true
	m := &c.Model
	m.Labeler.Output, m.Labeler.Scheme = "", ""
	m.Encoder.Hidden, m.Encoder.Embedding, m.Encoder.Chars.Hidden = 0, 0, bySize
	m.Encoder.WordDropout, m.Encoder.NGrams.Max, m.Source.MinCount = bySize, bySize, bySize
}

// readLabelConfig reads settings over those of the model that train.from names.
func readLabelConfig(file configFile, overrides []string) (labelConfig, error) {
	d := defaultLabelConfig()
	d.leaveToData()
	c, err := readOver(d, "", file, overrides)
	if err != nil {
		return c, err
	}
	var given givenTokenizers
	if c.Data.Tokenizer != "" {
		given.source = (&dataConfig{Root: c.Data.Root}).path(c.Data.Tokenizer)
	}
	from, err := readBeginning(seq2seq.KindLabeler, c.Train, given)
	if err != nil || from == nil {
		return c, err
	}
	d = defaultLabelConfig()
	d.leaveToData()
	d.from = from
	if from.From != nil { // the model has all sizes
		d.bySize = from.From.Kind() != seq2seq.KindLabeler
		d.Model = inherited(from, defaultLabelConfig().Model)
		if d.bySize {
			d.Model.Labeler.Output = ""
		}
	}
	return readOver(d, "", file, overrides)
}

// settle sets the marked settings by the training examples, and logs them. scheme is how the labels of the first column
// mark spans; "" for other labels.
func (c *labelConfig) settle(train []corpora.Example, scheme string, log *slog.Logger) {
	if !c.bySize {
		return
	}
	c.bySize = false
	model, options := suitedLabeler(train, scheme != "")
	var said []any
	m, o := &c.Model, &c.Train
	if m.Labeler.Output == "" {
		m.Labeler.Output = model.Labeler.Output
		said = append(said, "model.labeler.output", m.Labeler.Output)
		if m.Labeler.Scheme == "" && scheme != "" {
			m.Labeler.Scheme = model.Labeler.Scheme
			said = append(said, "model.labeler.scheme", m.Labeler.Scheme)
		}
	}
	if m.Encoder.NGrams.Max == bySize {
		g, of := &m.Encoder.NGrams, model.Encoder.NGrams
		g.Min, g.Max, g.Buckets, g.Pairs = cmp.Or(g.Min, of.Min), of.Max, cmp.Or(g.Buckets, of.Buckets), g.Pairs || of.Pairs
		g.PairDropout = cmp.Or(g.PairDropout, of.PairDropout)
		said = append(said, "model.encoder.ngrams.max", g.Max)
	}
	if m.Encoder.WordDropout == bySize {
		m.Encoder.WordDropout = model.Encoder.WordDropout
		said = append(said, "model.encoder.word_dropout", m.Encoder.WordDropout)
	}
	for _, s := range []struct {
		key   string
		to    *int
		value int
		unset int
	}{
		{"model.source.min_count", &m.Source.MinCount, model.Source.MinCount, bySize},
		{"model.encoder.hidden", &m.Encoder.Hidden, model.Encoder.Hidden, 0},
		{"model.encoder.embedding", &m.Encoder.Embedding, model.Encoder.Embedding, 0},
		{"model.encoder.chars.hidden", &m.Encoder.Chars.Hidden, model.Encoder.Chars.Hidden, bySize},
		{"train.epochs", &o.Epochs, options.Epochs, 0},
		{"train.batch_sentences", &o.BatchSentences, options.BatchSentences, 0},
	} {
		if *s.to == s.unset && (s.key != "train.batch_sentences" || o.BatchTokens == 0 && o.Memory == 0) {
			*s.to = s.value
			said = append(said, s.key, s.value)
		}
	}
	if o.Schedule.Rate == 0 && o.Optimizer.Kind != seq2seq.SGD {
		o.Schedule.Rate = options.Schedule.Rate
		said = append(said, "train.schedule.rate", o.Schedule.Rate)
	}
	if o.ValidateBy == "" {
		if o.ValidateBy = "accuracy"; scheme != "" {
			o.ValidateBy = "f1"
		}
		said = append(said, "train.validate_by", o.ValidateBy)
	}
	if len(said) > 0 {
		log.Info("defaults by the data", append([]any{"sentences", len(train), "spans", cmp.Or(scheme, "none")}, said...)...)
	}
}

// suitedLabeler returns [seq2seq.SuitedLabeler] for labels that will be read as IOB2 if they mark spans.
func suitedLabeler(train []corpora.Example, spans bool) (seq2seq.Config, seq2seq.TrainOptions) {
	c, o := seq2seq.SuitedLabeler(train)
	switch {
	case !spans:
		c.Labeler.Output, c.Labeler.Scheme = seq2seq.LabelSoftmax, ""
	case c.Encoder.NGrams.Pairs: // words of characters are short, and their ends tell as much as their begins
		c.Labeler.Output, c.Labeler.Scheme = seq2seq.LabelCRF, seq2seq.SchemeBIOES
	default:
		c.Labeler.Output, c.Labeler.Scheme = seq2seq.LabelCRF, seq2seq.SchemeIOB2
	}
	return c, o
}

// validate returns every contradiction and every value out of its range, each with the path of its setting.
func (c *labelConfig) validate() error {
	if c.bySize {
		full := *c
		full.settle(nil, "", slog.New(slog.DiscardHandler))
		return full.validate()
	}
	var v setting.Check
	c.Model.Decoder = seq2seq.DecoderConfig{}
	model := c.Model.Validate()
	if c.from != nil {
		if err := c.from.Check(c.Model); err != nil {
			model = err // these violations may cause the others
		}
	}
	v.In("model", model)
	_, err := parseClassWeights(c.Classes.Weights)
	v.In("classes.weights", err)
	v.In("data", c.Data.validate())
	v.In("train", c.Train.Validate())
	v.In("output", c.Output.validate())
	return misused(v.Err())
}

// labelTrainFlags are the flags of label train.
type labelTrainFlags struct {
	file              configFile
	data, valid       []string
	weights           string
	sequences         sequenceFlags
	holdout           int
	tokenizer         string
	out               outputConfig
	settings          settingFlags
	seed              uint64
	json, goOn, plans bool
}

// config returns the settings from arguments and flags.
func (f *labelTrainFlags) config(cmd *cobra.Command, args []string) (labelConfig, error) {
	var c labelConfig
	name, overrides, err := configArgs(args)
	if f.tokenizer != "" {
		overrides = append(overrides, "data.tokenizer="+f.tokenizer)
	}
	if err == nil {
		err = f.file.read(name)
	}
	if err == nil {
		c, err = readLabelConfig(f.file, overrides)
	}
	if err == nil && f.goOn {
		base := defaultLabelConfig()
		base.Output.Model = cmp.Or(f.out.Model, c.Output.Model)
		var state *seq2seq.State
		if state, err = recall(base.Output.Model, &base); err == nil {
			if err := keepsBeginning(&c.Train, &base.Train, givenTokenizers{both: c.Data.Tokenizer}, givenTokenizers{both: base.Data.Tokenizer}); err != nil {
				return c, err
			}
			base.from = begunWith(state, seq2seq.KindLabeler)
			c, err = readOver(base, "", f.file, overrides)
		}
		c.Train.Checkpoint.Continue = true
	}
	if err != nil {
		return c, err
	}
	for name, set := range map[string]func(){
		"data":        func() { c.Data.Train = f.data },
		"valid":       func() { c.Data.Valid = f.valid },
		"holdout":     func() { c.Data.Holdout = f.holdout },
		"output":      func() { c.Output.Model = f.out.Model },
		"log":         func() { c.Output.Log = f.out.Log },
		"tensorboard": func() { c.Output.TensorBoard = f.out.TensorBoard },
		"seed":        func() { c.Train.Seed = f.seed },

		"class-weights": func() { c.Classes.Weights = f.weights },
	} {
		if cmd.Flags().Changed(name) {
			set()
		}
	}
	f.sequences.apply(cmd, &c.Data.Format)
	if f.plans && c.Output.Model == "" {
		c.Output.Model = "/dev/null" // nothing is written
	}
	if err := f.settings.apply(cmd, &c.Model, &c.Train); err != nil {
		return c, err
	}
	return c, c.validate()
}

func newLabelTrain() *cobra.Command {
	var f labelTrainFlags
	cmd := &cobra.Command{
		Use:   "train [CONFIG.yaml] [KEY=VALUE...] --data FILE... -o MODEL",
		Short: "Train a labeler of tokens",
		Long: `Train a labeler: an encoder, and a label for each of its tokens. Labels may be parts of speech, spans such as names
(B-LOC begins one, I-LOC goes on, O is outside), or the begins of words in unspaced text.

` + sequenceHelp + `

Labels that look like spans are converted to IOB2 and learned by a CRF, which predicts valid sequences only; other
labels are learned one by one. model.labeler.output and data.format.scheme choose otherwise. The size of the data
decides what is not given, and a message says it.

A YAML file and KEY=VALUE arguments set model.source, model.encoder, model.labeler, model.dropout, model.init, train and
output; see 'retell keys'. With train.from, the labeler starts from the encoder and tokenizer of another model.

Without --valid, one of twenty sentences, at most 1,000, is held out to validate on. Ctrl-C saves the state of the
training, and the same command continues from there. --continue also allows other data.`,
		Example: `  retell label train --data train.conll --valid dev.conll -o names.retell
  retell label train --data en-ud-train.conllu --labels upos,feats -o tagger.retell
  retell label train --data words.txt --format segmented -o segmenter.retell`,
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := f.config(cmd, args)
			if err != nil {
				return err
			}
			if f.plans {
				return planLabeling(cmd, &c, f.json)
			}
			opts := c.Train
			opts.From = "" // the model has taken over its weights
			return runJob(cmd, c.Output, opts, f.json, c.begin)
		},
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&f.data, "data", nil, "file of labeled sentences; may be repeated (data.train)")
	flags.StringArrayVar(&f.valid, "valid", nil, "file of labeled sentences to validate on; may be repeated (data.valid)")
	flags.IntVar(&f.holdout, "holdout", 0, "number of sentences of --data to validate on; 0 = one of twenty, -1 = none (data.holdout)")
	f.sequences.add(cmd)
	f.settings.add(cmd)
	for _, name := range []string{"hidden", "layers"} { // a labeler has no decoder
		flag := cmd.Flags().Lookup(name)
		flag.Usage, _, _ = strings.Cut(flag.Usage, " and model.decoder")
		flag.Usage += ")"
	}
	flags.StringVar(&f.weights, "class-weights", "", "weights of the labels' losses: balanced, or LABEL=WEIGHT,... (classes.weights)")
	flags.StringVar(&f.tokenizer, "tokenizer", "", "tokenizer file, or model whose tokenizer to use (data.tokenizer; default: learn one)")
	flags.StringVarP(&f.out.Model, "output", "o", "", "file of the model (output.model)")
	addRecordFlags(cmd, &f.out.Log, &f.out.TensorBoard, &f.json)
	addContinueFlag(cmd, &f.goOn)
	flags.Uint64Var(&f.seed, "seed", 1, "seed; fixes every bit of the model (train.seed)")
	flags.BoolVar(&f.plans, "dry-run", false, "estimate parameters, memory and time; do not train")
	return cmd
}

// begin reads the data and makes the untrained labeler.
func (c *labelConfig) begin(cmd *cobra.Command, screen *screen) (*job, error) {
	log := screen.logger()
	reading := screen.startWork("reading")
	defer reading.end()
	train, valid, err := c.Data.load(readOptions(cmd), c.Train.Seed, log)
	if err != nil {
		return nil, err
	}
	scheme, _, _ := strings.Cut(c.Data.Format.Scheme, ",")
	if scheme == corpora.SchemeNone {
		scheme = ""
	}
	c.settle(train, scheme, log)
	if scheme != "" && c.Model.Labeler.Scheme == seq2seq.SchemeBIOES {
		for _, examples := range [][]corpora.Example{train, valid} {
			if err := toBIOES(examples); err != nil {
				return nil, err
			}
		}
	}
	l, taken, err := seq2seq.BeginLabeler(c.Model, train, c.Train.Seed, c.from)
	if err != nil {
		return nil, err
	}
	m := l.Network
	m.SetFormat(c.Data.Format)
	logBeginning(log, c.from, m, taken)
	log.Info("sentences", "train", len(train), "valid", len(valid), "columns", l.Columns(), "labels", len(l.Labels(0)))
	if unseen := unseenTags(l, valid); len(unseen) > 0 {
		log.Warn("the validation data has labels that the training data lacks; the labeler gets them wrong", "labels", strings.Join(unseen, ", "))
	}
	log.Info("model", "parameters", m.Parameters(), "tokens", m.Source().Size())
	weights, err := c.Classes.of(l, train)
	if err != nil {
		return nil, err
	}
	about, err := yaml.Marshal(*c)
	if err != nil {
		return nil, err
	}
	t := c.Train
	return &job{
		model: m, train: train, valid: valid, files: fileNames{baseNames(c.Data.Train), baseNames(c.Data.Valid)}, run: plainRun(m, train, valid),
		adjust: func(o *seq2seq.TrainOptions) {
			o.Epochs, o.BatchSentences, o.Schedule = t.Epochs, t.BatchSentences, t.Schedule
			o.ValidateBy, o.LabelWeights, o.Checkpoint.About = t.ValidateBy, weights, string(about)
		},
	}, nil
}

// toBIOES rewrites the labels of the first column, which are IOB2.
func toBIOES(examples []corpora.Example) error {
	for i, e := range examples {
		labels, err := corpora.FromIOB2(corpora.SchemeBIOES, corpora.SplitFields(e.Targets[0]))
		if err != nil {
			return err
		}
		examples[i].Targets = []string{corpora.JoinFields(labels)}
	}
	return nil
}

// unseenTags returns the labels of examples that the labeler lacks, sorted.
func unseenTags(l *seq2seq.Labeler, examples []corpora.Example) []string {
	unseen := map[string]bool{}
	for k := range l.Columns() {
		known := l.Labels(k)
		for _, e := range examples {
			if k > len(e.Labels) {
				continue
			}
			for _, label := range corpora.SplitFields(append(e.Targets[:1:1], e.Labels...)[k]) {
				if !slices.Contains(known, label) {
					unseen[label] = true
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(unseen))
}

// planLabeling writes the plan of the training that c describes.
func planLabeling(cmd *cobra.Command, c *labelConfig, asJSON bool) error {
	screen := newScreen(cmd)
	job, err := c.begin(cmd, screen)
	if err != nil {
		return err
	}
	opts := c.Train
	opts.From, opts.Log = "", screen.logger()
	job.settle(&opts)
	p, err := job.model.Plan(cmd.Context(), job.train, job.valid, &opts)
	if err != nil {
		return err
	}
	return writeOutput(cmd, "", func(w *bufio.Writer) error {
		if asJSON {
			return writeJSON(w, plan{p, version1()})
		}
		return writePlan(w, p, seq2seq.KindLabeler)
	})
}

// columnTexts returns the labels of a column of each example.
func columnTexts(examples []corpora.Example, column int) ([][]string, error) {
	out := make([][]string, len(examples))
	for i, e := range examples {
		all := append(e.Targets[:len(e.Targets):len(e.Targets)], e.Labels...)
		if column >= len(all) {
			return nil, fmt.Errorf("sentence %d has %d columns of labels: want %d, as the labeler has", i+1, len(all), column+1)
		}
		out[i] = corpora.SplitFields(all[column])
	}
	return out, nil
}
