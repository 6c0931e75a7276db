package main

import (
	"bufio"
	"cmp"
	"fmt"
	"iter"
	"log/slog"
	"strings"
	"text/tabwriter"

	"github.com/goccy/go-yaml"
	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/setting"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/seq2seq"
)

func newClassify() *cobra.Command {
	return group("classify", "Train, use and measure classifiers of lines", newClassifyTrain(), newClassifyPredict(), newClassifyEval())
}

// labeledConfig names the training and validation data of a classifier.
type labeledConfig struct {
	Format string   `yaml:"format"` // of all files: tsv (the default), classes or trec
	Root   string   `yaml:"root"`   // folder that relative paths start from
	Train  fileList `yaml:"train"`
	Valid  fileList `yaml:"valid"`

	ValidShare float64 `yaml:"valid_share"` // share of the training lines to validate on if no validation file is given

	// Tokenizer is a ready tokenizer of texts, used unchanged: a file of 'retell tokenizer learn', or a model.
	Tokenizer string `yaml:"tokenizer"`
}

// validate returns violations, or nil.
func (d *labeledConfig) validate() error {
	var v setting.Check
	if len(d.Train) == 0 {
		v.Add("train", "no file: want --data FILE")
	}
	v.In("format", setting.OneOf(d.Format, labeledFormats()...))
	if !(d.ValidShare >= 0 && d.ValidShare < 1) || d.ValidShare > 0 && len(d.Valid) > 0 {
		v.Add("valid_share", "%v: want 0 or more and less than 1, and 0 beside files to validate on", d.ValidShare)
	}
	return v.Err()
}

func labeledFormats() []string { return []string{"tsv", "classes", "trec"} }

// load returns the training and validation examples. The training examples are shuffled by seed.
func (d *labeledConfig) load(opts *corpora.ReadOptions, seed uint64, log *slog.Logger) (train, valid []corpora.Example, err error) {
	if train, err = readLabeled(d.Train, d.Root, d.Format, "training", opts, log); err != nil {
		return nil, nil, err
	}
	corpora.Shuffle(train, seed)
	if len(d.Valid) > 0 {
		valid, err = readLabeled(d.Valid, d.Root, d.Format, "validation", opts, log)
		return train, valid, err
	}
	n := int(d.ValidShare * float64(len(train)))
	return train[n:], train[:n:n], nil
}

// readLabeled returns the examples of files: texts with their labels as targets. It leaves out lines that cannot be
// read.
func readLabeled(list fileList, root, format, what string, opts *corpora.ReadOptions, log *slog.Logger) ([]corpora.Example, error) {
	files, err := list.under(root)
	if err != nil {
		return nil, err
	}
	var streams []iter.Seq2[corpora.Labeled, error]
	switch format {
	case "classes":
		streams = append(streams, corpora.Classes(files, opts))
	case "tsv", "trec":
		for _, file := range files {
			if format == "trec" {
				streams = append(streams, corpora.TREC(file, opts))
			} else {
				streams = append(streams, corpora.LabeledTSV(file, opts))
			}
		}
	default:
		return nil, misusef("--format %s: want tsv, classes or trec", format)
	}
	return clean(func(yield func(corpora.Example, error) bool) {
		for l, err := range corpora.Concat(streams...) {
			if !yield(corpora.Example{Source: l.Text, Targets: []string{l.Label}}, err) {
				return
			}
		}
	}, what, corpora.Filter{}, false, log)
}

func addLabeledFormat(cmd *cobra.Command, format *string) {
	cmd.Flags().StringVar(format, "format", "tsv", "format: tsv (label TAB text), classes (files named by label) or trec")
}

// classesConfig says how a classifier tells classes apart.
type classesConfig struct {
	Pool rnn.Pooling `yaml:"pool"` // how the encoder's states become one vector: last, mean, max (the default) or attention

	// Weights of the classes' losses: balanced, with which all classes count alike whatever their numbers of lines, or
	// LABEL=WEIGHT,..., with 1 for the other labels. Empty (the default) means 1 for all.
	Weights string `yaml:"weights"`
}

// classifyConfig are the settings of a classifier's training.
type classifyConfig struct {
	Model   seq2seq.Config       `yaml:"model"`
	Classes classesConfig        `yaml:"classes"` // how a classifier tells classes apart
	Data    labeledConfig        `yaml:"data"`
	Train   seq2seq.TrainOptions `yaml:"train"`
	Output  outputConfig         `yaml:"output"`

	from    *seq2seq.BeginOptions // nil if there is none
	decoder bool                  // settings of a decoder are given, which a classifier lacks
}

func defaultClassifyConfig() classifyConfig {
	c := classifyConfig{Model: seq2seq.DefaultClassifierConfig(), Train: seq2seq.TrainOptions{Seed: 1}}
	c.Classes.Pool, c.Data.Format = c.Model.Classifier.Pool, "tsv"
	return c
}

// readClassifyConfig reads settings over those of the model that train.from names.
func readClassifyConfig(file configFile, overrides []string) (classifyConfig, error) {
	c, err := readOver(defaultClassifyConfig(), "", file, overrides)
	if err != nil {
		return c, err
	}
	var given givenTokenizers
	if c.Data.Tokenizer != "" {
		given.source = (&dataConfig{Root: c.Data.Root}).path(c.Data.Tokenizer)
	}
	from, err := readBeginning(seq2seq.KindClassifier, c.Train, given)
	if err != nil || from == nil {
		return c, err
	}
	d := defaultClassifyConfig()
	d.from, d.Model = from, inherited(from, d.Model)
	d.Classes.Pool = d.Model.Classifier.Pool
	return readOver(d, "", file, overrides)
}

// dropDecoder drops the settings of a decoder, and notes them unless they are those that earlier versions printed.
func (c *classifyConfig) dropDecoder() {
	printed := seq2seq.DecoderConfig{Cell: c.Model.Decoder.Cell, Layers: 1, Hidden: 1, Embedding: 1, Attention: rnn.NoAttention}
	if d := c.Model.Decoder; d != (seq2seq.DecoderConfig{}) && d != printed {
		c.decoder = true
	}
	c.Model.Decoder = seq2seq.DecoderConfig{}
}

// validate returns every contradiction and every value out of its range, each with the path of its setting.
func (c *classifyConfig) validate() error {
	var v setting.Check
	c.dropDecoder()
	c.Model.Classifier.Pool = c.Classes.Pool
	pool := c.Classes.Pool.Check()
	if c.Classes.Pool == "" { // a classifier has no default
		pool = setting.OneOf(c.Classes.Pool, rnn.Poolings()...)
	}
	if pool != nil {
		c.Model.Classifier.Pool = rnn.PoolMax // a valid pool, so that the other settings are checked as a classifier's
	}
	model := c.Model.Validate()
	if c.from != nil {
		if err := c.from.Check(c.Model); err != nil {
			model = err // these violations may cause the others
		}
	}
	v.In("model", model)
	v.In("classes.pool", pool)
	_, err := parseClassWeights(c.Classes.Weights)
	v.In("classes.weights", err)
	v.In("data", c.Data.validate())
	v.In("train", c.Train.Validate())
	v.In("output", c.Output.validate())
	return misused(v.Err())
}

// classifyTrainFlags are the flags of classify train.
type classifyTrainFlags struct {
	file                  configFile
	data, valid           []string
	validShare            float64
	format, pool, weights string
	tokenizer             string
	out                   outputConfig
	settings              settingFlags
	seed                  uint64
	json, goOn            bool
	frozenFlags
}

// config returns the settings from arguments and flags.
func (f *classifyTrainFlags) config(cmd *cobra.Command, args []string) (classifyConfig, error) {
	var c classifyConfig
	name, overrides, err := configArgs(args)
	if f.tokenizer != "" {
		overrides = append(overrides, "data.tokenizer="+f.tokenizer)
	}
	if err == nil {
		err = f.file.read(name)
	}
	if err == nil {
		c, err = readClassifyConfig(f.file, overrides)
	}
	if err == nil && f.goOn {
		base := defaultClassifyConfig()
		base.Output.Model = cmp.Or(f.out.Model, c.Output.Model)
		var state *seq2seq.State
		if state, err = recall(base.Output.Model, &base); err == nil {
			if err := keepsBeginning(&c.Train, &base.Train, givenTokenizers{both: c.Data.Tokenizer}, givenTokenizers{both: base.Data.Tokenizer}); err != nil {
				return c, err
			}
			base.from = begunWith(state, seq2seq.KindClassifier)
			c, err = readOver(base, "", f.file, overrides)
		}
		c.Train.Checkpoint.Continue = true
	}
	if err != nil {
		return c, err
	}
	for name, set := range map[string]func(){
		"data":          func() { c.Data.Train = f.data },
		"valid":         func() { c.Data.Valid = f.valid },
		"valid-share":   func() { c.Data.ValidShare = f.validShare },
		"format":        func() { c.Data.Format = f.format },
		"pool":          func() { c.Classes.Pool = rnn.Pooling(f.pool) },
		"class-weights": func() { c.Classes.Weights = f.weights },
		"output":        func() { c.Output.Model = f.out.Model },
		"log":           func() { c.Output.Log = f.out.Log },
		"tensorboard":   func() { c.Output.TensorBoard = f.out.TensorBoard },
		"seed":          func() { c.Train.Seed = f.seed },
	} {
		if cmd.Flags().Changed(name) {
			set()
		}
	}
	if err := f.settings.apply(cmd, &c.Model, &c.Train); err != nil {
		return c, err
	}
	return c, c.validate()
}

func newClassifyTrain() *cobra.Command {
	var f classifyTrainFlags
	cmd := &cobra.Command{
		Use:   "train [CONFIG.yaml] [KEY=VALUE...] --data FILE... -o MODEL",
		Short: "Train a classifier",
		Long: `Train a classifier of lines: an encoder, a pooling of its states to one vector, and a linear layer. A label is any
text. With train.from, the classifier starts from the encoder and tokenizer of another model, such as an autoencoder.

A YAML file and KEY=VALUE arguments set model.source, model.encoder, model.dropout, model.init, train and output; see
'retell keys'. The settings data.train, data.valid, data.valid_share and data.format equal the flags of those names;
classes.pool and classes.weights equal --pool and --class-weights.

Classes with few lines are rarely predicted. With --class-weights balanced, all classes count equally in training and
in the validation loss. 'retell classify eval' measures each class, without weights.

Ctrl-C saves the state of the training, and the same command continues from there. --continue also allows other data.

` + frozenHelp,
		Example: `  retell classify train --data trec.train --format trec -o questions.retell
  retell classify train --data mr.pos --data mr.neg --format classes --valid-share 0.1 -o mood.retell
  retell classify train --data train.tsv --valid dev.tsv train.from=autoencoder.retell -o mine.retell
  retell classify train --data mail.tsv --class-weights 'spam=10' -o mail.retell
  retell classify train --frozen -m vectors.retell --data topics.tsv --tfidf -o topic.retell`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check(cmd, args); err != nil {
				return err
			}
			if f.on {
				return f.frozen(cmd)
			}
			c, err := f.config(cmd, args)
			if err != nil {
				return err
			}
			opts := c.Train
			opts.From = "" // the model has taken over its weights
			about, err := yaml.Marshal(c)
			if err != nil {
				return err
			}
			opts.Checkpoint.About = string(about)
			return runJob(cmd, c.Output, opts, f.json, c.begin)
		},
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&f.data, "data", nil, "file of labeled lines; may be repeated (data.train)")
	flags.StringArrayVar(&f.valid, "valid", nil, "file of labeled lines to validate on; may be repeated (data.valid)")
	flags.Float64Var(&f.validShare, "valid-share", 0, "share of --data to validate on, 0 to 1 (data.valid_share)")
	addLabeledFormat(cmd, &f.format)
	f.settings.add(cmd)
	f.frozenFlags.add(cmd)
	for _, name := range []string{"hidden", "layers"} { // a classifier has no decoder
		flag := cmd.Flags().Lookup(name)
		flag.Usage, _, _ = strings.Cut(flag.Usage, " and model.decoder")
		flag.Usage += ")"
	}
	flags.StringVar(&f.pool, "pool", "max", "pooling of the states: last, mean, max or attention (classes.pool); with --frozen as in embed")
	flags.StringVar(&f.weights, "class-weights", "", "weights of the classes' losses: balanced, or LABEL=WEIGHT,... (classes.weights)")
	flags.StringVar(&f.tokenizer, "tokenizer", "", "tokenizer file, or model whose tokenizer to use (data.tokenizer; default: learn one)")
	flags.StringVarP(&f.out.Model, "output", "o", "", "file of the model (output.model)")
	addRecordFlags(cmd, &f.out.Log, &f.out.TensorBoard, &f.json)
	addContinueFlag(cmd, &f.goOn)
	flags.Uint64Var(&f.seed, "seed", 1, "seed; fixes every bit of the model (train.seed)")
	return cmd
}

// begin reads the data and makes the untrained classifier.
func (c *classifyConfig) begin(cmd *cobra.Command, screen *screen) (*job, error) {
	log := screen.logger()
	if c.decoder {
		log.Warn("a classifier has no decoder: settings of model.decoder have no effect")
	}
	reading := screen.startWork("reading")
	defer reading.end()
	train, valid, err := c.Data.load(readOptions(cmd), c.Train.Seed, log)
	if err != nil {
		return nil, err
	}
	classifier, taken, err := seq2seq.BeginClassifier(c.Model, train, c.Train.Seed, c.from)
	if err != nil {
		return nil, err
	}
	m := classifier.Network
	logBeginning(log, c.from, m, taken)
	log.Info("examples", "train", len(train), "valid", len(valid), "labels", len(classifier.Labels()))
	if err := c.Classes.weigh(classifier, train, valid, log); err != nil {
		return nil, err
	}
	if unseen := unseenLabels(classifier, valid); len(unseen) > 0 {
		log.Warn("the validation data has labels that the training data lacks; the classifier gets them wrong", "labels", strings.Join(unseen, ", "))
	}
	log.Info("model", "parameters", m.Parameters(), "source_tokens", m.Source().Size())
	files := fileNames{baseNames(c.Data.Train), baseNames(c.Data.Valid)}
	return &job{model: m, train: train, valid: valid, files: files, run: plainRun(m, train, valid)}, nil
}

func newClassifyPredict() *cobra.Command {
	var path string
	var lines answerFlags
	var opts seq2seq.PredictOptions
	var asJSON bool
	var known unseen
	cmd := &cobra.Command{
		Use:   "predict -m MODEL [FILE]",
		Short: "Label lines",
		Long: `Label the lines of FILE (default: standard input) in order. Each output line is the label, a tab and its probability.

` + onErrorHelp,
		Example: `  retell classify predict -m questions.retell questions.txt
  echo 'who wrote Hamlet ?' | retell classify predict -m questions.retell --json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := lines.check(); err != nil {
				return err
			}
			c, err := loadLabeler(path)
			if err != nil {
				return err
			}
			name, all := inputFile(args), c.Labels()
			opts.MaxWait = maxWait(cmd, name)
			read := watched(cmd, &known, corpora.Lines(name, readOptions(cmd)), c.Unseen)
			answers := c.Predict(cmd.Context(), read, &opts)
			return writeAnswers(cmd, &lines, name, asJSON, answers, func(w *bufio.Writer, _ int, p seq2seq.Prediction) error {
				if asJSON {
					return writeJSON(w, labeledLine{p, probabilities(all, p.Probabilities)})
				}
				if p.Label == "" { // a line without tokens has no label
					return w.WriteByte('\n')
				}
				_, err := fmt.Fprintf(w, "%s\t%.4f\n", p.Label, p.Probability)
				return err
			})
		},
	}
	addModelFlag(cmd, &path)
	lines.add(cmd)
	known.add(cmd)
	cmd.Flags().IntVar(&opts.BatchSentences, "batch", 64, "number of lines labeled at once; does not change results")
	cmd.Flags().BoolVar(&asJSON, "json", false, "write one JSON object a line, with the probabilities of all labels")
	return cmd
}

func probabilities(labels []string, p []float32) map[string]float32 {
	out := map[string]float32{}
	for i, x := range p {
		out[labels[i]] = x
	}
	return out
}

func newClassifyEval() *cobra.Command {
	var path, format string
	var files []string
	var asJSON bool
	var known unseen
	cmd := &cobra.Command{
		Use:   "eval -m MODEL --data FILE...",
		Short: "Measure a classifier",
		Long:  `Measure a classifier on labeled lines: loss, accuracy and macro F1, then precision, recall and F1 of each label.`,
		Example: `  retell classify eval -m questions.retell --data trec.test --format trec
  retell classify eval -m mine.retell --data test.tsv --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := loadLabeler(path)
			if err != nil {
				return err
			}
			examples, err := readLabeled(files, "", format, "evaluation", readOptions(cmd), logger(cmd))
			if err != nil {
				return err
			}
			if err := known.check(cmd, "example", sourcesOf(examples), c.Unseen); err != nil {
				return err
			}
			r, err := c.Evaluate(cmd.Context(), examples)
			if err != nil {
				return err
			}
			return writeOutput(cmd, "", func(w *bufio.Writer) error {
				if asJSON {
					return writeJSON(w, classReport{r, version1()})
				}
				return writeClassReport(w, r)
			})
		},
	}
	addModelFlag(cmd, &path)
	cmd.Flags().StringArrayVar(&files, "data", nil, "file of labeled lines; may be repeated")
	addLabeledFormat(cmd, &format)
	cmd.Flags().BoolVar(&asJSON, "json", false, "write one JSON object instead of tables")
	required(cmd, "data")
	return cmd
}

func writeClassReport(w *bufio.Writer, r seq2seq.ClassReport) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "examples\t%d\n", r.Examples)
	fmt.Fprintf(table, "loss\t%.4f\n", r.Loss)
	fmt.Fprintf(table, "accuracy\t%.2f %%\n", 100*r.Accuracy)
	fmt.Fprintf(table, "macro F1\t%.2f %%\n", 100*r.F1)
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(w)
	fmt.Fprintln(table, strings.Join([]string{"label", "examples", "predicted", "precision", "recall", "F1"}, "\t"))
	for _, l := range r.Labels {
		fmt.Fprintf(table, "%s\t%d\t%d\t%.2f %%\t%.2f %%\t%.2f %%\n", l.Label, l.Examples, l.Predicted, 100*l.Precision, 100*l.Recall, 100*l.F1)
	}
	return table.Flush()
}
