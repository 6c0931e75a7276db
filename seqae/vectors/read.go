package vectors

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"os"

	"github.com/retell-rnn/retell/corpora"
)

// ReadOptions says how files are read. Nil means the defaults.
type ReadOptions struct {
	Format Format    // "" is what the extension says; for "-", which has none, JSONL
	Width  int       // what the length of the vectors must be; 0 is any
	Stdin  io.Reader // what the path "-" reads; nil is os.Stdin. Safetensors and parquet cannot be read so.
}

// Read streams the rows of a file, in memory that does not grow with their number. All vectors have the same length,
// their numbers are finite, and there is at least one row; anything else is an error, with what is damaged or
// truncated. A Row belongs to whoever gets it.
//
// The stream opens the file when it is ranged over. What is wrong with one row is an error in its place, see
// [corpora.IsLineError]; any other error is the last thing.
func Read(path string, opts *ReadOptions) iter.Seq2[Row, error] {
	if opts == nil {
		opts = &ReadOptions{}
	}
	return func(yield func(Row, error) bool) {
		format, err := formatOf(path, opts.Format)
		if err != nil {
			yield(Row{}, err)
			return
		}
		name := path
		if path == "-" {
			name = "standard input"
		}
		r, err := open(path, format, opts.Stdin)
		if err != nil {
			yield(Row{}, fileError(name, 0, err))
			return
		}
		defer r.close()
		width, n := opts.Width, 0
		for ; ; n++ {
			row, err := r.next(n)
			if err == io.EOF {
				break
			}
			if err == nil {
				if err = checkRow(row, width); err != nil {
					err = corpora.LineError(err)
				}
			}
			if err != nil {
				if !yield(Row{}, rowError(name, n+1, err)) || !corpora.IsLineError(err) {
					return
				}
				continue
			}
			width = len(row.Vector)
			if !yield(row, nil) {
				return
			}
		}
		if n == 0 {
			yield(Row{}, fileError(name, 0, errors.New("has no rows: want at least one")))
		}
	}
}

// rowError returns err with its place, unless it names one already.
func rowError(file string, row int, err error) error {
	if _, ok := errors.AsType[*corpora.Error](err); ok {
		return err
	}
	place := fileError(file, row, err)
	if corpora.IsLineError(err) {
		place = corpora.LineError(place)
	}
	return place
}

// reader reads a file row by row.
type reader struct {
	next  func(n int) (Row, error) // row n, from 0 and one after the other; io.EOF after the last
	close func()
}

// open begins to read a file.
func open(path string, format Format, stdin io.Reader) (*reader, error) {
	switch {
	case format == JSONL || format == TSV:
		return openLines(path, format, stdin)
	case path == "-" && format != NPY:
		return nil, fmt.Errorf("format %s cannot be streamed: want a file", format)
	case path == "-":
		if stdin == nil {
			stdin = os.Stdin
		}
		return openArray(stdin, "")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	r, err := openFile(f, format)
	if err != nil {
		f.Close()
		return nil, err
	}
	closeParts := r.close
	r.close = func() {
		closeParts()
		f.Close() // read only: nothing can be lost
	}
	return r, nil
}

func openFile(f *os.File, format Format) (*reader, error) {
	if format == NPY {
		return openArray(f, format.textFile(f.Name()))
	}
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("not a regular file")
	}
	if format == Safetensors {
		r, err := newSafetensorsReader(f, info.Size())
		if err != nil {
			return nil, err
		}
		return &reader{next: r.next, close: func() {}}, nil
	}
	r, err := newParquetReader(f, info.Size())
	if err != nil {
		return nil, err
	}
	return &reader{next: func(int) (Row, error) { return r.next() }, close: func() { r.close() }}, nil
}

// openArray reads an npy array and the texts at a path.
func openArray(in io.Reader, texts string) (*reader, error) {
	array, err := newNPYReader(in)
	if err != nil {
		return nil, err
	}
	return beside(texts, NPY, array.next, func() {})
}
