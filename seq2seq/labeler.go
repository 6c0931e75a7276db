package seq2seq

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/safetensors"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/tokenize"
)

// KindLabeler is the kind of file that holds a labeler.
const KindLabeler = "labeler"

// LabelerConfig defines a labeler's head, which predicts a label of each source token, or several, from the encoder's
// states. A labeler has no decoder and ignores decoder settings.
type LabelerConfig struct {
	// Output is how labels are predicted: softmax, each by itself, or crf, a linear-chain conditional random field over
	// the sequence (Lafferty, McCallum and Pereira 2001; Lample et al. 2016). Empty (the default) means no labeler.
	Output LabelOutput `yaml:"output" json:"output,omitempty"`

	// Scheme is the scheme of labels of spans: iob2 or bioes. The labeler then predicts only sequences that the scheme
	// allows. Empty (the default) allows all.
	Scheme LabelScheme `yaml:"scheme" json:"scheme,omitempty"`

	// LanguageModel is the weight, 0 (the default) to 1, of a loss that predicts the next token from the states of the
	// lowest layer's forward direction and the previous token from those of the other. It helps with few labels; 0.1 is
	// usual (Rei, Semi-supervised Multitask Learning for Sequence Labeling, 2017).
	LanguageModel float64 `yaml:"language_model" json:"language_model,omitempty"`

	// Cloze predicts the label of each token from its neighbors alone: from the states before it in the forward direction
	// and after it in the other. With tokens as their own labels, the labeler is a language model of both sides. It needs
	// one bidirectional layer. The default is false (Taylor, Cloze Procedure, 1953; Melamud, Goldberger and Dagan,
	// context2vec, 2016).
	Cloze bool `yaml:"cloze" json:"cloze,omitempty"`
}

// DefaultLabelerConfig returns a labeler that learns well from thousands of sentences: a bidirectional LSTM encoder
// over words in lower case, with their characters, case and shape. [SuitedLabeler] chooses the output for given labels.
func DefaultLabelerConfig() Config {
	c := DefaultConfig()
	c.Source = tokenize.Config{Kind: tokenize.Fields, Lowercase: true, MinCount: 2}
	c.Target = tokenize.Config{Kind: tokenize.Fields, KeepCase: true}
	c.Encoder.Hidden, c.Encoder.Embedding = 256, 128
	c.Encoder.Factors.Case, c.Encoder.Factors.Shape = true, true
	c.Encoder.Chars.Hidden, c.Encoder.WordDropout = 64, 0.05
	c.Decoder = DecoderConfig{}
	c.Dropout = 0.5
	c.Labeler.Output = LabelSoftmax
	return c
}

// Labeler is a [Network] that labels the tokens of lines.
type Labeler struct{ *Network }

// BeginLabeler makes a labeler that begins with another model or a given tokenizer; see [Begin]. The source of an
// example is its tokens, separated by tabs. Its one target is their labels, separated by tabs, and its Labels are
// further columns of labels. From's labels come first if From is a labeler that has one of the examples' labels.
// The options' Kind is that of a package that builds on this one; empty means KindLabeler.
func BeginLabeler(c Config, train []corpora.Example, seed uint64, opts *BeginOptions) (*Labeler, Adopted, error) {
	if c.Labeler.Output == "" {
		return nil, nil, errors.New("seq2seq: labeler.output: none: want softmax or crf")
	}
	var o BeginOptions
	if opts != nil {
		o = *opts
	}
	o.Kind = cmp.Or(o.Kind, KindLabeler)
	n, taken, err := o.begin(c, train, seed)
	if err != nil {
		return nil, nil, err
	}
	return &Labeler{n}, taken, n.SetKind(KindLabeler, nil)
}

// LoadLabeler reads a labeler from a file.
func LoadLabeler(path string) (*Labeler, error) {
	n, err := LoadKind(path, KindLabeler)
	if err != nil {
		return nil, err
	}
	return LabelerOf(n)
}

// LabelerOf returns the network as a labeler that shares its weights. A network that does not label tokens is an error.
func LabelerOf(n *Network) (*Labeler, error) {
	if _, ok := n.net.head.(*labeler); !ok {
		return nil, safetensors.Mark(fmt.Errorf("seq2seq: a %s network does not label tokens: want a labeler", n.config.head().file()), ErrKind)
	}
	return &Labeler{n}, nil
}

// Quantize returns a labeler for inference that multiplies in int8; see [Network.Quantize].
func (l *Labeler) Quantize() *Labeler { return &Labeler{l.Network.Quantize()} }

// head returns the labeler's head.
func (l *Labeler) head() *labeler { return l.net.head.(*labeler) }

// Columns returns the number of label columns.
func (l *Labeler) Columns() int { return len(l.head().columns) }

// Labels returns the labels of a column, from 0. [ColumnLabels].Distribution has the same order.
func (l *Labeler) Labels(column int) []string { return slices.Clone(l.head().columns[column].names) }

// ColumnLabels holds the labels of a line's tokens in one column.
type ColumnLabels struct {
	Labels        []string  `json:"labels"`        // most probable label of each token, or most probable sequence with crf or a scheme
	Probabilities []float64 `json:"probabilities"` // probability of each label, 0 to 1: with crf, over all sequences of labels

	// Distribution holds the probability of every label at each token, in the order of [Labeler.Labels]; nil unless
	// asked for.
	Distribution [][]float32 `json:"distribution,omitempty"`

	// NBest holds the most probable sequences, best first; nil unless asked for.
	NBest []LabelSequence `json:"n_best,omitempty"`
}

// LabelSequence is a possible sequence of labels.
type LabelSequence struct {
	Labels  []string `json:"labels"`
	LogProb float64  `json:"log_prob"` // log-probability of the sequence, in nats
}

// Labeling is a labeler's answer to a line of tokens.
type Labeling struct {
	Tokens       []string `json:"tokens"` // tokens as given
	ColumnLabels          // of the first column

	Columns []ColumnLabels `json:"columns,omitempty"` // further columns, in order
}

// LabelOptions say how tokens are labeled. The zero value and a nil pointer mean the defaults.
type LabelOptions struct {
	Distribution   bool          // returns the probabilities of all labels
	NBest          int           // number of most probable sequences to return; 0 means none
	BatchSentences int           // lines labeled at a time; 0 means 64; does not change labels
	MaxWait        time.Duration // see [SearchOptions]
}

// Predict yields the labels of each line's tokens, in order. Tabs separate tokens. It reads a batch of lines at a time;
// a line's labels do not depend on the others. An empty line has no tokens, and an empty token is an error in its
// line's place.
func (l *Labeler) Predict(ctx context.Context, lines iter.Seq2[string, error], opts *LabelOptions) iter.Seq2[Labeling, error] {
	var o LabelOptions
	if opts != nil {
		o = *opts
	}
	if o.BatchSentences <= 0 {
		o.BatchSentences = inferenceBatch
	}
	return streamBatches(ctx, wholeTokens(lines), o.BatchSentences, o.MaxWait, func(batch []string, _ int) ([]Labeling, error) {
		return l.predict(batch, &o), nil
	})
}

// wholeTokens yields lines, with errors in place of those with an empty token.
func wholeTokens(lines iter.Seq2[string, error]) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		number := 0
		for line, err := range lines {
			number++
			if at := slices.Index(fields(line), ""); err == nil && at >= 0 {
				err = corpora.LineError(fmt.Errorf("seq2seq: line %d: token %d is empty: want a token", number, at+1))
			}
			if !yield(line, err) {
				return
			}
		}
	}
}

// A line of more than labelWindow tokens is read in windows, each with labelContext further tokens on both sides, so
// that memory stays small. Its labels are still one sequence. Both numbers are powers of two, as in the levels of a U.
const (
	labelWindow  = 4096
	labelContext = 256
)

// predict labels a batch of lines.
func (l *Labeler) predict(lines []string, o *LabelOptions) []Labeling {
	out := make([]Labeling, len(lines))
	var read []sourceLine
	var at []int
	for i, line := range lines {
		out[i].Tokens = fields(line)
		switch n := len(out[i].Tokens); {
		case n > labelWindow:
			l.predictLong(&out[i], o)
		case n > 0:
			read, at = append(read, l.encodeSource(line, nil)), append(at, i)
		}
	}
	if len(read) == 0 {
		return out
	}
	mem := l.buffers()
	defer l.release(mem)
	f := l.inference(manyRows)
	head := f.head.(*packedLabeler)
	e := f.encode(mem, read)
	for k, scores := range head.scores(mem, e) {
		for j, labels := range head.labels(mem, e.layout, k, scores, o) {
			out[at[j]].add(labels)
		}
	}
	return out
}

// predictLong labels a line of many tokens.
func (l *Labeler) predictLong(p *Labeling, o *LabelOptions) {
	mem := l.buffers()
	defer l.release(mem)
	f := l.inference(manyRows)
	head := f.head.(*packedLabeler)
	all, n := make([][]float32, l.Columns()), len(p.Tokens)
	for from := 0; from < n; from += labelWindow {
		to := min(n, from+labelWindow)
		first, last := max(0, from-labelContext), min(n, to+labelContext)
		line := l.encodeSource(strings.Join(p.Tokens[first:last], "\t"), nil)
		mem.Reset()
		for k, scores := range head.scores(mem, f.encode(mem, []sourceLine{line})) {
			size := len(scores) / (last - first)
			all[k] = append(all[k], scores[(from-first)*size:(to-first)*size]...)
		}
	}
	mem.Reset()
	lay := rnn.NewLayout([]int{n})
	for k, scores := range all {
		p.add(head.labels(mem, lay, k, scores, o)[0])
	}
}

// add adds the labels of the next column.
func (p *Labeling) add(labels ColumnLabels) {
	if p.Labels == nil {
		p.ColumnLabels = labels
	} else {
		p.Columns = append(p.Columns, labels)
	}
}
