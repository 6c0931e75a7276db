package anomaly

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strings"

	"github.com/retell-rnn/retell/internal/atomicfile"
	"github.com/retell-rnn/retell/internal/quote"
	"github.com/retell-rnn/retell/internal/safetensors"
	"github.com/retell-rnn/retell/seqae"
	"github.com/retell-rnn/retell/seqae/probe"
)

// A detector's file is a safetensors file that holds all it needs: the model as its own file would be, the normal
// lines, a line feed after each, and their vectors, [lines, size], at unit length.
const (
	kind    = "detector"
	version = "1"

	metaKind    = "retell.kind"
	metaVersion = "retell.version"
	metaAnomaly = "retell.anomaly"

	tensorVectors = "vectors"
	tensorModel   = "model"
	tensorLines   = "lines"
)

// fitted is what metaAnomaly holds, as JSON.
type fitted struct {
	Neighbors int          `json:"neighbours"`
	Errors    Distribution `json:"errors"`
	Distances Distribution `json:"distances"`
}

// Save writes the detector to a file. The file at path, if there is one, stays whole until the new one is.
func (d *Detector) Save(path string) error {
	if err := atomicfile.Write(path, d.write); err != nil {
		return fmt.Errorf("anomaly: saving: %w", err)
	}
	return nil
}

func (d *Detector) write(w io.Writer) error {
	about, err := json.Marshal(fitted{d.neighbors, d.errors, d.distances})
	if err != nil {
		return err
	}
	var model bytes.Buffer
	if err := d.model.Write(&model); err != nil {
		return err
	}
	meta := map[string]string{metaKind: kind, metaVersion: version, metaAnomaly: string(about)}
	return safetensors.WriteStreams(w, meta, []safetensors.Stream{
		safetensors.Tensor{Name: tensorVectors, Shape: []int{d.vectors.Len(), d.vectors.Size()}, Data: d.vectors.Data()}.Stream(),
		safetensors.Bytes(tensorModel, model.Bytes()),
		safetensors.Bytes(tensorLines, []byte(strings.Join(d.lines, "\n")+"\n")),
	})
}

// Load reads a detector from a file. A file that is damaged, cut off, of another kind or of a newer version is an error
// that says which.
func Load(path string) (*Detector, error) {
	file, err := os.Open(path)
	if err != nil {
		if p, ok := errors.AsType[*os.PathError](err); ok {
			err = p.Err
		}
		return nil, fmt.Errorf("anomaly: %s: %w", path, err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("is not a regular file")
	}
	var d *Detector
	if err == nil {
		d, err = read(file, info.Size())
	}
	if err != nil {
		return nil, fmt.Errorf("anomaly: %s: %w", path, err)
	}
	return d, nil
}

func read(r io.ReaderAt, size int64) (*Detector, error) {
	f, err := safetensors.NewReader(r, size)
	if err != nil {
		return nil, err
	}
	meta := f.Metadata()
	switch {
	case meta[metaKind] == "":
		return nil, fmt.Errorf("safetensors file has no %s: want a detector file of retell", metaKind)
	case meta[metaKind] != kind:
		return nil, fmt.Errorf("is a %s file: want a detector file, as 'anomaly fit' writes it", meta[metaKind])
	case meta[metaVersion] != version:
		return nil, fmt.Errorf("format version %s: this program reads version %s", meta[metaVersion], version)
	}
	var about fitted
	if err := json.Unmarshal([]byte(meta[metaAnomaly]), &about); err != nil {
		return nil, fmt.Errorf("metadata: %s: %s", metaAnomaly, quote.JSON(err))
	}
	d := &Detector{neighbors: about.Neighbors, errors: about.Errors, distances: about.Distances}
	model, err := readBytes(f, tensorModel)
	if err != nil {
		return nil, err
	}
	if d.model, err = seqae.Read(bytes.NewReader(model), int64(len(model))); err != nil {
		return nil, err
	}
	lines, err := readBytes(f, tensorLines)
	if err != nil {
		return nil, err
	}
	d.lines = strings.Split(strings.TrimSuffix(string(lines), "\n"), "\n")
	if d.vectors, err = readVectors(f, len(d.lines), d.model.VectorSize()); err != nil {
		return nil, err
	}
	if err := d.check(); err != nil {
		return nil, err
	}
	return d, nil
}

func readBytes(f *safetensors.Reader, name string) ([]byte, error) {
	if t, ok := f.Tensor(name); !ok || t.DType != safetensors.U8 {
		return nil, fmt.Errorf("tensor %s of U8 is missing", name)
	}
	return io.ReadAll(f.Stream(name))
}

func readVectors(f *safetensors.Reader, lines, size int) (*probe.Dense, error) {
	t, ok := f.Tensor(tensorVectors)
	if !ok || len(t.Shape) != 2 || t.Shape[0] != lines || t.Shape[1] != size {
		return nil, fmt.Errorf("tensor %s of shape %v: want one of F32 and shape [%d %d], a vector of the model for each line", tensorVectors, t.Shape, lines, size)
	}
	data := make([]float32, lines*size)
	if err := f.Read(tensorVectors, data); err != nil {
		return nil, err
	}
	return probe.NewDense(size, data)
}

// check refuses figures that no fit leaves.
func (d *Detector) check() error {
	if d.neighbors < 1 || d.neighbors >= len(d.lines) {
		return fmt.Errorf("%d neighbors of %d lines: want at least 1, and fewer than lines", d.neighbors, len(d.lines))
	}
	for _, x := range []Distribution{d.errors, d.distances} {
		if !(x.Deviation > 0) || math.IsInf(x.Deviation, 0) || math.IsNaN(x.Mean) || math.IsInf(x.Mean, 0) {
			return fmt.Errorf("mean %v and standard deviation %v: want finite numbers, and a deviation of more than 0", x.Mean, x.Deviation)
		}
	}
	return nil
}
