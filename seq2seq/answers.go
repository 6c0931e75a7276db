package seq2seq

import (
	"context"
	"iter"
	"time"

	"github.com/retell-rnn/retell/corpora"
)

// answers yields the answers to a stream's items, in order, and the stream's errors in their places; see
// [corpora.Batches]. answer gets a batch at a time; first is the place of its first item in the stream, from 0.
func answers[T, A any](
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
