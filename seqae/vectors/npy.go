package vectors

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
)

const npyMagic = "\x93NUMPY"

// writeNPY writes an array of format version 1.0, like numpy.save.
func writeNPY(b *bufio.Writer, log *rowLog) error {
	header := fmt.Sprintf("{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }", log.rows, log.width)
	const fixed = len(npyMagic) + 4
	for (fixed+len(header)+1)%64 != 0 {
		header += " "
	}
	header += "\n"
	b.WriteString(npyMagic + "\x01\x00") // b keeps an error for Flush
	b.Write(binary.LittleEndian.AppendUint16(nil, uint16(len(header))))
	b.WriteString(header)
	for r, err := range log.raw() {
		if err != nil {
			return err
		}
		if _, err := b.Write(r.vector); err != nil {
			return err
		}
	}
	return nil
}

// npyReader reads the rows of an array.
type npyReader struct {
	r           *bufio.Reader
	rows, width int
	size        int // bytes per number: 2, 4 or 8
	buf         []byte
}

// newNPYReader reads the header.
func newNPYReader(in io.Reader) (*npyReader, error) {
	r := &npyReader{r: bufio.NewReaderSize(in, 1<<16)}
	var start [len(npyMagic) + 2]byte
	if _, err := io.ReadFull(r.r, start[:]); err != nil || string(start[:len(npyMagic)]) != npyMagic {
		return nil, wrongKind("file begins with %.6q: want %q: not an npy file", start[:], npyMagic)
	}
	length := make([]byte, 2)
	switch version := start[len(npyMagic)]; version {
	case 1:
	case 2, 3:
		length = make([]byte, 4)
	default:
		return nil, fmt.Errorf("npy version is %d: want 1, 2 or 3", version)
	}
	if _, err := io.ReadFull(r.r, length); err != nil {
		return nil, errNPYHeader
	}
	n := uint32(binary.LittleEndian.Uint16(length))
	if len(length) == 4 {
		n = binary.LittleEndian.Uint32(length)
	}
	if n > 1<<16 {
		return nil, fmt.Errorf("npy header has %d bytes: want at most %d", n, 1<<16)
	}
	header := make([]byte, n)
	if _, err := io.ReadFull(r.r, header); err != nil {
		return nil, errNPYHeader
	}
	return r, r.parse(string(header))
}

var errNPYHeader = damaged("file ends within its header: it is truncated")

// Patterns of the entries of a header, a Python dictionary.
var (
	npyDescr = regexp.MustCompile(`['"]descr['"]\s*:\s*['"]([^'"]*)['"]`)
	npyOrder = regexp.MustCompile(`['"]fortran_order['"]\s*:\s*(True|False)`)
	npyShape = regexp.MustCompile(`['"]shape['"]\s*:\s*\(([0-9,L\s]*)\)`)
)

// parse parses a header.
func (r *npyReader) parse(header string) error {
	descr, order, shape := npyDescr.FindStringSubmatch(header), npyOrder.FindStringSubmatch(header), npyShape.FindStringSubmatch(header)
	if descr == nil || order == nil || shape == nil {
		return fmt.Errorf("npy header is %.100q: want descr, fortran_order and shape", header)
	}
	switch descr[1] {
	case "<f2":
		r.size = 2
	case "<f4":
		r.size = 4
	case "<f8":
		r.size = 8
	default:
		return fmt.Errorf("npy array is of type %q: want <f4, <f8 or <f2", descr[1])
	}
	var sizes []int
	for field := range strings.SplitSeq(shape[1], ",") {
		if field = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(field), "L")); field == "" {
			continue
		}
		n, err := strconv.Atoi(field)
		if err != nil {
			return fmt.Errorf("npy shape is (%s): want (rows, width)", shape[1])
		}
		sizes = append(sizes, n)
	}
	switch {
	case len(sizes) != 2:
		return fmt.Errorf("npy shape is (%s): want (rows, width)", shape[1])
	case order[1] == "True" && sizes[0] > 1 && sizes[1] > 1:
		return errors.New("npy array is in Fortran order: want C order")
	case sizes[1] < 1 || sizes[1] > maxWidth:
		return fmt.Errorf("npy shape is (%s): want a width of 1 to %d", shape[1], maxWidth)
	}
	r.rows, r.width = sizes[0], sizes[1]
	r.buf = make([]byte, r.size*r.width)
	return nil
}

// next returns the vector of row n, from 0, and io.EOF after the last.
func (r *npyReader) next(n int) ([]float32, error) {
	if n == r.rows {
		if _, err := r.r.ReadByte(); err != io.EOF {
			return nil, damaged("bytes follow the last row: want none after %d rows", r.rows)
		}
		return nil, io.EOF
	}
	if _, err := io.ReadFull(r.r, r.buf); err == io.EOF || err == io.ErrUnexpectedEOF {
		return nil, damaged("file ends here: want %d rows: it is truncated", r.rows)
	} else if err != nil {
		return nil, err
	}
	v := make([]float32, r.width)
	switch r.size {
	case 4:
		decodeFloats(v, r.buf)
	case 8:
		for i := range v {
			v[i] = float32(math.Float64frombits(binary.LittleEndian.Uint64(r.buf[8*i:])))
		}
	case 2:
		for i := range v {
			v[i] = fromHalf(binary.LittleEndian.Uint16(r.buf[2*i:]))
		}
	}
	return v, nil
}

// fromHalf returns the value of a float16.
func fromHalf(h uint16) float32 {
	sign, exponent, fraction := uint32(h>>15)<<31, uint32(h>>10&31), uint32(h&1023)
	switch exponent {
	case 0:
		x := float32(fraction) / (1 << 24)
		return math.Float32frombits(math.Float32bits(x) | sign)
	case 31:
		return math.Float32frombits(sign | 0xff<<23 | fraction<<13)
	}
	return math.Float32frombits(sign | (exponent+127-15)<<23 | fraction<<13)
}
