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

// CreateOptions say how a file is made. The zero value and a nil pointer mean the defaults.
type CreateOptions struct {
	Format Format // empty means the format of the extension

	// Resume continues after the rows that an earlier Writer of the same path left, if there are any. Without Resume and
	// Anew, such rows are an error.
	Resume bool

	// Anew drops the rows that an earlier Writer left.
	Anew bool

	// Origin identifies the source of the vectors, such as the checksum of a model. Resume refuses rows of another origin.
	// It has at most 65,536 bytes.
	Origin string
}

// Writer makes a file of vectors, row by row, in constant memory.
//
// Rows go to PATH.partial first; Close makes the file from them and puts it in place as a whole. A process that is
// killed leaves all rows but perhaps the last few in PATH.partial. A Writer that resumes cuts off a torn row and
// continues after the last whole one. If the system has file locks, a path has one Writer at a time.
type Writer struct {
	path   string
	format Format
	log    *rowLog
	stream *rowStream // replaces log for a pipe; nil for a file
}

const partialSuffix = ".partial"

// Create returns a [Writer] for a file, which appears with Close. A pipe, /dev/stdout or the like gets each row at
// once, as from [Write]; its default format is JSONL.
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
		os.Remove(partial) // if this fails, creating the file reports it
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
		err = errors.New("holds rows of an earlier run: want to resume them, or the file removed")
	}
	if err != nil {
		return nil, fileError(partial, 0, err)
	}
	return &Writer{path: path, format: format, log: log}, nil
}

// Rows returns the number of rows, including those of an earlier run that Resume kept.
func (w *Writer) Rows() int {
	if w.stream != nil {
		return w.stream.rows
	}
	return w.log.rows
}

// Rest skips the lines whose rows an earlier run wrote and streams the others. Call it before Write. It reports an
// error if a skipped line differs from the text of its row, or if there are fewer lines than rows: the rows then come
// from another input. The row of an unreadable line has an empty text.
func (w *Writer) Rest(lines iter.Seq2[string, error]) iter.Seq2[string, error] {
	if w.stream != nil {
		return lines
	}
	return func(yield func(string, error) bool) {
		n := w.log.rows
		row, stop := iter.Pull2(w.log.all())
		defer stop()
		other := func(number int, format string, args ...any) {
			err := fmt.Errorf(format+": want the input of the earlier run, or the file removed", args...)
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
				other(i, "text of the row is %.60q, and line %d is %.60q", r.Text, i, line)
				return
			}
			if bad && !yield("", err) {
				return
			}
		}
		if i < n {
			other(0, "file has %d rows of an earlier run, and the input has %d lines", n, i)
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

// Write appends a row. Its vector must be finite and as long as the first row's, its text one line of UTF-8. Write
// writes nothing of a row that it refuses.
func (w *Writer) Write(r Row) error {
	if w.stream != nil {
		return w.stream.write(r)
	}
	if err := w.log.append(r); err != nil {
		return fileError(w.path, w.log.rows+1, err)
	}
	return nil
}

// Stop closes the Writer and keeps the rows, if there are any, for a Writer that resumes.
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

// Discard closes the Writer and drops the rows.
func (w *Writer) Discard() error {
	if w.stream != nil {
		return w.stream.close()
	}
	partial := w.path + partialSuffix
	err := os.Remove(partial) // before close unlocks it: no other Writer can resume it
	w.log.close()             // an error is about dropped rows
	if err != nil {
		err = os.Remove(partial) // for systems that cannot remove open files
	}
	if err != nil {
		return fileError(partial, 0, err)
	}
	return nil
}

// Close makes the file, which replaces any earlier one as a whole. It is an error if there are no rows. After an error,
// the rows are kept as by Stop.
func (w *Writer) Close() error {
	if w.stream != nil {
		return w.stream.close()
	}
	if err := w.finish(); err != nil {
		w.Stop() // err is the cause
		return err
	}
	return w.Discard()
}

func (w *Writer) finish() error {
	if w.log.rows == 0 {
		return fileError(w.path, 0, errors.New("has no rows: want at least one"))
	}
	var files []atomicfile.File // texts and vectors are replaced together
	if texts := w.format.textFile(w.path); texts != "" {
		files = append(files, buffered(texts, func(b *bufio.Writer) error { return writeTexts(b, w.format, w.log.raw()) }))
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
			_, err := writeLines(b, w.format, w.log.all())
			return err
		}
	}))
	return ofPackage(atomicfile.WriteAll(files...))
}

// replaceFile replaces a file by the output of write, as a whole or not at all.
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

// ofPackage puts the package's name before an error that begins with a path.
func ofPackage(err error) error {
	if err != nil {
		return fmt.Errorf("vectors: %w", err)
	}
	return nil
}
