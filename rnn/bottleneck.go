package rnn

import (
	"cmp"
	"fmt"

	"github.com/retell-rnn/retell/internal/setting"
	"gorgonia.org/gorgonia"
)

// Projection names the map from pooled states to a bottleneck's vector. Empty means [ProjectLinear].
type Projection string

const (
	// ProjectLinear is W m + b.
	ProjectLinear Projection = "linear"
	// ProjectNone is the pooled states themselves.
	ProjectNone Projection = "none"
)

// Projections returns all kinds of projection.
func Projections() []Projection { return []Projection{ProjectLinear, ProjectNone} }

// MarshalText implements [encoding.TextMarshaler]. A kind outside [Projections] is an error.
func (k Projection) MarshalText() ([]byte, error) { return setting.Marshal(k, Projections()...) }

// UnmarshalText implements [encoding.TextUnmarshaler]. A text outside [Projections] is an error.
func (k *Projection) UnmarshalText(text []byte) error {
	return setting.Unmarshal(k, text, Projections()...)
}

// BottleneckConfig defines a [Bottleneck].
type BottleneckConfig struct {
	Pool        Pooling
	Projection  Projection // none needs pooled states of Size numbers
	In          int        // size of the encoder's states
	Size        int        // of the vector
	Unit        bool       // the vector has Euclidean length 1; excludes Variational
	Variational bool       // the vector is drawn from a normal distribution; the prior is the standard normal distribution

	Skip     Skip
	Embedded int // size of the embedded tokens that Skip reads

	// Cell, Layers and Hidden describe the decoder. Without layers there is no decoder, and no map to its states.
	Cell           Cell
	Layers, Hidden int

	Init Inits
}

// Bottleneck pools an encoder's states into one vector z and maps it to the first states of a decoder's layers:
// tanh(W z + b) for h and W z + b for c.
type Bottleneck struct {
	BottleneckConfig
	pool   *Pooler
	mean   *Linear     // the projection; nil for none
	logVar *Linear     // variational
	skip   *skip       // nil without
	maps   [][]*Linear // from z to each array of each layer's state
}

// NewBottleneck adds a bottleneck's parameters. Sizes below 1, unknown kinds, Unit with Variational, and a projection
// of none between unequal sizes are errors.
func NewBottleneck(ps *Params, name string, c BottleneckConfig) (*Bottleneck, error) {
	if c.In < 1 || c.Size < 1 || c.Layers < 0 || c.Layers > 0 && c.Hidden < 1 {
		return nil, fmt.Errorf("rnn: %s: sizes in %d, vector %d, %d layers of hidden %d: want at least 1 of each, or no layers", name, c.In, c.Size, c.Layers, c.Hidden)
	}
	if c.Unit && c.Variational {
		return nil, fmt.Errorf("rnn: %s: a variational vector of unit length: want one of the two", name)
	}
	if c.Skip == SkipJoin && c.Variational {
		return nil, fmt.Errorf("rnn: %s: a variational vector with skip join: want one of the two", name)
	}
	var err error
	if c.Cell, err = c.Cell.check(); err != nil {
		return nil, fmt.Errorf("rnn: %s: %w", name, err)
	}
	if err := setting.OneOf(cmp.Or(c.Projection, ProjectLinear), Projections()...); err != nil {
		return nil, fmt.Errorf("rnn: %s: projection %w", name, err)
	}
	b := &Bottleneck{BottleneckConfig: c}
	if b.pool, err = NewPooler(ps, name, c.Pool, c.In, c.Init); err != nil {
		return nil, err
	}
	pooled, projected := b.pool.Out(), c.projected()
	switch {
	case projected < 1:
		return nil, fmt.Errorf("rnn: %s: skip join of embedded tokens of size %d in a vector of size %d: want a larger vector", name, c.Embedded, c.Size)
	case c.Projection != ProjectNone:
		b.mean = NewLinear(ps, name+".mean", pooled, projected, c.Init)
	case pooled != projected:
		return nil, fmt.Errorf("rnn: %s: projection none from %d numbers to %d: want equal sizes", name, pooled, projected)
	}
	if c.Variational {
		b.logVar = NewLinear(ps, name+".log_variance", pooled, c.Size, c.Init)
	}
	if b.skip, err = newSkip(ps, name, c); err != nil {
		return nil, err
	}
	for l := range c.Layers {
		b.maps = append(b.maps, newStateMaps(ps, fmt.Sprintf("%s.%d", name, l), c.Cell.cell().states, c.Size, c.Hidden, c.Init))
	}
	return b, nil
}

// Forward returns the vectors z [batch, Size] for an encoder's states [rows, In]. last [batch, In] are the states after
// each sequence's last token; it may be nil without [PoolLast]. embedded [rows, Embedded] are the embedded tokens; it
// may be nil without Skip. kl is a variational bottleneck's part of the loss, a scalar summed over the batch; nil
// otherwise.
func (b *Bottleneck) Forward(p *Pass, states *gorgonia.Node, lay *Layout, last, embedded *gorgonia.Node, l Latent) (z, kl *gorgonia.Node) {
	pooled := b.pool.Forward(p, states, lay, last)
	z = pooled
	if b.mean != nil {
		z = b.mean.Forward(p, pooled)
	}
	if b.skip != nil {
		z = b.skip.forward(p, z, embedded, lay)
	}
	if b.Variational {
		return sample(p, z, b.logVar.Forward(p, pooled), l)
	}
	if b.Unit {
		z = scaleRows(p, z, 1)
	}
	return z, nil
}

// States maps vectors z [batch, Size] to the first states of the decoder's layers, [batch, Hidden], bottom first.
func (b *Bottleneck) States(p *Pass, z *gorgonia.Node) []State {
	out := make([]State, b.Layers)
	for l := range out {
		var s [maxStates]*gorgonia.Node
		for i, m := range b.maps[l] {
			s[i] = m.Forward(p, z)
		}
		out[l] = State{s[0], s[1]}
	}
	return out
}

// PackedBottleneck is a [Bottleneck] with no graph. It is immutable and safe for concurrent use.
type PackedBottleneck struct {
	pool         *PackedPooler
	mean, logVar *PackedLinear // mean is nil without a projection, logVar unless variational
	skip         *packedSkip   // nil without
	unit         bool
	maps         [][]*PackedLinear
}

// Pack copies the weights for products in an available precision.
func (b *Bottleneck) Pack(prec Precision) *PackedBottleneck {
	q := &PackedBottleneck{pool: b.pool.Pack(prec), unit: b.Unit}
	if b.mean != nil {
		q.mean = b.mean.Pack(prec)
	}
	if b.Variational {
		q.logVar = b.logVar.Pack(prec)
	}
	if b.skip != nil {
		q.skip = b.skip.pack(prec)
	}
	for _, maps := range b.maps {
		q.maps = append(q.maps, packAll(prec, maps))
	}
	return q
}

// Forward returns the vectors of a batch, as [Bottleneck.Forward] does in evaluation. For a variational bottleneck z is
// the mean and logVar the logarithm of the variance; otherwise logVar is nil. Both are [batch, Size] and lie in mem.
func (q *PackedBottleneck) Forward(mem *Buffers, states []float32, lay *Layout, last, embedded []float32) (z, logVar []float32) {
	batch, pooled := lay.Batch(), q.pool.Forward(mem, states, lay, last)
	if q.mean != nil {
		z = q.mean.forward(mem, batch, pooled)
	} else {
		z = mem.Take(len(pooled)) // pooled may be the caller's
		copy(z, pooled)
	}
	if q.skip != nil {
		z = q.skip.forward(mem, z, embedded, lay)
	}
	if q.unit {
		normalize(batch, z, mem.Take(batch), 1)
	}
	if q.logVar != nil {
		logVar = q.logVar.forward(mem, batch, pooled)
	}
	return z, logVar
}

// States is [Bottleneck.States] for vectors z [batch, Size]. The results lie in mem.
func (q *PackedBottleneck) States(mem *Buffers, batch int, z []float32) []StateValues {
	out := make([]StateValues, len(q.maps))
	for l, maps := range q.maps {
		var s states
		for i, m := range maps {
			s[i] = m.forward(mem, batch, z)
		}
		out[l] = StateValues{s[0], s[1]}
	}
	return out
}
