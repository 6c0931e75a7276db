package safetensors

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"math"
	"slices"
)

// Info describes a tensor of a file.
type Info struct {
	Name  string
	DType string
	Shape []int // empty for a single number

	begin, end int64  // offsets from the first value of the file
	sum        uint32 // checksum, if the file has them
}

// Len returns the number of values.
func (t Info) Len() int { return int((t.end - t.begin) / sizeOf(t.DType)) }

// Reader gives access to the tensors of an open file. It is safe for concurrent use if its io.ReaderAt is.
type Reader struct {
	r        io.ReaderAt
	values   int64 // offset of the first value
	metadata map[string]string
	tensors  []Info // in file order
	names    map[string]int
	sums     bool // whether the file has checksums
}

// NewReader reads and checks the header of a file of the given size. After it, only damaged values can cause errors.
// Its allocations are bounded by the length of the header.
//
// Tensors of dtypes other than F32, I64 and U8 are an error.
//
// The error is [ErrForeign] for a file of another format and [ErrDamaged] for a damaged one.
func NewReader(r io.ReaderAt, size int64) (*Reader, error) {
	if err := checkForeign(r, size); err != nil {
		return nil, mark(err, ErrForeign)
	}
	f, err := newReader(r, size)
	return f, mark(err, ErrDamaged)
}

func newReader(r io.ReaderAt, size int64) (*Reader, error) {
	if size < 8 {
		return nil, fmt.Errorf("safetensors: file of %d bytes: want at least 8", size)
	}
	var prefix [8]byte
	if err := readAt(r, prefix[:], 0); err != nil {
		return nil, err
	}
	length := binary.LittleEndian.Uint64(prefix[:])
	switch {
	case length > maxHeader:
		return nil, fmt.Errorf("safetensors: header of %d bytes: want at most %d: not a safetensors file", length, maxHeader)
	case int64(length) > size-8:
		return nil, fmt.Errorf("safetensors: header of %d bytes in a file of %d: the file is truncated", length, size)
	}
	text := make([]byte, length)
	if err := readAt(r, text, 8); err != nil {
		return nil, err
	}
	if err := checkSeal(text); err != nil {
		return nil, err
	}
	metadata, tensors, err := parseHeader(text)
	if err != nil {
		return nil, err
	}
	f := &Reader{r: r, values: 8 + int64(length), metadata: metadata, tensors: tensors, names: make(map[string]int, len(tensors))}
	if err := f.place(size - f.values); err != nil {
		return nil, err
	}
	if value, ok := metadata[ChecksumKey]; ok {
		delete(metadata, ChecksumKey)
		sums, err := parseSums(value, len(tensors))
		if err != nil {
			return nil, err
		}
		f.sums = true
		for i := range tensors {
			tensors[i].sum = sums[i]
		}
	}
	return f, nil
}

// place sorts the tensors by their offsets and checks that they fill the size bytes of values exactly.
func (f *Reader) place(size int64) error {
	slices.SortStableFunc(f.tensors, func(a, b Info) int {
		return cmp.Or(cmp.Compare(a.begin, b.begin), cmp.Compare(a.end, b.end))
	})
	at, before := int64(0), ""
	for i, t := range f.tensors {
		switch {
		case t.begin < at:
			return fmt.Errorf("safetensors: tensor %q begins at %d: it overlaps tensor %q, which ends at %d", t.Name, t.begin, before, at)
		case t.begin > at:
			return fmt.Errorf("safetensors: tensor %q begins at %d: want %d, without a gap", t.Name, t.begin, at)
		case t.end > size:
			return fmt.Errorf("safetensors: tensor %q ends at %d of %d bytes of values: the file is truncated", t.Name, t.end, size)
		}
		f.names[t.Name] = i
		at, before = t.end, t.Name
	}
	if at < size {
		return fmt.Errorf("safetensors: %d bytes after the last tensor: want none", size-at)
	}
	return nil
}

// Metadata returns a copy of the file's metadata.
func (f *Reader) Metadata() map[string]string { return maps.Clone(f.metadata) }

// Tensors describes the tensors of the file in file order. The shapes belong to the reader.
func (f *Reader) Tensors() []Info { return slices.Clone(f.tensors) }

// Tensor describes the tensor called name.
func (f *Reader) Tensor(name string) (t Info, ok bool) {
	i, ok := f.names[name]
	if !ok {
		return Info{}, false
	}
	return f.tensors[i], true
}

// Read reads the values of the F32 tensor called name into dst, whose length must be the tensor's. It verifies the
// checksum if the file has them. After an error, the content of dst is undefined.
func (f *Reader) Read(name string, dst []float32) error {
	t, ok := f.Tensor(name)
	if !ok {
		return fmt.Errorf("safetensors: no tensor %q", name)
	}
	if t.DType != F32 {
		return fmt.Errorf("safetensors: tensor %q is of dtype %q: want F32", name, t.DType)
	}
	if len(dst) != t.Len() {
		return fmt.Errorf("safetensors: tensor %q has %d values: want %d", name, t.Len(), len(dst))
	}
	in := f.stream(t)
	buf := make([]byte, min(chunkBytes, t.end-t.begin))
	for len(dst) > 0 {
		n := min(len(buf)/4, len(dst))
		if _, err := io.ReadFull(in, buf[:4*n]); err != nil {
			return err
		}
		for i := range n {
			dst[i] = math.Float32frombits(binary.LittleEndian.Uint32(buf[4*i:]))
		}
		dst = dst[n:]
	}
	return in.verify()
}

// Stream returns the bytes of the tensor called name and panics if there is none. If the file has checksums, the end of
// a damaged tensor is an error instead of io.EOF.
func (f *Reader) Stream(name string) io.Reader {
	t, ok := f.Tensor(name)
	if !ok {
		panic(fmt.Sprintf("safetensors: no tensor %q", name))
	}
	return f.stream(t)
}

func (f *Reader) stream(t Info) *tensorReader { return &tensorReader{f: f, t: t, at: t.begin} }

// tensorReader reads the bytes of a tensor in order.
type tensorReader struct {
	f   *Reader
	t   Info
	at  int64 // offset from the first value of the file
	sum uint32
}

func (r *tensorReader) Read(p []byte) (int, error) {
	p = p[:min(int64(len(p)), r.t.end-r.at)]
	if r.at == r.t.end {
		if err := r.verify(); err != nil {
			return 0, err
		}
		return 0, io.EOF
	}
	if err := readAt(r.f.r, p, r.f.values+r.at); err != nil {
		return 0, err
	}
	if r.f.sums {
		r.sum = crc32.Update(r.sum, castagnoli, p)
	}
	r.at += int64(len(p))
	return len(p), nil
}

// verify compares the checksum, after all bytes have been read.
func (r *tensorReader) verify() error {
	if r.f.sums && r.sum != r.t.sum {
		return marked{fmt.Errorf("safetensors: tensor %q is damaged: checksum %s: want %s", r.t.Name, hexadecimal(r.sum), hexadecimal(r.t.sum)), ErrDamaged}
	}
	return nil
}

// readAt fills p from an offset.
func readAt(r io.ReaderAt, p []byte, offset int64) error {
	n, err := r.ReadAt(p, offset)
	switch {
	case n == len(p):
		return nil
	case err == io.EOF:
		return marked{fmt.Errorf("safetensors: the file ends at %d: want at least %d bytes", offset+int64(n), offset+int64(len(p))), ErrDamaged}
	}
	return ioError{fmt.Errorf("safetensors: %w", err)}
}
