// Package linelog writes a file of answers, one line for each line of an input, in constant memory. A process that is
// killed leaves its answers in PATH.partial, and another continues from there.
package linelog

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/retell-rnn/retell/internal/atomicfile"
	"github.com/retell-rnn/retell/internal/lock"
)

// Suffix ends the name of an unfinished file.
const Suffix = ".partial"

const magic = "retell lines 1 "

// Writer makes a file. Its unfinished file has a head, magic and the origin, and a row for each line: the checksum
// CRC-32C of the input's line in eight hexadecimal digits, a space, and the answer. A row without its line end is torn.
type Writer struct {
	path    string
	f       *os.File
	w       *bufio.Writer
	old     *bufio.Reader // rows of an earlier writer that are not yet compared with the input; nil at their end
	oldFile *os.File
	rows    int // of an earlier writer
	read    int // lines of the input so far
}

// Create begins a file. origin, without line breaks, identifies what makes the answers. With resume, rows of an earlier
// writer of the same origin stay; otherwise such rows are an error.
func Create(path, origin string, resume bool) (*Writer, error) {
	partial := path + Suffix
	flag := os.O_RDWR | os.O_CREATE
	if !resume {
		flag |= os.O_EXCL
	}
	f, err := os.OpenFile(partial, flag, 0o666)
	if errors.Is(err, os.ErrExist) {
		return nil, errorf(partial, "holds lines of an earlier run: want to resume them, or the file removed")
	}
	if err != nil {
		return nil, err
	}
	w := &Writer{path: path, f: f, w: bufio.NewWriterSize(f, 1<<16)}
	if err := w.begin(magic + origin + "\n"); err != nil {
		w.drop()
		return nil, err
	}
	return w, nil
}

// errorf returns an error about a file.
func errorf(path, format string, args ...any) error {
	return fmt.Errorf("%s: %w", path, fmt.Errorf(format, args...))
}

// begin locks the file, writes the head or checks it, and counts whole rows.
func (w *Writer) begin(head string) error {
	name := w.f.Name()
	held, err := lock.File(w.f)
	if err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	if err == nil && !held {
		return errorf(name, "%w", lock.ErrHeld)
	}
	r := bufio.NewReaderSize(w.f, 1<<16)
	first, err := r.ReadString('\n')
	if err == io.EOF && strings.HasPrefix(head, first) { // new, or killed within the head
		if err := w.f.Truncate(0); err != nil {
			return err
		}
		_, err := w.f.WriteAt([]byte(head), 0)
		if err == nil {
			_, err = w.f.Seek(int64(len(head)), io.SeekStart)
		}
		return err
	}
	switch {
	case err != nil && err != io.EOF:
		return err
	case !strings.HasPrefix(first, magic):
		return errorf(name, "is no file of unfinished lines: want it moved away")
	case first != head:
		return errorf(name, "the lines come from %q: want %q", strings.TrimSpace(first[len(magic):]), strings.TrimSpace(head[len(magic):]))
	}
	return w.count(r, int64(len(head)))
}

// count counts whole rows, cuts off a torn one and goes to the end.
func (w *Writer) count(r *bufio.Reader, end int64) error {
	for {
		row, err := r.ReadSlice('\n')
		length := int64(len(row))
		for err == bufio.ErrBufferFull {
			row, err = r.ReadSlice('\n')
			length += int64(len(row))
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		w.rows++
		end += length
	}
	if err := w.f.Truncate(end); err != nil {
		return err
	}
	if _, err := w.f.Seek(end, io.SeekStart); err != nil || w.rows == 0 {
		return err
	}
	old, err := os.Open(w.f.Name())
	if err != nil {
		return err
	}
	w.oldFile, w.old = old, bufio.NewReaderSize(old, 1<<16)
	_, err = w.old.ReadString('\n')
	return err
}

// Rows returns the number of lines that an earlier writer answered.
func (w *Writer) Rows() int { return w.rows }

// Has takes the next line of the input and reports whether an earlier writer answered it. Another line than that writer
// had is an error.
func (w *Writer) Has(line string) (bool, error) {
	w.read++
	if w.read > w.rows {
		return false, nil
	}
	sum, err := w.old.ReadString(' ')
	if err != nil {
		return false, err
	}
	for more := true; more; {
		_, err := w.old.ReadSlice('\n')
		if more = err == bufio.ErrBufferFull; err != nil && !more {
			return false, err
		}
	}
	if want := checksum(line); strings.TrimSpace(sum) != want {
		return false, errorf(w.f.Name(), "line %d of the input is not that of the earlier run: want the same input, or the file removed", w.read)
	}
	return true, nil
}

// checksum returns the checksum of a line.
func checksum(line string) string {
	sum := strconv.FormatUint(uint64(crc32.Checksum([]byte(line), crc32.MakeTable(crc32.Castagnoli))), 16)
	return strings.Repeat("0", 8-len(sum)) + sum
}

// Write adds the answer to a line that Has did not have. An answer has no line break.
func (w *Writer) Write(line, answer string) error {
	if strings.Contains(answer, "\n") {
		return errorf(w.path, "answer %q has a line break: want none", answer)
	}
	_, err := w.w.WriteString(checksum(line) + " " + answer + "\n")
	return err
}

// Flush hands the rows to the system, so that they survive a kill of the process.
func (w *Writer) Flush() error { return w.w.Flush() }

// Stop closes the unfinished file, which stays.
func (w *Writer) Stop() error {
	err := w.w.Flush()
	w.drop()
	return err
}

// drop closes what is open.
func (w *Writer) drop() {
	w.f.Close()
	if w.oldFile != nil {
		w.oldFile.Close()
	}
}

// Close makes the file of all answers, puts it in place as a whole, and removes the unfinished file. An input that ends
// before the rows of an earlier writer is an error.
func (w *Writer) Close() error {
	defer w.drop()
	if err := w.w.Flush(); err != nil {
		return err
	}
	if w.read < w.rows {
		return errorf(w.f.Name(), "has %d lines of an earlier run, and the input has %d: want the same input, or the file removed", w.rows, w.read)
	}
	if _, err := w.f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	err := atomicfile.Write(w.path, func(out io.Writer) error { return copyAnswers(out, bufio.NewReaderSize(w.f, 1<<16)) })
	if err != nil {
		return err
	}
	return os.Remove(w.f.Name())
}

// copyAnswers copies the answers of rows.
func copyAnswers(to io.Writer, rows *bufio.Reader) error {
	out := bufio.NewWriterSize(to, 1<<16)
	if _, err := rows.ReadString('\n'); err != nil {
		return err
	}
	for begins := true; ; {
		piece, err := rows.ReadSlice('\n')
		if err == io.EOF {
			return out.Flush()
		}
		if err != nil && err != bufio.ErrBufferFull {
			return err
		}
		text := piece
		if begins {
			_, text, _ = bytes.Cut(piece, []byte{' '})
		}
		if _, err := out.Write(text); err != nil {
			return err
		}
		begins = err == nil
	}
}
