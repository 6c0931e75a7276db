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
	factors        *factors // nil without
	encoder        []*rnn.Layer
	bridge         *rnn.Bridge     // nil with a bottleneck
	bottleneck     *rnn.Bottleneck // nil without
	decoder        *rnn.Decoder
	projection     *rnn.Linear // from what the decoder returns to the size of a tied embedding; nil where they are equal
	output         *rnn.Output
	copier         *rnn.Copier // nil without
	pool           *rnn.Pooler // of a classifier, which has no target, bridge and decoder; nil for others
}

// newNetwork builds the layers of a valid configuration. Their first values are drawn from rng; with nil they are zero,
// to be loaded.
func newNetwork(c Config, sourceSize, targetSize int, rng *rand.Rand) (*network, error) {
	c = c.resolved()
	init := c.Init.inits()
	if rng == nil {
		init = rnn.Inits{Matrix: func(int) rnn.Init { return rnn.Zero() }}
	}
	ps := rnn.NewParams(rng)
	n := &network{
		config: c,
		params: ps,
	}
	if c.TiedEmbeddings != tiedAll {
		n.source = rnn.NewEmbedding(ps, "source.embedding", sourceSize, c.Encoder.Embedding, init)
	}
	if c.Classifier.Pool == "" {
		n.target = rnn.NewEmbedding(ps, "target.embedding", targetSize, c.Decoder.Embedding, init)
	}
	if c.TiedEmbeddings == tiedAll {
		n.source = n.target
	}
	in := c.Encoder.Embedding
	if f := c.Encoder.Factors; f.count() > 0 {
		n.factors = newFactors(ps, f, init)
		in = n.factors.inputSize(in)
	}
	for l := range c.Encoder.Layers {
		layer, err := rnn.NewLayer(ps, fmt.Sprintf("encoder.%d", l), rnn.LayerConfig{
			Cell: c.Encoder.Cell, In: in, Hidden: c.Encoder.Hidden, Bidirectional: c.Encoder.Bidirectional,
			Norm: c.Encoder.LayerNorm, Recurrent: c.RecurrentDropout, Init: init,
		})
		if err != nil {
			return nil, err
		}
		n.encoder = append(n.encoder, layer)
		in = c.Encoder.Hidden
	}
	if c.Classifier.Pool != "" {
		return n, n.classify(targetSize, init)
	}
	var err error
	condition := 0
	if c.Bottleneck.Size > 0 {
		if n.bottleneck, err = c.Bottleneck.layer(ps, c.Encoder.Hidden, c.Decoder, init); err != nil {
			return nil, err
		}
		if c.Bottleneck.Condition {
			condition = c.Bottleneck.Size
		}
	} else {
		n.bridge = rnn.NewBridge(ps, "bridge", c.Encoder.Cell, c.Encoder.Layers, c.Encoder.Hidden, c.Decoder.Cell, c.Decoder.Layers, c.Decoder.Hidden, init)
	}
	n.decoder, err = rnn.NewDecoder(ps, "decoder", rnn.DecoderConfig{
		Cell: c.Decoder.Cell, Layers: c.Decoder.Layers, In: c.Decoder.Embedding, Hidden: c.Decoder.Hidden,
		Attention: c.Decoder.Attention, Memory: c.Encoder.Hidden, Out: c.Decoder.AttentionSize, InputFeeding: c.Decoder.InputFeeding, Condition: condition,
		Dropout: c.Dropout, Sequence: c.VariationalDropout, Recurrent: c.RecurrentDropout, Residual: c.Decoder.Residual, Coverage: c.Decoder.Coverage,
		Norm: c.Decoder.LayerNorm, Init: init,
	})
	if err != nil {
		return nil, err
	}
	size := n.decoder.Out
	var tied *rnn.Embedding
	if c.TiedEmbeddings != tiedNone {
		if tied = n.target; tied.Size != size {
			n.projection = rnn.NewLinear(ps, "output.projection", size, tied.Size, init)
			size = tied.Size
		}
	}
	if n.output, err = rnn.NewOutput(ps, "output", size, targetSize, tied, init); err != nil {
		return nil, err
	}
	if c.Decoder.Copy {
		n.copier = rnn.NewCopier(ps, "copy", n.output, init)
	}
	return n, nil
}

// classify adds the layers of a classifier behind the encoder. Attention that pools is called as a bottleneck's is, so
// that one may take over the other's.
func (n *network) classify(labels int, init rnn.Inits) error {
	var err error
	if n.pool, err = rnn.NewPooler(n.params, "bottleneck", n.config.Classifier.Pool, n.config.Encoder.Hidden, init); err != nil {
		return err
	}
	n.output, err = rnn.NewOutput(n.params, "labels", n.config.Encoder.Hidden, labels, nil, init)
	return err
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

// lossTerms say what a loss is made of, and where its figures go.
type lossTerms struct {
	smoothing float64
	repeated  float64 // weight of attention that repeats
	guided    float64 // weight of attention that is wanted
	latent    rnn.Latent
	read      [][]int32 // what the decoder reads of each pair behind <s>, as long as its target; nil for the targets
	weights   []float32 // of each pair's loss; nil for 1
	stats     *rnn.LossStats
}

// loss adds the network to a pass: the summed loss of the pairs by teacher forcing.
func (n *network) loss(p *rnn.Pass, pairs []pair, terms lossTerms) *gorgonia.Node {
	x, from, last := n.encode(p, pairs)
	if n.pool != nil {
		return n.labelLoss(p, pairs, n.pool.Forward(p, x, from, last[len(last)-1].H), terms)
	}
	in, out := make([][]int32, len(pairs)), make([][]int32, len(pairs))
	for i, q := range pairs {
		in[i] = append([]int32{tokenize.BOS}, q.tgt...)
		if terms.read != nil {
			copy(in[i][1:], terms.read[i])
		}
		out[i] = append(append([]int32{}, q.tgt...), tokenize.EOS)
	}
	to := rnn.NewLayout(lengths(in))
	before := to.Place(in)
	known(before, n.target.Vocab)
	rnn.DropTokens(p, before[to.Batch():], n.config.Decoder.WordDropout, tokenize.Unk) // behind <s>, which stays
	y := rnn.TypeDropout(p, n.target.Forward(p, before), to, before, n.config.EmbeddingDropout)
	y = n.dropout(p, y, to)
	var weights []float32
	if terms.weights != nil {
		weights = to.Spread(terms.weights)
	}
	var extra *gorgonia.Node // divergence of a variational bottleneck, or what attention repeats or lacks; nil without
	var d rnn.DecoderOutput
	if n.bottleneck == nil {
		d = n.decoder.Forward(p, y, to, x, from, n.bridge.Forward(p, last), nil)
		if d.Repeated != nil && terms.repeated > 0 {
			extra = p.Scale(d.Repeated, terms.repeated)
		}
		if terms.guided > 0 {
			if g := guide(p, d.Attention, to, pairs, weights); g != nil {
				extra = p.Sum(extra, p.Scale(g, terms.guided))
			}
		}
	} else {
		var z *gorgonia.Node
		z, extra = n.bottleneck.Forward(p, x, from, last[len(last)-1].H, terms.latent)
		d = n.decoder.Forward(p, y, to, nil, nil, n.bottleneck.States(p, z), z)
	}
	if y = d.Out; n.projection != nil {
		y = n.projection.Forward(p, y)
	}
	targets := to.Place(out)
	if n.copier == nil {
		return p.Sum(n.output.WeightedLoss(p, y, targets, weights, terms.smoothing, terms.stats), extra)
	}
	copies := make([]rnn.Copies, len(targets))
	for i, q := range pairs {
		for t := range out[i] {
			copies[to.Row(i, t)] = *q.copies
		}
	}
	return p.Sum(n.copier.WeightedLoss(p, y, d.Attention, copies, targets, weights, terms.smoothing, terms.stats), extra)
}

// encode adds the encoder to a pass: the top layer's states, where they lie, and the last states of each layer.
func (n *network) encode(p *rnn.Pass, pairs []pair) (x *gorgonia.Node, lay *rnn.Layout, last []rnn.State) {
	src := ids(sources(pairs))
	lay = rnn.NewLayout(lengths(src))
	read := lay.Place(src)
	rnn.DropTokens(p, read, n.config.Encoder.WordDropout, tokenize.Unk)
	x = rnn.TypeDropout(p, n.source.Forward(p, read), lay, read, n.config.EmbeddingDropout)
	if n.factors != nil {
		x = n.factors.Forward(p, x, lay, sources(pairs))
	}
	last = make([]rnn.State, len(n.encoder))
	for i, l := range n.encoder {
		var h *gorgonia.Node
		h, last[i] = l.Forward(p, n.dropout(p, x, lay), lay, rnn.State{})
		if n.config.Encoder.Residual && i > 0 {
			h = rnn.Add(p, h, x)
		}
		x = h
	}
	return x, lay, last
}

// labelLoss is the loss of a classifier, whose vectors are [pairs, hidden].
func (n *network) labelLoss(p *rnn.Pass, pairs []pair, vectors *gorgonia.Node, terms lossTerms) *gorgonia.Node {
	labels := make([]int32, len(pairs))
	for i, q := range pairs {
		labels[i] = q.label()
	}
	return n.output.WeightedLoss(p, rnn.Dropout(p, vectors, n.config.Dropout), labels, terms.weights, terms.smoothing, terms.stats)
}

// dropout drops numbers of x, which lay lays out.
func (n *network) dropout(p *rnn.Pass, x *gorgonia.Node, lay *rnn.Layout) *gorgonia.Node {
	if n.config.VariationalDropout {
		return rnn.SequenceDropout(p, x, lay, n.config.Dropout)
	}
	return rnn.Dropout(p, x, n.config.Dropout)
}

func lengths(seqs [][]int32) []int {
	n := make([]int, len(seqs))
	for i, s := range seqs {
		n[i] = len(s)
	}
	return n
}
