package seq2seq

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/retell-rnn/retell/internal/atomicfile"
	"github.com/retell-rnn/retell/internal/quote"
	"github.com/retell-rnn/retell/internal/safetensors"
	"github.com/retell-rnn/retell/tokenize"
)

// A model file is a safetensors file. Its metadata hold everything but the weights.
const (
	kindModel = "seq2seq"
	kindState = "training state"
	version   = "2" // version of new files
)

// versions lists the readable versions. Version 1 lacks parts of summaries and tokenizers.
func versions() []string { return []string{"1", version} }

// AnyKind makes [LoadKind] accept every kind of model.
const AnyKind = "model"

// Metadata keys.
const (
	metaKind    = "retell.kind"
	metaVersion = "retell.version"
	metaConfig  = "retell.config"
	metaSource  = "retell.source"
	metaTarget  = "retell.target" // absent with a shared vocabulary
	metaSummary = "retell.summary"
	metaAbout   = "retell.about" // the notes given to SetKind; absent for kindModel
)

// Save writes the model to a file. An existing file stays unchanged until the new one is complete.
func (m *Network) Save(path string) error {
	if err := atomicfile.Write(path, m.Write); err != nil {
		return fmt.Errorf("seq2seq: saving the model: %w", err)
	}
	return nil
}

// Write writes the contents of the model's file.
func (m *Network) Write(w io.Writer) error {
	meta, err := m.metadata()
	if err != nil {
		return err
	}
	return safetensors.Write(w, meta, m.net.tensors(""))
}

func (m *Network) metadata() (map[string]string, error) {
	meta := map[string]string{metaKind: m.kind, metaVersion: version}
	if m.kind != kindModel {
		meta[metaAbout] = m.about
	}
	parts := map[string]any{metaConfig: m.config, metaSource: m.source, metaSummary: m.summary}
	if !m.config.SharedVocab {
		parts[metaTarget] = m.target
	}
	for key, v := range parts {
		text, err := json.Marshal(v)
		if err != nil {
			return nil, fmt.Errorf("seq2seq: saving %s: %w", key, err)
		}
		meta[key] = string(text)
	}
	return meta, nil
}

// tensors returns the weights as tensors whose names begin with a prefix.
func (n *layers) tensors(prefix string) []safetensors.Tensor {
	var out []safetensors.Tensor
	for p := range n.params.All() {
		out = append(out, safetensors.Tensor{Name: prefix + p.Name, Shape: p.Shape, Data: p.W})
	}
	return out
}

// SetKind sets the kind of the model's files, for a package that builds on this one. The files hold about as JSON.
// [LoadKind] reads files of the kind; [Load] refuses them.
func (m *Network) SetKind(kind string, about any) error {
	text, err := json.Marshal(about)
	if err != nil {
		return fmt.Errorf("seq2seq: kind %s: %w", kind, err)
	}
	m.kind, m.about = kind, string(text)
	return nil
}

// Kind returns the kind of the network's files: seq2seq, classifier, or the kind given to SetKind.
func (m *Network) Kind() string { return m.kind }

// About decodes the about value of SetKind into v.
func (m *Network) About(v any) error {
	if err := unmarshal(map[string]string{metaAbout: m.about}, metaAbout, v); err != nil {
		return fmt.Errorf("seq2seq: model of kind %s: %w", m.kind, err)
	}
	return nil
}

// LoadKind reads a network of the given kind, or of [AnyKind], from a file; see [Load].
func LoadKind(path, kind string) (*Network, error) {
	m, err := loadKind(path, kind)
	if err != nil {
		return nil, fmt.Errorf("seq2seq: model %s: %w", path, err)
	}
	return m, nil
}

func loadKind(path, kind string) (*Network, error) {
	f, closeFile, err := open(path, kind)
	if err != nil {
		return nil, err
	}
	defer closeFile()
	return read(f)
}

// Read is [LoadKind] for a network inside another file. r holds the bytes that [Network.Write] wrote.
func Read(r io.ReaderAt, size int64, kind string) (*Network, error) {
	f, err := safetensors.NewReader(r, size)
	err = fileError(err)
	if err == nil {
		err = check(f, kind)
	}
	var m *Network
	if err == nil {
		m, err = read(f)
	}
	if err != nil {
		return nil, fmt.Errorf("seq2seq: model: %w", err)
	}
	return m, nil
}

// open opens a model or state file and checks its kind and version.
func open(path, kind string) (f *safetensors.Reader, closeFile func(), err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, nil, plain(err)
	}
	defer func() {
		if err != nil {
			_ = file.Close()
		}
	}()
	info, err := file.Stat()
	if err != nil {
		return nil, nil, plain(err)
	}
	if !info.Mode().IsRegular() {
		return nil, nil, errors.New("is not a regular file")
	}
	if f, err = safetensors.NewReader(file, info.Size()); err != nil {
		return nil, nil, fileError(err)
	}
	if err = check(f, kind); err != nil {
		return nil, nil, err
	}
	return f, func() { _ = file.Close() }, nil
}

// check returns an error for a file of another kind or version.
func check(f *safetensors.Reader, kind string) error {
	meta := f.Metadata()
	_, isModel := meta[metaConfig]
	isOther := meta[metaKind] == kindState || !isModel && (slices.Contains(versions(), meta[metaVersion]) || meta[metaVersion] == "") // not a model of a later version
	switch {
	case meta[metaKind] == "":
		return safetensors.Mark(fmt.Errorf("safetensors file has no %s: want a %s file of retell", metaKind, kind), ErrKind)
	case meta[metaKind] != kind && (kind != AnyKind || isOther):
		return safetensors.Mark(fmt.Errorf("%s: want a %s file", safetensors.OfKind(meta[metaKind]), kind), ErrKind)
	case !slices.Contains(versions(), meta[metaVersion]):
		return safetensors.Mark(fmt.Errorf("format version %s: this program reads versions up to %s", meta[metaVersion], version), ErrVersion)
	}
	return nil
}

// plain drops the operation and the path from a file error; callers add the path.
func plain(err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

func read(f *safetensors.Reader) (*Network, error) {
	meta := f.Metadata()
	var config Config
	var summary Summary
	if err := unmarshal(meta, metaConfig, &config); err != nil {
		return nil, err
	}
	source, target, err := codecs(meta, config.SharedVocab)
	if err != nil {
		return nil, err
	}
	if config.Source = source.Config(); config.SharedVocab {
		config.Target = config.Source
	} else {
		config.Target = target.Config()
	}
	if err := unmarshal(meta, metaSummary, &summary); err != nil {
		return nil, err
	}
	m, err := assemble(config, source, target, nil)
	if err != nil {
		return nil, safetensors.Mark(err, ErrDamaged)
	}
	m.kind, m.about = meta[metaKind], meta[metaAbout]
	m.summary = summary
	return m, m.net.read(f, "")
}

// codecs returns the tokenizers of a file; with shared, both are one.
func codecs(meta map[string]string, shared bool) (source, target *tokenize.Codec, err error) {
	if err := unmarshal(meta, metaSource, &source); err != nil {
		return nil, nil, err
	}
	if shared {
		return source, source, nil
	}
	err = unmarshal(meta, metaTarget, &target)
	return source, target, err
}

func unmarshal(meta map[string]string, key string, v any) error {
	text, ok := meta[key]
	if !ok {
		return safetensors.Mark(fmt.Errorf("metadata have no %s", key), ErrDamaged)
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return safetensors.Mark(fmt.Errorf("metadata: %s: %s", key, quote.JSON(err)), ErrDamaged)
	}
	return nil
}

// read loads the weights whose names begin with prefix. Every parameter must have a tensor.
func (n *layers) read(f *safetensors.Reader, prefix string) error {
	for p := range n.params.All() {
		if err := readTensor(f, prefix+p.Name, p.Shape, p.W); err != nil {
			return err
		}
	}
	return nil
}

func readTensor(f *safetensors.Reader, name string, shape []int, dst []float32) error {
	t, ok := f.Tensor(name)
	if !ok {
		return safetensors.Mark(fmt.Errorf("tensor %s is missing", name), ErrDamaged)
	}
	if fmt.Sprint(t.Shape) != fmt.Sprint(shape) {
		return safetensors.Mark(fmt.Errorf("tensor %s is of shape %v: want %v", name, t.Shape, shape), ErrDamaged)
	}
	return fileError(f.Read(name, dst))
}
