package main

import (
	"iter"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/seqae/vectors"
)

// rowFlags name the source of rows, which are sentences with their vectors: a file of vectors, or lines that a model
// embeds.
type rowFlags struct {
	path, format string
	options      seq2seq.EmbedOptions
	model        *seq2seq.Network // nil until it is loaded
	lines        answerFlags
	known        unseen
	numbers      *lineNumbers // counts the rows; nil until they are read
}

func addRowFlags(cmd *cobra.Command) *rowFlags {
	f := new(rowFlags)
	f.lines.add(cmd)
	f.known.add(cmd)
	flags := cmd.Flags()
	flags.StringVarP(&f.path, "model", "m", "", "model file, as train writes it, that turns lines into vectors")
	flags.StringVar((*string)(&f.options.Pool), "pool", "", "pooling for lines: bottleneck, mean, max or last (default: bottleneck, or mean without one)")
	flags.StringVar(&f.format, "format", "", "format of files of vectors: npy, jsonl, tsv, safetensors or parquet (default: by extension)")
	return f
}

// rowsHelp explains the arguments of verbs with rowFlags.
const rowsHelp = `A file with the extension .npy, .jsonl, .tsv, .safetensors or .parquet holds vectors, as 'retell embed' writes them.
Any other file holds lines of text, which the model of -m turns into vectors. Standard input ("-") holds lines with -m
and JSON lines of vectors without it. Vectors are compared by their cosine, so their lengths do not matter.

A line that cannot be read (too long, not UTF-8) counts as blank and gives a message; the exit status is then 1. With
--on-error stop, the first such line ends the run.`

// read streams the rows of a file. Text lines pass through the function lines. width is the required length of the
// vectors; 0 means any.
func (f *rowFlags) read(
	cmd *cobra.Command, path string, width int, lines func(iter.Seq2[string, error]) iter.Seq2[string, error],
) (iter.Seq2[vectors.Row, error], error) {
	_, unknown := vectors.FormatOf(path)
	if f.format != "" || unknown == nil || path == "-" && f.path == "" {
		return vectors.Read(path, &vectors.ReadOptions{Format: vectors.Format(f.format), Width: width, Stdin: cmd.InOrStdin()}), nil
	}
	if f.path == "" {
		return nil, misusef("%s: extension %q names no format of vectors: want -m MODEL to make vectors of its lines", path, filepath.Ext(path))
	}
	if f.model == nil {
		model, err := seq2seq.LoadKind(f.path, seq2seq.AnyKind)
		if err != nil {
			return nil, err
		}
		if _, err := model.EmbeddingSize(&f.options); err != nil {
			return nil, misuse{err}
		}
		f.model = model
	}
	o := f.options
	return f.model.Embed(cmd.Context(), lines(watched(cmd, &unseen{strict: f.known.strict}, corpora.Lines(path, readOptions(cmd)), f.model.Unseen)), &o), nil
}

// queries streams the rows of a file of queries, each of which gets an answer. width is the required length of their
// vectors.
func (f *rowFlags) queries(cmd *cobra.Command, path string, width int) (iter.Seq2[vectors.Row, error], error) {
	return f.read(cmd, path, width, func(lines iter.Seq2[string, error]) iter.Seq2[string, error] { return lines })
}

// rows streams the rows of a file. Unreadable lines become blank ones; end reports their number.
func (f *rowFlags) rows(cmd *cobra.Command, path string) (iter.Seq2[vectors.Row, error], error) {
	f.numbers = f.lines.numbers(cmd, path)
	return f.read(cmd, path, 0, f.numbers.blanks)
}

// matrix returns the rows in memory.
func (f *rowFlags) matrix(cmd *cobra.Command, path string) (*vectors.Matrix, error) {
	if err := f.lines.check(); err != nil {
		return nil, err
	}
	rows, err := f.rows(cmd, path)
	if err != nil {
		return nil, err
	}
	return vectors.Collect(rows)
}

// end returns the error for unreadable lines, if there were any.
func (f *rowFlags) end() error {
	if f.numbers == nil {
		return nil
	}
	return f.numbers.end()
}
