package safetensors

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"strings"
	"unicode/utf8"
)

// Tensor is a named array of numbers.
type Tensor struct {
	Name  string
	Shape []int     // no sizes: a single number
	Data  []float32 // row-major, as many as the shape says
}

// Write writes a file of the tensors in their order, with the metadata, which may be nil. The same arguments give the same
// bytes. It reads every tensor twice, once for its checksum, and needs no memory beyond the header and a small buffer.
func Write(w io.Writer, metadata map[string]string, tensors []Tensor) error {
	header, err := newHeader(metadata, tensors)
	if err != nil {
		return err
	}
	if err := writeAll(w, header, tensors); err != nil {
		return fmt.Errorf("safetensors: %w", err)
	}
	return nil
}

func writeAll(w io.Writer, header []byte, tensors []Tensor) error {
	if _, err := w.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(header)))); err != nil {
		return err
	}
	if _, err := w.Write(header); err != nil {
		return err
	}
	buf := make([]byte, 0, chunkBytes)
	for _, t := range tensors {
		for chunk := range encoded(t.Data, buf) {
			if _, err := w.Write(chunk); err != nil {
				return err
			}
		}
	}
	return nil
}

// encoded yields the values as they stand in a file, in pieces that share buf.
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

// newHeader returns the header, checksums included, padded with spaces to a multiple of 8.
func newHeader(metadata map[string]string, tensors []Tensor) ([]byte, error) {
	all := make(map[string]string, len(metadata)+1)
	for key, value := range metadata {
		if key == ChecksumKey {
			return nil, fmt.Errorf("safetensors: metadata %q: the key is taken by the checksums", key)
		}
		if !utf8.ValidString(key) || !utf8.ValidString(value) {
			return nil, fmt.Errorf("safetensors: metadata %q is not UTF-8", key)
		}
		all[key] = value
	}
	sums := []string{noDigits}
	buf := make([]byte, 0, chunkBytes)
	for _, t := range tensors {
		sum := uint32(0)
		for chunk := range encoded(t.Data, buf) {
			sum = crc32.Update(sum, castagnoli, chunk)
		}
		sums = append(sums, hexadecimal(sum))
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
		n, ok := elements(t.Shape)
		switch {
		case !utf8.ValidString(t.Name):
			return nil, fmt.Errorf("safetensors: tensor name %q is not UTF-8", t.Name)
		case seen[t.Name]:
			return nil, fmt.Errorf("safetensors: tensor %q: the name is taken", t.Name)
		case !ok || n != int64(len(t.Data)):
			return nil, fmt.Errorf("safetensors: tensor %q of shape %v has %d values", t.Name, t.Shape, len(t.Data))
		}
		seen[t.Name] = true
		shape := t.Shape
		if shape == nil {
			shape = []int{}
		}
		h.raw(",")
		h.json(t.Name)
		h.raw(`:{"dtype":"F32","shape":`)
		h.json(shape)
		h.raw(`,"data_offsets":`)
		h.json([]int64{offset, offset + 4*n})
		h.raw("}")
		offset += 4 * n
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

// headerWriter puts a header together; the first error stays.
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
