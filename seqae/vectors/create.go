package vectors

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/retell-rnn/retell/internal/atomicfile"
)

// CreateOptions says how a file is made. Nil means the defaults.
type CreateOptions struct {
	Format Format // "" is what the extension says
	// Resume goes on with the rows that an earlier Writer of the same path left; where none did, it begins anew. Without it, such
	// rows are an error.
	Resume bool
	// Origin says what rows are made from, such as the name or the checksum of a model. A Writer goes on only with rows of
	// its own origin.
	Origin string
}

// Writer makes a file of vectors, row by row, in memory that does not grow with their number.
//
// Rows go into PATH.partial first, and from there into the file by Close, which appears as a whole. A process that is killed leaves
// PATH.partial with all rows but perhaps the last few; a Writer that resumes cuts a torn row and goes on behind the last whole one.
type Writer struct {
	path   string
	format Format
	log    *rowLog
}

const partialSuffix = ".partial"

// Create begins a file. It is not there before Close.
func Create(path string, opts *CreateOptions) (*Writer, error) {
	if opts == nil {
		opts = &CreateOptions{}
	}
	format, err := formatOf(path, opts.Format)
	if err != nil {
		return nil, err
	}
	partial := path + partialSuffix
	if len(opts.Origin) > maxOrigin {
		return nil, fileError(path, 0, errors.New("origin is too long"))
	}
	var log *rowLog
	if err = fs.ErrNotExist; opts.Resume {
		log, err = resumeLog(partial, opts.Origin)
	}
	if errors.Is(err, fs.ErrNotExist) {
		log, err = createLog(partial, opts.Origin)
	}
	if errors.Is(err, fs.ErrExist) {
		err = errors.New("rows of an earlier run are there: want them resumed, or the file removed")
	}
	if err != nil {
		return nil, fileError(partial, 0, err)
	}
	return &Writer{path: path, format: format, log: log}, nil
}

// Rows returns how many rows there are: after a resumption those of the earlier run, which are not to be written again.
func (w *Writer) Rows() int { return w.log.rows }

// Width returns the length of the vectors, or 0 before the first row.
func (w *Writer) Width() int { return w.log.width }

// Write appends a row. Its vector must be as long as the first row's and finite, its text one line of UTF-8. After an error about a row,
// nothing of it is written.
func (w *Writer) Write(r Row) error {
	if err := w.log.append(r); err != nil {
		return fileError(w.path, w.log.rows+1, err)
	}
	return nil
}

// Stop ends the writing and leaves the rows to a Writer that resumes.
func (w *Writer) Stop() error {
	if err := w.log.close(); err != nil {
		return fileError(w.path+partialSuffix, 0, err)
	}
	return nil
}

// Discard ends the writing and drops the rows.
func (w *Writer) Discard() error {
	w.log.close() // whatever it did not write is dropped, too
	if err := os.Remove(w.path + partialSuffix); err != nil {
		return fileError(w.path+partialSuffix, 0, err)
	}
	return nil
}

// Close makes the file of all rows; it replaces the one that was there. A file without rows is an error. After an error the rows are
// as Stop leaves them.
func (w *Writer) Close() error {
	err := w.finish()
	if stopped := w.Stop(); err == nil {
		err = stopped
	}
	if err == nil || w.log.rows == 0 {
		os.Remove(w.path + partialSuffix)
	}
	return err
}

func (w *Writer) finish() error {
	if w.log.rows == 0 {
		return fileError(w.path, 0, errors.New("has no rows: want at least one"))
	}
	if texts := w.format.textFile(w.path); texts != "" {
		err := replaceFile(texts, func(b *bufio.Writer) error { return writeTexts(b, w.format, w.log.all()) })
		if err != nil {
			return err
		}
	}
	return replaceFile(w.path, func(b *bufio.Writer) error {
		switch w.format {
		case NPY:
			return writeNPY(b, w.log)
		case Safetensors:
			return writeSafetensors(b, w.log)
		case Parquet:
			return writeParquet(b, w.log.all())
		default:
			return writeLines(b, w.format, w.log.all())
		}
	})
}

// replaceFile makes a file of what write writes, as a whole or not at all.
func replaceFile(path string, write func(b *bufio.Writer) error) error {
	err := atomicfile.Write(path, func(w io.Writer) error {
		b := bufio.NewWriterSize(w, 1<<16)
		if err := write(b); err != nil {
			return err
		}
		return b.Flush()
	})
	if err != nil {
		return fmt.Errorf("vectors: %w", err) // err begins with the path
	}
	return nil
}
