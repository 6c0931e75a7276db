package linear

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/retell-rnn/retell/internal/atomicfile"
	"github.com/retell-rnn/retell/internal/quote"
	"github.com/retell-rnn/retell/internal/safetensors"
	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/seqae/internal/modelfile"
	"github.com/retell-rnn/retell/seqae/probe"
)

// Kind is the kind of file that holds a classifier.
const Kind = "linear classifier"

// The file of a classifier is a safetensors file. Its tensors hold the regression and the file of the model.
const (
	version = "1"

	metaKind    = "retell.kind"
	metaVersion = "retell.version"
	metaLinear  = "retell.linear"

	tensorWeights  = "weights"      // [labels, size]
	tensorBiases   = "biases"       // [labels]
	tensorWords    = "words"        // words, ascending, each followed by a line feed
	tensorRarities = "rarities"     // [words]: weights of the TF-IDF
	tensorOfWords  = "word_weights" // [labels, words]
	tensorModel    = "model"
)

// fitted is the JSON of metaLinear.
type fitted struct {
	Labels []string             `json:"labels"`
	Pool   seq2seq.EmbedPooling `json:"pool,omitempty"`
	Size   int                  `json:"size,omitempty"`
	Report Report               `json:"report"`
}

// Save writes the classifier to a file. An earlier file at path stays until the new one is complete.
func (c *Classifier) Save(path string) error {
	if err := atomicfile.Write(path, c.write); err != nil {
		return fmt.Errorf("linear: saving: %w", err)
	}
	return nil
}

func (c *Classifier) write(w io.Writer) error {
	about, err := json.Marshal(fitted{c.labels, c.embed.Pool, c.embed.Size, c.report})
	if err != nil {
		return err
	}
	var model bytes.Buffer
	if err := c.model.Write(&model); err != nil {
		return err
	}
	dense, ofWords := c.split()
	streams := []safetensors.Stream{
		safetensors.Tensor{Name: tensorWeights, Shape: []int{len(c.labels), c.size}, Data: dense}.Stream(),
		safetensors.Tensor{Name: tensorBiases, Shape: []int{len(c.labels)}, Data: c.biases}.Stream(),
	}
	if c.words != nil {
		words, rarities := c.words.Words()
		streams = append(streams,
			safetensors.Tensor{Name: tensorOfWords, Shape: []int{len(c.labels), len(words)}, Data: ofWords}.Stream(),
			safetensors.Tensor{Name: tensorRarities, Shape: []int{len(words)}, Data: rarities}.Stream(),
			safetensors.Bytes(tensorWords, []byte(strings.Join(words, "\n")+"\n")))
	}
	streams = append(streams, safetensors.Bytes(tensorModel, model.Bytes()))
	return safetensors.WriteStreams(w, map[string]string{metaKind: Kind, metaVersion: version, metaLinear: string(about)}, streams)
}

// split returns the weights of vectors, [labels, size], and those of words, [labels, words].
func (c *Classifier) split() (dense, ofWords []float32) {
	for row := range slices.Chunk(c.weights, len(c.weights)/len(c.labels)) {
		dense, ofWords = append(dense, row[:c.size]...), append(ofWords, row[c.size:]...)
	}
	return dense, ofWords
}

// join is the inverse of split.
func (c *Classifier) join(dense, ofWords []float32) {
	words := len(ofWords) / len(c.labels)
	for i := range c.labels {
		c.weights = append(c.weights, dense[i*c.size:][:c.size]...)
		c.weights = append(c.weights, ofWords[i*words:][:words]...)
	}
}

// Load reads a classifier from a file that Save wrote. It returns [seq2seq.ErrKind] for another file,
// [seq2seq.ErrVersion] for one of a later version, and [seq2seq.ErrDamaged] for a truncated or changed one.
func Load(path string) (*Classifier, error) { return modelfile.Load("linear", path, Read) }

// Read reads a classifier from the bytes of a file; see [Load].
func Read(r io.ReaderAt, size int64) (*Classifier, error) {
	f, err := safetensors.NewReader(r, size)
	if err != nil {
		return nil, modelfile.Error(err)
	}
	if err := checkKind(f.Metadata()); err != nil {
		return nil, err
	}
	var about fitted
	if err := json.Unmarshal([]byte(f.Metadata()[metaLinear]), &about); err != nil {
		return nil, modelfile.Damaged("metadata: %s: %s", metaLinear, quote.JSON(err))
	}
	c := &Classifier{labels: about.Labels, report: about.Report, embed: seq2seq.EmbedOptions{Pool: about.Pool, Size: about.Size}}
	if len(c.labels) < 2 || !slices.IsSorted(c.labels) {
		return nil, modelfile.Damaged("metadata: %s: %d labels: want 2 or more in alphabetical order", metaLinear, len(c.labels))
	}
	model, err := modelfile.Bytes(f, tensorModel)
	if err != nil {
		return nil, err
	}
	if c.model, err = seq2seq.Read(bytes.NewReader(model), int64(len(model)), seq2seq.AnyKind); err != nil {
		return nil, err
	}
	if c.size, err = c.model.EmbeddingSize(&c.embed); err != nil {
		return nil, modelfile.Damaged("%w", err)
	}
	dense, err := readFloats(f, tensorWeights, len(c.labels), c.size)
	if err != nil {
		return nil, err
	}
	if c.biases, err = readFloats(f, tensorBiases, len(c.labels)); err != nil {
		return nil, err
	}
	ofWords, err := c.readWords(f)
	if err != nil {
		return nil, err
	}
	c.join(dense, ofWords)
	return c, nil
}

// readWords reads the words, if there are any, and returns their weights.
func (c *Classifier) readWords(f *safetensors.Reader) ([]float32, error) {
	if _, ok := f.Tensor(tensorWords); !ok {
		return nil, nil
	}
	text, err := modelfile.Bytes(f, tensorWords)
	if err != nil {
		return nil, err
	}
	words := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	rarities, err := readFloats(f, tensorRarities, len(words))
	if err != nil {
		return nil, err
	}
	if c.words, err = probe.NewTFIDF(words, rarities); err != nil {
		return nil, modelfile.Damaged("%w", err)
	}
	return readFloats(f, tensorOfWords, len(c.labels), len(words))
}

// checkKind returns an error for a file of another kind or version.
func checkKind(meta map[string]string) error {
	switch {
	case meta[metaKind] == "":
		return safetensors.Mark(fmt.Errorf("safetensors file has no %s: want a %s file of retell", metaKind, Kind), seq2seq.ErrKind)
	case meta[metaKind] != Kind:
		return safetensors.Mark(fmt.Errorf("%s: want a %s file", safetensors.OfKind(meta[metaKind]), Kind), seq2seq.ErrKind)
	case meta[metaVersion] != version:
		return safetensors.Mark(fmt.Errorf("format version %s: this program reads version %s", meta[metaVersion], version), seq2seq.ErrVersion)
	}
	return nil
}

// readFloats reads a tensor of finite numbers.
func readFloats(f *safetensors.Reader, name string, shape ...int) ([]float32, error) {
	t, ok := f.Tensor(name)
	if !ok || !slices.Equal(t.Shape, shape) {
		return nil, modelfile.Damaged("tensor %s has shape %v: want %v", name, t.Shape, shape)
	}
	data := make([]float32, t.Len())
	if err := f.Read(name, data); err != nil {
		return nil, modelfile.Error(err)
	}
	for _, x := range data {
		if y := float64(x); math.IsNaN(y) || math.IsInf(y, 0) {
			return nil, modelfile.Damaged("tensor %s holds %v: want finite numbers", name, x)
		}
	}
	return data, nil
}
