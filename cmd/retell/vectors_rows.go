package main

import (
	"fmt"
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
	numbers      []*lineNumbers // count the rows of each file that is read
}

func addRowFlags(cmd *cobra.Command) *rowFlags {
	f := new(rowFlags)
	f.lines.add(cmd)
	f.known.add(cmd)
	flags := cmd.Flags()
	flags.StringVarP(&f.path, "model", "m", "", "model file, as train writes it, that turns lines into vectors")
	flags.StringVar((*string)(&f.options.Pool), "pool", "", "pooling for lines, as in embed (default: bottleneck, or mean without one)")
	flags.IntVar(&f.options.Size, "size", 0, "compare by the first numbers of each vector, so many (default: all, or the part of a joint model that contrast trained)")
	flags.StringVar(&f.format, "format", "", "format of files of vectors: npy, jsonl, tsv, safetensors or parquet (default: by extension)")
	return f
}

// rowsHelp explains the arguments of verbs with rowFlags.
const rowsHelp = `A file with the extension .npy, .jsonl, .tsv, .safetensors or .parquet holds vectors, as 'retell embed' writes them.
Any other file holds lines of text, which the model of -m turns into vectors. Standard input ("-") holds lines with -m
and JSON lines of vectors without it. Vectors are compared by their cosine, so their lengths do not matter. With --size N,
the first N numbers of each vector count, which suits models trained for several sizes. Of a joint model, the numbers
that contrast has trained count unless --size says otherwise.

A line that cannot be read (too long, not UTF-8) counts as blank and gives a message; the exit status is then 1. With
--on-error stop, the first such line ends the run.`

// read streams the rows of a file. Text lines pass through the function lines. width is the required length of the
// vectors; 0 means any.
func (f *rowFlags) read(
	cmd *cobra.Command, path string, width int, lines func(iter.Seq2[string, error]) iter.Seq2[string, error],
) (iter.Seq2[vectors.Row, error], error) {
	if f.options.Size < 0 {
		return nil, misusef("--size is %d: want 1 or more, or 0 for all", f.options.Size)
	}
	if f.path != "" && f.model == nil {
		if err := f.load(); err != nil {
			return nil, err
		}
	}
	_, unknown := vectors.FormatOf(path)
	if f.format != "" || unknown == nil || path == "-" && f.path == "" {
		o := &vectors.ReadOptions{Format: vectors.Format(f.format), Width: width, Stdin: cmd.InOrStdin()}
		if f.options.Size > 0 {
			o.Width = 0
			return cut(vectors.Read(path, o), f.options.Size), nil
		}
		return vectors.Read(path, o), nil
	}
	if f.path == "" {
		return nil, misusef("%s: extension %q names no format of vectors: want -m MODEL to make vectors of its lines", path, filepath.Ext(path))
	}
	o := f.options
	return f.model.Embed(cmd.Context(), lines(watched(cmd, &unseen{strict: f.known.strict}, corpora.Lines(path, readOptions(cmd)), f.model.Unseen)), &o), nil
}

// load reads the model and, without --size, sets the size of a joint model's part.
func (f *rowFlags) load() error {
	model, err := seq2seq.LoadKind(f.path, seq2seq.AnyKind)
	if err != nil {
		return err
	}
	if f.options.Size == 0 {
		f.options.Size = contrastedPart(model, f.options.Pool)
	}
	if _, err := model.EmbeddingSize(&f.options); err != nil {
		return misuse{err}
	}
	f.model = model
	return nil
}

// contrastedPart returns the number of first numbers of a joint model's vector that contrast has trained, or 0 if all
// are alike.
func contrastedPart(m *seq2seq.Network, pool seq2seq.EmbedPooling) int {
	if b := m.Config().Bottleneck; b.Size > 0 && (pool == "" || pool == seq2seq.EmbedBottleneck) {
		return b.Contrast
	}
	return 0
}

// cut keeps the first size numbers of each vector.
func cut(rows iter.Seq2[vectors.Row, error], size int) iter.Seq2[vectors.Row, error] {
	return func(yield func(vectors.Row, error) bool) {
		for r, err := range rows {
			if err == nil && len(r.Vector) < size {
				yield(r, fmt.Errorf("--size is %d: want at most %d, the length of the vectors", size, len(r.Vector)))
				return
			}
			if err == nil {
				r.Vector = r.Vector[:size]
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

// queries streams the rows of a file of queries, each of which gets an answer. width is the required length of their
// vectors.
func (f *rowFlags) queries(cmd *cobra.Command, path string, width int) (iter.Seq2[vectors.Row, error], error) {
	return f.read(cmd, path, width, func(lines iter.Seq2[string, error]) iter.Seq2[string, error] { return lines })
}

// rows streams the rows of a file. width is the required length of the vectors; 0 means any. Unreadable lines become
// blank ones; end reports their number.
func (f *rowFlags) rows(cmd *cobra.Command, path string, width int) (iter.Seq2[vectors.Row, error], error) {
	numbers := f.lines.numbers(cmd, path)
	f.numbers = append(f.numbers, numbers)
	return f.read(cmd, path, width, numbers.blanks)
}

// matrix returns the rows in memory.
func (f *rowFlags) matrix(cmd *cobra.Command, path string) (*vectors.Matrix, error) {
	if err := f.lines.check(); err != nil {
		return nil, err
	}
	rows, err := f.rows(cmd, path, 0)
	if err != nil {
		return nil, err
	}
	return vectors.Collect(rows)
}

// end returns the error for unreadable lines, if there were any.
func (f *rowFlags) end() error {
	for _, numbers := range f.numbers {
		if err := numbers.end(); err != nil {
			return err
		}
	}
	return nil
}
