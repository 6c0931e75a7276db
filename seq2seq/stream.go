package seq2seq

import (
	"context"
	"iter"
	"time"

	"github.com/retell-rnn/retell/corpora"
)

// streamBatches calls answer for each batch of a stream and yields one result per item, in order. An error in the
// stream takes the place of its item; see [corpora.Batches]. first is the number of the batch's first item in the
// stream, from 0.
func streamBatches[T, A any](
	ctx context.Context, items iter.Seq2[T, error], size int, wait time.Duration, answer func(batch []T, first int) ([]A, error),
) iter.Seq2[A, error] {
	return func(yield func(A, error) bool) {
		var none A
		place := 0
		for batch, err := range corpora.Batches(ctx, items, size, wait) {
			if err != nil {
				if !yield(none, err) {
					return
				}
				place++
				continue
			}
			out, err := answer(batch, place)
			if err != nil {
				yield(none, err)
				return
			}
			for _, a := range out {
				if !yield(a, nil) {
					return
				}
			}
			place += len(batch)
		}
	}
}
