package seq2seq

import (
	"unicode/utf8"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/tokenize"
)

// Suited returns a configuration and options that learn well from the given number of training examples. Fewer examples
// get smaller vocabularies, networks and batches, and more epochs. Other settings have their defaults. docs/results.md
// has the measurements for the two smallest sizes.
func Suited(examples int) (Config, TrainOptions) {
	c, o := DefaultConfig(), TrainOptions{}
	size := func(hidden, embedding, merges int) {
		c.Encoder.Hidden, c.Decoder.Hidden = hidden, hidden
		c.Encoder.Embedding, c.Decoder.Embedding = embedding, embedding
		c.Source.Merges, c.Target.Merges = merges, merges
	}
	switch {
	case examples < 2_000:
		size(256, 128, 1_000)
		o.BatchSentences, o.Schedule.Rate, o.Epochs = 16, 0.003, 60
		c.Decoder.Attention, o.LabelSmoothing = rnn.Bahdanau, 0.1
	case examples < 15_000:
		size(256, 128, 2_000)
		o.BatchSentences, o.Schedule.Rate, o.Epochs = 32, 0.003, 40
		c.Decoder.Attention, o.LabelSmoothing = rnn.Bahdanau, 0.1
	case examples < 200_000:
		size(512, 256, 8_000)
		o.BatchSentences, o.Schedule.Rate, o.Epochs = 64, 0.001, 20
	default:
		size(512, 256, 16_000)
		o.BatchSentences, o.Schedule.Rate, o.Epochs = 64, 0.001, 10
	}
	return c, o
}

// SuitedLabeler returns a configuration and options that learn well from labeled sequences. Tokens that are mostly
// single characters get no features. Labels of spans get a conditional random field with their scheme and are validated
// by f1, others a softmax and accuracy.
func SuitedLabeler(train []corpora.Example) (Config, TrainOptions) {
	c, o := DefaultLabelerConfig(), TrainOptions{}
	var labels []string
	tokens, single := 0, 0
	for _, e := range train {
		if len(e.Targets) > 0 {
			labels = append(labels, e.Targets[0])
		}
		for _, token := range fields(e.Source) {
			tokens++
			if utf8.RuneCountInString(token) == 1 {
				single++
			}
		}
	}
	if 2*single > tokens {
		c.Source = tokenize.Config{Kind: tokenize.Fields}
		c.Encoder.Factors, c.Encoder.Chars, c.Encoder.WordDropout = FactorConfig{}, CharConfig{}, 0
	}
	o.ValidateBy = byAccuracy
	if c.Labeler.Scheme = SchemeOf(labels); c.Labeler.Scheme != "" {
		c.Labeler.Output, o.ValidateBy = LabelCRF, byF1
	}
	o.BatchSentences, o.Schedule.Rate, o.Epochs, o.Patience = 16, 0.003, 30, 5
	if len(train) > 5_000 {
		o.BatchSentences, o.Epochs = 32, 15
	}
	return c, o
}
