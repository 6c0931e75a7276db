package main

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/corpora"
)

// unseen counts words outside the vocabulary and characters spelled in bytes, since neither occurred in training. One
// warning names them; with strict, a line with any of them is refused instead.
type unseen struct {
	strict bool
	counts map[string]int
	lines  int
}

func (u *unseen) add(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&u.strict, "strict", false, "refuse lines with words or characters that were not in training")
}

// see counts the words and characters of a line that were not in training, or refuses the line.
func (u *unseen) see(lacking []string) error {
	if len(lacking) == 0 {
		return nil
	}
	if u.strict {
		return fmt.Errorf("%s: not in training: want words and characters of the training data, or no --strict", strings.Join(printable(lacking), ", "))
	}
	if u.counts == nil {
		u.counts = map[string]int{}
	}
	u.lines++
	for _, text := range lacking {
		u.counts[text]++
	}
	return nil
}

// warn logs the counted texts, at most ten, the most frequent first.
func (u *unseen) warn(cmd *cobra.Command) {
	if u.lines == 0 {
		return
	}
	all := slices.SortedFunc(maps.Keys(u.counts), func(a, b string) int { return cmp.Or(cmp.Compare(u.counts[b], u.counts[a]), strings.Compare(a, b)) })
	total := 0
	for _, n := range u.counts {
		total += n
	}
	named := printable(all[:min(10, len(all))])
	for i, text := range all[:len(named)] {
		if n := u.counts[text]; n > 1 {
			named[i] += fmt.Sprintf(" (%d)", n)
		}
	}
	if more := len(all) - len(named); more > 0 {
		named = append(named, fmt.Sprintf("%d others", more))
	}
	logger(cmd).Warn("words or characters that were not in training", "lines", u.lines, "occurrences", total, "unseen", strings.Join(named, ", "))
}

// printable returns texts as a terminal can show them, without repeats. A single mark or unprintable character becomes
// its code point.
func printable(texts []string) []string {
	var out []string
	for _, text := range texts {
		r := []rune(text)
		if len(r) == 1 && (unicode.IsMark(r[0]) || !unicode.IsPrint(r[0])) {
			text = fmt.Sprintf("%U", r[0])
		}
		if !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	return out
}

// watched returns the stream, counts unseen words and characters in it, and warns at its end. A refused line becomes an
// error.
func watched[T any](cmd *cobra.Command, u *unseen, stream iter.Seq2[T, error], lacks func(T) []string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		defer u.warn(cmd)
		for v, err := range stream {
			if err == nil {
				if refused := u.see(lacks(v)); refused != nil {
					err = corpora.LineError(refused)
				}
			}
			if !yield(v, err) {
				return
			}
		}
	}
}

// check warns of unseen words and characters in lines, or refuses the first line with any. what is a noun for a line.
func (u *unseen) check(cmd *cobra.Command, what string, lines []string, lacks func(line string) []string) error {
	defer u.warn(cmd)
	for i, line := range lines {
		if err := u.see(lacks(line)); err != nil {
			if len(lines) == 1 {
				return errors.New(what + ": " + err.Error())
			}
			return fmt.Errorf("%s %d: %w", what, i+1, err)
		}
	}
	return nil
}

// sourcesOf returns the sources of examples.
func sourcesOf(examples []corpora.Example) []string {
	lines := make([]string, len(examples))
	for i, e := range examples {
		lines[i] = e.Source
	}
	return lines
}
