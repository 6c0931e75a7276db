package corpora

import (
	"context"
	"iter"
	"time"
)

// Batches collects the items of a stream in batches of size. An error follows the items before it, with a nil batch.
// The end of the context and errors that are not about one line end the batches.
//
// If wait is positive, Batches yields a partial batch after no item has arrived for that time, so that available items
// do not wait for later input. Another goroutine then ranges over the stream, at most one item ahead. If the stream
// waits for input when the batches end, that goroutine ends with the stream's next item.
func Batches[T any](ctx context.Context, stream iter.Seq2[T, error], size int, wait time.Duration) iter.Seq2[[]T, error] {
	return func(yield func([]T, error) bool) {
		b := batcher[T]{size: size, yield: yield}
		if wait > 0 {
			b.collectPausing(ctx, stream, wait)
		} else {
			b.collect(ctx, stream)
		}
	}
}

// batcher collects one batch at a time.
type batcher[T any] struct {
	size  int
	yield func([]T, error) bool
	items []T
}

// collect collects batches of the stream.
func (b *batcher[T]) collect(ctx context.Context, stream iter.Seq2[T, error]) {
	for item, err := range stream {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		if !b.add(item, err) {
			return
		}
	}
	b.end(ctx)
}

// collectPausing is collect, but also yields a partial batch after a pause of wait.
func (b *batcher[T]) collectPausing(ctx context.Context, stream iter.Seq2[T, error], wait time.Duration) {
	type result struct {
		item T
		err  error
	}
	results, done := make(chan result), make(chan struct{})
	defer close(done)
	go func() {
		defer close(results)
		for item, err := range stream {
			select {
			case results <- result{item, err}:
			case <-done:
				return
			}
		}
	}()
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for ctx.Err() == nil {
		var paused <-chan time.Time
		if len(b.items) > 0 {
			timer.Reset(wait)
			paused = timer.C
		}
		select {
		case <-ctx.Done():
		case <-paused:
			if !b.flush() {
				return
			}
		case r, ok := <-results:
			if !ok {
				b.end(ctx)
				return
			}
			if !b.add(r.item, r.err) {
				return
			}
		}
	}
	b.end(ctx)
}

// add adds an item or an error of a stream. It reports whether to continue.
func (b *batcher[T]) add(item T, err error) bool {
	if err != nil {
		return b.flush() && b.yield(nil, err) && IsLineError(err)
	}
	b.items = append(b.items, item)
	return len(b.items) < b.size || b.flush()
}

// flush yields the items, if there are any.
func (b *batcher[T]) flush() bool {
	batch := b.items
	b.items = nil
	return len(batch) == 0 || b.yield(batch, nil)
}

// end yields the remaining items, and the cause if the context has ended.
func (b *batcher[T]) end(ctx context.Context) {
	if b.flush() && ctx.Err() != nil {
		b.yield(nil, context.Cause(ctx))
	}
}
