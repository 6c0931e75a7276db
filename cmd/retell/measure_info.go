package main

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/goccy/go-yaml"
	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/seqae"
	"github.com/retell-rnn/retell/seqae/linear"
	"github.com/retell-rnn/retell/seqae/repair"
)

func newInfo() *cobra.Command {
	var path string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "info MODEL",
		Short: "Describe a model, its training and its settings",
		Long:  `Describe a model and its training, then print all its settings, defaults included, as YAML that 'retell train' reads.`,
		Example: `  retell info model.retell
  retell info model.retell --json
  retell info model.retell | sed -n '/^kind:/,$p' > again.yaml`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case len(args) == 1 && path != "":
				return misusef("-m %s beside %s: want one model", path, args[0])
			case len(args) == 1:
				path = args[0]
			case path == "":
				return misusef("no model: want %s", usageOf(cmd))
			}
			model, fit, err := loadDescribed(path)
			if err != nil {
				return err
			}
			info := modelInfo{
				Kind: model.Kind(), Linear: fit, Parameters: model.Parameters(), SourceTokens: model.Source().Size(), TargetTokens: model.Target().Size(),
				Weights: model.Fingerprint(), Config: model.Config().Resolved(), Summary: model.Summary(), versioned: version1(),
			}
			if o := info.Summary.Options; o != nil {
				resolved := o.Resolved()
				info.Summary.Options = &resolved
			}
			if err := info.describe(model); err != nil {
				return err
			}
			return writeOutput(cmd, "", func(w *bufio.Writer) error {
				if asJSON {
					if fit != nil {
						info.Kind = linear.Kind
					}
					return writeJSON(w, info)
				}
				if fit != nil {
					if err := writeFit(w, fit); err != nil {
						return err
					}
				}
				return writeInfo(w, info)
			})
		},
	}
	cmd.Flags().StringVarP(&path, "model", "m", "", "model file, as train writes it; same as MODEL")
	cmd.Flags().BoolVar(&asJSON, "json", false, "write one JSON object")
	return cmd
}

// describe sets what the model of a package that builds on seq2seq says of itself.
func (m *modelInfo) describe(model *seq2seq.Network) error {
	switch m.Kind {
	case seqae.Kind:
		m.Autoencoder = new(seqae.Objective)
		return model.About(m.Autoencoder)
	case repair.Kind:
		m.Repair = new(repair.Task)
		err := model.About(m.Repair)
		m.Lexicon, m.Repair.Lexicon, m.Repair.Counts, m.Repair.Cases = m.Repair.Words(), nil, nil, nil
		return err
	}
	return nil
}

// loadDescribed reads a model of any kind. Of a linear classifier it returns the model that makes the vectors, and the
// report of the fit.
func loadDescribed(path string) (*seq2seq.Network, *linear.Report, error) {
	m, err := seq2seq.LoadKind(path, seq2seq.AnyKind)
	if err == nil || !errors.Is(err, seq2seq.ErrKind) {
		return m, nil, err
	}
	c, otherwise := linear.Load(path)
	if otherwise != nil {
		return nil, nil, err
	}
	fit := c.Report()
	return c.Model(), &fit, nil
}

// writeFit describes a linear classifier, before the model that makes its vectors.
func writeFit(w *bufio.Writer, r *linear.Report) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "kind\t%s\n", linear.Kind)
	fmt.Fprintf(table, "fitted\t%d lines, %d labels\n", r.Examples, r.Labels)
	fmt.Fprintf(table, "reads\tvectors of %d numbers", r.Size)
	if r.Words > 0 {
		fmt.Fprintf(table, ", TF-IDF of %d words", r.Words)
	}
	fmt.Fprintf(table, "\npenalty\t%g, accuracy %.2f %% of %d lines held out\n", r.Penalty, 100*r.Accuracy, r.HeldOut)
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := w.WriteString("\nits model:\n\n")
	return err
}

func writeInfo(w *bufio.Writer, m modelInfo) error {
	s := m.Summary
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	kind := m.Kind
	if m.Autoencoder != nil {
		kind += ": " + seqae.Config{Model: m.Config, Objective: *m.Autoencoder}.Kinds() + " autoencoder"
	}
	if m.Repair != nil {
		kind += repairs(m.Repair)
	}
	fmt.Fprintf(table, "kind\t%s\n", kind)
	if m.Lexicon > 0 {
		fmt.Fprintf(table, "lexicon\t%d words\n", m.Lexicon)
	}
	fmt.Fprintf(table, "parameters\t%d\n", m.Parameters)
	fmt.Fprintf(table, "weights\t%s\n", m.Weights)
	vocabulary, units := fmt.Sprintf("%d source tokens, %d target tokens", m.SourceTokens, m.TargetTokens), "pairs"
	switch m.Kind {
	case seq2seq.KindEmbedder:
		vocabulary, units = fmt.Sprintf("%d tokens", m.SourceTokens), "sets"
	case seq2seq.KindLabeler:
		units = "sentences"
	}
	fmt.Fprintf(table, "vocabulary\t%s\n", vocabulary)
	if o := s.Origin; o != nil {
		fmt.Fprintf(table, "begun with\t%s, %s of %d steps (weights %s): %d of %d numbers\n", cmp.Or(o.Model, "a model"), o.Kind, o.Steps, o.Weights, o.Taken, o.Of)
	}
	fmt.Fprintf(table, "trained\t%d steps, %.1f epochs, seed %d\n", s.Steps, s.Epochs, s.Seed)
	var files seq2seq.Run
	if s.Run != nil {
		files = *s.Run
		fmt.Fprintf(table, "begun\t%s by %s\n", files.Date, files.Program)
	}
	if s.Arithmetic != "" {
		fmt.Fprintf(table, "arithmetic\t%s\n", s.Arithmetic)
	}
	if s.Options != nil {
		fmt.Fprintf(table, "learning rate\t%g, %s, %s\n", s.Options.Schedule.Rate, s.Options.Schedule.Kind, s.Options.Optimizer.Kind)
		fmt.Fprintf(table, "batches\t%s\n", batchesOf(s.Options))
	}
	fmt.Fprintf(table, "training data\t%d %s%s (hash %s)\n", s.TrainPairs, units, namesOf(files.Data), s.TrainHash)
	if s.ValidPairs > 0 {
		fmt.Fprintf(table, "validation data\t%d %s%s (hash %s)\n", s.ValidPairs, units, namesOf(files.Valid), s.ValidHash)
		fmt.Fprintf(table, "validation\t%s\n", validationOf(m))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	settings, err := yaml.Marshal(remembered(m))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "\n%s", settings)
	return err
}

// repairs returns the text of what a repairer repairs.
func repairs(t *repair.Task) string {
	kinds := strings.Join(t.Kinds(), ", ")
	by := map[repair.Form]string{repair.FormWrite: "writing", repair.FormWord: "words of its lexicon"}[t.Form]
	return fmt.Sprintf(": repairs %s by %s", cmp.Or(kinds, "what its pairs show"), cmp.Or(by, "edits"))
}

// validationOf returns the text of a model's validation. An embedder of judged pairs has no accuracy.
func validationOf(m modelInfo) string {
	s := m.Summary
	text := fmt.Sprintf("loss %.4f", s.Loss)
	switch {
	case m.Kind != seq2seq.KindEmbedder:
		text += fmt.Sprintf(", token accuracy %.2f %%", 100*s.Accuracy)
	case s.Accuracy > 0:
		text += fmt.Sprintf(", found %.2f %%", 100*s.Accuracy)
	}
	if s.Score != nil {
		text += fmt.Sprintf(", %s %.2f", s.Score.Metric, s.Score.Value)
	}
	return text
}

// namesOf returns " of " and the files, "" if there are none.
func namesOf(files []string) string {
	if len(files) == 0 {
		return ""
	}
	return " of " + strings.Join(files, ", ")
}

func batchesOf(o *seq2seq.TrainOptions) string {
	text := fmt.Sprintf("%d sentences", o.BatchSentences)
	switch {
	case o.Memory > 0:
		text = fmt.Sprintf("as large as fit into %v", o.Memory)
	case o.BatchTokens > 0:
		text = fmt.Sprintf("%d source and target tokens", o.BatchTokens)
	}
	if o.Accumulate > 1 {
		text += fmt.Sprintf(", %d a step", o.Accumulate)
	}
	return text
}

// rememberedSettings are the sections of a run configuration that a model remembers. Kind is for all models but
// classifiers and labelers, Classes for classifiers alone.
type rememberedSettings struct {
	Kind        string                `yaml:"kind,omitempty"`
	Model       seq2seq.Config        `yaml:"model"`
	Autoencoder *seqae.Objective      `yaml:"autoencoder,omitempty"`
	Repair      *repairConfig         `yaml:"repair,omitempty"`
	Classes     *classesConfig        `yaml:"classes,omitempty"`
	Data        *rememberedData       `yaml:"data,omitempty"`
	Train       *seq2seq.TrainOptions `yaml:"train,omitempty"`
}

type rememberedData struct {
	Format corpora.Format `yaml:"format"`
}

func remembered(m modelInfo) rememberedSettings {
	r := rememberedSettings{Model: m.Config, Train: m.Summary.Options}
	if m.Kind == seq2seq.KindClassifier {
		r.Classes = &classesConfig{Pool: m.Config.Classifier.Pool}
		return r
	}
	r.Data = &rememberedData{formatOf(m.Summary).Resolved()}
	if m.Kind == seq2seq.KindLabeler {
		return r
	}
	r.Kind, r.Autoencoder = m.Kind, m.Autoencoder
	if m.Repair != nil {
		r.Repair = &repairConfig{Task: *m.Repair}
	}
	if r.Train != nil {
		r.Train.Samples = defaultRunConfig(m.Kind).Train.Samples // not recorded in a model
	}
	return r
}
