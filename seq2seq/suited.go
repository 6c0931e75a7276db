package seq2seq

import "github.com/retell-rnn/retell/rnn"

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
