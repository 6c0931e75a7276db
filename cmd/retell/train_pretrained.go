package main

import (
	"fmt"
	"log/slog"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/seq2seq"
)

// loadVectors initializes a model's embeddings from pretrained vectors, for the tokens that have one, and logs how
// many.
func (d *dataConfig) loadVectors(m *seq2seq.Network, opts *corpora.ReadOptions, log *slog.Logger) error {
	for _, side := range []struct {
		name, file string
		load       func(string, *corpora.ReadOptions) (seq2seq.VectorReport, error)
	}{
		{"source", d.SourceVectors, m.LoadSourceVectors},
		{"target", d.TargetVectors, func(path string, opts *corpora.ReadOptions) (seq2seq.VectorReport, error) {
			writer, err := seq2seq.ModelOf(m)
			if err != nil {
				return seq2seq.VectorReport{}, err
			}
			return writer.LoadTargetVectors(path, opts)
		}},
	} {
		if side.file == "" {
			continue
		}
		r, err := side.load(d.path(side.file), opts)
		if err != nil {
			return err
		}
		log.Info("pretrained vectors", "side", side.name, "tokens", r.Tokens, "found", r.Found, "lowered", r.Lowered,
			"of_text", fmt.Sprintf("%.1f %%", 100*r.Coverage))
	}
	return nil
}
