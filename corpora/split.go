package corpora

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"text/tabwriter"
)

// Shuffle shuffles items; the seed fixes the order.
func Shuffle[T any](items []T, seed uint64) {
	r := rand.New(rand.NewPCG(seed, hash(0, "shuffle")))
	r.Shuffle(len(items), func(i, j int) { items[i], items[j] = items[j], items[i] })
}

// Key returns the key by which examples are grouped; a nil Key means [BySource].
type Key func(Example) string

// BySource groups examples with the same source.
func BySource(e Example) string { return e.Source }

// ByTarget groups examples with the same first target.
func ByTarget(e Example) string {
	if len(e.Targets) == 0 {
		return ""
	}
	return e.Targets[0]
}

// ByPair groups examples with the same source, targets and negatives.
func ByPair(e Example) string {
	return strings.Join(slices.Concat([]string{e.Source}, e.Targets, e.Negatives), "\n")
}

// SplitReport counts the content of the parts of a split.
type SplitReport struct {
	Parts   []SplitPart `json:"parts"`
	Dropped int         `json:"dropped,omitempty"` // examples that [SplitSets] leaves out
}

// SplitPart counts the examples of a part and their distinct keys.
type SplitPart struct {
	Examples int `json:"examples"`
	Keys     int `json:"keys"`
}

// String returns a table.
func (r *SplitReport) String() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "part\texamples\tkeys\t")
	for i, p := range r.Parts {
		fmt.Fprintf(w, "%d\t%d\t%d\t\n", i, p.Examples, p.Keys)
	}
	w.Flush()
	return b.String()
}

// Bucket returns the part, from 0, of an example with a key. It depends only on a hash of key and seed, so neither the
// order of a corpus nor added lines move an example. Shares need not add up to 1, but must be positive, which Bucket
// does not check.
func Bucket(key string, seed uint64, shares ...float64) int {
	total := 0.0
	for _, share := range shares {
		total += share
	}
	at := float64(hash(seed, key)>>11) / (1 << 53) * total
	for i, share := range shares {
		if at < share {
			return i
		}
		at -= share
	}
	return len(shares) - 1 // rounding
}

// SplitByKey splits examples by [Bucket] into one part for each share, so that no key is in two parts. Parts
// approximate their shares; see [SplitCounts] for exact sizes. Parts keep the order of examples.
func SplitByKey(examples iter.Seq2[Example, error], key Key, seed uint64, shares ...float64) ([][]Example, *SplitReport, error) {
	if err := validShares(shares); err != nil {
		return nil, nil, err
	}
	if key == nil {
		key = BySource
	}
	parts := make([][]Example, len(shares))
	keys := make([]map[string]struct{}, len(shares))
	for i := range keys {
		keys[i] = make(map[string]struct{})
	}
	for e, err := range examples {
		if err != nil {
			return nil, nil, err
		}
		k := key(e)
		i := Bucket(k, seed, shares...)
		parts[i] = append(parts[i], e)
		keys[i][k] = struct{}{}
	}
	report := &SplitReport{Parts: make([]SplitPart, len(parts))}
	for i := range parts {
		report.Parts[i] = SplitPart{Examples: len(parts[i]), Keys: len(keys[i])}
	}
	return parts, report, nil
}

// validShares returns an error unless all shares are positive and finite.
func validShares(shares []float64) error {
	if len(shares) == 0 {
		return errors.New("corpora: split has no shares: want at least one")
	}
	var errs []error
	for i, share := range shares {
		if !(share > 0) || math.IsInf(share, 1) {
			errs = append(errs, fmt.Errorf("corpora: share of part %d of the split is %v: want a finite number above 0", i, share))
		}
	}
	return errors.Join(errs...)
}

// SplitCounts splits examples into parts with exactly the given counts, so that no key is in two parts. The first part
// of the result is the rest; one part for each count follows.
//
// Keys go to parts in the order of their hash with seed. A key with too many examples for a part goes to the next part
// with room. It is an error if a part cannot be filled.
func SplitCounts(examples []Example, key Key, seed uint64, counts ...int) ([][]Example, *SplitReport, error) {
	if key == nil {
		key = BySource
	}
	groups, keys := grouped(examples, key, seed)
	report := &SplitReport{Parts: make([]SplitPart, 1+len(counts))}
	partOf := make([]int, len(examples))
	for _, k := range keys {
		group := groups[k]
		to := 1
		for to <= len(counts) && report.Parts[to].Examples+len(group) > counts[to-1] {
			to++
		}
		to %= 1 + len(counts) // past the last one: the rest
		report.Parts[to].Examples += len(group)
		report.Parts[to].Keys++
		for _, i := range group {
			partOf[i] = to
		}
	}
	for i, count := range counts {
		if got := report.Parts[1+i].Examples; got != count {
			return nil, nil, fmt.Errorf("corpora: part %d of the split has %d examples without splitting a key: want %d",
				1+i, got, count)
		}
	}
	parts := make([][]Example, 1+len(counts))
	for i, e := range examples {
		parts[partOf[i]] = append(parts[partOf[i]], e)
	}
	return parts, report, nil
}

// grouped returns the indices of the examples of each key, and the keys in the order of their hash with seed.
func grouped(examples []Example, key Key, seed uint64) (groups map[string][]int, keys []string) {
	groups = make(map[string][]int)
	for i, e := range examples {
		k := key(e)
		groups[k] = append(groups[k], i)
	}
	keys = slices.SortedFunc(maps.Keys(groups), func(a, b string) int {
		return cmp.Or(cmp.Compare(hash(seed, a), hash(seed, b)), cmp.Compare(a, b))
	})
	return groups, keys
}
