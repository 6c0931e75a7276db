package seq2seq

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"reflect"

	"github.com/retell-rnn/retell/internal/setting"
	"github.com/retell-rnn/retell/rnn"
)

// ContrastOptions are the options of contrast, which draws vectors of sentences that mean the same together and others
// apart. It reads the source and the targets of an example as one set. The zero value means the defaults for an
// embedder, and no contrast for other models.
type ContrastOptions struct {
	// Weight is the weight of the contrast beside the reconstruction in a model with a bottleneck and a decoder, 0 (the
	// default, no contrast) to 1000: the loss is that of a target token plus Weight times that of a set. An embedder has
	// no other loss.
	Weight float64 `yaml:"weight" json:"weight,omitempty"`

	// Temperature divides cosines in the loss, 0.001 to 10; 0 means 0.05.
	Temperature float64 `yaml:"temperature" json:"temperature,omitempty"`

	// Loss is infonce (the default), the cross-entropy of finding a sentence's partner in the batch (van den Oord, Li
	// and Vinyals 2018), or margin, which wants the partner's cosine above that of the most similar other sentence by
	// Margin (Wieting and Gimpel 2018).
	Loss rnn.ContrastKind `yaml:"loss" json:"loss,omitempty"`

	// Margin is the margin of Loss, 0 to 2: 0 means none with infonce, which takes it off the partner's cosine (Yang et
	// al. 2019), and 0.4 with margin.
	Margin float64 `yaml:"margin" json:"margin,omitempty"`

	// Sizes lists the sizes of prefixes of the vector that are vectors too, such as 64, 128 and 256. Empty (the default)
	// means the whole vector (Kusupati et al., Matryoshka Representation Learning, 2022).
	Sizes []int `yaml:"sizes" json:"sizes,omitempty"`

	// TokenDropout is the probability, up to below 1, of leaving out a token of a sentence, or with encoder.ngrams a
	// word; at least one stays. 0 means 0.1, and a negative number means none. It makes two views of one sentence (Gao,
	// Yao and Chen, SimCSE, 2021).
	TokenDropout float64 `yaml:"token_dropout" json:"token_dropout,omitempty"`

	// Mine is the number of further batches, 0 (the default) to 100, in which each step looks for the hardest negative
	// of each set (Wieting and Gimpel 2018).
	Mine int `yaml:"mine" json:"mine,omitempty"`

	// Chunk is the number of lines whose activations are in memory at a time; 0 (the default) means all. It changes the
	// gradients by rounding only (Gao, Zhang, Han and Callan, Scaling Deep Contrastive Learning Batch Size under Memory
	// Limited Setup, 2021).
	Chunk int `yaml:"chunk" json:"chunk,omitempty"`

	// Judged is the loss of pairs with a similarity: cosent (the default), which fits the order of the cosines (Su
	// 2022), or regression, which fits the cosines.
	Judged rnn.JudgedKind `yaml:"judged" json:"judged,omitempty"`
}

func (o ContrastOptions) validate(v *setting.Check) {
	v.Within("contrast.weight", o.Weight, 0, 1000)
	if o.Temperature != 0 {
		v.Within("contrast.temperature", o.Temperature, 0.001, 10)
	}
	v.Name("contrast.loss", o.Loss)
	v.Within("contrast.margin", o.Margin, 0, 2)
	for _, n := range o.Sizes {
		v.Between("contrast.sizes", n, 1, maxSize)
	}
	if !(o.TokenDropout < 1) {
		v.Add("contrast.token_dropout", "%v: want a number below 1", o.TokenDropout)
	}
	v.Between("contrast.mine", o.Mine, 0, 100)
	v.Between("contrast.chunk", o.Chunk, 0, math.MaxInt32)
	v.Name("contrast.judged", o.Judged)
}

// IsZero reports whether no option is set.
func (o ContrastOptions) IsZero() bool {
	if len(o.Sizes) == 0 {
		o.Sizes = nil
	}
	return reflect.ValueOf(o).IsZero()
}

// resolved returns the options with defaults filled in.
func (o ContrastOptions) resolved() ContrastOptions {
	o.Weight = cmp.Or(o.Weight, 1)
	o.Temperature = cmp.Or(o.Temperature, 0.05)
	o.Loss = cmp.Or(o.Loss, rnn.InfoNCE)
	if o.Margin == 0 && o.Loss == rnn.MarginLoss {
		o.Margin = 0.4
	}
	o.TokenDropout = cmp.Or(o.TokenDropout, 0.1)
	o.Judged = cmp.Or(o.Judged, rnn.CoSENT)
	return o
}

// contrasts reports whether a training of the model with the options has a contrast.
func (m *Network) contrasts(o *TrainOptions) bool {
	_, is := m.net.head.(*embedder)
	return is || o.Contrast.Weight > 0
}

// options returns the options with all defaults, also those that depend on the model.
func (m *Network) options(o *TrainOptions) TrainOptions {
	d := o.defaults()
	if m.contrasts(&d) {
		d.Contrast = d.Contrast.resolved()
		d.BatchSentences = cmp.Or(d.BatchSentences, 64) // memory bounds chunks, not batches
	}
	if _, is := m.net.head.(*embedder); is {
		if o == nil || o.BatchSentences == 0 {
			d.BatchSentences = 512
		}
		d.Mixture.Power = cmp.Or(d.Mixture.Power, 0.5)
	}
	if _, is := m.net.head.(*labeler); is {
		if o == nil || o.MaxSourceTokens == 0 {
			d.MaxSourceTokens = 1000
		}
		if d.MaxTargetTokens = 0; o == nil || o.BatchSentences == 0 && d.BatchSentences > 0 {
			d.BatchSentences = 32
		}
	}
	return d
}

// checkContrast returns an error for options of contrast that do not fit the model or the other options.
func (m *Network) checkContrast(o *TrainOptions) error {
	if !m.contrasts(o) {
		if !o.Contrast.IsZero() {
			return errors.New("options: contrast: settings without a weight, in a model that is no embedder: want contrast.weight above 0")
		}
		return nil
	}
	h, ok := m.net.head.(vectorHead)
	_, alone := m.net.head.(*embedder)
	switch c := o.Contrast; {
	case !ok:
		return errors.New("options: contrast.weight with a model without a bottleneck, which has no vectors: want 0")
	case alone && c.Weight != 0 && c.Weight != 1:
		return fmt.Errorf("options: contrast.weight: %v with an embedder, which has no other loss: want 1", c.Weight)
	case o.Risk.Metric != "" || o.ScheduledSampling.Kind != "":
		return errors.New("options: contrast with risk or scheduled_sampling: want one of them")
	case o.Latent.AggressiveSteps > 0:
		return errors.New("options: contrast with latent.aggressive_steps: want one of them")
	case c.Chunk > 0 && m.config.Bottleneck.Variational:
		return fmt.Errorf("options: contrast.chunk: %d with a variational model: want 0", c.Chunk)
	case o.BatchTokens > 0:
		return fmt.Errorf("options: batch_tokens: %d with contrast, whose loss depends on the number of sets: want batch_sentences, and contrast.chunk to bound memory", o.BatchTokens)
	case o.BatchSentences == 1:
		return errors.New("options: batch_sentences: 1 with contrast, where the other sets of a batch are the negatives: want 2 or more")
	}
	size := h.vectorSize()
	if n := m.config.Bottleneck.Contrast; n > 0 {
		size = n
	}
	for _, n := range o.Contrast.Sizes {
		if n > size {
			return fmt.Errorf("options: contrast.sizes: %d of a vector with %d numbers: want %d or less", n, size, size)
		}
	}
	return nil
}
