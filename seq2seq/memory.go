package seq2seq

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"unsafe"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/rnn"
)

// ByteSize is an amount of memory in bytes. As text it may have a unit: 512MiB, 2GiB, 1.5GB.
type ByteSize int64

// byteUnit is a unit of a ByteSize.
type byteUnit struct {
	name  string
	bytes float64
}

// byteUnits returns all units. The first four are powers of two, in descending order.
func byteUnits() []byteUnit {
	return []byteUnit{
		{"TiB", 1 << 40},
		{"GiB", 1 << 30},
		{"MiB", 1 << 20},
		{"KiB", 1 << 10},
		{"TB", 1e12},
		{"GB", 1e9},
		{"MB", 1e6},
		{"kB", 1e3},
		{"B", 1},
		{"", 1},
	}
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (b *ByteSize) UnmarshalText(text []byte) error {
	for _, u := range byteUnits() {
		number, ok := strings.CutSuffix(string(text), u.name)
		if !ok {
			continue
		}
		n, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		if err != nil || !(n >= 0 && n*u.bytes < math.MaxInt64) {
			break
		}
		*b = ByteSize(n * u.bytes)
		return nil
	}
	return fmt.Errorf("%q: want a number of bytes, such as 512MiB or 2GiB", text)
}

// UnmarshalJSON implements json.Unmarshaler: a number of bytes, or text.
func (b *ByteSize) UnmarshalJSON(data []byte) error { return b.UnmarshalText(bytes.Trim(data, `"`)) }

// String returns the size in the greatest binary unit that it reaches, such as 1.5 GiB.
func (b ByteSize) String() string {
	for _, u := range byteUnits()[:4] {
		if float64(b) >= u.bytes {
			return fmt.Sprintf("%.1f %s", float64(b)/u.bytes, u.name)
		}
	}
	return fmt.Sprintf("%d B", int64(b))
}

// Memory is the memory that a training holds, in bytes. It excludes the program itself, its data ([Plan].Data) and
// uncollected garbage.
type Memory struct {
	Weights     ByteSize `json:"weights"`     // weights, in bytes
	Gradients   ByteSize `json:"gradients"`   // gradients, in bytes
	Optimizer   ByteSize `json:"optimizer"`   // the optimizer's moments, in bytes
	Copies      ByteSize `json:"copies"`      // copies of the weights (packed for products, best and average), in bytes
	Activations ByteSize `json:"activations"` // buffers of a forward and backward pass over the largest batch, in bytes
}

// Total returns the sum of all parts.
func (m Memory) Total() ByteSize {
	return m.Weights + m.Gradients + m.Optimizer + m.Copies + m.Activations
}

// held returns the memory that does not depend on the batch.
func (t *trainer) held() Memory {
	size := func(values int) ByteSize { return ByteSize(4 * values) }
	n := t.net.params.Count()
	m := Memory{Weights: size(n), Gradients: size(n)}
	layers, output := n, 0
	for p := range t.net.params.All() {
		for _, slot := range t.opt.Slots(p) {
			m.Optimizer += size(len(slot))
		}
		if t.sideOf(p).codec != nil || strings.HasPrefix(p.Name, "source.") {
			layers -= len(p.W)
		}
		if t.net.head.rows(p) == predicted && len(p.Shape) > 1 {
			output += len(p.W)
		}
	}
	// One copy holds the best weights. Layers are packed for training passes; layers and output layer are packed for
	// validations.
	m.Copies = size(n)
	m.Copies += ByteSize(t.pass.Precision.Wide().PackedBytes() * layers)
	m.Copies += ByteSize(rnn.Float32.Wide().PackedBytes() * (layers + output))
	if t.average != nil {
		m.Copies += size(n)
	}
	return m
}

// textBytes returns the memory of examples.
func textBytes(examples []corpora.Example) ByteSize {
	n := len(examples) * int(unsafe.Sizeof(corpora.Example{}))
	for _, e := range examples {
		n += len(e.Source) + (len(e.Targets)+len(e.Labels)+len(e.Negatives))*int(unsafe.Sizeof(""))
		for _, t := range slices.Concat(e.Targets, e.Labels, e.Negatives) {
			n += len(t)
		}
	}
	return ByteSize(n)
}

// pairBytes returns the memory of pairs, without features and copyable words.
func pairBytes(pairs []pair) ByteSize {
	n := len(pairs) * int(unsafe.Sizeof(pair{}))
	for _, p := range pairs {
		n += 4*(len(p.src)+len(p.tgt)) + p.words.bytes() + spelledBytes(p.spelled)
		if p.set == nil {
			continue
		}
		n += int(unsafe.Sizeof(set{}))
		for i, m := range slices.Concat(p.set.members, p.set.negatives) {
			n += int(unsafe.Sizeof(m)) + len(m.text)
			if i > 0 { // the first is the pair's source
				n += 4*len(m.src) + m.words.bytes() + spelledBytes(m.spelled)
				if len(m.tgt) > 0 && &m.tgt[0] != &m.src[0] { // tokens of its own
					n += 4 * len(m.tgt)
				}
			}
		}
	}
	if len(pairs) > 0 && pairs[0].words != nil {
		n += pairs[0].words.lexicon.bytes() // which all share
	}
	return ByteSize(n)
}

// activations runs a forward and a backward pass over one batch and returns the memory of its buffers. The result does
// not depend on the number of cores.
func (t *trainer) activations(batch []pair) (ByteSize, error) {
	pass := rnn.Pass{Precision: t.pass.Precision}
	pass.Start(rand.New(rand.NewPCG(t.o.Seed, stepStream)))
	defer t.net.params.ZeroGrads()
	t.net.params.ZeroGrads()
	if _, err := pass.Backward(t.net.loss(&pass, batch, lossTerms{smoothing: t.o.LabelSmoothing})); err != nil {
		return 0, err
	}
	return ByteSize(pass.Allocated()) * 4 * 9 / 8, nil // buffers are allocated an eighth larger
}

// probePairs is the number of pairs that measure the memory of a token: enough to make a batch's constant costs small.
const probePairs = 128

// tokensWithin returns the greatest budget of tokens whose batches fit into the given memory. A token of the longest
// pairs needs most memory for attention, one of the shortest pairs most for states. tokensWithin measures both and
// takes the greater need.
func (t *trainer) tokensWithin(bound ByteSize) (int, error) {
	order := make([]int, len(t.train))
	total := 0
	for i, p := range t.train {
		order[i] = i
		total += p.size()
	}
	slices.SortStableFunc(order, func(i, j int) int { return t.train[j].size() - t.train[i].size() })
	n := min(probePairs, len(order))
	cost := 0.0
	for _, probe := range [][]int{order[:n], order[len(order)-n:]} {
		batch, tokens := pick(t.train, probe), 0
		for _, p := range batch {
			tokens += p.size()
		}
		bytes, err := t.activations(batch)
		if err != nil {
			return 0, err
		}
		cost = max(cost, float64(bytes)/float64(tokens))
	}
	rest := bound - t.held().Total()
	longest := t.train[order[0]].size()
	if tokens := int(float64(rest) / cost); tokens >= longest {
		return min(tokens, total), nil
	}
	least := t.held().Total() + ByteSize(cost*float64(longest))
	return 0, fmt.Errorf("memory %v: want %v or more for the weights and the longest pair", bound, least)
}
