package seq2seq

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/retell-rnn/retell/internal/setting"
)

// MixtureOptions say how several corpora are mixed. The number of an example's corpus is its Corpus.
type MixtureOptions struct {
	// Power gives each corpus batches of its own, their number in proportion to (examples × ratio)^Power, 0 to 1, at
	// least one an epoch: 1 keeps the proportions, 0.5 draws more from small corpora. A corpus begins anew when it ends,
	// and goes on in the next epoch where it stopped. 0 means 0.5 for an embedder and otherwise one batch for all
	// corpora, and so does a negative number.
	Power float64 `yaml:"power" json:"power,omitempty"`

	Ratios []float64 `yaml:"-" json:"ratios,omitempty"` // factor of each corpus's size; 0, and no number, mean 1
}

func (o MixtureOptions) validate(v *setting.Check) {
	if !(o.Power <= 1) {
		v.Add("mixture.power", "%v: want 0 to 1, or a negative number for one batch for all corpora", o.Power)
	}
	for _, r := range o.Ratios {
		v.Within("mixture.ratios", r, 0, 1e6)
	}
}

// ratio returns the factor of a corpus's size.
func (o MixtureOptions) ratio(corpus int) float64 {
	if corpus >= 0 && corpus < len(o.Ratios) {
		return cmp.Or(o.Ratios[corpus], 1)
	}
	return 1
}

// portion is a group of pairs that have batches of their own.
type portion struct {
	corpus  int
	sets    bool // of contrast
	judged  bool
	pairs   []int // indices, in order
	batches int   // of a pass over all pairs
	epoch   int   // of an epoch
}

// portions divides pairs. Judged pairs are apart from sets.
func (o MixtureOptions) portions(pairs []pair, sentences int) []portion {
	type key struct {
		corpus int
		judged bool
	}
	at := map[key]int{}
	var out []portion
	for i, p := range pairs {
		k := key{judged: p.set != nil && p.set.judged}
		if o.Power > 0 {
			k.corpus = p.corpus
		}
		n, ok := at[k]
		if !ok {
			n = len(out)
			at[k] = n
			out = append(out, portion{corpus: k.corpus, sets: p.set != nil, judged: k.judged})
		}
		out[n].pairs = append(out[n].pairs, i)
	}
	slices.SortStableFunc(out, func(a, b portion) int { return cmp.Compare(a.corpus, b.corpus) })
	o.share(out, sentences)
	return out
}

// share sets the numbers of batches. An epoch has as many in all as one pass over every portion, or a few more.
func (o MixtureOptions) share(all []portion, sentences int) {
	batches, sum := 0, 0.0
	weight := func(p portion) float64 {
		if !(o.Power > 0) {
			return float64(p.batches)
		}
		return math.Pow(float64(len(p.pairs))*o.ratio(p.corpus), o.Power)
	}
	for i := range all {
		p := &all[i]
		p.batches = (len(p.pairs) + sentences - 1) / sentences
		if p.sets && len(p.pairs) < 2*p.batches {
			p.batches = max(1, len(p.pairs)/2) // a set alone has no other to differ from
		}
		batches += p.batches
		sum += weight(*p)
	}
	for i := range all {
		p := &all[i]
		p.epoch = max(1, int(math.Round(float64(batches)*weight(*p)/sum)))
	}
}

// mixedBatches returns the batches of one epoch as indices of pairs. Each pass over a portion is in another random
// order, cut into batches of about equal size; sorted, in a hundred batches at a time, by length. The result depends on
// the arguments alone.
func mixedBatches(pairs []pair, all []portion, seed uint64, epoch int, sorted bool) [][]int {
	var batches [][]int
	for n, p := range all {
		pass, cut := -1, [][]int(nil)
		for k := epoch * p.epoch; k < (epoch+1)*p.epoch; k++ {
			if k/p.batches != pass {
				pass = k / p.batches
				cut = p.pass(pairs, mixtureRand(seed, pass, n), sorted)
			}
			batches = append(batches, cut[k%p.batches])
		}
	}
	rng := mixtureRand(seed, epoch, len(all))
	rng.Shuffle(len(batches), func(i, j int) { batches[i], batches[j] = batches[j], batches[i] })
	return batches
}

// mixtureRand returns the random numbers of a pass or, after the portions, of an epoch.
func mixtureRand(seed uint64, pass, portion int) *rand.Rand {
	return rand.New(rand.NewPCG(seed, mixtureStream+uint64(portion)<<40+uint64(pass)))
}

// mixtureStream is the random stream of the order of batches, apart from other uses of the seed.
const mixtureStream = 5 << 32

// pass returns the batches of one pass over the portion.
func (p portion) pass(pairs []pair, rng *rand.Rand, sorted bool) [][]int {
	order := make([]int, len(p.pairs))
	for i, k := range rng.Perm(len(order)) {
		order[i] = p.pairs[k]
	}
	bound := func(batch int) int { return len(order) * batch / p.batches }
	if sorted {
		for from := 0; from < p.batches; from += poolBatches {
			sortByLength(pairs, order[bound(from):bound(min(from+poolBatches, p.batches))])
		}
	}
	cut := make([][]int, p.batches)
	for i := range cut {
		cut[i] = order[bound(i):bound(i+1):bound(i+1)]
	}
	if sorted {
		rng.Shuffle(len(cut), func(i, j int) { cut[i], cut[j] = cut[j], cut[i] })
	}
	return cut
}

// check returns an error for a mixture that does not fit the other options.
func (o MixtureOptions) check(t *TrainOptions) error {
	if o.Power > 0 && (t.BatchTokens > 0 || t.Memory > 0) {
		return fmt.Errorf("options: mixture.power: %v with batch_tokens or memory: want batch_sentences", o.Power)
	}
	return nil
}
