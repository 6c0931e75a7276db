package seq2seq

import (
	"fmt"
	"math/rand/v2"

	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/tokenize"
	"gorgonia.org/gorgonia"
)

// network is a model's layers.
type network struct {
	config         Config // resolved
	params         *rnn.Params
	source, target *rnn.Embedding
	encoder        []*rnn.Layer
	bridge         *rnn.Bridge
	decoder        *rnn.Decoder
	output         *rnn.Output
}

// newNetwork builds the layers of a valid configuration. Their first values are drawn from rng; with nil they are zero, to be
// loaded.
func newNetwork(c Config, sourceSize, targetSize int, rng *rand.Rand) (*network, error) {
	c = c.resolved()
	cell, err := rnn.ParseCell(c.Encoder.Cell)
	if err != nil {
		return nil, err
	}
	decoderCell, err := rnn.ParseCell(c.Decoder.Cell)
	if err != nil {
		return nil, err
	}
	score, err := rnn.ParseScore(c.Decoder.Attention)
	if err != nil {
		return nil, err
	}
	init := c.Init.inits()
	if rng == nil {
		init = rnn.Inits{Matrix: func(int) rnn.Init { return rnn.Zero() }}
	}
	ps := rnn.NewParams(rng)
	n := &network{
		config: c,
		params: ps,
		source: rnn.NewEmbedding(ps, "source.embedding", sourceSize, c.Encoder.Embedding, init),
		target: rnn.NewEmbedding(ps, "target.embedding", targetSize, c.Decoder.Embedding, init),
	}
	in := c.Encoder.Embedding
	for l := range c.Encoder.Layers {
		layer, err := rnn.NewLayer(ps, fmt.Sprintf("encoder.%d", l), cell, in, c.Encoder.Hidden, c.Encoder.Bidirectional, init)
		if err != nil {
			return nil, err
		}
		n.encoder = append(n.encoder, layer)
		in = c.Encoder.Hidden
	}
	n.bridge = rnn.NewBridge(ps, "bridge", cell, c.Encoder.Layers, c.Encoder.Hidden, decoderCell, c.Decoder.Layers, c.Decoder.Hidden, init)
	n.decoder, err = rnn.NewDecoder(ps, "decoder", rnn.DecoderConfig{
		Cell: decoderCell, Layers: c.Decoder.Layers, In: c.Decoder.Embedding, Hidden: c.Decoder.Hidden,
		Attention: score, Memory: c.Encoder.Hidden, Out: c.Decoder.AttentionSize, Feed: c.Decoder.InputFeeding,
		Dropout: c.Dropout, Init: init,
	})
	if err != nil {
		return nil, err
	}
	n.output, err = rnn.NewOutput(ps, "output", n.decoder.Out, targetSize, nil, init)
	return n, err
}

// inits are the initialisers that the configuration names.
func (c InitConfig) inits() rnn.Inits {
	in := rnn.Inits{ForgetBias: float32(c.ForgetBias)}
	in.Matrix = func(int) rnn.Init { return rnn.Uniform(c.Scale) }
	if c.Matrices == "glorot" {
		in.Matrix = rnn.Glorot
	}
	if c.Orthogonal {
		in.Recurrent = rnn.Orthogonal
	}
	return in
}

// loss adds the network to a pass: the summed loss of the pairs by teacher forcing.
func (n *network) loss(p *rnn.Pass, pairs []pair, smoothing float64, stats *rnn.LossStats) *gorgonia.Node {
	src, tgt := make([][]int32, len(pairs)), make([][]int32, len(pairs))
	in, out := make([][]int32, len(pairs)), make([][]int32, len(pairs))
	for i, q := range pairs {
		src[i], tgt[i] = q.src, q.tgt
		in[i] = append([]int32{tokenize.BOS}, q.tgt...)
		out[i] = append(append([]int32{}, q.tgt...), tokenize.EOS)
	}
	from, to := rnn.NewLayout(lengths(src)), rnn.NewLayout(lengths(in))
	rate := n.config.Dropout
	read, before := from.Place(src), to.Place(in)
	rnn.DropTokens(p, read, n.config.Encoder.WordDropout, tokenize.Unk)
	rnn.DropTokens(p, before[to.Batch():], n.config.Decoder.WordDropout, tokenize.Unk) // behind <s>, which stays
	x := n.source.Forward(p, read)
	last := make([]rnn.State, len(n.encoder))
	for i, l := range n.encoder {
		x, last[i] = l.Forward(p, rnn.Dropout(p, x, rate), from, rnn.State{})
	}
	y := rnn.Dropout(p, n.target.Forward(p, before), rate)
	y = n.decoder.Forward(p, y, to, x, from, n.bridge.Forward(p, last), nil)
	return n.output.Loss(p, y, to.Place(out), smoothing, stats)
}

func lengths(seqs [][]int32) []int {
	n := make([]int, len(seqs))
	for i, s := range seqs {
		n[i] = len(s)
	}
	return n
}
