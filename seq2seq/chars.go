package seq2seq

import (
	"slices"
	"unsafe"

	"gorgonia.org/gorgonia"

	"github.com/retell-rnn/retell/internal/setting"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/tokenize"
)

// CharConfig lets the encoder read the characters of each source token: a recurrent layer reads them in both
// directions, and its last states stand beside the token's embedding. Characters keep their case, and words that the
// vocabulary lacks have characters, too, also those of encoder.word_dropout. source.kind is fields, space or words.
//
// Ling et al., Finding Function in Form: Compositional Character Models for Open Vocabulary Word Representation, 2015;
// Lample et al., Neural Architectures for Named Entity Recognition, 2016.
//
// Characters have no vocabulary: a character's row is its code point modulo Buckets, so that the letters of one script
// have rows of their own.
type CharConfig struct {
	// Hidden is the size of the last states of both directions together, an even number up to 65536; 0 (the default)
	// means no characters, and 64 is usual. The layer has encoder.cell and no recurrent dropout.
	Hidden int `yaml:"hidden" json:"hidden"`

	Size    int `yaml:"size" json:"size"`       // size of an embedded character, 1 to 65536; 0 means 32
	Buckets int `yaml:"buckets" json:"buckets"` // rows of embedded characters, 256 to 1,114,112; 0 means 4,096

	// Dropout is the probability, 0 (the default) to below 1, that training zeroes a number of a token's last states, in
	// addition to the dropout of all embedded tokens.
	Dropout float64 `yaml:"dropout" json:"dropout,omitempty"`
}

func (c CharConfig) validate(v *setting.Check, all Config) {
	v.Between("encoder.chars.hidden", c.Hidden, 0, maxSize)
	if c.Hidden == 0 {
		if c != (CharConfig{}) {
			v.Add("encoder.chars.hidden", "0 beside size, buckets or dropout: want the size of a token's characters, such as 64")
		}
		return
	}
	if c.Hidden%2 != 0 {
		v.Add("encoder.chars.hidden", "%d is odd: want an even number, half for each direction", c.Hidden)
	}
	v.Between("encoder.chars.size", c.Size, 0, maxSize)
	if c.Buckets != 0 {
		v.Between("encoder.chars.buckets", c.Buckets, 256, unicodeSize)
	}
	v.Rate("encoder.chars.dropout", c.Dropout)
	switch k := all.Source.Kind; k {
	case tokenize.Fields, tokenize.Space, tokenize.Words:
	default:
		if k == "" {
			k = tokenize.BPE
		}
		v.Add("encoder.chars", "of tokens with source.kind %s: want fields, space or words", k)
	}
}

// unicodeSize is the number of code points.
const unicodeSize = 0x110000

// resolved returns the configuration with defaults filled in.
func (c CharConfig) resolved() CharConfig {
	if c.Hidden == 0 {
		return c
	}
	if c.Size == 0 {
		c.Size = 32
	}
	if c.Buckets == 0 {
		c.Buckets = 4096
	}
	return c
}

// rows returns the rows of a text's characters. An empty text has the row of U+0000.
func (c CharConfig) rows(text string) []int32 {
	rows := make([]int32, 0, len(text))
	for _, r := range text {
		rows = append(rows, r%int32(c.Buckets))
	}
	if len(rows) == 0 {
		rows = append(rows, 0)
	}
	return rows
}

// spelledBatch holds the different tokens of a batch.
type spelledBatch struct {
	layout *rnn.Layout // of the characters of different tokens
	chars  []int32     // their rows, in the layout's order
	of     []int32     // of each token of the batch, in its own layout's order: the different token
}

// spell collects the different tokens of lines, which are laid out by lay.
func (c CharConfig) spell(lay *rnn.Layout, lines []sourceLine) spelledBatch {
	b := spelledBatch{of: make([]int32, lay.Rows())}
	known := map[string]int32{}
	var words [][]int32
	for s, line := range lines {
		for i, text := range line.spelled {
			k, ok := known[text]
			if !ok {
				k = int32(len(words))
				known[text], words = k, append(words, c.rows(text))
			}
			b.of[lay.Row(s, i)] = k
		}
	}
	b.layout = rnn.NewLayout(lengths(words))
	b.chars = b.layout.Place(words)
	return b
}

// chars reads the characters of tokens.
type chars struct {
	CharConfig // resolved
	table      *rnn.Embedding
	layer      *rnn.Layer
}

func newChars(b *builder) (*chars, error) {
	e := b.config.Encoder
	table := rnn.NewEmbedding(b.params, "source.chars", e.Chars.Buckets, e.Chars.Size, b.init)
	layer, err := rnn.NewLayer(b.params, "encoder.chars", rnn.LayerConfig{
		Cell: e.Cell, In: e.Chars.Size, Hidden: e.Chars.Hidden, Bidirectional: true, Norm: e.LayerNorm, Init: b.init,
	})
	return &chars{e.Chars, table, layer}, err
}

// join puts the last states of the tokens' characters beside x, [rows, size]. Each different token is read once.
func (c *chars) join(p *rnn.Pass, x *gorgonia.Node, lay *rnn.Layout, lines []sourceLine) *gorgonia.Node {
	b := c.spell(lay, lines)
	_, last := c.layer.Forward(p, c.table.Forward(p, b.chars), b.layout, rnn.State{})
	return rnn.Join(p, x, rnn.Dropout(p, rnn.Gather(p, last.H, b.of), c.Dropout))
}

// packedChars are chars that run without a graph.
type packedChars struct {
	CharConfig
	table *rnn.PackedEmbedding
	layer *rnn.PackedLayer
}

func (c *chars) pack(prec rnn.Precision) *packedChars {
	return &packedChars{c.CharConfig, c.table.Pack(), c.layer.Pack(prec)}
}

// join is [chars.join] with the result in mem.
func (c *packedChars) join(mem *rnn.Buffers, x []float32, lay *rnn.Layout, lines []sourceLine) []float32 {
	b := c.spell(lay, lines)
	chars := mem.Take(len(b.chars) * c.Size)
	c.table.Forward(chars, b.chars)
	_, last := c.layer.Forward(mem, chars, b.layout)
	states := mem.Take(len(b.of) * c.Hidden)
	rnn.GatherRows(states, last.H, c.Hidden, b.of)
	return rnn.JoinRows(mem, lay.Rows(), x, states)
}

// spellings returns the tokens of a line as the line spells them; nil without characters.
func (m *Network) spellings(text string) []string {
	if m.config.Encoder.Chars.Hidden == 0 {
		return nil
	}
	return m.source.Spellings(text)
}

// spelledBytes returns the memory of spelled tokens.
func spelledBytes(spelled []string) int {
	n := len(spelled) * int(unsafe.Sizeof(""))
	for _, text := range spelled {
		n += len(text)
	}
	return n
}

// appendSpelled appends spelled tokens to the bytes of a hash.
func appendSpelled(b []byte, spelled []string) []byte {
	for _, text := range spelled {
		b = append(append(slices.Grow(b, len(text)+1), text...), 0)
	}
	return b
}
