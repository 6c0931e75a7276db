package main

import (
	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/seq2seq"
)

func newAverage() *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "average MODEL... -o MODEL",
		Short: "Average the weights of models of one training",
		Long: `Average the weights of several models with the same configuration and vocabulary, such as the last models of a
training; train.keep sets how many a training keeps. The average is often slightly better than the best of them.`,
		Example: `  retell train mine.yaml train.keep=5 -o m.retell
  retell average m-*.retell -o average.retell`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, files []string) error {
			if err := checkFiles(output); err != nil {
				return err
			}
			var models []*seq2seq.Network
			for _, file := range files {
				m, err := seq2seq.LoadKind(file, seq2seq.AnyKind)
				if err != nil {
					return err
				}
				models = append(models, m)
			}
			mean, err := seq2seq.Average(models...)
			if err != nil {
				return err
			}
			return mean.Save(output)
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "", "file of the averaged model")
	required(cmd, "output")
	return cmd
}
