package seq2seq

import (
	"unicode/utf8"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/rnn"
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

// SuitedLabeler returns a configuration and options that learn well from labeled sequences. Fewer sequences get smaller
// batches, fewer n-grams and more epochs. If nearly all tokens are single characters, they get embeddings of pairs of
// neighbors, and training leaves half of the pairs out. Labels of spans get a conditional random
// field with their scheme and are validated by f1, others a softmax and accuracy.
func SuitedLabeler(train []corpora.Example) (Config, TrainOptions) {
	c, o := DefaultLabelerConfig(), TrainOptions{}
	e := &c.Encoder
	e.Hidden, e.Embedding, e.WordDropout = 200, 100, 0.3
	e.NGrams = NGramConfig{Min: 2, Max: 4, Buckets: 1 << 16}
	o.BatchSentences, o.Epochs, o.Schedule.Rate = 32, 12, 0.002
	switch n := len(train); {
	case n < 200:
		o.BatchSentences, o.Epochs, e.NGrams.Buckets, c.Source.MinCount = 8, 40, 1<<12, 1 // most words occur once
	case n < 1_500:
		o.BatchSentences, o.Epochs, e.NGrams.Buckets = 8, 20, 1<<14
	case n < 5_000:
		o.BatchSentences, o.Epochs, e.NGrams.Buckets = 16, 15, 1<<15
	}
	var labels []string
	tokens, single := 0, 0
	for _, example := range train {
		if len(example.Targets) > 0 {
			labels = append(labels, example.Targets[0])
		}
		for _, token := range fields(example.Source) {
			tokens++
			if utf8.RuneCountInString(token) == 1 {
				single++
			}
		}
	}
	if 10*single > 9*tokens { // nothing is within a token; pairs of them say most
		e.Chars.Hidden, e.WordDropout = 0, 0.05
		e.NGrams = NGramConfig{Min: 1, Max: 1, Buckets: 2 * e.NGrams.Buckets, Pairs: true, PairDropout: 0.5}
	}
	o.ValidateBy = byAccuracy
	if c.Labeler.Scheme = SchemeOf(labels); c.Labeler.Scheme != "" {
		c.Labeler.Output, o.ValidateBy = LabelCRF, byF1
	}
	return c, o
}
