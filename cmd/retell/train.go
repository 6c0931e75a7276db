package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/corpora/noise"
	"github.com/retell-rnn/retell/internal/buildinfo"
	"github.com/retell-rnn/retell/internal/lock"
	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/seq2seq/runlog"
	"github.com/retell-rnn/retell/seqae"
	"github.com/retell-rnn/retell/seqae/repair"
)

func newTrain() *cobra.Command {
	var flags trainFlags
	cmd := &cobra.Command{
		Use:   "train [CONFIG.yaml] [KEY=VALUE...]",
		Short: "Train a model",
		Long: `Train a model on pairs of files, an autoencoder or the repair of text on a text, or sentence vectors on sentences that
mean the same. A recipe, a YAML file and KEY=VALUE arguments set everything else; later ones override earlier ones. 'retell keys'
explains the settings, 'retell help config' how to write them, 'retell recipe list' names the recipes.

Each line of a file of --pairs has two or more columns, separated by tabs, that mean the same: paraphrases, captions of
one picture, translations. Give --pairs once for each corpus. An embedder learns vectors that are near each other for
such sentences and far apart for others; --kind embedder learns them from --text alone.

Without a recipe, the number of training pairs decides settings that are not given: vocabulary, sizes, batches,
learning rate and epochs. The log shows them; --print-config prints all settings.

The output file holds the best model so far. Ctrl-C or SIGTERM saves the state of the training beside it, and the same
command continues from there. After the last epoch, the state lets a training continue for more epochs; otherwise it
may be removed.`,
		Example: `  retell train --source train.en --target train.de --valid-source val.en --valid-target val.de -o model.retell
  retell train --text corpus.txt -o autoencoder.retell
  retell train --pairs paraphrases.tsv --pairs translations.tsv --text more.txt -o vectors.retell
  retell train --text clean.txt --repair typos,accents,case -o fix.retell
  retell train --data scores.tsv data.format.type=judged train.from=vectors.retell -o tuned.retell
  retell train --recipe sigmorphon data.train=german-train-high data.valid=german-dev -o german.retell
  retell train mine.yaml train.epochs=30 model.encoder.hidden=256
  retell train --data new.tsv train.from=base.retell train.schedule.rate=0.0001 -o tuned.retell
  retell train mine.yaml train.memory=2GiB --dry-run`,
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := flags.config(cmd, args)
			if err != nil {
				return err
			}
			switch {
			case flags.printConfig:
				return printConfig(cmd, &c)
			case flags.dryRun:
				return planTraining(cmd, &c, flags.json)
			}
			return train(cmd, &c, flags.json)
		},
	}
	f := cmd.Flags()
	f.StringVar(&flags.recipe, "recipe", "", "recipe to start from ('retell recipe list')")
	f.StringArrayVar(&flags.pairs, "pairs", nil, "file of sentences that mean the same, to train sentence vectors on (data.corpora)")
	f.StringVar(&flags.kind, "kind", "", "kind of model: seq2seq, seqae or embedder (kind; default: by the data)")
	f.StringVar(&flags.repair, "repair", "", "train a model that repairs text; kinds of errors such as typos,accents,case,punctuation,spaces (repair.noise)")
	f.StringVar(&flags.form, "form", "", "how it repairs: edit, write or word (repair.form)")
	f.StringVar(&flags.lexicon, "lexicon", "", "words that it knows beside its text: one a line, or a .dic file of Hunspell (repair.lexicon)")
	f.StringArrayVar(&flags.text, "text", nil, "text to train an autoencoder, sentence vectors or repair on, one sentence a line (data.text)")
	f.StringArrayVar(&flags.validText, "valid-text", nil, "text to validate an autoencoder on (data.valid_text; default: some lines of --text)")
	f.StringArrayVar(&flags.source, "source", nil, "training sources, one a line (data.train_source)")
	f.StringArrayVar(&flags.target, "target", nil, "training targets, line by line with --source (data.train_target)")
	f.StringArrayVar(&flags.validSource, "valid-source", nil, "validation sources (data.valid_source)")
	f.StringArrayVar(&flags.validTarget, "valid-target", nil, "validation targets (data.valid_target)")
	f.StringArrayVar(&flags.data, "data", nil, "training examples in one file, in the format data.format.type (data.train)")
	f.StringArrayVar(&flags.valid, "valid", nil, "validation examples in that format (data.valid)")
	f.BoolVar(&flags.reverse, "reverse", false, "learn from target to source, such as from phonemes to letters (data.format.reverse)")
	flags.settings.add(cmd)
	f.StringVar(&flags.tokenizer, "tokenizer", "", "tokenizer file, or model whose tokenizers to use (data.tokenizer; default: learn one)")
	f.StringVar(&flags.sourceTokenizer, "source-tokenizer", "", "tokenizer of the source alone (data.source_tokenizer)")
	f.StringVar(&flags.targetTokenizer, "target-tokenizer", "", "tokenizer of the target alone (data.target_tokenizer)")
	f.StringVarP(&flags.output, "output", "o", "", "file of the model (output.model)")
	addRecordFlags(cmd, &flags.log, &flags.tensorboard, &flags.json)
	f.Uint64Var(&flags.seed, "seed", 1, "seed; fixes every bit of the model (train.seed)")
	addContinueFlag(cmd, &flags.goOn)
	f.BoolVar(&flags.printConfig, "print-config", false, "print all settings as YAML, including those that the data decides; do not train")
	f.BoolVar(&flags.dryRun, "dry-run", false, "estimate parameters, memory and time; do not train")
	return cmd
}

// addRecordFlags adds the flags for the records of a training.
func addRecordFlags(cmd *cobra.Command, log, tensorboard *string, asJSON *bool) {
	f := cmd.Flags()
	f.StringVar(log, "log", "", "log file for 'retell plot', one JSON object for every few steps")
	f.StringVar(tensorboard, "tensorboard", "", "folder of event files for TensorBoard")
	f.BoolVar(asJSON, "json", false, "write one JSON object a line for each validation")
}

// addContinueFlag adds --continue.
func addContinueFlag(cmd *cobra.Command, goOn *bool) {
	cmd.Flags().BoolVar(goOn, "continue", false,
		"continue the training of -o with its own settings and data, except those given here")
}

// trainFlags are the flags of train.
type trainFlags struct {
	recipe                   string
	file                     configFile
	kind                     string
	repair, form, lexicon    string
	pairs, text, validText   []string
	source, target           []string
	validSource, validTarget []string
	data, valid              []string
	settings                 settingFlags
	output, log, tensorboard string
	seed                     uint64
	noise                    noise.Spec // of repair
	json, dryRun, goOn       bool
	reverse, printConfig     bool

	tokenizer, sourceTokenizer, targetTokenizer string
}

// config returns the settings from arguments and flags.
func (f *trainFlags) config(cmd *cobra.Command, args []string) (runConfig, error) {
	name, overrides, err := configArgs(args)
	if err == nil {
		err = f.file.read(name)
	}
	if err != nil {
		return runConfig{}, err
	}
	file := f.file
	kind, err := f.kindOfModel()
	if err != nil {
		return runConfig{}, err
	}
	if f.repair != "" {
		if f.noise, err = noise.ParseSpec(f.repair); err != nil {
			return runConfig{}, misused(err)
		}
	}
	set := func(c *runConfig) { f.set(cmd, c) }
	c, err := readRunConfig(kind, f.recipe, file, overrides, set)
	if err == nil && f.goOn {
		c, err = readRemembered(&c, f.recipe, file, overrides, set)
	}
	if err != nil {
		return c, err
	}
	c.Train.Checkpoint.Continue = f.goOn
	decoder := c.Model.Decoder
	if err := f.settings.apply(cmd, &c.Model, &c.Train); err != nil {
		return c, err
	}
	if c.Kind == kindEmbedder || c.Kind == kindRepairer && c.Repair.Form != repair.FormWrite {
		c.Model.Decoder = decoder // --hidden and --layers are those of the encoder
	}
	if (f.dryRun || f.printConfig) && c.Output.Model == "" {
		c.Output.Model = os.DevNull // nothing is written
	}
	return c, c.validate()
}

// kindOfModel returns the kind of model that the flags mean, unless other settings name one.
func (f *trainFlags) kindOfModel() (string, error) {
	switch {
	case f.kind != "" && !slices.Contains(kinds(), f.kind):
		return "", misusef("--kind is %q: want %s", f.kind, strings.Join(kinds(), ", "))
	case f.kind != "" && f.kind != kindRepairer && f.repair+f.form+f.lexicon != "":
		return "", misusef("--kind %s beside --repair, --form or --lexicon: want --kind %s, or none of them", f.kind, kindRepairer)
	case f.repair+f.form+f.lexicon != "" && len(f.pairs) > 0:
		return "", misusef("--pairs beside --repair: want --data for lines with their repaired form, or --text")
	case f.kind != "":
		return f.kind, nil
	case f.repair != "":
		return kindRepairer, nil
	case len(f.pairs) > 0:
		return kindEmbedder, nil
	case len(f.text) > 0:
		return kindSeqAE, nil
	}
	return kindSeq2Seq, nil
}

// setPairs sets the corpora of --pairs, one for each file, and that of --text.
func (f *trainFlags) setPairs(c *runConfig) {
	c.Kind, c.Data.Corpora = cmp.Or(f.kind, kindEmbedder), nil
	for _, file := range f.pairs {
		corpus := corpusConfig{File: fileList{file}}
		if c.Kind == kindSeqAE && isPairs(c.Data.Format) { // an autoencoder would read the first column alone
			corpus.Format.Type = setTypeByName(file)
		}
		c.Data.Corpora = append(c.Data.Corpora, corpus)
	}
	if len(f.text) > 0 {
		c.Data.Corpora = append(c.Data.Corpora, corpusConfig{Text: f.text})
	}
}

// set sets the settings of the given flags.
func (f *trainFlags) set(cmd *cobra.Command, c *runConfig) {
	for name, set := range map[string]func(){
		"kind":    func() { c.Kind = f.kind },
		"repair":  func() { c.Kind, c.Repair.Noise = kindRepairer, f.noise },
		"form":    func() { c.Repair.Form = repair.Form(f.form) },
		"lexicon": func() { c.Repair.LexiconFile = f.lexicon },
		"pairs":   func() { f.setPairs(c) },
		"text": func() {
			if len(f.pairs) == 0 {
				c.Data.Text = f.text
			}
		},
		"valid-text":   func() { c.Data.ValidText = f.validText },
		"reverse":      func() { c.Data.Format.Reverse = f.reverse },
		"source":       func() { c.Data.TrainSource = f.source },
		"target":       func() { c.Data.TrainTarget = f.target },
		"valid-source": func() { c.Data.ValidSource = f.validSource },
		"valid-target": func() { c.Data.ValidTarget = f.validTarget },
		"data":         func() { c.Data.Train = f.data },
		"valid":        func() { c.Data.Valid = f.valid },
		"tokenizer":    func() { c.Data.Tokenizer = f.tokenizer },
		"output":       func() { c.Output.Model = f.output },
		"log":          func() { c.Output.Log = f.log },
		"tensorboard":  func() { c.Output.TensorBoard = f.tensorboard },
		"seed":         func() { c.Train.Seed = f.seed },

		"source-tokenizer": func() { c.Data.SourceTokenizer = f.sourceTokenizer },
		"target-tokenizer": func() { c.Data.TargetTokenizer = f.targetTokenizer },
	} {
		if cmd.Flags().Changed(name) {
			set()
		}
	}
}

// isConfigFile reports whether an argument with a = names a file and is not KEY=VALUE: it has a slash before the =, or
// is a YAML file that exists.
func isConfigFile(arg string) bool {
	key, _, _ := strings.Cut(arg, "=")
	if strings.ContainsAny(key, `/\`) {
		return true
	}
	ext := filepath.Ext(arg)
	info, err := os.Stat(arg)
	return (ext == ".yaml" || ext == ".yml") && err == nil && info.Mode().IsRegular()
}

// train trains the model that c describes until the training ends or a signal stops it.
func train(cmd *cobra.Command, c *runConfig, asJSON bool) error {
	return runJob(cmd, c.Output, c.options(), asJSON, c.begin)
}

// runJob runs the training that begin prepares until it ends or a signal stops it.
func runJob(
	cmd *cobra.Command, out outputConfig, opts seq2seq.TrainOptions, asJSON bool, begin func(*cobra.Command, *screen) (*job, error),
) (err error) {
	screen := newScreen(cmd)
	log := screen.logger()
	resumed, err := checkOutput(out, opts.Checkpoint.Keep)
	if err != nil {
		return err
	}
	ctx, stop := untilSignal(cmd.Context())
	defer stop()
	unlock, err := lock.Path(out.Model)
	if errors.Is(err, lock.ErrHeld) {
		err = fmt.Errorf("%w, a training of this model: want another -o, or the end of that training", err)
	}
	if err != nil {
		return err
	}
	defer unlock()
	if opts.Memory > 0 {
		debug.SetMemoryLimit(int64(opts.Memory)) // without a limit, garbage adds to the memory in use
	}
	records, err := runlog.New(&runlog.Options{Path: out.Log, TensorBoard: out.TensorBoard})
	if err != nil {
		return err
	}
	job, err := unlessStopped(ctx, func() (*job, error) { return begin(cmd, screen) })
	if err != nil {
		return interrupted(ctx, err, "the training had not begun, and nothing is lost")
	}
	job.settle(&opts)
	opts.Checkpoint.Model, opts.Checkpoint.State, opts.Log, opts.Also = out.Model, out.state(), log, job.also
	date, err := dateOfRun(time.Now)
	if err != nil {
		return err
	}
	job.model.SetRun(seq2seq.Run{Date: date, Program: "retell " + buildinfo.Read().Version, Data: job.files.train, Valid: job.files.valid})
	if resumed {
		log.Info("continuing", "state", opts.Checkpoint.State)
	}
	progress := newTrainProgress(cmd, screen, job.model.Kind(), asJSON)
	defer screen.endBar()
	defer func() { err = errors.Join(err, records.Close()) }()
	opts.Recorder = records
	encoding := screen.startWork("encoding")
	defer encoding.end()
	opts.Watch = encoding.watch
	for p, err := range job.run(ctx, &opts) {
		encoding.end()
		if err == nil {
			err = progress.show(p)
		}
		if err != nil {
			return interrupted(ctx, err, fmt.Sprintf("%s holds the training, and the same command continues from there", opts.Checkpoint.State))
		}
	}
	if progress.steps == 0 {
		log.Info("the training has already ended; more train.epochs or train.patience continue it", "state", opts.Checkpoint.State)
	}
	log.Info("done", "model", opts.Checkpoint.Model)
	return nil
}

// job is a training that is ready to run.
type job struct {
	model        *seq2seq.Network
	train, valid []corpora.Example
	also         []seq2seq.ValidationSet // measured beside valid
	files        fileNames
	config       *runConfig                    // holds the settings that the size of the data decided; nil if there are none
	adjust       func(o *seq2seq.TrainOptions) // sets the options that the data decided; nil if there are none
	run          func(ctx context.Context, opts *seq2seq.TrainOptions) iter.Seq2[seqae.Progress, error]
}

// settle sets the options that depend on the size of the data, and the settings that the state records.
func (j *job) settle(o *seq2seq.TrainOptions) {
	if j.adjust != nil {
		j.adjust(o)
	}
	if j.config == nil {
		return
	}
	t := j.config.Train
	o.Epochs, o.BatchSentences, o.Schedule, o.LabelSmoothing = t.Epochs, t.BatchSentences, t.Schedule, t.LabelSmoothing
	o.Patience, o.ValidateBy, o.Mixture, o.Contrast = t.Patience, t.ValidateBy, t.Mixture, t.Contrast
	if o.Checkpoint.About == "" {
		o.Checkpoint.About = j.config.text()
	}
}

// fileNames are the names of the training and validation files, without folders.
type fileNames struct{ train, valid []string }

// dateOfRun returns the date of a training for its model: now or, if set, SOURCE_DATE_EPOCH in seconds since 1970, with
// which equal trainings write equal files.
func dateOfRun(now func() time.Time) (string, error) {
	at := now()
	if text := os.Getenv("SOURCE_DATE_EPOCH"); text != "" {
		seconds, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return "", misusef("SOURCE_DATE_EPOCH is %q: want seconds since 1970", text)
		}
		at = time.Unix(seconds, 0)
	}
	return at.UTC().Format(time.RFC3339), nil
}

// plainRun returns the training loop of a model that is no autoencoder.
func plainRun(m *seq2seq.Network, train, valid []corpora.Example) func(context.Context, *seq2seq.TrainOptions) iter.Seq2[seqae.Progress, error] {
	return func(ctx context.Context, opts *seq2seq.TrainOptions) iter.Seq2[seqae.Progress, error] {
		return func(yield func(seqae.Progress, error) bool) {
			for p, err := range m.Train(ctx, train, valid, opts) {
				if !yield(seqae.Progress{Progress: p}, err) {
					return
				}
			}
		}
	}
}

// begin reads the data and makes the untrained model.
func (c *runConfig) begin(cmd *cobra.Command, screen *screen) (*job, error) {
	log := screen.logger()
	reading := screen.startWork("reading")
	defer reading.end()
	c.Data.watch = reading.watch
	begin := c.beginSeq2Seq
	switch c.Kind {
	case kindSeqAE:
		begin = c.beginSeqAE
		if c.trainsSets() {
			begin = c.beginJoint
		}
	case kindEmbedder:
		begin = c.beginEmbedder
	case kindRepairer:
		begin = c.beginRepairer
	}
	j, err := begin(cmd, log)
	if err != nil {
		return nil, err
	}
	j.files, j.config = c.Data.names(), c
	var examples func([]string) []corpora.Example
	if c.Kind == kindSeqAE && !c.trainsSets() {
		examples = c.Autoencoder.Examples
	}
	if j.also, err = c.Data.loadAlso(readOptions(cmd), c.Autoencoder.Next, examples, log); err != nil {
		return nil, err
	}
	reading.end()
	m := j.model
	if c.Kind == kindEmbedder {
		log.Info("model", "parameters", m.Parameters(), "tokens", m.Source().Size())
	} else {
		log.Info("model", "parameters", m.Parameters(), "source_tokens", m.Source().Size(), "target_tokens", m.Target().Size())
	}
	return j, c.Data.loadVectors(m, readOptions(cmd), log)
}

func (c *runConfig) beginSeq2Seq(cmd *cobra.Command, log *slog.Logger) (*job, error) {
	train, valid, err := c.Data.load(readOptions(cmd), c.Train.Seed, log)
	if err != nil {
		return nil, err
	}
	c.settle(len(train), log)
	m, taken, err := seq2seq.Begin(c.Model, train, c.Train.Seed, c.from)
	if err != nil {
		return nil, err
	}
	logBeginning(log, c.from, m.Network, taken)
	m.SetFormat(c.Data.spoken())
	return &job{model: m.Network, train: train, valid: valid, run: plainRun(m.Network, train, valid)}, nil
}

func (c *runConfig) beginSeqAE(cmd *cobra.Command, log *slog.Logger) (*job, error) {
	train, valid, err := c.Data.loadLines(readOptions(cmd), c.Train.Seed, c.Autoencoder.Next, log)
	if err != nil {
		return nil, err
	}
	m, taken, err := seqae.Begin(seqae.Config{Model: c.Model, Objective: c.Autoencoder}, train, c.Train.Seed, c.from)
	if err != nil {
		return nil, err
	}
	logBeginning(log, c.from, m.Network, taken)
	run := func(ctx context.Context, opts *seq2seq.TrainOptions) iter.Seq2[seqae.Progress, error] {
		return m.Train(ctx, train, valid, opts)
	}
	return &job{model: m.Network, train: c.Autoencoder.Examples(train), valid: c.Autoencoder.Examples(valid), run: run}, nil
}
