package corpora

import (
	"fmt"
	"iter"
)

// Stream streams the items of a slice.
func Stream[T any](items []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, item := range items {
			if !yield(item, nil) {
				return
			}
		}
	}
}

// Collect returns the items of a stream. At the first error, it returns the error and the items before it.
func Collect[T any](stream iter.Seq2[T, error]) ([]T, error) {
	var items []T
	for item, err := range stream {
		if err != nil {
			return items, err
		}
		items = append(items, item)
	}
	return items, nil
}

// Part streams part k, from 0, of n parts of a stream: items k, k+n, k+2n, ...
func Part[T any](stream iter.Seq2[T, error], k, n int) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		if n < 1 || k < 0 || k >= n {
			yield(zero, fmt.Errorf("corpora: part %d of %d: want 1 or more parts, and a part from 0 to one less than their number", k, n))
			return
		}
		i := 0
		for item, err := range stream {
			mine := i == k || err != nil && !IsLineError(err)
			if mine && !yield(item, err) {
				return
			}
			i = (i + 1) % n
		}
	}
}

// Sources streams the sources of examples.
func Sources(examples iter.Seq2[Example, error]) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for e, err := range examples {
			if !yield(e.Source, err) {
				return
			}
		}
	}
}

// Targets streams all targets of examples.
func Targets(examples iter.Seq2[Example, error]) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for e, err := range examples {
			if err != nil && !yield("", err) {
				return
			}
			for _, target := range e.Targets {
				if !yield(target, nil) {
					return
				}
			}
		}
	}
}

// reading streams the items that read yields, then the error that it returns. read gets options that are not nil.
func reading[T any](opts *ReadOptions, read func(opts *ReadOptions, yield func(T, error) bool) error) iter.Seq2[T, error] {
	if opts == nil {
		opts = &ReadOptions{}
	}
	return func(yield func(T, error) bool) {
		if err := read(opts, yield); err != nil {
			var zero T
			yield(zero, err)
		}
	}
}
