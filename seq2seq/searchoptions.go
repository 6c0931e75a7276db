package seq2seq

import (
	"cmp"
	"errors"
	"math"
	"time"

	"github.com/retell-rnn/retell/metric"
	"github.com/retell-rnn/retell/seq2seq/internal/search"
)

// LengthNorm says how the log-probabilities of translations of different lengths are compared.
type LengthNorm string

const (
	NormNone    LengthNorm = "none"    // log P: favours short translations
	NormAverage LengthNorm = "average" // log P / length^α
	NormGNMT    LengthNorm = "gnmt"    // log P / ((5 + length) / 6)^α. Wu et al., Google's Neural Machine Translation System, 2016.
)

// SearchOptions says how translations are searched for. The zero value and nil mean the defaults. Lengths are in
// tokens.
type SearchOptions struct {
	// Beam is how many hypotheses of each sentence are kept, 1 to 1000; 0 means 5, or NBest where that is more. A beam
	// of 1 is greedy search.
	Beam int `yaml:"beam" json:"beam"`

	// NBest is how many translations of each sentence are returned at most, best first, 1 to Beam or Sample; 0 means 1.
	NBest int `yaml:"nbest" json:"nbest"`

	// LengthNorm is how finished hypotheses are compared; "" means average. The end mark counts in the length.
	LengthNorm LengthNorm `yaml:"length_norm" json:"length_norm"`

	// Alpha is the exponent of LengthNorm, 0 to 10; 0 means 1 for average and 0.6 for gnmt. none has no use for it.
	Alpha float64 `yaml:"alpha" json:"alpha"`

	// CoveragePenalty is the weight β of β Σ log min(attention paid to a source token, 1), which is added to the score of
	// finished hypotheses so that no part of the source is left out (Wu et al. 2016); 0 to 10. It wants attention.
	CoveragePenalty float64 `yaml:"coverage_penalty" json:"coverage_penalty"`

	// A translation ends at MaxLengthRatio × the source's length + MaxLengthConstant; 0 means 2, and 10. What MinLength,
	// a prefix and constraints ask for has room in any case.
	MaxLengthRatio    float64 `yaml:"max_length_ratio" json:"max_length_ratio"`
	MaxLengthConstant int     `yaml:"max_length_constant" json:"max_length_constant"`

	// MinLength is how many tokens a translation has at least, the end mark not counted, 0 to 1,000,000. A translation
	// is shorter only where the other options leave nothing to follow.
	MinLength int `yaml:"min_length" json:"min_length"`

	// NoRepeatNGram forbids that this many tokens in a row occur twice in a translation, 1 to 100; 0 forbids nothing
	// (Paulus, Xiong and Socher, A Deep Reinforced Model for Abstractive Summarization, 2017).
	NoRepeatNGram int `yaml:"no_repeat_ngram" json:"no_repeat_ngram"`

	// DiverseGroups divides Beam, equally, into groups that are searched one after the other at each step: a token costs
	// Diversity for each hypothesis of an earlier group that takes it at the same step (Vijayakumar et al., Diverse Beam
	// Search, 2016). 0 and 1 are one group, plain beam search. Diversity is up to 100; 0 means 0.5.
	DiverseGroups int     `yaml:"diverse_groups" json:"diverse_groups"`
	Diversity     float64 `yaml:"diversity" json:"diversity"`

	// Sample draws this many translations of each sentence at random in place of searching for the best, 1 to 1000; 0 is
	// search. Each token is drawn from the model's probabilities p, as p^(1/Temperature), 0.01 to 100 (0 means 1), among
	// the TopK likeliest (0: all) and among the fewest that hold TopP of what is left, up to 1 (0: 1; Holtzman et al.,
	// The Curious Case of Neural Text Degeneration, 2019). Seed and a line's place in the stream fix its draws. Scores
	// and log-probabilities are the model's.
	Sample      int     `yaml:"sample" json:"sample"`
	Temperature float64 `yaml:"temperature" json:"temperature"`
	TopK        int     `yaml:"top_k" json:"top_k"`
	TopP        float64 `yaml:"top_p" json:"top_p"`
	Seed        uint64  `yaml:"seed" json:"seed"`

	// MBR chooses among the translations found, Beam or Sample of them, those that are best by this metric when each of
	// them is taken for the reference: samples equally, what a search finds in proportion to its probability (Kumar and
	// Byrne, Minimum Bayes-Risk Decoding, 2004; Eikema and Aziz 2020). The expected metric is the score. Nil chooses by
	// the model's score.
	MBR metric.Metric `yaml:"-" json:"-"`

	// Align says from which words of the source those of each translation were written; see [Hypothesis.Alignment]. It
	// wants attention.
	Align bool `yaml:"align" json:"align"`

	// Confidence measures how sure the model is of each translation and of each of its tokens; see
	// [Hypothesis.Confidence].
	Confidence bool `yaml:"confidence" json:"confidence"`

	// ReplaceUnknown puts into the text of translations, for each <unk>, what Lexicon has for the source word that was
	// attended to most or, if it has nothing, that word itself. It wants attention.
	ReplaceUnknown bool              `yaml:"replace_unknown" json:"replace_unknown"`
	Lexicon        map[string]string `yaml:"-" json:"-"`

	// BatchSentences is how many sentences are searched at a time, 1 to 65536; 0 means 64. It does not change what is
	// found; the last digits of probabilities may differ between searches of fewer than 32 rows at a time and of more.
	BatchSentences int `yaml:"batch_sentences" json:"batch_sentences"`

	// MaxWait is how long a batch that is not full waits for more sentences: then it is searched as it is. 0 means that
	// every batch but the last is filled first. With it the stream is ranged over in another goroutine; see
	// [corpora.Batches]. It does not change what is found.
	MaxWait time.Duration `yaml:"-" json:"-"`
}

const maxBeam = 1000

// Validate returns every violation, joined, or nil. Each begins with its field.
func (o *SearchOptions) Validate() error {
	if o == nil {
		return nil
	}
	var v violations
	v.between("beam", o.Beam, 0, maxBeam)
	switch n := max(1, o.found()); {
	case o.NBest < 0:
		v.add("nbest", "%d: want 0 or more", o.NBest)
	case o.NBest > n && o.Sample > 0:
		v.add("nbest", "%d of sample: %d: want at most %d, or more samples", o.NBest, n, n)
	case o.NBest > n && o.Beam >= 0:
		v.add("nbest", "%d of beam: %d: want at most %d, or a wider beam", o.NBest, n, n)
	}
	if o.LengthNorm != "" {
		v.oneOf("length_norm", string(o.LengthNorm), string(NormNone), string(NormAverage), string(NormGNMT))
	}
	v.within("alpha", o.Alpha, 0, 10)
	if o.LengthNorm == NormNone && o.Alpha != 0 {
		v.add("alpha", "%v with length_norm none: want 0", o.Alpha)
	}
	v.within("coverage_penalty", o.CoveragePenalty, 0, 10)
	v.within("max_length_ratio", o.MaxLengthRatio, 0, 1000)
	v.between("max_length_constant", o.MaxLengthConstant, 0, 1_000_000)
	v.between("min_length", o.MinLength, 0, 1_000_000)
	v.between("no_repeat_ngram", o.NoRepeatNGram, 0, 100)
	o.validateGroups(&v)
	o.validateSample(&v)
	if o.MBR != nil && o.found() == 1 {
		v.add("mbr", "one translation to choose from: want a beam or samples of 2 or more")
	}
	if o.Lexicon != nil && !o.ReplaceUnknown {
		v.add("lexicon", "without replace_unknown: want both")
	}
	v.between("batch_sentences", o.BatchSentences, 0, maxSize)
	return errors.Join(v...)
}

func (o *SearchOptions) validateGroups(v *violations) {
	beam := o.resolved().Beam
	v.between("diverse_groups", o.DiverseGroups, 0, 1000)
	v.within("diversity", o.Diversity, 0, 100)
	switch {
	case o.DiverseGroups > 1 && beam%o.DiverseGroups != 0:
		v.add("diverse_groups", "%d with a beam of %d: want a divisor of the beam", o.DiverseGroups, beam)
	case o.DiverseGroups <= 1 && o.Diversity != 0:
		v.add("diversity", "%v with one group: want 0", o.Diversity)
	}
}

func (o *SearchOptions) validateSample(v *violations) {
	v.between("sample", o.Sample, 0, 1000)
	v.between("top_k", o.TopK, 0, math.MaxInt32)
	v.within("top_p", o.TopP, 0, 1)
	if o.Temperature != 0 {
		v.within("temperature", o.Temperature, 0.01, 100)
	}
	switch {
	case o.Sample > 0 && o.Beam > 0:
		v.add("beam", "%d with sample %d: want one of the two", o.Beam, o.Sample)
	case o.Sample > 0 && o.DiverseGroups > 0:
		v.add("diverse_groups", "%d with sample %d: want 0", o.DiverseGroups, o.Sample)
	case o.Sample == 0 && (o.Temperature != 0 || o.TopK != 0 || o.TopP != 0 || o.Seed != 0):
		v.add("sample", "0 with temperature, top_k, top_p or seed: want how many translations are drawn")
	}
}

// resolved returns the options with the values in place that 0 and "" stand for.
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

// rows is how many hypotheses are searched at a time.
func (o *SearchOptions) rows() int { return o.resolved().BatchSentences * o.found() }

// found is how many translations of a sentence are found to choose from, which is also how many rows a search has for
// each.
func (o *SearchOptions) found() int {
	r := o.resolved()
	return cmp.Or(r.Sample, r.Beam)
}

// search returns the options as a search reads them.
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
		s.NBest = s.Rows() // to choose from
	}
	return s
}

// attends reports whether what translations attended to is asked for.
func (o *SearchOptions) attends() bool { return o != nil && (o.Align || o.ReplaceUnknown) }

// observes reports whether translations are stepped through once more after the search.
func (o *SearchOptions) observes() bool { return o.attends() || o != nil && o.Confidence }
