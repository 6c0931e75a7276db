package seq2seq

import "github.com/retell-rnn/retell/internal/setting"

// This file holds the settings whose values are names. MarshalText and UnmarshalText return an error for an unknown
// name and list the valid ones. An empty name is valid and means the default.

// Tying says which embedding matrices share their values. Empty means [TieNone].
type Tying string

const (
	TieNone   Tying = "none"
	TieOutput Tying = "output" // target embedding and output layer
	TieAll    Tying = "all"    // source embedding too
)

// MarshalText returns the name.
func (t Tying) MarshalText() ([]byte, error) { return setting.Marshal(t, TieNone, TieOutput, TieAll) }

// UnmarshalText reads a name.
func (t *Tying) UnmarshalText(text []byte) error {
	return setting.Unmarshal(t, text, TieNone, TieOutput, TieAll)
}

// MatrixInit is the distribution of a matrix's first values.
type MatrixInit string

const (
	InitUniform MatrixInit = "uniform" // in ±Scale
	InitGlorot  MatrixInit = "glorot"  // uniform in ±√(6/(in+out)). Glorot and Bengio 2010.
)

// MarshalText returns the name.
func (m MatrixInit) MarshalText() ([]byte, error) { return setting.Marshal(m, InitUniform, InitGlorot) }

// UnmarshalText reads a name.
func (m *MatrixInit) UnmarshalText(text []byte) error {
	return setting.Unmarshal(m, text, InitUniform, InitGlorot)
}

// Join says how the embeddings of a token and its features become one. Empty means [JoinConcat].
type Join string

const (
	JoinConcat Join = "concat"
	JoinSum    Join = "sum"
)

// MarshalText returns the name.
func (j Join) MarshalText() ([]byte, error) { return setting.Marshal(j, JoinConcat, JoinSum) }

// UnmarshalText reads a name.
func (j *Join) UnmarshalText(text []byte) error {
	return setting.Unmarshal(j, text, JoinConcat, JoinSum)
}

// LabelOutput is how a labeler predicts labels. Empty means that a model is no labeler.
type LabelOutput string

const (
	LabelSoftmax LabelOutput = "softmax" // each label by itself
	LabelCRF     LabelOutput = "crf"     // a sequence of labels, by a linear-chain conditional random field
)

// MarshalText returns the name.
func (l LabelOutput) MarshalText() ([]byte, error) { return setting.Marshal(l, LabelSoftmax, LabelCRF) }

// UnmarshalText reads a name.
func (l *LabelOutput) UnmarshalText(text []byte) error {
	return setting.Unmarshal(l, text, LabelSoftmax, LabelCRF)
}

// LabelScheme is a scheme of labels that mark spans: O outside a span, and a prefix and a type, such as B-LOC, in one.
// Empty means any labels.
type LabelScheme string

const (
	SchemeIOB2  LabelScheme = "iob2"  // B begins a span, and I continues it
	SchemeBIOES LabelScheme = "bioes" // also, E ends a span, and S is a span of one token
)

// MarshalText returns the name.
func (s LabelScheme) MarshalText() ([]byte, error) {
	return setting.Marshal(s, SchemeIOB2, SchemeBIOES)
}

// UnmarshalText reads a name.
func (s *LabelScheme) UnmarshalText(text []byte) error {
	return setting.Unmarshal(s, text, SchemeIOB2, SchemeBIOES)
}

// OptimizerKind is the rule that turns gradients into updates. Empty means [Adam].
type OptimizerKind string

const (
	Adam  OptimizerKind = "adam"  // Kingma and Ba, Adam: A Method for Stochastic Optimization, 2015.
	AdamW OptimizerKind = "adamw" // Loshchilov and Hutter, Decoupled Weight Decay Regularization, 2019.
	SGD   OptimizerKind = "sgd"   // stochastic gradient descent with momentum
)

// MarshalText returns the name.
func (o OptimizerKind) MarshalText() ([]byte, error) { return setting.Marshal(o, Adam, AdamW, SGD) }

// UnmarshalText reads a name.
func (o *OptimizerKind) UnmarshalText(text []byte) error {
	return setting.Unmarshal(o, text, Adam, AdamW, SGD)
}

// Precision is the number format of matrix products in training. Empty means [Float32].
type Precision string

const (
	Float32 Precision = "float32"
	BF16    Precision = "bf16" // needs a processor with AVX512_BF16
)

// MarshalText returns the name.
func (p Precision) MarshalText() ([]byte, error) { return setting.Marshal(p, Float32, BF16) }

// UnmarshalText reads a name.
func (p *Precision) UnmarshalText(text []byte) error {
	return setting.Unmarshal(p, text, Float32, BF16)
}

// DivergencePolicy says how a training reacts when its loss diverges. Empty means [DivergenceStop].
type DivergencePolicy string

const (
	DivergenceStop   DivergencePolicy = "stop"   // ends the training with [ErrDiverged]
	DivergenceWarn   DivergencePolicy = "warn"   // goes on if the loss is finite
	DivergenceRewind DivergencePolicy = "rewind" // goes back to the best weights and halves the rate
)

// MarshalText returns the name.
func (d DivergencePolicy) MarshalText() ([]byte, error) {
	return setting.Marshal(d, DivergenceStop, DivergenceWarn, DivergenceRewind)
}

// UnmarshalText reads a name.
func (d *DivergencePolicy) UnmarshalText(text []byte) error {
	return setting.Unmarshal(d, text, DivergenceStop, DivergenceWarn, DivergenceRewind)
}

// Anneal says how the weight of a variational model's divergence rises. Empty means [AnnealConstant].
type Anneal string

const (
	AnnealConstant Anneal = "constant"
	AnnealLinear   Anneal = "linear"
	AnnealLogistic Anneal = "logistic" // Bowman et al., Generating Sentences from a Continuous Space, 2016.
	AnnealCyclical Anneal = "cyclical" // Fu et al., Cyclical Annealing Schedule, 2019.
)

// MarshalText returns the name.
func (a Anneal) MarshalText() ([]byte, error) {
	return setting.Marshal(a, AnnealConstant, AnnealLinear, AnnealLogistic, AnnealCyclical)
}

// UnmarshalText reads a name.
func (a *Anneal) UnmarshalText(text []byte) error {
	return setting.Unmarshal(a, text, AnnealConstant, AnnealLinear, AnnealLogistic, AnnealCyclical)
}

// Guard says how a training reacts when the decoder ignores its vector. Empty means [GuardWarn].
type Guard string

const (
	GuardWarn  Guard = "warn"
	GuardStop  Guard = "stop"  // ends the training at the second such validation in a row
	GuardAdapt Guard = "adapt" // halves the weight of the divergence
)

// MarshalText returns the name.
func (g Guard) MarshalText() ([]byte, error) {
	return setting.Marshal(g, GuardWarn, GuardStop, GuardAdapt)
}

// UnmarshalText reads a name.
func (g *Guard) UnmarshalText(text []byte) error {
	return setting.Unmarshal(g, text, GuardWarn, GuardStop, GuardAdapt)
}

// SamplingDecay says how the share of reference tokens falls in scheduled sampling. Empty turns scheduled sampling off.
type SamplingDecay string

const (
	SamplingLinear         SamplingDecay = "linear"
	SamplingExponential    SamplingDecay = "exponential"
	SamplingInverseSigmoid SamplingDecay = "inverse_sigmoid"
)

// MarshalText returns the name.
func (s SamplingDecay) MarshalText() ([]byte, error) {
	return setting.Marshal(s, SamplingLinear, SamplingExponential, SamplingInverseSigmoid)
}

// UnmarshalText reads a name.
func (s *SamplingDecay) UnmarshalText(text []byte) error {
	return setting.Unmarshal(s, text, SamplingLinear, SamplingExponential, SamplingInverseSigmoid)
}

// Post is a map of an embedder's vectors. Empty means none.
type Post string

const (
	PostWhiten Post = "whiten" // uncorrelated numbers of equal variance
	PostCommon Post = "common" // without the directions that vectors have most in common
)

// MarshalText returns the name.
func (p Post) MarshalText() ([]byte, error) { return setting.Marshal(p, PostWhiten, PostCommon) }

// UnmarshalText reads a name.
func (p *Post) UnmarshalText(text []byte) error {
	return setting.Unmarshal(p, text, PostWhiten, PostCommon)
}
