package vectors

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/atomicfile"
	"github.com/retell-rnn/retell/internal/lock"
)

// CreateOptions says how a file is made. Nil means the defaults.
type CreateOptions struct {
	Format Format // "" is what the extension says
	// Resume goes on with the rows that an earlier Writer of the same path left; where none did, it begins anew. Without
	// it, such rows are an error.
	Resume bool
	// Anew drops rows that an earlier Writer left, for rows that cannot be gone on with.
	Anew bool
	// Origin says what rows are made from, such as the name or the checksum of a model. A Writer goes on only with rows of
	// its own origin.
	Origin string
}

// Writer makes a file of vectors, row by row, in memory that does not grow with their number.
//
// Rows go into PATH.partial first, and from there into the file by Close, which appears as a whole. A process that is
// killed leaves PATH.partial with all rows but perhaps the last few; a Writer that resumes cuts a torn row and goes on
// behind the last whole one. A file has one Writer at a time, where the system has locks.
type Writer struct {
	path   string
	format Format
	log    *rowLog
	stream *rowStream // in place of log; nil for a file
}

const partialSuffix = ".partial"

// Create begins a file. It is not there before Close. Rows for a pipe, /dev/stdout and the like are written to it as
// they come, as [Write] has them; "" is then JSONL.
func Create(path string, opts *CreateOptions) (*Writer, error) {
	if opts == nil {
		opts = &CreateOptions{}
	}
	if atomicfile.IsStream(path) {
		return createStream(path, opts)
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
	if opts.Anew && !isHeld(partial) {
		os.Remove(partial) // what cannot be removed is an error of what follows
	}
	if err = fs.ErrNotExist; opts.Resume {
		log, err = resumeLog(partial, opts.Origin)
	}
	if errors.Is(err, fs.ErrNotExist) {
		log, err = createLog(partial, opts.Origin)
	}
	if errors.Is(err, fs.ErrExist) && isHeld(partial) {
		err = lock.ErrHeld
	} else if errors.Is(err, fs.ErrExist) {
		err = errors.New("rows of an earlier run are there: want them resumed, or the file removed")
	}
	if err != nil {
		return nil, fileError(partial, 0, err)
	}
	return &Writer{path: path, format: format, log: log}, nil
}

// Rows returns how many rows there are: after a resumption those of the earlier run, which are not to be written again.
func (w *Writer) Rows() int {
	if w.stream != nil {
		return w.stream.rows
	}
	return w.log.rows
}

// Rest passes over the lines whose rows an earlier run left and streams those behind them, before any of theirs is
// written. Lines of other texts than the rows have, or fewer lines than rows, are an error: the rows are of another
// input. A line that cannot be read has a row without a text.
func (w *Writer) Rest(lines iter.Seq2[string, error]) iter.Seq2[string, error] {
	if w.stream != nil {
		return lines
	}
	return func(yield func(string, error) bool) {
		n := w.log.rows
		row, stop := iter.Pull2(w.log.all())
		defer stop()
		other := func(number int, format string, args ...any) {
			err := fmt.Errorf(format+": want the input that the rows were made of, or the file removed", args...)
			yield("", fileError(w.path+partialSuffix, number, err))
		}
		i := 0
		for line, err := range lines {
			if i++; i > n {
				if !yield(line, err) {
					return
				}
				continue
			}
			r, rowErr, _ := row()
			if rowErr != nil {
				yield("", fileError(w.path+partialSuffix, i, rowErr))
				return
			}
			bad := corpora.IsLineError(err)
			switch {
			case err != nil && !bad:
				yield("", err)
				return
			case bad && r.Text != "", !bad && r.Text != line:
				other(i, "row is of %.60q, and line %d is %.60q", r.Text, i, line)
				return
			}
			if bad && !yield("", err) {
				return
			}
		}
		if i < n {
			other(0, "file has %d rows of an earlier run, and the input %d lines", n, i)
		}
	}
}

// Width returns the length of the vectors, or 0 before the first row.
func (w *Writer) Width() int {
	if w.stream != nil {
		return w.stream.width
	}
	return w.log.width
}

// Write appends a row. Its vector must be as long as the first row's and finite, its text one line of UTF-8. After an
// error about a row, nothing of it is written.
func (w *Writer) Write(r Row) error {
	if w.stream != nil {
		return w.stream.write(r)
	}
	if err := w.log.append(r); err != nil {
		return fileError(w.path, w.log.rows+1, err)
	}
	return nil
}

// Stop ends the writing and leaves the rows, if there are any, to a Writer that resumes.
func (w *Writer) Stop() error {
	if w.stream != nil {
		return w.stream.close()
	}
	if w.log.rows == 0 {
		return w.Discard()
	}
	if err := w.log.close(); err != nil {
		return fileError(w.path+partialSuffix, 0, err)
	}
	return nil
}

// Discard ends the writing and drops the rows.
func (w *Writer) Discard() error {
	if w.stream != nil {
		return w.stream.close()
	}
	partial := w.path + partialSuffix
	err := os.Remove(partial) // while it is locked: no other Writer takes it up
	w.log.close()             // whatever it did not write is dropped, too
	if err != nil {
		err = os.Remove(partial) // where open files cannot be removed
	}
	if err != nil {
		return fileError(partial, 0, err)
	}
	return nil
}

// Close makes the file of all rows; it replaces the one that was there. A file without rows is an error. After an error
// the rows are as Stop leaves them.
func (w *Writer) Close() error {
	if w.stream != nil {
		return w.stream.close()
	}
	if err := w.finish(); err != nil {
		w.Stop() // err says more
		return err
	}
	return w.Discard()
}

func (w *Writer) finish() error {
	if w.log.rows == 0 {
		return fileError(w.path, 0, errors.New("has no rows: want at least one"))
	}
	var files []atomicfile.File // texts and vectors belong together
	if texts := w.format.textFile(w.path); texts != "" {
		files = append(files, buffered(texts, func(b *bufio.Writer) error { return writeTexts(b, w.format, w.log.all()) }))
	}
	files = append(files, buffered(w.path, func(b *bufio.Writer) error {
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
	}))
	return ofPackage(atomicfile.WriteAll(files...))
}

// replaceFile makes a file of what write writes, as a whole or not at all.
func replaceFile(path string, write func(b *bufio.Writer) error) error {
	return ofPackage(atomicfile.WriteAll(buffered(path, write)))
}

func buffered(path string, write func(b *bufio.Writer) error) atomicfile.File {
	return atomicfile.File{Path: path, Write: func(w io.Writer) error {
		b := bufio.NewWriterSize(w, 1<<16)
		if err := write(b); err != nil {
			return err
		}
		return b.Flush()
	}}
}

// ofPackage returns an error, which begins with a path, as one of this package.
func ofPackage(err error) error {
	if err != nil {
		return fmt.Errorf("vectors: %w", err)
	}
	return nil
}
