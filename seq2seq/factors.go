package seq2seq

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"unicode"

	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/internal/setting"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/tokenize"
	"gorgonia.org/gorgonia"
)

// FactorConfig lets the encoder read features of each source token's word beside the token. Spaces separate words, or
// tabs if source.kind is fields. Words keep their case and the normal form; a token without letters and digits is a
// word of its own. Each feature has an embedding. Sennrich and Haddow, Linguistic Input Features Improve Neural Machine
// Translation, 2016.
//
// Values have no vocabulary: a hash maps each to one of Buckets rows (Weinberger et al., Feature Hashing for Large
// Scale Multitask Learning, 2009), so that unseen values have rows, too.
type FactorConfig struct {
	Stem  string `yaml:"stem" json:"stem"`   // the word's stem: a Snowball language; "" (the default) means none
	Case  bool   `yaml:"case" json:"case"`   // the word's case: lower, UPPER, Title, mIXED or none
	Shape bool   `yaml:"shape" json:"shape"` // the word's shape: X, x and d stand for its letters and digits, at most four of a kind in a row

	// Columns is the number of features in the line itself, 0 (the default) to 16. They follow each word and begin with
	// ￨ (U+FFE8): with 2, "dogs￨dog￨NNS bark￨bark￨VBP". The tokenizer does not see them. Missing ones are empty.
	Columns int `yaml:"columns" json:"columns"`

	// Join combines the embeddings of a token and of its features: concat ("", the default) or sum. With sum, all of
	// them have the token's size.
	Join Join `yaml:"join" json:"join"`

	Size    int `yaml:"size" json:"size"`       // size of each feature's embedding with concat, 1 to 65536; 0 means 16
	Buckets int `yaml:"buckets" json:"buckets"` // rows of each feature's embedding, 1 to 1 Mi; 0 means 4,096
}

const maxFactorColumns = 16

// validate reports wrong settings of features.
func (f FactorConfig) validate(v *setting.Check, c Config) {
	v.Between("encoder.factors.columns", f.Columns, 0, maxFactorColumns)
	v.Between("encoder.factors.size", f.Size, 0, maxSize)
	v.Between("encoder.factors.buckets", f.Buckets, 0, 1<<20)
	v.Name("encoder.factors.join", f.Join)
	if f.Join == JoinSum && f.Size != 0 {
		v.Add("encoder.factors.size", "%d with join: sum, which uses encoder.embedding: want 0", f.Size)
	}
	if err := (tokenize.Config{Stem: f.Stem}).Validate(); err != nil {
		v.Add("encoder.factors.stem", "%q: want a language that the tokenizer can stem", f.Stem)
	}
	if f.count() == 0 && (f.Join != "" || f.Size != 0 || f.Buckets != 0) {
		v.Add("encoder.factors", "join, size or buckets without a feature: want stem, case, shape or columns")
	}
	if f.count() > 0 && c.Source.Kind == tokenize.Bytes {
		v.Add("encoder.factors", "features of words with source.kind bytes: want another kind")
	}
}

// resolved returns the configuration with defaults filled in.
func (f FactorConfig) resolved(embedding int) FactorConfig {
	if f.count() == 0 {
		return f
	}
	if f.Join == "" {
		f.Join = JoinConcat
	}
	if f.Join == JoinSum {
		f.Size = embedding
	} else if f.Size == 0 {
		f.Size = 16
	}
	if f.Buckets == 0 {
		f.Buckets = 4096
	}
	return f
}

// count is the number of features.
func (f FactorConfig) count() int {
	n := f.Columns
	for _, on := range []bool{f.Stem != "", f.Case, f.Shape} {
		if on {
			n++
		}
	}
	return n
}

// split separates a line into text and feature columns. It returns the text, its words as the codec of c cleans them,
// and each word's columns.
func (f FactorConfig) split(c tokenize.Config, line string) (text string, words []string, columns [][]string) {
	if c.Kind == tokenize.Fields {
		return f.splitFields(c, line)
	}
	space := func(r rune) bool { return r == ' ' || !c.Lossless && unicode.IsSpace(r) }
	if f.Columns == 0 {
		return line, strings.FieldsFunc(c.Clean(line), space), nil
	}
	for field := range strings.FieldsFuncSeq(line, space) {
		parts := strings.Split(field, "￨") // before normalization, which may change the mark
		tags := append(parts[1:], make([]string, f.Columns)...)[:f.Columns]
		for word := range strings.FieldsFuncSeq(c.Clean(parts[0]), space) {
			words, columns = append(words, word), append(columns, slices.Clone(tags))
		}
	}
	return strings.Join(words, " "), words, columns
}

// splitFields is split of a line of tab-separated fields, each a word.
func (f FactorConfig) splitFields(c tokenize.Config, line string) (text string, words []string, columns [][]string) {
	if line == "" {
		return "", nil, nil
	}
	if f.Columns == 0 {
		return line, strings.Split(c.Clean(line), "\t"), nil
	}
	for field := range strings.SplitSeq(line, "\t") {
		parts := strings.Split(field, "￨")
		words = append(words, c.Clean(parts[0]))
		columns = append(columns, append(parts[1:], make([]string, f.Columns)...)[:f.Columns])
	}
	return strings.Join(words, "\t"), words, columns
}

// text returns a line without feature columns.
func (f FactorConfig) text(c tokenize.Config, line string) string {
	if f.Columns == 0 {
		return line
	}
	text, _, _ := f.split(c, line)
	return text
}

// values returns the embedding rows of the features of a line's tokens, [features][tokens].
func (f FactorConfig) values(codec *tokenize.Codec, line string) [][]int32 {
	f = f.resolved(1)
	text, words, columns := f.split(codec.Config(), line)
	tokens, at := codec.Tokens(text), codec.WordIndex(text)
	out := make([][]int32, f.count())
	for i, token := range tokens {
		k := min(at[i], len(words)-1) // spaces at the end of a line belong to the last word
		word, tags := "", make([]string, f.Columns)
		if k >= 0 {
			word = words[k]
			if columns != nil {
				tags = columns[k]
			}
		}
		if strings.IndexFunc(token, isWordRune) < 0 {
			word = token
		}
		values := tags
		if f.Stem != "" {
			values = append(values, tokenize.Stem(strings.TrimFunc(word, func(r rune) bool { return !isWordRune(r) }), f.Stem))
		}
		if f.Case {
			values = append(values, caseOf(word))
		}
		if f.Shape {
			values = append(values, shapeOf(word))
		}
		for j, value := range values {
			h := fnv.New32a()
			_, _ = h.Write([]byte(value))
			out[j] = append(out[j], int32(h.Sum32()%uint32(f.Buckets)))
		}
	}
	return out
}

func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }

// caseOf returns the case of a word.
func caseOf(word string) string {
	upper, lower, first := 0, 0, false
	for _, r := range word {
		switch {
		case unicode.IsUpper(r) || unicode.IsTitle(r):
			first = first || upper+lower == 0
			upper++
		case unicode.IsLower(r):
			lower++
		}
	}
	switch {
	case upper+lower == 0:
		return "none"
	case upper == 0:
		return "lower"
	case first && upper == 1: // a single capital too
		return "title"
	case lower == 0:
		return "upper"
	}
	return "mixed"
}

// shapeOf returns the shape of a word.
func shapeOf(word string) string {
	var b strings.Builder
	var last rune
	run := 0
	for _, r := range word {
		switch {
		case unicode.IsUpper(r) || unicode.IsTitle(r):
			r = 'X'
		case unicode.IsLetter(r):
			r = 'x'
		case unicode.IsNumber(r):
			r = 'd'
		}
		if run++; r != last {
			last, run = r, 1
		}
		if run <= 4 {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// factors holds the embeddings of an encoder's features.
type factors struct {
	FactorConfig // resolved
	tables       []*rnn.Embedding
}

func newFactors(ps *rnn.Params, c FactorConfig, init rnn.Inits) *factors {
	f := &factors{FactorConfig: c}
	for i := range c.count() {
		f.tables = append(f.tables, rnn.NewEmbedding(ps, fmt.Sprintf("source.factor.%d", i), c.Buckets, c.Size, init))
	}
	return f
}

// inputSize returns the input size of the encoder's lowest layer, given the size of the token embedding.
func (f *factors) inputSize(embedding int) int {
	if f.Join == JoinSum {
		return embedding
	}
	return embedding + len(f.tables)*f.Size
}

// place returns the values of feature k in the layout's order.
func place(lay *rnn.Layout, lines []sourceLine, k int) []int32 {
	ids := make([][]int32, len(lines))
	for i, r := range lines {
		ids[i] = r.factors[k]
	}
	return lay.Place(ids)
}

// join joins the features of lines to x, the embeddings of their tokens, [rows, size].
func (f *factors) join(p *rnn.Pass, x *gorgonia.Node, lay *rnn.Layout, lines []sourceLine) *gorgonia.Node {
	parts := []*gorgonia.Node{x}
	for k, table := range f.tables {
		y := table.Forward(p, place(lay, lines, k))
		if f.Join == JoinSum {
			parts[0] = rnn.Add(p, parts[0], y)
		} else {
			parts = append(parts, y)
		}
	}
	return rnn.Join(p, parts...)
}

// pack returns factors that run without a graph.
func (f *factors) pack() *packedFactors {
	q := &packedFactors{factors: f}
	for _, t := range f.tables {
		q.tables = append(q.tables, t.Pack())
	}
	return q
}

// packedFactors are factors that run without a graph.
type packedFactors struct {
	*factors
	tables []*rnn.PackedEmbedding
}

// join joins the features of lines to x, the embeddings of their tokens, [rows, size]. It may change x.
func (f *packedFactors) join(mem *rnn.Buffers, x []float32, lay *rnn.Layout, lines []sourceLine) []float32 {
	rows := lay.Rows()
	y := mem.Take(rows * f.Size)
	size := len(x) / rows
	width := f.inputSize(size)
	out := x
	if f.Join != JoinSum {
		out = mem.Take(rows * width)
		for r := range rows {
			copy(out[r*width:][:size], x[r*size:])
		}
	}
	for k, table := range f.tables {
		table.Forward(y, place(lay, lines, k))
		if f.Join == JoinSum {
			kernel.Add(x, x, y)
			continue
		}
		for r := range rows {
			copy(out[r*width+size+k*f.Size:][:f.Size], y[r*f.Size:])
		}
	}
	return out
}
