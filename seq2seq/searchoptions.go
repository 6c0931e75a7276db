package seq2seq

import (
	"cmp"
	"math"
	"time"

	"github.com/retell-rnn/retell/internal/setting"
	"github.com/retell-rnn/retell/metric"
	"github.com/retell-rnn/retell/seq2seq/internal/search"
)

// LengthNorm says how the log-probabilities of translations of different lengths are compared. Empty means
// [NormAverage].
type LengthNorm string

const (
	NormNone    LengthNorm = "none"    // log P: favors short translations
	NormAverage LengthNorm = "average" // log P / length^α
	NormGNMT    LengthNorm = "gnmt"    // log P / ((5 + length) / 6)^α. Wu et al., Google's Neural Machine Translation System, 2016.
)

// MarshalText returns the name.
func (n LengthNorm) MarshalText() ([]byte, error) {
	return setting.Marshal(n, NormNone, NormAverage, NormGNMT)
}

// UnmarshalText reads a name. An unknown one is an error.
func (n *LengthNorm) UnmarshalText(text []byte) error {
	return setting.Unmarshal(n, text, NormNone, NormAverage, NormGNMT)
}

// SearchOptions are the options of a search. The zero value and a nil pointer mean the defaults. Lengths are in tokens.
type SearchOptions struct {
	// Beam is the number of hypotheses kept for each sentence, 1 to 1000; 0 means 5, or NBest if that is more. A beam
	// of 1 is greedy search.
	Beam int `yaml:"beam" json:"beam"`

	// NBest is the greatest number of translations returned for each sentence, best first, 1 to Beam or Sample; 0 means
	// 1.
	NBest int `yaml:"nbest" json:"nbest"`

	// LengthNorm compares finished hypotheses of different lengths; "" means average. Lengths count the end mark.
	LengthNorm LengthNorm `yaml:"length_norm" json:"length_norm"`

	// Alpha is the exponent of LengthNorm, 0 to 10; 0 means 1 for average and 0.6 for gnmt. With none, it has no use.
	Alpha float64 `yaml:"alpha" json:"alpha"`

	// CoveragePenalty adds CoveragePenalty · Σ log min(sum of a source token's attention weights, 1) to the scores of
	// finished hypotheses, 0 to 10. It penalizes leaving out parts of the source (Wu et al. 2016). The model needs
	// attention.
	CoveragePenalty float64 `yaml:"coverage_penalty" json:"coverage_penalty"`

	// A translation ends at a length of MaxLengthRatio × the source's length + MaxLengthConstant; 0 means 2 and 10.
	// MinLength, a prefix and constraints extend this limit if they need more.
	MaxLengthRatio    float64 `yaml:"max_length_ratio" json:"max_length_ratio"`
	MaxLengthConstant int     `yaml:"max_length_constant" json:"max_length_constant"`

	// MinLength is the least length of a translation, without the end mark, 0 to 1,000,000. A translation is shorter
	// only if rules exclude every other token.
	MinLength int `yaml:"min_length" json:"min_length"`

	// NoRepeatNGram excludes repeated n-grams of this length within a translation, 1 to 100; 0 allows repeats (Paulus,
	// Xiong and Socher, A Deep Reinforced Model for Abstractive Summarization, 2017).
	NoRepeatNGram int `yaml:"no_repeat_ngram" json:"no_repeat_ngram"`

	// DiverseGroups is the number of equal groups of the beam; 0 and 1 mean plain beam search. At each position, the
	// groups choose tokens in turn. A token costs Diversity for each hypothesis of an earlier group that chose it, 0 to
	// 100; 0 means 0.5 (Vijayakumar et al., Diverse Beam Search, 2016).
	DiverseGroups int     `yaml:"diverse_groups" json:"diverse_groups"`
	Diversity     float64 `yaml:"diversity" json:"diversity"`

	// Sample is the number of translations to draw for each sentence, 1 to 1000; 0 searches for the best. Tokens are
	// drawn from the model's distribution p, as p^(1/Temperature), 0.01 to 100 (0 means 1). Only the TopK likeliest
	// tokens count (0 means all), and of these the fewest that hold TopP of the probability, up to 1 (0 means 1;
	// Holtzman et al., The Curious Case of Neural Text Degeneration, 2019). Seed and a line's place in the stream
	// determine its draws. Scores and log-probabilities are the model's, without Temperature, TopK and TopP.
	Sample      int     `yaml:"sample" json:"sample"`
	Temperature float64 `yaml:"temperature" json:"temperature"`
	TopK        int     `yaml:"top_k" json:"top_k"`
	TopP        float64 `yaml:"top_p" json:"top_p"`
	Seed        uint64  `yaml:"seed" json:"seed"`

	// MBR is the metric of minimum Bayes risk decoding. It chooses, among the translations found, those with the best
	// expected metric: the mean of the metric with each translation as the reference. This mean becomes the score.
	// Samples weigh equally; other translations weigh by their probability (Kumar and Byrne, Minimum Bayes-Risk
	// Decoding, 2004; Eikema and Aziz 2020). For BLEU, choose an effective order. Nil chooses by the model's score.
	MBR metric.Metric `yaml:"-" json:"-"`

	// Align sets [Hypothesis.Alignment]. The model needs attention.
	Align bool `yaml:"align" json:"align"`

	// Confidence sets [Hypothesis.Confidence] and the figures beside it.
	Confidence bool `yaml:"confidence" json:"confidence"`

	// ReplaceUnknown replaces each <unk> in the text of translations by Lexicon's entry for the source word with the
	// greatest attention weight or, without an entry, by that word. The model needs attention.
	ReplaceUnknown bool              `yaml:"replace_unknown" json:"replace_unknown"`
	Lexicon        map[string]string `yaml:"-" json:"-"`

	// BatchSentences is the number of sentences searched at a time, 1 to 65536; 0 means 64. It does not change
	// translations. The last digits of probabilities may differ between batches of fewer than 32 rows and larger ones.
	BatchSentences int `yaml:"batch_sentences" json:"batch_sentences"`

	// MaxWait is the longest time that a batch waits for further lines; 0 fills every batch but the last. With MaxWait,
	// another goroutine ranges over the stream; see [corpora.Batches]. It does not change translations.
	MaxWait time.Duration `yaml:"-" json:"-"`
}

const maxBeam = 1000

// Validate returns [Violations], or nil.
func (o *SearchOptions) Validate() error {
	if o == nil {
		return nil
	}
	var v setting.Check
	v.Between("beam", o.Beam, 0, maxBeam)
	switch n := max(1, o.found()); {
	case o.NBest < 0:
		v.Add("nbest", "%d: want 0 or more", o.NBest)
	case o.NBest > n && o.Sample > 0:
		v.Add("nbest", "%d of sample: %d: want at most %d, or more samples", o.NBest, n, n)
	case o.NBest > n && o.Beam >= 0:
		v.Add("nbest", "%d of beam: %d: want at most %d, or a wider beam", o.NBest, n, n)
	}
	v.Name("length_norm", o.LengthNorm)
	v.Within("alpha", o.Alpha, 0, 10)
	if o.LengthNorm == NormNone && o.Alpha != 0 {
		v.Add("alpha", "%v with length_norm none: want 0", o.Alpha)
	}
	v.Within("coverage_penalty", o.CoveragePenalty, 0, 10)
	v.Within("max_length_ratio", o.MaxLengthRatio, 0, 1000)
	v.Between("max_length_constant", o.MaxLengthConstant, 0, 1_000_000)
	v.Between("min_length", o.MinLength, 0, 1_000_000)
	v.Between("no_repeat_ngram", o.NoRepeatNGram, 0, 100)
	o.validateGroups(&v)
	o.validateSample(&v)
	if o.MBR != nil && o.found() == 1 {
		v.Add("mbr", "one translation to choose from: want a beam or samples of 2 or more")
	}
	if o.Lexicon != nil && !o.ReplaceUnknown {
		v.Add("lexicon", "without replace_unknown: want both")
	}
	v.Between("batch_sentences", o.BatchSentences, 0, maxSize)
	return v.Err()
}

func (o *SearchOptions) validateGroups(v *setting.Check) {
	beam := o.resolved().Beam
	v.Between("diverse_groups", o.DiverseGroups, 0, 1000)
	v.Within("diversity", o.Diversity, 0, 100)
	switch {
	case o.DiverseGroups > 1 && beam%o.DiverseGroups != 0:
		v.Add("diverse_groups", "%d with a beam of %d: want a divisor of the beam", o.DiverseGroups, beam)
	case o.DiverseGroups <= 1 && o.Diversity != 0:
		v.Add("diversity", "%v with one group: want 0", o.Diversity)
	}
}

func (o *SearchOptions) validateSample(v *setting.Check) {
	v.Between("sample", o.Sample, 0, 1000)
	v.Between("top_k", o.TopK, 0, math.MaxInt32)
	v.Within("top_p", o.TopP, 0, 1)
	if o.Temperature != 0 {
		v.Within("temperature", o.Temperature, 0.01, 100)
	}
	switch {
	case o.Sample > 0 && o.Beam > 0:
		v.Add("beam", "%d with sample %d: want one of the two", o.Beam, o.Sample)
	case o.Sample > 0 && o.DiverseGroups > 0:
		v.Add("diverse_groups", "%d with sample %d: want 0", o.DiverseGroups, o.Sample)
	case o.Sample == 0 && (o.Temperature != 0 || o.TopK != 0 || o.TopP != 0 || o.Seed != 0):
		v.Add("sample", "0 with temperature, top_k, top_p or seed: want the number of translations to draw")
	}
}

// resolved returns the options with defaults in place of 0 and "".
func (o *SearchOptions) resolved() SearchOptions {
	var r SearchOptions
	if o != nil {
		r = *o
	}
	r.NBest = cmp.Or(r.NBest, 1)
	r.Beam = cmp.Or(r.Beam, min(max(5, r.NBest), maxBeam))
	r.LengthNorm = cmp.Or(r.LengthNorm, NormAverage)
	if r.LengthNorm == NormGNMT {
		r.Alpha = cmp.Or(r.Alpha, 0.6)
	}
	r.Alpha = cmp.Or(r.Alpha, 1)
	r.MaxLengthRatio = cmp.Or(r.MaxLengthRatio, 2)
	r.MaxLengthConstant = cmp.Or(r.MaxLengthConstant, 10)
	if r.DiverseGroups = cmp.Or(r.DiverseGroups, 1); r.DiverseGroups > 1 {
		r.Diversity = cmp.Or(r.Diversity, 0.5)
	}
	if r.Sample > 0 {
		r.Temperature = cmp.Or(r.Temperature, 1)
		r.TopP = cmp.Or(r.TopP, 1)
	}
	r.BatchSentences = cmp.Or(r.BatchSentences, 64)
	return r
}

// rows returns the number of hypotheses searched at a time.
func (o *SearchOptions) rows() int { return o.resolved().BatchSentences * o.found() }

// found returns the number of translations found for each sentence. A search has as many rows for it.
func (o *SearchOptions) found() int {
	r := o.resolved()
	return cmp.Or(r.Sample, r.Beam)
}

// search returns the options in the form that package search reads.
func (o *SearchOptions) search() *search.Options {
	r := o.resolved()
	s := &search.Options{
		Beam:     r.Beam,
		NBest:    r.NBest,
		Diverse:  search.Diverse{Groups: r.DiverseGroups, Weight: r.Diversity},
		Sampling: search.Sampling{Samples: r.Sample, Temperature: r.Temperature, TopK: r.TopK, TopP: r.TopP, Seed: r.Seed},
		Scoring:  search.Scoring{Alpha: r.Alpha, Coverage: r.CoveragePenalty},
		Length:   search.Length{Ratio: r.MaxLengthRatio, Constant: r.MaxLengthConstant, Min: r.MinLength},
	}
	switch r.LengthNorm {
	case NormNone:
		s.Scoring.Alpha = 0
	case NormGNMT:
		s.Scoring.Offset = 5
	}
	if r.NoRepeatNGram > 0 {
		s.Rules = append(s.Rules, search.NoRepeat(r.NoRepeatNGram))
	}
	if r.MBR != nil {
		s.NBest = s.Rows() // candidates for MBR
	}
	return s
}

// attends reports whether the options need the attention of translations.
func (o *SearchOptions) attends() bool { return o != nil && (o.Align || o.ReplaceUnknown) }

// observes reports whether the options need a second pass over the translations after the search.
func (o *SearchOptions) observes() bool { return o.attends() || o != nil && o.Confidence }
