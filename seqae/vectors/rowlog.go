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

	"github.com/retell-rnn/retell/internal/lock"
)

// rowLog is a file of rows that grows at its end and that survives a kill at any moment: what a row lacks at its end is
// seen and cut.
//
//	"retell rows 1\n", width (uint32), length of the origin (uint32), origin, checksum
//	a row: length of the text (uint32), text, width float32s, checksum
//
// All is little-endian. A checksum is the CRC-32C of what stands before it in the head or in the row.
type rowLog struct {
	f         *os.File
	w         *bufio.Writer
	origin    string
	head      int64 // where the rows begin; 0 while the width is not known
	width     int
	rows      int
	textBytes int64 // of all rows
	buf       []byte
}

const (
	logMagic  = "retell rows 1\n"
	maxOrigin = 1 << 16
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// errTorn says that a log ends within what is read, or is damaged there.
var errTorn = errors.New("row is torn")

// createLog opens a new log; there must be none of that name.
func createLog(path, origin string) (*rowLog, error) {
	return openLog(path, origin, os.O_RDWR|os.O_CREATE|os.O_EXCL)
}

// resumeLog opens a log, counts its rows, cuts what is torn and goes on at its end. A log of another origin is refused.
// A file that is not there is fs.ErrNotExist.
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

// openLog opens the file of a log and locks it until it is closed: a log has one writer at a time.
func openLog(path, origin string, flag int) (*rowLog, error) {
	for {
		f, err := os.OpenFile(path, flag, 0o666)
		if err != nil {
			return nil, err
		}
		held, err := lock.File(f)
		switch {
		case errors.Is(err, errors.ErrUnsupported): // the system has no such locks
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
		f.Close() // its writer removed it before the lock
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
	case errors.Is(err, errTorn) && l.isBeginning(): // killed before its first row was whole
	case errors.Is(err, errTorn):
		return errors.New("its head is damaged: want it moved away")
	case err != nil:
		return err
	case origin != l.origin:
		return fmt.Errorf("its rows come from %q: want %q", origin, l.origin)
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
		l.count(row)
		end += l.size(len(row.Text))
	}
	if err := l.f.Truncate(end); err != nil {
		return err
	}
	_, err = l.f.Seek(end, io.SeekStart)
	return err
}

// isBeginning reports whether all of the log is the beginning of a head, as a kill within the first write leaves it.
func (l *rowLog) isBeginning() bool {
	b := make([]byte, len(l.appendHead(nil, 0)))
	n, err := l.f.ReadAt(b, 0)
	width := int(binary.LittleEndian.Uint32(b[len(logMagic):])) // as far as it is there
	return err == io.EOF && n < len(b) && bytes.HasPrefix(l.appendHead(nil, width), b[:n])
}

// appendHead appends what stands before rows of that width.
func (l *rowLog) appendHead(b []byte, width int) []byte {
	begin := len(b)
	b = append(b, logMagic...)
	b = binary.LittleEndian.AppendUint32(b, uint32(width))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(l.origin)))
	b = append(b, l.origin...)
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b[begin:], castagnoli))
}

// readHead reads what stands before the rows.
func readHead(r io.Reader) (size int64, origin string, width int, err error) {
	b := make([]byte, len(logMagic)+8)
	n, err := io.ReadFull(r, b)
	switch {
	case !bytes.HasPrefix([]byte(logMagic), b[:min(n, len(logMagic))]):
		return 0, "", 0, errors.New("not a file of rows that Retell left: want it moved away")
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

// readRecord fills b; where the file ends before, that is errTorn.
func readRecord(r io.Reader, b []byte) error {
	_, err := io.ReadFull(r, b)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return errTorn
	}
	return err
}

// size is what a row of so many bytes of text takes.
func (l *rowLog) size(text int) int64 { return int64(4 + text + 4*l.width + 4) }

func (l *rowLog) count(r Row) {
	l.rows++
	l.textBytes += int64(len(r.Text))
}

// append adds a row; the first one fixes the width.
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
	l.count(r)
	return nil
}

// read returns the next row: io.EOF after the last, errTorn where the log ends within a row or is damaged.
func (l *rowLog) read(r *bufio.Reader) (Row, error) {
	if _, err := r.Peek(1); err == io.EOF {
		return Row{}, io.EOF
	}
	l.buf = append(l.buf[:0], 0, 0, 0, 0)
	if err := readRecord(r, l.buf); err != nil {
		return Row{}, err
	}
	text := int(binary.LittleEndian.Uint32(l.buf))
	if text > maxText {
		return Row{}, errTorn
	}
	size := int(l.size(text))
	if cap(l.buf) < size {
		l.buf = append(make([]byte, 0, size), l.buf...)
	}
	l.buf = l.buf[:size]
	if err := readRecord(r, l.buf[4:]); err != nil {
		return Row{}, err
	}
	if crc32.Checksum(l.buf[:size-4], castagnoli) != binary.LittleEndian.Uint32(l.buf[size-4:]) {
		return Row{}, errTorn
	}
	row := Row{Text: string(l.buf[4:][:text]), Vector: make([]float32, l.width)}
	decodeFloats(row.Vector, l.buf[4+text:])
	return row, nil
}

// all streams the rows that were appended, from the first; it may be ranged over again.
func (l *rowLog) all() iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		if err := l.w.Flush(); err != nil {
			yield(Row{}, err)
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

// close writes what is buffered and closes the file, which stays.
func (l *rowLog) close() error {
	err := l.w.Flush()
	if closed := l.f.Close(); err == nil {
		err = closed
	}
	return err
}

// appendFloats appends numbers as little-endian float32.
func appendFloats(b []byte, v []float32) []byte {
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return b
}

// decodeFloats reads little-endian float32 until v is full.
func decodeFloats(v []float32, b []byte) {
	for i := range v {
		v[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
}
