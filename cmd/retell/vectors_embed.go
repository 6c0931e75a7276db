package main

import (
	"bufio"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"iter"
	"os"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/atomicfile"
	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/seqae/vectors"
)

// embedFlags are the flags of embed.
type embedFlags struct {
	path    string
	int8    bool
	output  string
	format  string
	resume  bool
	lines   answerFlags
	options seq2seq.EmbedOptions
	known   unseen
}

func newEmbed() *cobra.Command {
	var f embedFlags
	cmd := &cobra.Command{
		Use:   "embed -m MODEL [FILE]",
		Short: "Turn lines into vectors",
		Long: `Turn each line of FILE (default: standard input) into a vector, all zeros for an empty line. The vector is the
bottleneck's in a model that has one, and otherwise the mean of the encoder's states.

Without -o, vectors go to standard output as JSON lines. With -o, the extension of the file decides the format:

  .npy          NumPy; the lines go to a second file, .npy.txt
  .tsv          TensorFlow's projector; the lines go to a second file, .meta.tsv
  .jsonl, .safetensors, .parquet

After a signal or a kill, OUTPUT.partial holds the finished part, and the same command with --resume continues.

A line that cannot be read (too long, not UTF-8) counts as empty and gives a message; the exit status is then 1. With
--on-error stop, the first such line ends the run.`,
		Example: `  retell embed -m autoencoder.retell captions.txt -o captions.npy
  retell embed -m translator.retell --pool max captions.txt -o captions.parquet
  echo 'A dog runs .' | retell embed -m autoencoder.retell`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args) },
	}
	addModelFlag(cmd, &f.path)
	f.lines.add(cmd)
	f.known.add(cmd)
	cmd.Flags().BoolVar(&f.int8, "int8", false, "multiply in int8: faster and almost as accurate")
	cmd.Flags().StringVarP(&f.output, "output", "o", "", "file of the vectors (default: standard output)")
	cmd.Flags().StringVar(&f.format, "format", "", "format of the output: npy, jsonl, tsv, safetensors or parquet (default: by extension)")
	cmd.Flags().BoolVar(&f.resume, "resume", false, "continue where an earlier run stopped")
	cmd.Flags().StringVar((*string)(&f.options.Pool), "pool", "", "pooling: bottleneck, mean, max, min, unit, first, last or words, or several joined by + (default: bottleneck, or mean without one)")
	cmd.Flags().IntVar(&f.options.Size, "size", 0, "keep the first numbers of each vector, so many (default: all)")
	cmd.Flags().BoolVar(&f.options.Normalize, "normalize", false, "scale vectors to length 1, so that dot products are cosines")
	cmd.Flags().IntVar(&f.options.BatchSentences, "batch", 2048, "number of lines read at a time, which the cores share; does not change results")
	return cmd
}

func (f *embedFlags) run(cmd *cobra.Command, args []string) error {
	if err := f.lines.check(); err != nil {
		return err
	}
	if err := f.checkOutput(); err != nil {
		return err
	}
	model, err := seq2seq.LoadKind(f.path, seq2seq.AnyKind)
	if err != nil {
		return err
	}
	if f.int8 {
		model = model.Quantize()
	}
	if _, err := model.EmbeddingSize(&f.options); err != nil {
		return misuse{err}
	}
	name := inputFile(args)
	f.options.MaxWait = maxWait(cmd, name)
	numbers := f.lines.numbers(cmd, name)
	lines := numbers.blanks(watched(cmd, &f.known, corpora.Lines(name, readOptions(cmd)), model.Unseen))
	if !isStdout(f.output) {
		err = f.toFile(cmd, model, lines)
	} else {
		format := cmp.Or(vectors.Format(f.format), vectors.JSONL)
		_, err = vectors.Write(cmd.OutOrStdout(), format, model.Embed(cmd.Context(), lines, &f.options))
	}
	return cmp.Or(err, numbers.end())
}

// checkOutput refuses an output that cannot be written, before the model is loaded.
func (f *embedFlags) checkOutput() error {
	if isStdout(f.output) && f.resume {
		return misusef("--resume without -o: want the file to continue")
	}
	if err := checkOutputs(f.output); err != nil || isStdout(f.output) || f.format != "" || atomicfile.IsStream(f.output) {
		return err
	}
	if _, err := vectors.FormatOf(f.output); err != nil {
		return misuse{err}
	}
	return nil
}

// toFile writes the vectors of lines to f.output.
func (f *embedFlags) toFile(cmd *cobra.Command, model *seq2seq.Network, lines iter.Seq2[string, error]) (err error) {
	sum, err := checksum(f.path)
	if err != nil {
		return err
	}
	w, err := vectors.Create(f.output, &vectors.CreateOptions{
		Format: vectors.Format(f.format),
		Resume: f.resume,
		Origin: f.origin(sum),
	})
	if err != nil {
		return err
	}
	if w.Rows() > 0 {
		logger(cmd).Info("continuing", "rows", w.Rows())
	}
	ctx, stop := untilSignal(cmd.Context())
	defer stop()
	for row, err := range model.Embed(ctx, w.Rest(lines), &f.options) {
		if err == nil {
			err = w.Write(row)
		}
		if err != nil {
			if stopped := w.Stop(); stopped != nil {
				return stopped
			}
			return interrupted(ctx, err, "the same command with --resume continues from there")
		}
	}
	return w.Close()
}

// origin identifies vectors of a model with the given checksum.
func (f *embedFlags) origin(model string) string {
	origin := fmt.Sprintf("model %s, pool %q, int8 %v, normalize %v", model, f.options.Pool, f.int8, f.options.Normalize)
	if f.options.Size > 0 {
		origin += fmt.Sprintf(", size %d", f.options.Size)
	}
	return origin
}

// checksum returns a hash that identifies a model file.
func checksum(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	h := sha256.New()
	if _, err := io.Copy(h, file); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)[:8]), nil
}

func newDecode() *cobra.Command {
	var from autoencoderFlags
	var lines answerFlags
	var format string
	cmd := &cobra.Command{
		Use:   "decode -m MODEL [VECTORS]",
		Short: "Turn vectors into lines",
		Long: `Decode each vector of a file that 'retell embed' wrote into a line; a vector of zeros becomes an empty line. Without
a file, read standard input: JSON lines, or the format that --format names.

` + onErrorHelp,
		Example: `  retell decode -m autoencoder.retell captions.npy
  retell embed -m autoencoder.retell lines.txt | retell decode -m autoencoder.retell`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := lines.check(); err != nil {
				return err
			}
			model, err := from.load()
			if err != nil {
				return err
			}
			name := inputFile(args)
			from.search.MaxWait = maxWait(cmd, name)
			rows := vectors.Read(name, &vectors.ReadOptions{
				Format: vectors.Format(format), Width: model.VectorSize(), Stdin: cmd.InOrStdin(),
			})
			only := func(yield func([]float32, error) bool) {
				for row, err := range rows {
					if !yield(row.Vector, err) {
						return
					}
				}
			}
			answers := model.Decode(cmd.Context(), only, &from.search)
			return writeAnswers(cmd, &lines, name, false, answers, func(w *bufio.Writer, _ int, t seq2seq.Translation) error {
				_, err := w.WriteString(t.Text + "\n")
				return err
			})
		},
	}
	from.add(cmd)
	from.addBatch(cmd)
	lines.add(cmd)
	cmd.Flags().StringVar(&format, "format", "", "format of VECTORS: npy, jsonl, tsv, safetensors or parquet (default: by extension)")
	return cmd
}
