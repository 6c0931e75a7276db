package seq2seq

import (
	"encoding/json"
	"log/slog"
	"time"

	"github.com/retell-rnn/retell/internal/setting"
	"github.com/retell-rnn/retell/rnn"
)

// TrainOptions say how a model is trained. The zero value and a nil pointer mean the defaults.
//
// One rule holds for all options of this module: a zero value (0, "", nil or false) means the default. A negative
// number or the name none turns off an option that is on by default, such as Clip or Patience. 0 therefore cannot
// replace another default; use a small number in its place, such as 1e-9 for a weight. [Config] differs:
// [DefaultConfig] returns its defaults, and a 0 in it means 0.
//
// [Network.Train] copies the weights of From and ignores ExtendVocabulary. [Begin] makes models with From's settings
// and tokenizers.
type TrainOptions struct {
	Epochs   int    `yaml:"epochs" json:"epochs"`       // passes over the data; 0 means 20
	MaxSteps int    `yaml:"max_steps" json:"max_steps"` // steps after which training ends; 0 means no limit
	Seed     uint64 `yaml:"seed" json:"seed"`           // fixes every bit of the model: initial weights, order of the batches, dropout and other draws

	// From is the file of a model of any kind to begin with: the new model takes over its weights, settings and
	// tokenizers. Empty means none. A model of the same kind must provide more than half of the weights, a model of
	// another kind the whole encoder.
	From string `yaml:"from" json:"-"`

	// FromPartial takes over the weights of [TrainOptions].From that fit, however few. Without it, settings that
	// contradict that model are an error.
	FromPartial bool `yaml:"from_partial" json:"-"`

	// ExtendVocabulary chooses the tokens of the training data that are added to the tokenizers of [TrainOptions].From,
	// after the old ones: unknown (the default), those that would be <unk> or spelled in bytes; none; all; or the given
	// number of them.
	ExtendVocabulary Extension `yaml:"extend_vocabulary" json:"-"`

	// Freeze names parts of the model that training leaves unchanged: encoder, decoder, attention, embeddings (or
	// source_embeddings, target_embeddings), output, bridge, bottleneck.
	Freeze []string `yaml:"freeze" json:"freeze,omitempty"`

	// BatchSentences is the number of pairs or sets in a batch; 0 means 512 of an embedder, 32 of a labeler, and otherwise
	// 64 if BatchTokens and Memory are 0.
	BatchSentences int `yaml:"batch_sentences" json:"batch_sentences"`

	// BatchTokens is the greatest number of source and target tokens in a batch, in place of BatchSentences; 0 means no
	// limit.
	BatchTokens int `yaml:"batch_tokens" json:"batch_tokens"`
	Accumulate  int `yaml:"accumulate" json:"accumulate"` // number of batches whose gradients make one step; 0 means 1

	// Memory is the greatest memory of the training, such as 2GiB, in place of BatchSentences and BatchTokens: batches
	// are as large as it allows. 0 means no limit.
	Memory ByteSize `yaml:"memory" json:"memory"`

	MaxSourceTokens int `yaml:"max_source_tokens" json:"max_source_tokens"` // greatest length of a source in tokens; pairs with longer ones are left out; 0 means 200, or 1,000 of a labeler
	MaxTargetTokens int `yaml:"max_target_tokens" json:"max_target_tokens"` // greatest length of a target in tokens; pairs with longer ones are left out; 0 means 200; a labeler has no limit

	// Precision is the precision of matrix products: float32 (the default; processors with AMX split each number
	// exactly into three in bf16) or bf16, which needs a processor with AVX512_BF16. Weights and everything else are
	// float32 in both.
	Precision Precision `yaml:"precision" json:"precision"`

	Optimizer OptimizerOptions `yaml:"optimizer" json:"optimizer"` // rule that turns gradients into steps; zeros mean its defaults

	// Schedule is the schedule of the learning rate. The default begins with 0.001 and halves it after each validation
	// without a new best.
	Schedule rnn.Schedule `yaml:"schedule" json:"schedule"`

	// Clip bounds the norm of a step's gradient, which is the mean over its target tokens; 0 means 1, and a negative
	// number means no bound.
	Clip float64 `yaml:"clip" json:"clip"`

	// LabelSmoothing is the share of a target token's probability that is spread over the vocabulary, 0 to below 1.
	LabelSmoothing float64 `yaml:"label_smoothing" json:"label_smoothing"`

	// CoverageLoss is the weight, 0 (the default) to 100, of the loss for attending to a source token again, in models
	// with [DecoderConfig].Coverage. See, Liu and Manning 2017 use 1 in a short training begun with
	// [TrainOptions].From: from the first step on, this loss would keep attention from settling. Weights of examples do
	// not multiply it.
	CoverageLoss float64 `yaml:"coverage_loss" json:"coverage_loss"`

	// GuidedAlignment is the weight, 0 (the default) to 100, of the loss for attention that differs from examples'
	// alignments; 0.1 is usual. It needs attention, and alignments (data.train_alignment) of some examples. It does not
	// affect the other examples (Chen et al. 2016).
	GuidedAlignment float64 `yaml:"guided_alignment" json:"guided_alignment,omitempty"`

	// Average is the decay of an exponential moving average of the weights, 0 to below 1; 0 means no average.
	// Validations, saved models and the final model use the average.
	Average float64 `yaml:"average" json:"average"`

	Checkpoint Checkpoint `yaml:",inline" json:"-"` // files of the training, and how often they are saved

	Latent LatentOptions `yaml:"latent" json:"latent"` // training of models with a bottleneck; all but guard only for variational models

	// Noise corrupts a pair anew each time that training reads it; nil means no noise.
	Noise Noise `yaml:"-" json:"noise"`

	// TextNoise corrupts the texts of a pair anew each time that training reads it; nil means no noise.
	TextNoise TextNoise `yaml:"-" json:"text_noise,omitempty"`

	// BPEDropout leaves out merges of byte-pair encodings at random, anew whenever a pair is trained on.
	BPEDropout BPEDropout `yaml:"bpe_dropout" json:"bpe_dropout"`

	// ScheduledSampling lets the decoder read its own tokens in training in place of the reference's, more and more of
	// them as training goes on.
	ScheduledSampling ScheduledSampling `yaml:"scheduled_sampling" json:"scheduled_sampling"`

	// LabelWeights multiplies the losses of tokens by the weight of their label in the first column of a labeler; labels
	// without one have 1. Validations ignore them.
	LabelWeights map[string]float64 `yaml:"-" json:"label_weights,omitempty"`

	// Contrast draws vectors of sentences that mean the same together. It trains embedders, and other models with a
	// bottleneck if its weight is above 0.
	Contrast ContrastOptions `yaml:"contrast" json:"contrast,omitzero"`

	Mixture MixtureOptions `yaml:"mixture" json:"mixture,omitzero"` // how batches are drawn from several corpora

	Risk RiskOptions `yaml:"risk" json:"risk"` // minimum risk training: makes sampled translations with a good metric likelier

	ValidateEvery int `yaml:"validate_every" json:"validate_every"` // steps between validations; 0 means an epoch

	// ValidateBy is the measure that compares validations: loss (the default), a metric of greedy translations, such as
	// bleu, chrf or accuracy, of a labeler accuracy or f1 (of spans), or a figure of contrast, recall@1 or spearman.
	ValidateBy string `yaml:"validate_by" json:"validate_by"`

	// Samples is the number of validation examples, spread evenly, that are shown with their translations after each
	// validation; 0 (the default) means none.
	Samples int `yaml:"samples" json:"-"`

	// Also holds further sets of examples that each validation measures. They do not influence training.
	Also []ValidationSet `yaml:"-" json:"-"`

	// Patience is the number of validations in a row without a new best after which training ends; 0 means 5, and a
	// negative number means no such end.
	Patience int `yaml:"patience" json:"patience"`

	// OnDivergence is the reaction to a training loss that grows beyond all bounds or is not a number: stop (the
	// default) ends with an error; warn continues if the loss is a number; rewind returns to the best weights so far
	// and halves the rate.
	OnDivergence DivergencePolicy `yaml:"on_divergence" json:"-"`

	Recorder Recorder `yaml:"-" json:"-"` // records each step; nil means no record

	Watch Watch `yaml:"-" json:"-"` // receives the progress of encoding the data; may be nil

	Log *slog.Logger     `yaml:"-" json:"-"` // nil means no log
	Now func() time.Time `yaml:"-" json:"-"` // clock for speeds; nil means time.Now
}

// Watch is called from time to time with the progress of work before a training: the number of items done and their
// total, 0 if unknown.
type Watch func(work string, done, total int)

// OptimizerOptions choose an optimizer. Zeros mean its defaults.
type OptimizerOptions struct {
	Kind     OptimizerKind `yaml:"kind" json:"kind"`         // adam (the default), adamw or sgd
	Beta1    float64       `yaml:"beta1" json:"beta1"`       // decay of adam's mean of the gradients
	Beta2    float64       `yaml:"beta2" json:"beta2"`       // decay of adam's mean of the squared gradients
	Epsilon  float64       `yaml:"epsilon" json:"epsilon"`   // added to the denominator of adam's steps
	Decay    float64       `yaml:"decay" json:"decay"`       // decoupled weight decay of adamw (0 means 0.01) and sgd
	Momentum float64       `yaml:"momentum" json:"momentum"` // momentum of sgd
}

// Validate returns [Violations], or nil.
func (o *TrainOptions) Validate() error {
	if o == nil {
		return nil
	}
	var v setting.Check
	v.AtLeast("epochs", o.Epochs, 0)
	v.AtLeast("max_steps", o.MaxSteps, 0)
	v.AtLeast("batch_sentences", o.BatchSentences, 0)
	v.AtLeast("batch_tokens", o.BatchTokens, 0)
	v.AtLeast("accumulate", o.Accumulate, 0)
	v.AtLeast("max_source_tokens", o.MaxSourceTokens, 0)
	v.AtLeast("max_target_tokens", o.MaxTargetTokens, 0)
	v.AtLeast("validate_every", o.ValidateEvery, 0)
	v.AtLeast("samples", o.Samples, 0)
	o.Checkpoint.validate(&v)
	v.Name("on_divergence", o.OnDivergence)
	v.Rate("average", o.Average)
	if o.BatchSentences > 0 && o.BatchTokens > 0 {
		v.Add("batch_tokens", "%d beside batch_sentences: %d: want one of the two", o.BatchTokens, o.BatchSentences)
	}
	if o.Memory < 0 {
		v.Add("memory", "%d: want 0 or more bytes", int64(o.Memory))
	}
	if o.Memory > 0 && (o.BatchSentences > 0 && o.Contrast.IsZero() || o.BatchTokens > 0) {
		v.Add("memory", "%v beside batch_sentences or batch_tokens: want one of the three", o.Memory)
	}
	v.Rate("label_smoothing", o.LabelSmoothing)
	for _, name := range o.Freeze {
		v.In("freeze", setting.OneOf(name, partNames()...))
	}
	o.Latent.validate(&v)
	o.Contrast.validate(&v)
	o.Mixture.validate(&v)
	v.Within("coverage_loss", o.CoverageLoss, 0, 100)
	v.Within("guided_alignment", o.GuidedAlignment, 0, 100)
	v.Name("precision", o.Precision)
	p := o.Optimizer
	v.Name("optimizer.kind", p.Kind)
	v.Within("optimizer.beta1", p.Beta1, 0, 0.9999)
	v.Within("optimizer.beta2", p.Beta2, 0, 0.99999)
	v.Within("optimizer.epsilon", p.Epsilon, 0, 1)
	v.Within("optimizer.decay", p.Decay, 0, 1)
	v.Within("optimizer.momentum", p.Momentum, 0, 0.9999)
	switch p.Kind {
	case SGD:
		if p.Beta1 != 0 || p.Beta2 != 0 || p.Epsilon != 0 {
			v.Add("optimizer", "beta1, beta2 or epsilon with sgd, which has none: want 0")
		}
	default:
		if p.Momentum != 0 {
			v.Add("optimizer.momentum", "%v with adam: want 0", p.Momentum)
		}
		if p.Decay != 0 && p.Kind != AdamW {
			v.Add("optimizer.decay", "%v with adam: want adamw", p.Decay)
		}
	}
	_, err := o.validationMetric()
	v.In("validate_by", err)
	v.In("schedule", o.defaults().Schedule.Validate())
	v.In("bpe_dropout", o.BPEDropout.Validate())
	v.In("scheduled_sampling", o.ScheduledSampling.Validate())
	v.In("risk", o.Risk.Validate())
	if o.Risk.Metric != "" && (o.ScheduledSampling.Kind != "" || o.LabelSmoothing != 0) {
		v.Add("risk", "metric beside scheduled_sampling or label_smoothing: want one of them")
	}
	if o.GuidedAlignment > 0 && (o.Noise != nil || o.TextNoise != nil || o.BPEDropout != (BPEDropout{}) || o.Risk.Metric != "") {
		v.Add("guided_alignment", "%v with noise, bpe_dropout or risk, which change the tokens: want none of them", o.GuidedAlignment)
	}
	return v.Err()
}

// defaults returns the options with defaults in place of zero values.
func (o *TrainOptions) defaults() TrainOptions {
	var d TrainOptions
	if o != nil {
		d = *o
	}
	set := func(v *int, to int) {
		if *v == 0 {
			*v = to
		}
	}
	set(&d.Epochs, 20)
	if d.BatchTokens == 0 && d.Memory == 0 {
		set(&d.BatchSentences, 64)
	}
	set(&d.Accumulate, 1)
	set(&d.MaxSourceTokens, 200)
	set(&d.MaxTargetTokens, 200)
	set(&d.Patience, 5)
	if d.Checkpoint.SaveSeconds == 0 {
		d.Checkpoint.SaveSeconds = 60
	}
	if d.OnDivergence == "" {
		d.OnDivergence = DivergenceStop
	}
	if d.Precision == "" {
		d.Precision = Float32
	}
	if d.Optimizer.Kind == "" {
		d.Optimizer.Kind = Adam
	}
	if d.Optimizer.Kind == AdamW && d.Optimizer.Decay == 0 {
		d.Optimizer.Decay = 0.01
	}
	if d.Schedule.Kind == "" {
		d.Schedule.Kind = rnn.SchedulePlateau
	}
	if d.Schedule.Rate == 0 {
		d.Schedule.Rate = 0.001
		if d.Optimizer.Kind == SGD {
			d.Schedule.Rate = 1
		}
	}
	if d.Clip == 0 {
		d.Clip = 1
	}
	d.Risk = d.Risk.resolved()
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.Now == nil {
		d.Now = time.Now
	}
	return d
}

// recorded returns the options in the form that a model's file stores.
func (o TrainOptions) recorded() (*TrainOptions, error) {
	o.Noise, o.TextNoise = nil, nil
	text, err := json.Marshal(o)
	if err != nil {
		return nil, err
	}
	r := &TrainOptions{}
	return r, json.Unmarshal(text, r)
}

// optimizer returns a new optimizer.
func (o OptimizerOptions) optimizer() rnn.Optimizer {
	if o.Kind == SGD {
		return &rnn.SGD{Momentum: o.Momentum, Decay: o.Decay}
	}
	return &rnn.Adam{Beta1: o.Beta1, Beta2: o.Beta2, Epsilon: o.Epsilon, Decay: o.Decay}
}
