package vectors

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"iter"
	"math"
	"os"
	"slices"

	"github.com/retell-rnn/retell/internal/lock"
)

// rowLog is a file of rows that only grows. It survives a kill at any moment: an incomplete last row is detected and
// cut off.
//
//	head  "retell rows 1\n", width (uint32), length of the origin (uint32), origin, checksum
//	row   length of the text (uint32), text, width float32s, checksum
//
// All numbers are little-endian. A checksum is the CRC-32C of all earlier bytes of the head or the row.
type rowLog struct {
	f         *os.File
	w         *bufio.Writer
	origin    string
	head      int64 // offset of the first row; 0 until the width is known
	width     int
	rows      int
	textBytes int64 // bytes of all texts
	buf       []byte
}

const (
	logMagic  = "retell rows 1\n"
	maxOrigin = 1 << 16
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// errTorn reports that the log ends within a head or row, or that a checksum is wrong.
var errTorn = errors.New("row is torn")

// createLog creates a log. A file of that name is an error.
func createLog(path, origin string) (*rowLog, error) {
	return openLog(path, origin, os.O_RDWR|os.O_CREATE|os.O_EXCL)
}

// resumeLog opens a log, counts its rows, cuts off a torn end and seeks to the end. A log of another origin is an
// error, and a missing file is fs.ErrNotExist.
func resumeLog(path, origin string) (*rowLog, error) {
	l, err := openLog(path, origin, os.O_RDWR)
	if err != nil {
		return nil, err
	}
	if err := l.recover(); err != nil {
		l.f.Close()
		return nil, err
	}
	return l, nil
}

// openLog opens the file of a log and locks it until it is closed, so that a log has one writer at a time.
func openLog(path, origin string, flag int) (*rowLog, error) {
	for {
		f, err := os.OpenFile(path, flag, 0o666)
		if err != nil {
			return nil, err
		}
		held, err := lock.File(f)
		switch {
		case errors.Is(err, errors.ErrUnsupported): // the system has no file locks
		case err != nil:
			f.Close()
			return nil, err
		case !held:
			f.Close()
			return nil, lock.ErrHeld
		}
		open, err := f.Stat()
		if err != nil {
			f.Close()
			return nil, err
		}
		if named, err := os.Stat(path); err == nil && os.SameFile(open, named) {
			return &rowLog{f: f, w: bufio.NewWriterSize(f, 1<<16), origin: origin}, nil
		}
		f.Close() // its last writer removed it before the lock: try again
	}
}

// isHeld reports whether the log at path has a writer.
func isHeld(path string) bool {
	l, err := openLog(path, "", os.O_RDWR)
	if err == nil {
		l.f.Close()
	}
	return errors.Is(err, lock.ErrHeld)
}

func (l *rowLog) recover() error {
	r := bufio.NewReaderSize(l.f, 1<<16)
	head, origin, width, err := readHead(r)
	switch {
	case errors.Is(err, errTorn) && l.isBeginning(): // killed before the first row was complete
	case errors.Is(err, errTorn):
		return damaged("the head is damaged: want the file moved away")
	case err != nil:
		return err
	case origin != l.origin:
		return fmt.Errorf("the rows come from %q: want %q", origin, l.origin)
	default:
		l.head, l.width = head, width
	}
	end := l.head
	for l.head > 0 {
		row, err := l.read(r)
		if err == io.EOF || errors.Is(err, errTorn) {
			break
		}
		if err != nil {
			return err
		}
		l.count(len(row.text))
		end += l.size(len(row.text))
	}
	if err := l.f.Truncate(end); err != nil {
		return err
	}
	_, err = l.f.Seek(end, io.SeekStart)
	return err
}

// isBeginning reports whether the whole log is the beginning of a head. A kill during the first write leaves that.
func (l *rowLog) isBeginning() bool {
	b := make([]byte, len(l.appendHead(nil, 0)))
	n, err := l.f.ReadAt(b, 0)
	width := int(binary.LittleEndian.Uint32(b[len(logMagic):])) // missing bytes are 0
	return err == io.EOF && n < len(b) && bytes.HasPrefix(l.appendHead(nil, width), b[:n])
}

// appendHead appends the head of a log whose rows have the given width.
func (l *rowLog) appendHead(b []byte, width int) []byte {
	begin := len(b)
	b = append(b, logMagic...)
	b = binary.LittleEndian.AppendUint32(b, uint32(width))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(l.origin)))
	b = append(b, l.origin...)
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b[begin:], castagnoli))
}

// readHead reads the head of a log.
func readHead(r io.Reader) (size int64, origin string, width int, err error) {
	b := make([]byte, len(logMagic)+8)
	n, err := io.ReadFull(r, b)
	switch {
	case !bytes.HasPrefix([]byte(logMagic), b[:min(n, len(logMagic))]):
		return 0, "", 0, wrongKind("is not an unfinished file of Retell: want it moved away")
	case err == io.EOF || err == io.ErrUnexpectedEOF:
		return 0, "", 0, errTorn
	case err != nil:
		return 0, "", 0, err
	}
	width = int(binary.LittleEndian.Uint32(b[len(logMagic):]))
	length := int(binary.LittleEndian.Uint32(b[len(logMagic)+4:]))
	if width < 1 || width > maxWidth || length > maxOrigin {
		return 0, "", 0, errTorn
	}
	rest := make([]byte, length+4)
	if err := readRecord(r, rest); err != nil {
		return 0, "", 0, err
	}
	if sum := crc32.Update(crc32.Checksum(b, castagnoli), castagnoli, rest[:length]); sum != binary.LittleEndian.Uint32(rest[length:]) {
		return 0, "", 0, errTorn
	}
	return int64(len(b) + len(rest)), string(rest[:length]), width, nil
}

// readRecord fills b. It returns errTorn if the file ends before.
func readRecord(r io.Reader, b []byte) error {
	_, err := io.ReadFull(r, b)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return errTorn
	}
	return err
}

// size returns the size of a row, in bytes, for a text of the given number of bytes.
func (l *rowLog) size(text int) int64 { return int64(4 + text + 4*l.width + 4) }

// count counts a row, with the bytes of its text.
func (l *rowLog) count(text int) {
	l.rows++
	l.textBytes += int64(text)
}

// append adds a row. The first row sets the width.
func (l *rowLog) append(r Row) error {
	if err := checkRow(r, l.width); err != nil {
		return err
	}
	b := l.buf[:0]
	if l.head == 0 {
		l.width = len(r.Vector)
		b = l.appendHead(b, l.width)
		l.head = int64(len(b))
	}
	begin := len(b)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(r.Text)))
	b = append(b, r.Text...)
	b = appendFloats(b, r.Vector)
	b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(b[begin:], castagnoli))
	l.buf = b
	if _, err := l.w.Write(b); err != nil {
		return err
	}
	l.count(len(r.Text))
	return nil
}

// rawRow is a row in bytes: a text, and a vector in little-endian float32. It shares the log's buffer.
type rawRow struct{ text, vector []byte }

// row returns a copy of r.
func (r rawRow) row() Row {
	row := Row{Text: string(r.text), Vector: make([]float32, len(r.vector)/4)}
	decodeFloats(row.Vector, r.vector)
	return row
}

// read returns the next row, io.EOF after the last, or errTorn for a row that is incomplete or damaged. The row is
// valid until the next use of the log.
func (l *rowLog) read(r *bufio.Reader) (rawRow, error) {
	if _, err := r.Peek(1); err == io.EOF {
		return rawRow{}, io.EOF
	}
	l.buf = append(l.buf[:0], 0, 0, 0, 0)
	if err := readRecord(r, l.buf); err != nil {
		return rawRow{}, err
	}
	text := int(binary.LittleEndian.Uint32(l.buf))
	if text > maxText {
		return rawRow{}, errTorn
	}
	size := int(l.size(text))
	if cap(l.buf) < size {
		l.buf = append(make([]byte, 0, size), l.buf...)
	}
	l.buf = l.buf[:size]
	if err := readRecord(r, l.buf[4:]); err != nil {
		return rawRow{}, err
	}
	if crc32.Checksum(l.buf[:size-4], castagnoli) != binary.LittleEndian.Uint32(l.buf[size-4:]) {
		return rawRow{}, errTorn
	}
	return rawRow{l.buf[4:][:text], l.buf[4+text : size-4]}, nil
}

// raw streams all rows, each valid until the next one. It can be ranged over more than once.
func (l *rowLog) raw() iter.Seq2[rawRow, error] {
	return func(yield func(rawRow, error) bool) {
		if err := l.w.Flush(); err != nil {
			yield(rawRow{}, err)
			return
		}
		r := bufio.NewReaderSize(io.NewSectionReader(l.f, l.head, math.MaxInt64-l.head), 1<<16)
		for range l.rows {
			row, err := l.read(r)
			if err == io.EOF {
				err = errTorn
			}
			if !yield(row, err) || err != nil {
				return
			}
		}
	}
}

// all is raw with a copy of each row.
func (l *rowLog) all() iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for r, err := range l.raw() {
			if !yield(r.row(), err) {
				return
			}
		}
	}
}

// close flushes the buffer and closes the file, which stays.
func (l *rowLog) close() error {
	err := l.w.Flush()
	if closed := l.f.Close(); err == nil {
		err = closed
	}
	return err
}

// appendFloats appends numbers as little-endian float32.
func appendFloats(b []byte, v []float32) []byte {
	n := len(b)
	b = slices.Grow(b, 4*len(v))[:n+4*len(v)]
	for i, x := range v {
		binary.LittleEndian.PutUint32(b[n+4*i:], math.Float32bits(x))
	}
	return b
}

// decodeFloats fills v with little-endian float32 numbers.
func decodeFloats(v []float32, b []byte) {
	for i := range v {
		v[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
}
