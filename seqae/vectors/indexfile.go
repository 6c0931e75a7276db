package vectors

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/retell-rnn/retell/internal/safetensors"
)

// The file of an index is a safetensors file of vectors that [Read] can read, with further tensors: the numbers of the
// rows, I64 [rows], and, if the index is approximate, the centers of the cells, F32 [cells, width], and the starts of
// their rows, I64 [cells+1]. The metadata of an approximate index hold its Approximation.
const (
	tensorNumbers = "row_numbers"
	tensorCenters = "cell_centers"
	tensorStarts  = "cell_starts"

	metaKind          = "retell.kind"
	metaVersion       = "retell.version"
	metaApproximation = "retell.approximation"

	kindIndex    = "vectors index"
	indexVersion = "1"
)

// Save writes the index to a file. An earlier file at path stays until the new one is complete.
func (x *Index) Save(path string) error {
	n := x.rows.Rows()
	offsets := make([]int, 1, n+1)
	for _, text := range x.rows.Texts {
		offsets = append(offsets, offsets[len(offsets)-1]+len(text))
	}
	meta := map[string]string{metaKind: kindIndex, metaVersion: indexVersion}
	ints := func(name string, values []int) safetensors.Stream {
		return safetensors.Stream{Name: name, DType: safetensors.I64, Shape: []int{len(values)}, Write: func(w io.Writer) error {
			b := bufio.NewWriter(w)
			for _, v := range values {
				b.Write(binary.LittleEndian.AppendUint64(b.AvailableBuffer(), uint64(v))) // b keeps an error for Flush
			}
			return b.Flush()
		}}
	}
	floats := func(name string, data []float32) safetensors.Stream {
		return safetensors.Stream{Name: name, DType: safetensors.F32, Shape: []int{len(data) / x.rows.Width, x.rows.Width}, Write: func(w io.Writer) error {
			var buf []byte
			for row := range slices.Chunk(data, x.rows.Width) {
				buf = appendFloats(buf[:0], row)
				if _, err := w.Write(buf); err != nil {
					return err
				}
			}
			return nil
		}}
	}
	tensors := []safetensors.Stream{ints(tensorOffsets, offsets), ints(tensorNumbers, x.numbers)}
	if c := x.cells; c != nil {
		text, err := json.Marshal(c.Approximation)
		if err != nil {
			return fmt.Errorf("vectors: %s: %w", path, err)
		}
		meta[metaApproximation] = string(text)
		tensors = append(tensors, ints(tensorStarts, c.starts), floats(tensorCenters, c.centers))
	}
	tensors = append(tensors, floats(tensorVectors, x.rows.Data), safetensors.Stream{
		Name: tensorTexts, DType: safetensors.U8, Shape: []int{offsets[n]}, Write: func(w io.Writer) error {
			_, err := io.Copy(w, strings.NewReader(strings.Join(x.rows.Texts, "")))
			return err
		},
	})
	return replaceFile(path, func(b *bufio.Writer) error { return safetensors.WriteStreams(b, meta, tensors) })
}

// LoadIndex reads an index that Save wrote. It returns [ErrKind] for another file, [ErrVersion] for an index of a later
// version, and [ErrDamaged] for a truncated or changed one.
func LoadIndex(path string) (*Index, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fileError(path, 0, err)
	}
	defer f.Close()
	x, err := loadIndex(f, path)
	if err != nil {
		if e, ok := errors.AsType[*Error](err); ok {
			return nil, e
		}
		return nil, fileError(path, 0, err)
	}
	return x, nil
}

func loadIndex(f *os.File, path string) (*Index, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	in, err := safetensors.NewReader(f, info.Size())
	if err != nil {
		return nil, err
	}
	meta := in.Metadata()
	if meta[metaKind] != kindIndex {
		return nil, wrongKind("is not an index: want a file that 'retell index build' or Index.Save wrote")
	}
	if meta[metaVersion] != indexVersion {
		err := fmt.Errorf("index has format version %q: want %s", meta[metaVersion], indexVersion)
		return nil, safetensors.Mark(err, ErrVersion)
	}
	rows, err := Collect(Read(path, &ReadOptions{Format: Safetensors}))
	if err != nil {
		return nil, err
	}
	x := &Index{rows: *rows}
	if x.numbers, err = readInts(in, tensorNumbers, rows.Rows()); err != nil {
		return nil, err
	}
	text, ok := meta[metaApproximation]
	if !ok {
		return x, nil
	}
	c := &cells{}
	if err := json.Unmarshal([]byte(text), &c.Approximation); err != nil || c.Cells < 1 || c.Cells > rows.Rows() || c.Probes < 1 || c.Probes > c.Cells {
		return nil, damaged("metadata %q: %.100q: want cells and probes", metaApproximation, text)
	}
	if c.starts, err = readInts(in, tensorStarts, c.Cells+1); err != nil {
		return nil, err
	}
	if !slices.IsSorted(c.starts) || c.starts[0] != 0 || c.starts[c.Cells] != rows.Rows() {
		return nil, damaged("tensor %q: want ascending numbers from 0 to %d", tensorStarts, rows.Rows())
	}
	centers, ok := in.Tensor(tensorCenters)
	if !ok || !slices.Equal(centers.Shape, []int{c.Cells, rows.Width}) {
		return nil, damaged("has no tensor %q of shape [%d, %d]", tensorCenters, c.Cells, rows.Width)
	}
	c.centers = make([]float32, centers.Len())
	if err := in.Read(tensorCenters, c.centers); err != nil {
		return nil, err
	}
	x.cells = c
	return x, nil
}

// readInts reads a tensor of n integers.
func readInts(in *safetensors.Reader, name string, n int) ([]int, error) {
	t, ok := in.Tensor(name)
	if !ok || t.DType != safetensors.I64 || t.Len() != n {
		return nil, damaged("has no tensor %q of type I64 and shape [%d]", name, n)
	}
	b, err := io.ReadAll(in.Stream(name))
	if err != nil {
		return nil, err
	}
	values := make([]int, n)
	for i := range values {
		values[i] = int(binary.LittleEndian.Uint64(b[8*i:]))
	}
	return values, nil
}
