package main

import (
	"bufio"
	"fmt"
	"text/tabwriter"

	"github.com/goccy/go-yaml"
	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/seq2seq"
)

func newInfo() *cobra.Command {
	var path string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "info -m MODEL",
		Short: "Say what a model is and how it came to be",
		Example: `  retell info -m model.retell
  retell info -m model.retell --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			model, err := seq2seq.Load(path)
			if err != nil {
				return err
			}
			return writeOutput(cmd, "", func(w *bufio.Writer) error {
				if asJSON {
					return writeJSON(w, describe(model))
				}
				return writeInfo(w, model)
			})
		},
	}
	addModelFlag(cmd, &path)
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object")
	return cmd
}

// modelInfo is what info --json writes.
type modelInfo struct {
	Parameters   int             `json:"parameters"`
	SourceTokens int             `json:"source_tokens"`
	TargetTokens int             `json:"target_tokens"`
	Config       seq2seq.Config  `json:"config"`
	Summary      seq2seq.Summary `json:"summary"`
}

func describe(m *seq2seq.Model) modelInfo {
	return modelInfo{m.Parameters(), m.Source().Size(), m.Target().Size(), m.Config(), m.Summary()}
}

func writeInfo(w *bufio.Writer, m *seq2seq.Model) error {
	s := m.Summary()
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "parameters\t%d\n", m.Parameters())
	fmt.Fprintf(table, "vocabulary\t%d source tokens, %d target tokens\n", m.Source().Size(), m.Target().Size())
	fmt.Fprintf(table, "trained\t%d steps, %.1f epochs, seed %d\n", s.Steps, s.Epochs, s.Seed)
	fmt.Fprintf(table, "training data\t%d pairs (hash %s)\n", s.TrainPairs, s.TrainHash)
	if s.ValidPairs > 0 {
		fmt.Fprintf(table, "validation data\t%d pairs (hash %s)\n", s.ValidPairs, s.ValidHash)
		fmt.Fprintf(table, "validation\tloss %.4f, token accuracy %.2f %%\n", s.Loss, 100*s.Accuracy)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	settings, err := yaml.Marshal(rememberedSettings{m.Config(), rememberedData{formatOf(m)}})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "\n%s", settings)
	return err
}

// rememberedSettings are the sections of a run configuration that a model remembers.
type rememberedSettings struct {
	Model seq2seq.Config `yaml:"model"`
	Data  rememberedData `yaml:"data"`
}

type rememberedData struct {
	Format corpora.Format `yaml:"format"`
}
