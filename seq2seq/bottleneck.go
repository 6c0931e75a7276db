package seq2seq

import (
	"github.com/retell-rnn/retell/internal/setting"
	"github.com/retell-rnn/retell/rnn"
)

// BottleneckConfig defines a vector that is the only path from the encoder to the decoder: it sets the decoder's first
// state. It replaces attention and the encoder's last states. An autoencoder's vector is its sentence's embedding.
type BottleneckConfig struct {
	Size int         `yaml:"size" json:"size"` // size of the vector, 1 to 65536; 0 (the default) means no bottleneck
	Pool rnn.Pooling `yaml:"pool" json:"pool"` // pooling of the encoder's states into the vector: last, mean (the default), max or attention

	Condition bool `yaml:"feed" json:"feed"` // lets each step of the decoder read the vector, too
	Unit      bool `yaml:"unit" json:"unit"` // scales the vector to Euclidean length 1

	// Variational draws the vector in training from a normal distribution with a mean and a variance for each
	// dimension. Its divergence from the standard normal distribution is part of the loss (Kingma and Welling 2014;
	// Bowman et al. 2016). After training, the mean is the vector.
	Variational bool `yaml:"variational" json:"variational"`

	// Contrast is the number of the vector's first numbers that contrast trains, 1 to Size; 0 (the default) means all.
	// The decoder reads all.
	Contrast int `yaml:"contrast" json:"contrast,omitempty"`
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
	if all.Encoder.Layers == 0 && c.Pool == rnn.PoolLast {
		v.Add("bottleneck.pool", "last with encoder.layers 0, which has no last state: want mean, max or attention")
	}
	v.Between("bottleneck.contrast", c.Contrast, 0, c.Size)
	if d != (DecoderConfig{}) && d.Attention != rnn.NoAttention {
		v.Add("bottleneck.size", "%d beside decoder.attention: %s, which bypasses the bottleneck: want none", c.Size, d.Attention)
	}
	if c.Unit && c.Variational {
		v.Add("bottleneck.unit", "true with variational: want one of the two")
	}
}
