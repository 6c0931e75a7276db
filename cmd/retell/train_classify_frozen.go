package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/seqae/linear"
)

// labeler is a classifier of lines: a trained one, or a regression on the vectors of a frozen model.
type labeler interface {
	Labels() []string
	Unseen(line string) []string
	Predict(ctx context.Context, lines iter.Seq2[string, error], opts *seq2seq.PredictOptions) iter.Seq2[seq2seq.Prediction, error]
	Evaluate(ctx context.Context, examples []corpora.Example) (seq2seq.ClassReport, error)
}

// loadLabeler reads a classifier of either kind.
func loadLabeler(path string) (labeler, error) {
	c, err := linear.Load(path)
	switch {
	case err == nil:
		return c, nil
	case errors.Is(err, seq2seq.ErrKind): // the error of the other kind is the more useful one
		return seq2seq.LoadClassifier(path)
	}
	return nil, err
}

// frozenFlags are the flags of classify train with --frozen.
type frozenFlags struct {
	on, words bool
	model     string
	size      int
}

const frozenHelp = `With --frozen, the vectors of the model -m stay as they are, and a logistic regression on them is fitted in seconds. Its
penalty is chosen by the lines of --valid or, without them, by a fifth of the lines. With --tfidf it also reads the words
of a line, weighted by TF-IDF. The output file holds the model and the regression; predict and eval use it like any other
classifier. Only --data, --valid, --valid-share, --format, --class-weights, --pool, --seed and --json count then.`

func (f *frozenFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.BoolVar(&f.on, "frozen", false, "fit a logistic regression to the vectors of -m, which stay as they are")
	flags.StringVarP(&f.model, "model", "m", "", "with --frozen: model file, as train writes it, that turns lines into vectors")
	flags.BoolVar(&f.words, "tfidf", false, "with --frozen: read the TF-IDF of the words of a line too")
	flags.IntVar(&f.size, "size", 0, "with --frozen: read the first numbers of each vector, so many (default: all)")
}

// check refuses flags that the other kind of training has.
func (f *frozenFlags) check(cmd *cobra.Command, args []string) error {
	if !f.on {
		for _, name := range []string{"model", "tfidf", "size"} {
			if cmd.Flags().Changed(name) {
				return misusef("--%s without --frozen: want --frozen, or train.from=MODEL to train the model further", name)
			}
		}
		return nil
	}
	if len(args) > 0 {
		return misusef("%s with --frozen: settings of a training have no effect on it: want flags alone", args[0])
	}
	allowed := []string{"frozen", "model", "tfidf", "size", "data", "valid", "valid-share", "format", "class-weights", "pool", "seed", "json", "output", "quiet", "threads"}
	var wrong error
	cmd.Flags().Visit(func(flag *pflag.Flag) {
		if !slices.Contains(allowed, flag.Name) && wrong == nil {
			wrong = misusef("--%s with --frozen, which trains no network: want one or the other", flag.Name)
		}
	})
	if wrong == nil && f.model == "" {
		wrong = misusef("--frozen without a model: want -m MODEL")
	}
	return wrong
}

// frozen fits a classifier to the vectors of a model.
func (f *classifyTrainFlags) frozen(cmd *cobra.Command) error {
	o := linear.Options{Size: f.frozenFlags.size, Words: f.words, Balanced: f.weights == balanced}
	if cmd.Flags().Changed("pool") {
		o.Pool = seq2seq.EmbedPooling(f.pool)
	}
	d := labeledConfig{Format: f.format, Train: f.data, Valid: f.valid, ValidShare: f.validShare}
	err := d.validate()
	if err == nil {
		o.Weights, err = parseClassWeights(f.weights)
	}
	if err == nil {
		err = o.Validate()
	}
	if err != nil {
		return misused(err)
	}
	if f.out.Model == "" {
		return misusef("no file: want -o MODEL.retell")
	}
	if err := checkFiles(f.out.Model); err != nil {
		return err
	}
	model, err := seq2seq.LoadKind(f.model, seq2seq.AnyKind)
	if err != nil {
		return err
	}
	if _, err := model.EmbeddingSize(&seq2seq.EmbedOptions{Pool: o.Pool, Size: o.Size}); err != nil {
		return misuse{err}
	}
	log := logger(cmd)
	train, valid, err := d.load(readOptions(cmd), f.seed, log)
	if err != nil {
		return err
	}
	c, err := linear.Fit(cmd.Context(), model, train, valid, &o)
	if err != nil {
		return err
	}
	r := c.Report()
	log.Info("examples", "train", len(train), "valid", len(valid), "labels", r.Labels)
	if unseen := unseenBy(c.Labels(), valid); len(unseen) > 0 {
		log.Warn("the validation data has labels that the training data lacks; they are left out", "labels", strings.Join(unseen, ", "))
	}
	if f.weights == "" {
		warnUnequal(c.BalancedWeights(train), log)
	}
	log.Info("fitted", "lines", r.Examples, "vector_size", r.Size, "words", r.Words, "penalty", r.Penalty,
		"accuracy", fmt.Sprintf("%.2f %% of %d lines held out", 100*r.Accuracy, r.HeldOut))
	if err := c.Save(f.out.Model); err != nil {
		return err
	}
	log.Info("done", "model", f.out.Model)
	if !f.json {
		return nil
	}
	return writeOutput(cmd, "", func(w *bufio.Writer) error { return writeJSON(w, frozenFit{r, version1()}) })
}

// unseenBy returns the labels of examples that are not among the given ones, sorted.
func unseenBy(labels []string, examples []corpora.Example) []string {
	var unseen []string
	for _, e := range examples {
		if label := strings.Join(strings.Fields(e.Targets[0]), " "); !slices.Contains(labels, label) && !slices.Contains(unseen, label) {
			unseen = append(unseen, label)
		}
	}
	slices.Sort(unseen)
	return unseen
}
