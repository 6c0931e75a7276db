package seq2seq

import (
	"slices"
	"strings"
	"unsafe"

	"gorgonia.org/gorgonia"

	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/internal/setting"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/tokenize"
)

// NGramConfig lets the encoder read the characters of each source token's word: the token's embedding gains the sum of
// embeddings of the word's n different character n-grams over √n, with marks of the word's ends. A word is a field, or
// a run of tokens without a space between them, either with letters or digits or without. Words that the vocabulary
// lacks have n-grams, too; words without letters and digits have none, since marks say little about a sentence.
//
// Bojanowski, Grave, Joulin and Mikolov, Enriching Word Vectors with Subword Information, 2017.
//
// N-grams have no vocabulary: a hash maps each to one of Buckets rows.
type NGramConfig struct {
	Min     int `yaml:"min" json:"min"`         // length of the shortest n-grams in characters, 1 to Max; 0 means 3, or Max if that is less
	Max     int `yaml:"max" json:"max"`         // length of the longest n-grams, up to 16; 0 (the default) means no n-grams
	Buckets int `yaml:"buckets" json:"buckets"` // rows of embeddings, 1 to 16 Mi; 0 means 131,072

	Pairs bool `yaml:"pairs" json:"pairs"` // adds the embedding of each word with the next one, hashed to the same rows

	// PairDropout is the probability, 0 (the default) to 1, that training leaves out a pair. Most pairs are rare, and
	// training without it learns them by heart.
	PairDropout float64 `yaml:"pair_dropout" json:"pair_dropout,omitzero"`

	// Only leaves out the embeddings of the tokens themselves, so that an unseen word is read as any other. A line
	// without letters and digits then has the vector of zeros.
	Only bool `yaml:"only" json:"only,omitempty"`
}

func (c NGramConfig) validate(v *setting.Check, all Config) {
	v.Between("encoder.ngrams.max", c.Max, 0, 16)
	if c.Max == 0 {
		if c != (NGramConfig{}) {
			v.Add("encoder.ngrams.max", "0 beside min, buckets, pairs, pair_dropout or only: want the length of the longest n-grams")
		}
		return
	}
	v.Between("encoder.ngrams.min", c.Min, 0, c.Max)
	v.Between("encoder.ngrams.buckets", c.Buckets, 0, 1<<24)
	v.Within("encoder.ngrams.pair_dropout", c.PairDropout, 0, 1)
	if all.Source.Kind == tokenize.Bytes || all.Source.Kind == tokenize.Line {
		v.Add("encoder.ngrams", "of words with source.kind %s: want another kind", all.Source.Kind)
	}
	if c.Only && all.TiedEmbeddings == TieAll {
		v.Add("encoder.ngrams.only", "with tied_embeddings: all, which needs embeddings of source tokens: want none or output")
	}
	if c.Only && all.Encoder.WordDropout > 0 {
		v.Add("encoder.word_dropout", "%v with encoder.ngrams alone, which still show the word: want 0", all.Encoder.WordDropout)
	}
}

// resolved returns the configuration with defaults filled in.
func (c NGramConfig) resolved() NGramConfig {
	if c.Max == 0 {
		return c
	}
	if c.Min == 0 {
		c.Min = min(3, c.Max)
	}
	if c.Buckets == 0 {
		c.Buckets = 1 << 17
	}
	return c
}

// lexicon holds the n-grams of words, as rows. Lines that are encoded together share one.
type lexicon struct {
	NGramConfig // resolved
	known       map[string]int32
	bags        [][]int32
}

// lexicon returns a new lexicon, or nil without n-grams.
func (c NGramConfig) lexicon() *lexicon {
	if c.Max == 0 {
		return nil
	}
	return &lexicon{NGramConfig: c.resolved(), known: map[string]int32{}}
}

// number returns the number of a word's bag.
func (l *lexicon) number(word string) int32 {
	n, ok := l.known[word]
	if !ok {
		n = int32(len(l.bags))
		l.known[strings.Clone(word)] = n
		l.bags = append(l.bags, l.rows(word))
	}
	return n
}

// rows returns the rows of a word's n-grams, each once; nil for a word without letters and digits.
func (l *lexicon) rows(word string) []int32 {
	if strings.IndexFunc(word, isWordRune) < 0 {
		return nil
	}
	text := "<" + word + ">"
	var starts []int // of characters
	for i := range text {
		starts = append(starts, i)
	}
	starts = append(starts, len(text))
	var rows []int32
	seen := map[int32]bool{}
	for n := l.Min; n <= l.Max; n++ {
		for i := 0; i+n < len(starts); i++ {
			row := l.row(fnv1a(fnvBasis, text[starts[i]:starts[i+n]]))
			if !seen[row] {
				seen[row] = true
				rows = append(rows, row)
			}
		}
	}
	return rows
}

func (l *lexicon) row(hash uint32) int32 { return int32(hash % uint32(l.Buckets)) }

const fnvBasis = 2166136261

// fnv1a continues an FNV-1a hash.
func fnv1a(hash uint32, text string) uint32 {
	for i := range len(text) {
		hash = (hash ^ uint32(text[i])) * 16777619
	}
	return hash
}

// wordOf returns a token of a codec without marks of space.
func wordOf(c *tokenize.Codec, token string) string {
	if c.Config().Kind == tokenize.Fields {
		return token
	}
	return strings.Trim(token, "▁￭ ")
}

// lineWords are the words of a line's tokens.
type lineWords struct {
	*lexicon
	at    []int32 // word of each token, from 0
	bag   []int32 // of each word: its number in the lexicon
	pairs []int32 // of each word: row of the pair with the next word, -1 for none; nil without pairs
}

// words returns the words of a line's tokens; nil without a lexicon.
func (m *Network) words(text string, lex *lexicon) *lineWords {
	if lex == nil {
		return nil
	}
	w := &lineWords{lexicon: lex}
	tokens := m.source.Tokens(text)
	index := m.source.TokenWords(tokens)
	var words []string
	letters := false // of the last word, unless it is empty so far
	for i, token := range tokens {
		token = wordOf(m.source, token) // a mark of space alone belongs to the next token's word
		has := strings.IndexFunc(token, isWordRune) >= 0
		if i == 0 || index[i] != index[i-1] || token != "" && words[len(words)-1] != "" && has != letters {
			words = append(words, "")
		}
		if token != "" {
			letters = has
		}
		words[len(words)-1] += token
		w.at = append(w.at, int32(len(words)-1))
	}
	for i, word := range words {
		w.bag = append(w.bag, lex.number(word))
		if !lex.Pairs {
			continue
		}
		row := int32(-1)
		if i+1 < len(words) {
			row = lex.row(fnv1a(fnv1a(fnv1a(fnvBasis, word), " "), words[i+1]))
		}
		w.pairs = append(w.pairs, row)
	}
	return w
}

// bytes returns the memory of the words without their lexicon.
func (w *lineWords) bytes() int {
	if w == nil {
		return 0
	}
	return int(unsafe.Sizeof(*w)) + 4*(len(w.at)+len(w.bag)+len(w.pairs))
}

// bytes returns the memory of the lexicon.
func (l *lexicon) bytes() int {
	n := 0
	for word, k := range l.known {
		bag := l.bags[k]
		n += len(word) + int(unsafe.Sizeof(word)) + int(unsafe.Sizeof(k)) + int(unsafe.Sizeof(bag)) + 4*len(bag)
	}
	return n
}

// only returns the words of the tokens at the given places. A word is no longer paired with one that is gone.
func (w *lineWords) only(at []int) *lineWords {
	if w == nil {
		return nil
	}
	out := *w
	out.at = pick(w.at, at)
	if w.pairs == nil {
		return &out
	}
	kept := make([]bool, len(w.bag)+1)
	for _, k := range out.at {
		kept[k] = true
	}
	out.pairs = slices.Clone(w.pairs)
	for k := range out.pairs {
		if !kept[k+1] {
			out.pairs[k] = -1
		}
	}
	return &out
}

// token returns the rows of a token: of its word's n-grams, and of its pair.
func (w *lineWords) token(i int) (ngrams, pair []int32) {
	k := w.at[i]
	if w.pairs != nil && w.pairs[k] >= 0 {
		pair = w.pairs[k : k+1]
	}
	return w.bags[w.bag[k]], pair
}

// placeWords returns the rows of all tokens in the layout's order. pairs is nil without pairs.
func placeWords(lay *rnn.Layout, lines []sourceLine, c NGramConfig) (ngrams, pairs [][]int32) {
	ngrams = make([][]int32, lay.Rows())
	if c.Pairs {
		pairs = make([][]int32, lay.Rows())
	}
	for s, line := range lines {
		for i := range line.src {
			r := lay.Row(s, i)
			bag, pair := line.words.token(i)
			if ngrams[r] = bag; c.Pairs {
				pairs[r] = pair
			}
		}
	}
	return ngrams, pairs
}

// ngrams are the embeddings of n-grams.
type ngrams struct {
	NGramConfig
	table *rnn.EmbeddingBag
}

func newNGrams(b *builder) *ngrams {
	e := b.config.Encoder
	c := e.NGrams.resolved()
	table := rnn.NewEmbeddingBag(b.params, "source.ngrams", c.Buckets, e.Embedding, b.init)
	table.Factors = e.ngramFactors(b.source)
	return &ngrams{c, table}
}

// join adds the embeddings of the lines' n-grams to x, those of their tokens, [rows, size]. x may be nil.
func (g *ngrams) join(p *rnn.Pass, x *gorgonia.Node, lay *rnn.Layout, lines []sourceLine) *gorgonia.Node {
	bags, pairs := placeWords(lay, lines, g.NGramConfig)
	y := g.table.Forward(p, bags)
	if x != nil {
		y = rnn.Add(p, x, y)
	}
	if pairs != nil {
		rnn.DropBags(p, pairs, g.PairDropout)
		y = rnn.Add(p, y, g.table.Forward(p, pairs))
	}
	return y
}

// packedNGrams are ngrams that run without a graph.
type packedNGrams struct {
	NGramConfig
	table *rnn.PackedEmbeddingBag
}

func (g *ngrams) pack() *packedNGrams { return &packedNGrams{g.NGramConfig, g.table.Pack()} }

// join is [ngrams.join] with the result in x. It computes the sum of a word's n-grams once for all of its tokens.
func (g *packedNGrams) join(mem *rnn.Buffers, x []float32, lay *rnn.Layout, lines []sourceLine) {
	type word struct {
		*lexicon
		bag int32
	}
	size := g.table.Size
	numbers := map[word]int{}
	var bags [][]int32
	of := make([]int, lay.Rows()) // sum of each row
	for s, line := range lines {
		for i, k := range line.words.at {
			w := word{line.words.lexicon, line.words.bag[k]}
			n, ok := numbers[w]
			if !ok {
				n = len(bags)
				numbers[w], bags = n, append(bags, w.bags[w.bag])
			}
			of[lay.Row(s, i)] = n
		}
	}
	sums := mem.Take(len(bags) * size)
	g.table.Forward(sums, bags)
	kernel.Parallel(len(of), func(lo, hi int) {
		for r := lo; r < hi; r++ {
			row := x[r*size:][:size]
			kernel.Add(row, row, sums[of[r]*size:][:size])
		}
	})
	if g.Pairs {
		_, pairs := placeWords(lay, lines, g.NGramConfig)
		y := mem.Take(len(x))
		g.table.Forward(y, pairs)
		kernel.Add(x, x, y)
	}
}
