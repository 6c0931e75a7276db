package seq2seq

import (
	"cmp"

	"github.com/retell-rnn/retell/internal/setting"
	"github.com/retell-rnn/retell/rnn"
)

// BottleneckConfig defines a vector that is the only path from the encoder to the decoder: it sets the decoder's first
// state. It replaces attention and the encoder's last states. An autoencoder's vector is its sentence's embedding.
type BottleneckConfig struct {
	Size int `yaml:"size" json:"size"` // size of the vector, 1 to 65536; 0 (the default) means no bottleneck
	// Pool is the pooling of the encoder's states into one vector: last, mean (the default), max, min or attention, or
	// several joined by +, such as mean+max, whose vectors lie side by side.
	Pool rnn.Pooling `yaml:"pool" json:"pool"`

	// Projection maps the pooled states to the vector: linear (the default), or none, which needs pooled states of the
	// vector's size.
	Projection rnn.Projection `yaml:"projection" json:"projection,omitempty"`

	// Skip is a path around the recurrent layers: none (the default); add, which adds the mean of the embedded tokens to
	// the vector, linearly mapped if its size differs; gate, which also multiplies the rest by learnt numbers that begin
	// with 0, so that the vector begins as the mean (Bachlechner et al., ReZero is All You Need, 2021); or join: the
	// vector's first numbers are the mean, with a root mean square of 1, and the projected states follow at a third of
	// its length, or at 0.8 of it with unit.
	Skip rnn.Skip `yaml:"skip" json:"skip,omitempty"`

	Condition bool `yaml:"feed" json:"feed"` // lets each step of the decoder read the vector, too
	Unit      bool `yaml:"unit" json:"unit"` // scales the vector to Euclidean length 1

	// Variational draws the vector in training from a normal distribution with a mean and a variance for each
	// dimension. Its divergence from the standard normal distribution is part of the loss (Kingma and Welling 2014;
	// Bowman et al. 2016). After training, the mean is the vector.
	Variational bool `yaml:"variational" json:"variational"`

	// Contrast is the number of the vector's first numbers that contrast trains, 1 to Size; 0 (the default) means all.
	// The decoder reads all.
	Contrast int `yaml:"contrast" json:"contrast,omitempty"`

	// Post names the map of the vectors that [Embedder.PostProcess] has fitted after training; "" means none. PostSize
	// is the size of the mapped vector.
	Post     Post `yaml:"-" json:"post,omitempty"`
	PostSize int  `yaml:"-" json:"post_size,omitempty"`
}

func (c BottleneckConfig) validate(v *setting.Check, all Config) {
	d := all.Decoder
	v.Between("bottleneck.size", c.Size, 0, maxSize)
	if c.Size == 0 {
		if c != (BottleneckConfig{Pool: c.Pool}) {
			v.Add("bottleneck.size", "0 beside other settings: want a size")
		}
		return
	}
	v.Name("bottleneck.pool", c.Pool)
	pool := cmp.Or(c.Pool, rnn.PoolMean)
	checkPool(v, "bottleneck.pool", pool, all)
	v.Name("bottleneck.projection", c.Projection)
	projected := c.projected(all)
	if n := pool.Size(all.states()); c.Projection == rnn.ProjectNone && n != projected && projected > 0 {
		v.Add("bottleneck.projection", "none from pooled states of %d numbers to %d: want equal sizes, or linear", n, projected)
	}
	v.Name("bottleneck.skip", c.Skip)
	if projected < 1 {
		v.Add("bottleneck.size", "%d with skip join of embedded tokens of %d numbers: want more", c.Size, all.embedded())
	}
	if all.Encoder.Layers == 0 && c.Skip != "" && c.Skip != rnn.SkipNone {
		v.Add("bottleneck.skip", "%s with encoder.layers 0, which leaves nothing to skip: want none", c.Skip)
	}
	v.Between("bottleneck.contrast", c.Contrast, 0, c.Size)
	v.Name("bottleneck.post", c.Post)
	if c.Post != "" || c.PostSize != 0 {
		v.Between("bottleneck.post_size", c.PostSize, 1, c.Size)
	}
	if c.Post != "" && !(embedderKind{}).chosen(all) {
		v.Add("bottleneck.post", "%s of a model with a decoder, which reads the vector as it is: want none", c.Post)
	}
	if d != (DecoderConfig{}) && d.Attention != rnn.NoAttention {
		v.Add("bottleneck.size", "%d beside decoder.attention: %s, which bypasses the bottleneck: want none", c.Size, d.Attention)
	}
	if c.Skip == rnn.SkipJoin && c.Variational {
		v.Add("bottleneck.skip", "join with variational: want one of the two")
	}
	if c.Unit && c.Variational {
		v.Add("bottleneck.unit", "true with variational: want one of the two")
	}
}

// projected returns the size of the projected states.
func (c BottleneckConfig) projected(all Config) int {
	if c.Skip == rnn.SkipJoin {
		return c.Size - all.embedded()
	}
	return c.Size
}

// checkPool reports pooling of states that the encoder does not have.
func checkPool(v *setting.Check, path string, pool rnn.Pooling, c Config) {
	if c.Encoder.Layers == 0 && pool.Has(rnn.PoolLast) {
		v.Add(path, "%s with encoder.layers 0, which has no last state: want mean, max, min or attention", pool)
	}
}
