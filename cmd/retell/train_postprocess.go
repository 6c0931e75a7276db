package main

import (
	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/seq2seq"
)

func newPostprocess() *cobra.Command {
	var model, output string
	var files []string
	var opts seq2seq.PostOptions
	cmd := &cobra.Command{
		Use:   "postprocess -m MODEL --text FILE -o MODEL",
		Short: "Whiten an embedder's vectors, or remove what they have in common",
		Long: `Fit a map of an embedder's vectors to text and write the embedder with it. The text should be like the lines whose
vectors are compared. --whiten makes the vectors' numbers uncorrelated and of equal variance, and --size keeps the
directions of most variance; --common removes the directions that all vectors share. Whether either helps depends on the
use: compare with 'retell eval-embeddings'. The new embedder cannot be trained further.`,
		Example: `  retell postprocess -m vectors.retell --text corpus.txt --whiten -o white.retell
  retell postprocess -m vectors.retell --text corpus.txt --whiten --size 64 -o short.retell
  retell postprocess -m vectors.retell --text corpus.txt --common 1 -o rest.retell`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if opts.Whiten == (opts.Common != 0) {
				return misusef("want one of --whiten and --common N")
			}
			if opts.Size != 0 && !opts.Whiten {
				return misusef("--size %d: want it with --whiten only", opts.Size)
			}
			if err := checkFiles(output); err != nil {
				return err
			}
			e, err := seq2seq.LoadEmbedder(model)
			if err != nil {
				return err
			}
			var lines []string
			for _, file := range files {
				some, err := corpora.Collect(corpora.Lines(file, readOptions(cmd)))
				if err != nil {
					return err
				}
				lines = append(lines, some...)
			}
			mapped, err := e.PostProcess(cmd.Context(), lines, opts)
			if err != nil {
				return err
			}
			if err := mapped.Save(output); err != nil {
				return err
			}
			logger(cmd).Info("done", "model", output, "lines", len(lines), "size", mapped.VectorSize())
			return nil
		},
	}
	flags := cmd.Flags()
	flags.StringVarP(&model, "model", "m", "", "model file of an embedder")
	flags.StringArrayVar(&files, "text", nil, "text to fit the map to, one sentence a line; may be repeated")
	flags.BoolVar(&opts.Whiten, "whiten", false, "make the vectors' numbers uncorrelated and of equal variance")
	flags.IntVar(&opts.Size, "size", 0, "with --whiten, number of the new vector's numbers (0 = as before)")
	flags.IntVar(&opts.Common, "common", 0, "number of common directions to remove, such as 1")
	flags.StringVarP(&output, "output", "o", "", "file of the new embedder")
	required(cmd, "model", "text", "output")
	return cmd
}
