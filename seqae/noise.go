package seqae

import (
	"cmp"
	"math/rand/v2"
	"slices"

	"github.com/retell-rnn/retell/internal/setting"
	"github.com/retell-rnn/retell/tokenize"
)

// Noise says how training corrupts sentences, with new random numbers in every epoch. The steps run in the order vary,
// insert, substitute, mask, drop, shuffle. The zero value leaves sentences unchanged.
//
// Hill, Cho and Korhonen, Learning Distributed Representations of Sentences from Unlabelled Data, 2016; Lample et al.,
// Unsupervised Machine Translation Using Monolingual Corpora Only, 2018.
type Noise struct {
	// Vary is the probability, 0 to 1, that a token is replaced by one drawn from the corpus, in source and target
	// alike: the model has to remember words that it cannot expect. Without shared_vocab, it is that of a word.
	Vary float64 `yaml:"vary" json:"vary"`

	Insert     float64 `yaml:"insert" json:"insert"`         // probability, 0 to 1, that a token drawn from the corpus is inserted before a source token
	Substitute float64 `yaml:"substitute" json:"substitute"` // probability, 0 to 1, that a source token is replaced by one drawn from the corpus
	Mask       float64 `yaml:"mask" json:"mask"`             // probability, 0 to 1, that a source token is replaced by <unk>
	Drop       float64 `yaml:"drop" json:"drop"`             // probability, 0 to 1, that a source token is left out; one always stays
	Shuffle    int     `yaml:"shuffle" json:"shuffle"`       // maximum number of places that a source token moves
}

// Validate returns [seq2seq.Violations], or nil.
func (n Noise) Validate() error {
	var v setting.Check
	v.Within("vary", n.Vary, 0, 1)
	v.Within("insert", n.Insert, 0, 1)
	v.Within("substitute", n.Substitute, 0, 1)
	v.Within("mask", n.Mask, 0, 1)
	v.Within("drop", n.Drop, 0, 1)
	v.AtLeast("shuffle", n.Shuffle, 0)
	return v.Err()
}

// corruption is noise with the corpus from which it draws tokens. Its JSON is that of the noise.
type corruption struct {
	Noise
	tokens []int32 // all tokens of the corpus, with repetitions
}

// Corrupt implements [seq2seq.Noise].
func (c *corruption) Corrupt(rng *rand.Rand, source, target []int32) (s, t []int32) {
	if c.Vary > 0 {
		source = slices.Clone(source)
		for i := range source {
			if rng.Float64() < c.Vary {
				source[i] = c.draw(rng)
			}
		}
		target = source
	}
	return c.corrupt(rng, source), target
}

// corrupt returns a copy of a source after all steps but vary.
func (c *corruption) corrupt(rng *rand.Rand, ids []int32) []int32 {
	out := make([]int32, 0, len(ids)+len(ids)/4)
	hits := func(rate float64) bool { return rate > 0 && rng.Float64() < rate }
	for _, id := range ids {
		if hits(c.Insert) {
			out = append(out, c.draw(rng))
		}
		if hits(c.Substitute) {
			id = c.draw(rng)
		}
		if hits(c.Mask) {
			id = tokenize.Unk
		}
		if !hits(c.Drop) {
			out = append(out, id)
		}
	}
	if len(out) == 0 && len(ids) > 0 {
		out = append(out, ids[rng.IntN(len(ids))])
	}
	if c.Shuffle > 0 {
		shuffle(rng, out, c.Shuffle)
	}
	return out
}

// draw draws a token from the corpus.
func (c *corruption) draw(rng *rand.Rand) int32 { return c.tokens[rng.IntN(len(c.tokens))] }

// shuffle adds a random number below distance+1 to each token's position and sorts by the sums. No token moves by more
// than distance.
func shuffle(rng *rand.Rand, ids []int32, distance int) {
	type placed struct {
		at float64
		id int32
	}
	all := make([]placed, len(ids))
	for i, id := range ids {
		all[i] = placed{float64(i) + rng.Float64()*float64(distance+1), id}
	}
	slices.SortStableFunc(all, func(a, b placed) int { return cmp.Compare(a.at, b.at) })
	for i, p := range all {
		ids[i] = p.id
	}
}
