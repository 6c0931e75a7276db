package anomaly

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/retell-rnn/retell/internal/atomicfile"
	"github.com/retell-rnn/retell/internal/quote"
	"github.com/retell-rnn/retell/internal/safetensors"
	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/seqae"
	"github.com/retell-rnn/retell/seqae/internal/modelfile"
	"github.com/retell-rnn/retell/seqae/probe"
)

// The file of a detector is a safetensors file. Its tensors hold the file of the model, the normal lines, each followed
// by a line feed, and their vectors, [lines, size], of length 1.
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

// fitted is the JSON of metaAnomaly.
type fitted struct {
	Neighbors int          `json:"neighbours"` // files of all versions spell the key so
	Errors    Distribution `json:"errors"`
	Distances Distribution `json:"distances"`
}

// Save writes the detector to a file. An earlier file at path stays until the new one is complete.
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
	if err := d.net.Write(&model); err != nil {
		return err
	}
	meta := map[string]string{metaKind: kind, metaVersion: version, metaAnomaly: string(about)}
	return safetensors.WriteStreams(w, meta, []safetensors.Stream{
		safetensors.Tensor{Name: tensorVectors, Shape: []int{d.vectors.Len(), d.vectors.Size()}, Data: d.vectors.Data()}.Stream(),
		safetensors.Bytes(tensorModel, model.Bytes()),
		safetensors.Bytes(tensorLines, []byte(strings.Join(d.lines, "\n")+"\n")),
	})
}

// Load reads a detector from a file that Save wrote. It returns [seq2seq.ErrKind] for another file,
// [seq2seq.ErrVersion] for one of a later version, and [seq2seq.ErrDamaged] for a truncated or changed one.
func Load(path string) (*Detector, error) { return modelfile.Load("anomaly", path, read) }

func read(r io.ReaderAt, size int64) (*Detector, error) {
	f, err := safetensors.NewReader(r, size)
	if err != nil {
		return nil, modelfile.Error(err)
	}
	if err := checkKind(f.Metadata()); err != nil {
		return nil, err
	}
	var about fitted
	if err := json.Unmarshal([]byte(f.Metadata()[metaAnomaly]), &about); err != nil {
		return nil, modelfile.Damaged("metadata: %s: %s", metaAnomaly, quote.JSON(err))
	}
	d := &Detector{neighbors: about.Neighbors, errors: about.Errors, distances: about.Distances}
	model, err := modelfile.Bytes(f, tensorModel)
	if err != nil {
		return nil, err
	}
	if err := d.readModel(model); err != nil {
		return nil, err
	}
	lines, err := modelfile.Bytes(f, tensorLines)
	if err != nil {
		return nil, err
	}
	d.lines = strings.Split(strings.TrimSuffix(string(lines), "\n"), "\n")
	width, err := d.net.EmbeddingSize(nil)
	if err != nil {
		return nil, modelfile.Damaged("%w", err)
	}
	if d.vectors, err = readVectors(f, len(d.lines), width); err != nil {
		return nil, err
	}
	if err := d.check(); err != nil {
		return nil, err
	}
	return d, nil
}

// readModel reads the file of the model: an autoencoder, or another that makes vectors.
func (d *Detector) readModel(file []byte) error {
	m, err := seqae.Read(bytes.NewReader(file), int64(len(file)))
	switch {
	case err == nil:
		d.model, d.net = m, m.Network
		return nil
	case errors.Is(err, seq2seq.ErrKind):
		d.net, err = seq2seq.Read(bytes.NewReader(file), int64(len(file)), seq2seq.AnyKind)
	}
	return err
}

// checkKind returns an error for a file of another kind or version.
func checkKind(meta map[string]string) error {
	switch {
	case meta[metaKind] == "":
		err := fmt.Errorf("safetensors file has no %s: want a detector file of retell", metaKind)
		return safetensors.Mark(err, seq2seq.ErrKind)
	case meta[metaKind] != kind:
		err := fmt.Errorf("%s: want a detector file, as 'anomaly fit' writes it", safetensors.OfKind(meta[metaKind]))
		return safetensors.Mark(err, seq2seq.ErrKind)
	case meta[metaVersion] != version:
		err := fmt.Errorf("format version %s: this program reads version %s", meta[metaVersion], version)
		return safetensors.Mark(err, seq2seq.ErrVersion)
	}
	return nil
}

func readVectors(f *safetensors.Reader, lines, size int) (*probe.Dense, error) {
	t, ok := f.Tensor(tensorVectors)
	if !ok || len(t.Shape) != 2 || t.Shape[0] != lines || t.Shape[1] != size {
		return nil, modelfile.Damaged("tensor %s has shape %v: want [%d %d], a vector for each line", tensorVectors, t.Shape, lines, size)
	}
	data := make([]float32, lines*size)
	if err := f.Read(tensorVectors, data); err != nil {
		return nil, modelfile.Error(err)
	}
	v, err := probe.NewDense(size, data)
	if err != nil {
		return nil, modelfile.Damaged("%w", err)
	}
	return v, nil
}

// check returns an error for values that Fit never produces.
func (d *Detector) check() error {
	if d.neighbors < 1 || d.neighbors >= len(d.lines) {
		return modelfile.Damaged("%d neighbors with %d lines: want 1 or more, and fewer than lines", d.neighbors, len(d.lines))
	}
	for i, x := range []Distribution{d.errors, d.distances} {
		if i == 0 && d.model == nil {
			continue
		}
		if !(x.Deviation > 0) || math.IsInf(x.Deviation, 0) || math.IsNaN(x.Mean) || math.IsInf(x.Mean, 0) {
			return modelfile.Damaged("mean %v and standard deviation %v: want finite numbers and a deviation above 0", x.Mean, x.Deviation)
		}
	}
	return nil
}
