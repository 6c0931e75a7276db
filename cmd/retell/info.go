package main

import (
	"bufio"
	"fmt"
	"text/tabwriter"

	"github.com/goccy/go-yaml"
	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/seqae"
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
			model, err := seq2seq.LoadKind(path, seq2seq.AnyKind)
			if err != nil {
				return err
			}
			info := modelInfo{
				Kind: model.Kind(), Parameters: model.Parameters(), SourceTokens: model.Source().Size(), TargetTokens: model.Target().Size(),
				Config: model.Config(), Summary: model.Summary(),
			}
			if info.Kind == seqae.Kind {
				info.Autoencoder = new(seqae.Objective)
				if err := model.About(info.Autoencoder); err != nil {
					return err
				}
			}
			return writeOutput(cmd, "", func(w *bufio.Writer) error {
				if asJSON {
					return writeJSON(w, info)
				}
				return writeInfo(w, info)
			})
		},
	}
	addModelFlag(cmd, &path)
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object")
	return cmd
}

// modelInfo is what info --json writes.
type modelInfo struct {
	Kind         string           `json:"kind"`
	Parameters   int              `json:"parameters"`
	SourceTokens int              `json:"source_tokens"`
	TargetTokens int              `json:"target_tokens"`
	Config       seq2seq.Config   `json:"config"`
	Autoencoder  *seqae.Objective `json:"autoencoder,omitempty"` // of kind seqae
	Summary      seq2seq.Summary  `json:"summary"`
}

func writeInfo(w *bufio.Writer, m modelInfo) error {
	s := m.Summary
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	kind := m.Kind
	if m.Autoencoder != nil {
		kind += ": " + seqae.Config{Model: m.Config, Objective: *m.Autoencoder}.Kinds() + " autoencoder"
	}
	fmt.Fprintf(table, "kind\t%s\n", kind)
	fmt.Fprintf(table, "parameters\t%d\n", m.Parameters)
	fmt.Fprintf(table, "vocabulary\t%d source tokens, %d target tokens\n", m.SourceTokens, m.TargetTokens)
	fmt.Fprintf(table, "trained\t%d steps, %.1f epochs, seed %d\n", s.Steps, s.Epochs, s.Seed)
	fmt.Fprintf(table, "training data\t%d pairs (hash %s)\n", s.TrainPairs, s.TrainHash)
	if s.ValidPairs > 0 {
		fmt.Fprintf(table, "validation data\t%d pairs (hash %s)\n", s.ValidPairs, s.ValidHash)
		fmt.Fprintf(table, "validation\tloss %.4f, token accuracy %.2f %%\n", s.Loss, 100*s.Accuracy)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	settings, err := yaml.Marshal(rememberedSettings{m.Config, m.Autoencoder, rememberedData{formatOf(m.Summary)}})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "\n%s", settings)
	return err
}

// rememberedSettings are the sections of a run configuration that a model remembers.
type rememberedSettings struct {
	Model       seq2seq.Config   `yaml:"model"`
	Autoencoder *seqae.Objective `yaml:"autoencoder,omitempty"`
	Data        rememberedData   `yaml:"data"`
}

type rememberedData struct {
	Format corpora.Format `yaml:"format"`
}
