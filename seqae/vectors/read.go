package vectors

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"os"

	"github.com/retell-rnn/retell/corpora"
)

// ReadOptions say how files are read. The zero value and a nil pointer mean the defaults.
type ReadOptions struct {
	Format Format    // empty means the format of the extension, and JSONL for the path "-"
	Width  int       // length that the vectors must have; 0 allows any
	Stdin  io.Reader // source of the path "-", not for Safetensors and Parquet; nil means os.Stdin
}

// Read streams the rows of a file in constant memory. All vectors must have the same length and finite numbers, and
// there must be at least one row. The caller owns the rows.
//
// The stream opens the file when it is ranged over. An error about one row takes the row's place; see
// [corpora.IsLineError]. Any other error ends the stream.
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

// rowError adds the place to err unless err has one already.
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
	next  func(n int) (Row, error) // returns row n, called for 0, 1, ... in order, and io.EOF after the last
	close func()
}

// open opens a file and reads its header.
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
		f.Close() // an error loses nothing: the file was only read
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

// openArray reads an npy array, and the texts at a path unless that is empty.
func openArray(in io.Reader, texts string) (*reader, error) {
	array, err := newNPYReader(in)
	if err != nil {
		return nil, err
	}
	return beside(texts, NPY, array.next, func() {})
}
