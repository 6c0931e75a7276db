package main

import (
	"bufio"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/seq2seq"
)

func newClassify() *cobra.Command {
	return group("classify", "Label lines: train, predict, eval", newClassifyTrain(), newClassifyPredict(), newClassifyEval())
}

// labelledFlags say what labelled lines are read from.
type labelledFlags struct {
	format string
}

func (f *labelledFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.format, "format", "tsv", "of the labelled files: tsv (label TAB text), classes (a file of texts for each label, called as it is) or trec")
}

// read returns the examples of files: texts with their labels as targets.
func (f *labelledFlags) read(cmd *cobra.Command, files []string) ([]corpora.Example, error) {
	opts := readOptions(cmd)
	var streams []func(func(corpora.Labelled, error) bool)
	switch f.format {
	case "classes":
		streams = append(streams, corpora.Classes(files, opts))
	case "tsv", "trec":
		for _, file := range files {
			if f.format == "trec" {
				streams = append(streams, corpora.TREC(file, opts))
			} else {
				streams = append(streams, corpora.LabelledTSV(file, opts))
			}
		}
	default:
		return nil, misusef("--format %s: want tsv, classes or trec", f.format)
	}
	var all []corpora.Example
	for _, stream := range streams {
		for l, err := range stream {
			if err != nil {
				return nil, err
			}
			all = append(all, corpora.Example{Source: l.Text, Targets: []string{l.Label}})
		}
	}
	return all, nil
}

// classifyConfig are the settings of a classifier's training.
type classifyConfig struct {
	Model seq2seq.Config       `yaml:"model"`
	Train seq2seq.TrainOptions `yaml:"train"`
}

func newClassifyTrain() *cobra.Command {
	var data labelledFlags
	var files, valid []string
	var pool string
	var out outputConfig
	var asJSON bool
	var validShare float64
	c := classifyConfig{Model: seq2seq.DefaultClassifierConfig(), Train: seq2seq.TrainOptions{Seed: 1}}
	cmd := &cobra.Command{
		Use:   "train --data FILE... -o MODEL [KEY=VALUE...]",
		Short: "Train a classifier",
		Long: `Train a classifier of lines: an encoder, whose states are pooled to one vector, and a linear layer over it. With train.from it begins
with the encoder of a model, of an autoencoder say, and reads lines as that model does. KEY=VALUE sets what 'retell recipe show
multi30k-en-de' explains of model.source, model.encoder, model.dropout, model.init and train.

Ctrl-C saves the state of the training, and the same command goes on from there.`,
		Example: `  retell classify train --data trec.train --format trec -o questions.retell
  retell classify train --data mr.pos --data mr.neg --format classes --valid-share 0.1 -o mood.retell
  retell classify train --data train.tsv --valid dev.tsv train.from=autoencoder.retell -o mine.retell`,
		RunE: func(cmd *cobra.Command, settings []string) error {
			for _, setting := range settings {
				if err := overrideSetting(&c, setting); err != nil {
					return err
				}
			}
			c.Model.Classifier.Pool = pool
			if err := errors.Join(inSection("model", c.Model.Validate()), inSection("train", c.Train.Validate())); err != nil {
				return misuse{err}
			}
			if !(validShare >= 0 && validShare < 1) || validShare > 0 && len(valid) > 0 {
				return misusef("--valid-share is %v: want 0 or more and less than 1, and 0 beside --valid", validShare)
			}
			return runJob(cmd, out, c.Train, asJSON, func(cmd *cobra.Command, log *slog.Logger) (*job, error) {
				train, err := data.read(cmd, files)
				if err != nil {
					return nil, err
				}
				corpora.Shuffle(train, c.Train.Seed)
				var held []corpora.Example
				if len(valid) > 0 {
					if held, err = data.read(cmd, valid); err != nil {
						return nil, err
					}
				} else if n := int(validShare * float64(len(train))); n > 0 {
					held, train = train[:n], train[n:]
				}
				return c.begin(train, held, log)
			})
		},
	}
	f := cmd.Flags()
	f.StringArrayVar(&files, "data", nil, "file of labelled lines; may be repeated")
	f.StringArrayVar(&valid, "valid", nil, "file of labelled lines to validate on; may be repeated")
	f.Float64Var(&validShare, "valid-share", 0, "share of --data to validate on")
	data.add(cmd)
	f.StringVar(&pool, "pool", c.Model.Classifier.Pool, "how the encoder's states become one vector: last, mean, max or attention")
	f.StringVarP(&out.Model, "output", "o", "", "file of the model")
	addRecordFlags(cmd, &out.Log, &out.TensorBoard, &asJSON)
	f.Uint64Var(&c.Train.Seed, "seed", 1, "what fixes every bit of the model")
	required(cmd, "data", "output")
	return cmd
}

// begin makes the untrained classifier.
func (c *classifyConfig) begin(train, valid []corpora.Example, log *slog.Logger) (*job, error) {
	var from *seq2seq.Model
	if c.Train.From != "" {
		var err error
		if from, err = seq2seq.LoadKind(c.Train.From, seq2seq.AnyKind); err != nil {
			return nil, err
		}
	}
	classifier, err := seq2seq.NewClassifier(c.Model, train, from, c.Train.Seed)
	if err != nil {
		return nil, err
	}
	m := classifier.Model()
	log.Info("examples", "train", len(train), "valid", len(valid), "labels", len(classifier.Labels()))
	log.Info("model", "parameters", m.Parameters(), "source_tokens", m.Source().Size())
	return &job{m, train, valid, plainRun(m, train, valid)}, nil
}

func newClassifyPredict() *cobra.Command {
	var path string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "predict -m MODEL [FILE]",
		Short: "Label lines",
		Example: `  retell classify predict -m questions.retell questions.txt
  echo 'who wrote Hamlet ?' | retell classify predict -m questions.retell --json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := seq2seq.LoadClassifier(path)
			if err != nil {
				return err
			}
			labels := c.Labels()
			return writeOutput(cmd, "", func(w *bufio.Writer) error {
				for p, err := range c.Predict(cmd.Context(), corpora.Lines(inputFile(args), readOptions(cmd)), nil) {
					if err == nil && asJSON {
						err = writeJSON(w, labelledLine{p, probabilities(labels, p.Probabilities)})
					} else if err == nil {
						_, err = fmt.Fprintf(w, "%s\t%.4f\n", p.Label, p.Probability)
					}
					if err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
	addModelFlag(cmd, &path)
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line, with the probabilities of all labels")
	return cmd
}

// labelledLine is a line of classify predict --json.
type labelledLine struct {
	seq2seq.Prediction
	Probabilities map[string]float32 `json:"probabilities"`
}

func probabilities(labels []string, p []float32) map[string]float32 {
	out := map[string]float32{}
	for i, x := range p {
		out[labels[i]] = x
	}
	return out
}

func newClassifyEval() *cobra.Command {
	var data labelledFlags
	var path string
	var files []string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "eval -m MODEL --data FILE...",
		Short: "Measure how well a classifier does",
		Example: `  retell classify eval -m questions.retell --data trec.test --format trec
  retell classify eval -m mine.retell --data test.tsv --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := seq2seq.LoadClassifier(path)
			if err != nil {
				return err
			}
			examples, err := data.read(cmd, files)
			if err != nil {
				return err
			}
			r, err := c.Evaluate(cmd.Context(), examples)
			if err != nil {
				return err
			}
			return writeOutput(cmd, "", func(w *bufio.Writer) error {
				if asJSON {
					return writeJSON(w, r)
				}
				return writeClassReport(w, r)
			})
		},
	}
	addModelFlag(cmd, &path)
	cmd.Flags().StringArrayVar(&files, "data", nil, "file of labelled lines; may be repeated")
	data.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object in place of tables")
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
