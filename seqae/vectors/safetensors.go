package vectors

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/retell-rnn/retell/internal/safetensors"
)

// Names of the tensors; see [Safetensors].
const (
	tensorVectors = "vectors"
	tensorTexts   = "texts"
	tensorOffsets = "text_offsets"
)

func writeSafetensors(b *bufio.Writer, log *rowLog) error {
	// each returns a function that writes a tensor: start, then the bytes that part appends for each row.
	each := func(start []byte, part func(b []byte, r rawRow) []byte) func(io.Writer) error {
		return func(w io.Writer) error {
			out := bufio.NewWriterSize(w, 1<<16)
			out.Write(start) // out keeps an error for Flush
			var buf []byte
			for r, err := range log.raw() {
				if err != nil {
					return err
				}
				buf = part(buf[:0], r)
				if _, err := out.Write(buf); err != nil {
					return err
				}
			}
			return out.Flush()
		}
	}
	offsets := func(w io.Writer) error {
		at := uint64(0)
		return each(make([]byte, 8), func(b []byte, r rawRow) []byte {
			at += uint64(len(r.text))
			return binary.LittleEndian.AppendUint64(b, at)
		})(w)
	}
	return safetensors.WriteStreams(b, map[string]string{"retell.kind": "vectors"}, []safetensors.Stream{
		{Name: tensorOffsets, DType: safetensors.I64, Shape: []int{log.rows + 1}, Write: offsets},
		{Name: tensorVectors, DType: safetensors.F32, Shape: []int{log.rows, log.width}, Write: each(nil, func(b []byte, r rawRow) []byte { return append(b, r.vector...) })},
		{Name: tensorTexts, DType: safetensors.U8, Shape: []int{int(log.textBytes)}, Write: each(nil, func(b []byte, r rawRow) []byte { return append(b, r.text...) })},
	})
}

// safetensorsReader reads the rows of a file.
type safetensorsReader struct {
	rows, width             int
	vectors, texts, offsets *bufio.Reader // texts and offsets are nil if there are no texts
	at, size                int64         // offset of the next text, and bytes of all texts
	buf                     []byte
}

func newSafetensorsReader(in io.ReaderAt, size int64) (*safetensorsReader, error) {
	f, err := safetensors.NewReader(in, size)
	if err != nil {
		return nil, err
	}
	v, ok := f.Tensor(tensorVectors)
	if !ok || v.DType != safetensors.F32 || len(v.Shape) != 2 {
		return nil, wrongKind("has no tensor %q of type F32 and shape [rows, width]: not a file of vectors", tensorVectors)
	}
	if v.Shape[1] < 1 || v.Shape[1] > maxWidth {
		return nil, fmt.Errorf("tensor %q has shape %v: want a width of 1 to %d", tensorVectors, v.Shape, maxWidth)
	}
	r := &safetensorsReader{rows: v.Shape[0], width: v.Shape[1], vectors: bufio.NewReaderSize(f.Stream(tensorVectors), 1<<16)}
	r.buf = make([]byte, 4*r.width)
	texts, ok := f.Tensor(tensorTexts)
	if !ok {
		return r, nil
	}
	offsets, ok := f.Tensor(tensorOffsets)
	if !ok || texts.DType != safetensors.U8 || offsets.DType != safetensors.I64 || offsets.Len() != r.rows+1 {
		return nil, damaged("tensors %q and %q: want type U8, and type I64 with shape [%d]", tensorTexts, tensorOffsets, r.rows+1)
	}
	r.texts, r.size = bufio.NewReaderSize(f.Stream(tensorTexts), 1<<16), int64(texts.Len())
	r.offsets = bufio.NewReaderSize(f.Stream(tensorOffsets), 1<<16)
	return r, r.offset(0)
}

// offset reads the end of the next text, which has at most max bytes, into at.
func (r *safetensorsReader) offset(max int64) error {
	var b [8]byte
	if _, err := io.ReadFull(r.offsets, b[:]); err != nil {
		return err
	}
	to := int64(binary.LittleEndian.Uint64(b[:]))
	if to < r.at || to-r.at > max || to > r.size {
		return damaged("text ends at byte %d of %d, and the text before it at %d: want ascending offsets and texts of at most %d bytes", to, r.size, r.at, maxText)
	}
	r.at = to
	return nil
}

// next returns row n, from 0, and io.EOF after the last.
func (r *safetensorsReader) next(n int) (Row, error) {
	if n == r.rows {
		return Row{}, r.end()
	}
	row := Row{Vector: make([]float32, r.width)}
	if _, err := io.ReadFull(r.vectors, r.buf); err != nil {
		return Row{}, err
	}
	decodeFloats(row.Vector, r.buf)
	if r.texts != nil {
		from := r.at
		if err := r.offset(maxText); err != nil {
			return Row{}, err
		}
		text := make([]byte, r.at-from)
		if _, err := io.ReadFull(r.texts, text); err != nil {
			return Row{}, err
		}
		row.Text = string(text)
	}
	return row, nil
}

// end verifies the checksums and checks that no text is left. It returns io.EOF if all is well.
func (r *safetensorsReader) end() error {
	for _, in := range []*bufio.Reader{r.vectors, r.texts, r.offsets} {
		if in == nil {
			continue
		}
		if _, err := in.ReadByte(); err == nil {
			return damaged("texts follow the last row's text: want none")
		} else if err != io.EOF {
			return err
		}
	}
	return io.EOF
}
