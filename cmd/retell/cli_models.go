package main

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/seq2seq"
)

// addModelFlag adds the required -m.
func addModelFlag(cmd *cobra.Command, path *string) {
	cmd.Flags().StringVarP(path, "model", "m", "", "model file, as train writes it")
	required(cmd, "model")
}

// inferenceFlags choose a model for inference, or several that work together.
type inferenceFlags struct {
	paths []string
	int8  bool
}

// add adds the required -m, and --int8.
func (f *inferenceFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringArrayVarP(&f.paths, "model", "m", nil, "model file; may be repeated for an ensemble, which averages the probabilities")
	required(cmd, "model")
	cmd.Flags().BoolVar(&f.int8, "int8", false, "multiply in int8: faster and almost as accurate")
}

// load returns the models and the format of their training data.
func (f *inferenceFlags) load() (*seq2seq.Ensemble, corpora.Format, error) {
	var models []*seq2seq.Model
	var format corpora.Format
	for i, path := range f.paths {
		m, err := seq2seq.Load(path)
		if err != nil {
			return nil, format, err
		}
		if i == 0 {
			format = formatOf(m.Summary())
		} else if other := formatOf(m.Summary()); other != format {
			return nil, format, fmt.Errorf("%s was trained on data of format %s, and %s on data of format %s: want models of one format", path, formatText(other), f.paths[0], formatText(format))
		}
		if f.int8 {
			m = m.Quantize()
		}
		models = append(models, m)
	}
	e, err := seq2seq.NewEnsemble(models...)
	return e, format, err
}

// formatText returns a format as its settings in YAML.
func formatText(f corpora.Format) string {
	text, err := yaml.MarshalWithOptions(f.Resolved(), yaml.Flow(true))
	if err != nil {
		return f.Type
	}
	return strings.TrimSpace(string(text))
}

// formatOf returns the format of a model's training data; lines of text if the model does not record it.
func formatOf(s seq2seq.Summary) corpora.Format {
	if f := s.Format; f != nil {
		return *f
	}
	return corpora.Format{}
}
