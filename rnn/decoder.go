package rnn

import "fmt"

// DecoderConfig defines a [Decoder].
type DecoderConfig struct {
	Cell      Cell
	Layers    int       // 1 or more
	In        int       // size of an embedded token, 1 or more
	Hidden    int       // size of each layer's state, 1 or more
	Attention Attention // its score; the default is NoAttention
	Memory    int       // size of an encoder state; 0 without attention
	Out       int       // size of the attentional vector; Hidden without attention

	InputFeeding bool // each step also reads the previous step's attentional vector; needs attention
	Coverage     bool // the score also reads the attention that each source token has received; needs Concat or Bahdanau
	Condition    int  // size of a vector for each sequence that every step reads; 0 means none

	Dropout   float64 // rate for the layers' inputs and the output, 0 to below 1
	Sequence  bool    // Dropout draws one mask for all steps of a sequence, as in [SequenceDropout]
	Recurrent float64 // dropout rate for the states that recurrent products read, 0 to below 1; one mask for a sequence
	Norm      bool    // layer normalization inside the cells, as in [LayerConfig]
	Residual  bool    // each layer but the lowest adds its input to its output
	Init      Inits
}

// Decoder is a stack of recurrent layers with attention over an encoder's states. Each step reads a token and returns
// the attentional vector tanh(W [context; h]) or, without attention, the top layer's output.
//
// Dropout acts on the input of each layer but the lowest, and on the output before it is fed to the next step. Residual
// connections bypass dropout.
//
// Input feeding: Luong, Pham and Manning 2015. Residual connections: He et al., Deep Residual Learning for Image
// Recognition, 2016; Wu et al., Google's Neural Machine Translation System, 2016.
type Decoder struct {
	DecoderConfig
	layers []weights
	att    *attention // nil without

	packed decoderUnits // for training: every pass packs into the same memory, first for forward, then for backward steps
}

// NewDecoder adds a decoder's parameters. Errors are: an unknown kind, a size below 1, input feeding without attention,
// coverage with a score that cannot read it, and unequal state sizes with a score that needs equal ones.
func NewDecoder(ps *Params, name string, c DecoderConfig) (*Decoder, error) {
	var err error
	if c.Cell, err = c.Cell.check(); err != nil {
		return nil, fmt.Errorf("rnn: %s: %w", name, err)
	}
	if c.Attention, err = c.Attention.check(); err != nil {
		return nil, fmt.Errorf("rnn: %s: %w", name, err)
	}
	if c.Attention == NoAttention {
		if c.InputFeeding {
			return nil, fmt.Errorf("rnn: %s: input feeding without attention", name)
		}
		c.Out = c.Hidden
	}
	if c.Layers < 1 || c.In < 1 || c.Hidden < 1 || c.Out < 1 {
		return nil, fmt.Errorf("rnn: %s: %d layers of sizes in %d, hidden %d, out %d: want at least 1 of each", name, c.Layers, c.In, c.Hidden, c.Out)
	}
	d := &Decoder{DecoderConfig: c}
	for l := range c.Layers {
		in := c.Hidden
		if l == 0 {
			in = d.conditionAt() + c.Condition
		}
		d.layers = append(d.layers, newWeights(ps, fmt.Sprintf("%s.%d", name, l), "", c.Cell, in, c.Hidden, c.Norm, c.Init))
	}
	if c.Attention != NoAttention {
		if d.att, err = newAttention(ps, name+".attention", c); err != nil {
			return nil, err
		}
	}
	return d, nil
}

func (d *Decoder) params() []*Param {
	var all []*Param
	for _, w := range d.layers {
		all = append(all, w.params()...)
	}
	if d.att != nil {
		all = append(all, d.att.params()...)
	}
	return all
}

// conditionAt returns the condition's first column in layer 0's input weights, after the columns of the embedded token
// and of the fed vector.
func (d *Decoder) conditionAt() int {
	if d.InputFeeding {
		return d.In + d.Out
	}
	return d.In
}
