package safetensors

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"
	"unicode/utf8"
)

// Tensor is a named array of numbers.
type Tensor struct {
	Name  string
	Shape []int     // empty for a single number
	Data  []float32 // row-major; its length is the product of Shape
}

// Stream is a named array whose bytes are produced while they are written.
type Stream struct {
	Name  string
	DType string // F32, I64 or U8
	Shape []int
	// Write writes the elements, little-endian and row-major. It is called twice, first for the checksum, and must
	// write the same bytes.
	Write func(w io.Writer) error
}

// Stream returns the tensor as a stream, to write it beside other streams.
func (t Tensor) Stream() Stream {
	return Stream{Name: t.Name, DType: F32, Shape: t.Shape, Write: func(w io.Writer) error {
		for chunk := range encoded(t.Data, make([]byte, 0, chunkBytes)) {
			if _, err := w.Write(chunk); err != nil {
				return err
			}
		}
		return nil
	}}
}

// Bytes returns an array of bytes as a stream.
func Bytes(name string, data []byte) Stream {
	return Stream{Name: name, DType: U8, Shape: []int{len(data)}, Write: func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	}}
}

// Write writes a file of the tensors in their order, with the metadata, which may be nil. The same arguments give the
// same bytes. Write reads every tensor twice, first for its checksum, and allocates only the header and a small buffer.
func Write(w io.Writer, metadata map[string]string, tensors []Tensor) error {
	streams := make([]Stream, len(tensors))
	for i, t := range tensors {
		if n, ok := elements(t.Shape); !ok || n != int64(len(t.Data)) {
			return fmt.Errorf("safetensors: tensor %q of shape %v has %d values", t.Name, t.Shape, len(t.Data))
		}
		streams[i] = t.Stream()
	}
	return WriteStreams(w, metadata, streams)
}

// WriteStreams is [Write] of streams. For readers that map files into memory, arrays of larger elements come first.
func WriteStreams(w io.Writer, metadata map[string]string, tensors []Stream) error {
	header, err := newHeader(metadata, tensors)
	if err != nil {
		return err
	}
	if _, err := w.Write(append(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), header...)); err != nil {
		return fmt.Errorf("safetensors: %w", err)
	}
	for _, t := range tensors {
		if err := t.Write(w); err != nil {
			return fmt.Errorf("safetensors: %w", err)
		}
	}
	return nil
}

// encoded yields the bytes of the values in pieces that share buf.
func encoded(data []float32, buf []byte) func(yield func([]byte) bool) {
	return func(yield func([]byte) bool) {
		for len(data) > 0 {
			n := min(len(data), cap(buf)/4)
			buf = buf[:0]
			for _, v := range data[:n] {
				buf = binary.LittleEndian.AppendUint32(buf, math.Float32bits(v))
			}
			if !yield(buf) {
				return
			}
			data = data[n:]
		}
	}
}

// newHeader returns the header with its checksums, padded with spaces to a multiple of 8 bytes.
func newHeader(metadata map[string]string, tensors []Stream) ([]byte, error) {
	all := make(map[string]string, len(metadata)+1)
	for key, value := range metadata {
		if key == ChecksumKey {
			return nil, fmt.Errorf("safetensors: metadata %q: the key is reserved for the checksums", key)
		}
		if !utf8.ValidString(key) || !utf8.ValidString(value) {
			return nil, fmt.Errorf("safetensors: metadata %q is not UTF-8", key)
		}
		all[key] = value
	}
	sums := []string{noDigits}
	for _, t := range tensors {
		n, ok := elements(t.Shape)
		if !ok || sizeOf(t.DType) == 0 {
			return nil, fmt.Errorf("safetensors: tensor %q of dtype %q and shape %v: want F32, I64 or U8 and non-negative sizes", t.Name, t.DType, t.Shape)
		}
		var sum checksum
		switch err := t.Write(&sum); {
		case err != nil:
			return nil, fmt.Errorf("safetensors: tensor %q: %w", t.Name, err)
		case sum.size != n*sizeOf(t.DType):
			return nil, fmt.Errorf("safetensors: tensor %q of shape %v has %d bytes: want %d", t.Name, t.Shape, sum.size, n*sizeOf(t.DType))
		}
		sums = append(sums, hexadecimal(sum.crc))
	}
	all[ChecksumKey] = strings.Join(sums, " ")

	h := headerWriter{}
	h.raw("{")
	h.json(metadataKey)
	h.raw(":")
	h.json(all)
	seen := map[string]bool{metadataKey: true}
	offset := int64(0)
	for _, t := range tensors {
		switch {
		case !utf8.ValidString(t.Name):
			return nil, fmt.Errorf("safetensors: tensor name %q is not UTF-8", t.Name)
		case seen[t.Name]:
			return nil, fmt.Errorf("safetensors: tensor %q: the name is taken", t.Name)
		}
		seen[t.Name] = true
		shape := t.Shape
		if shape == nil {
			shape = []int{}
		}
		h.raw(",")
		h.json(t.Name)
		h.raw(`:{"dtype":"` + t.DType + `","shape":`)
		h.json(shape)
		h.raw(`,"data_offsets":`)
		n, _ := elements(t.Shape)
		end := offset + n*sizeOf(t.DType)
		h.json([]int64{offset, end})
		h.raw("}")
		offset = end
	}
	h.raw("}")
	if h.err != nil {
		return nil, fmt.Errorf("safetensors: %w", h.err)
	}
	header := h.buf.Bytes()
	for len(header)%8 != 0 {
		header = append(header, ' ')
	}
	if len(header) > maxHeader {
		return nil, fmt.Errorf("safetensors: header of %d bytes: want at most %d", len(header), maxHeader)
	}
	seal(header)
	return header, nil
}

// headerWriter builds a header and keeps the first error.
type headerWriter struct {
	buf bytes.Buffer
	err error
}

func (h *headerWriter) raw(s string) { h.buf.WriteString(s) }

// json appends v without white space, map keys sorted.
func (h *headerWriter) json(v any) {
	enc := json.NewEncoder(&h.buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil && h.err == nil {
		h.err = err
	}
	h.buf.Truncate(h.buf.Len() - 1) // the newline
}
