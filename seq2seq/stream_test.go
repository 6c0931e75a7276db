package seq2seq

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/retell-rnn/retell/corpora"
)

// outcomes returns a stream as texts; an error about one item becomes "!".
func outcomes[T any](t *testing.T, stream iter.Seq2[T, error], show func(T) string) []string {
	t.Helper()
	var out []string
	for v, err := range stream {
		switch {
		case corpora.IsLineError(err):
			out = append(out, "!")
		case err != nil:
			out = append(out, "error: "+err.Error())
		default:
			out = append(out, show(v))
		}
	}
	return out
}

// withBad yields items, with a line error after the first and after the last.
func withBad[T any](items ...T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		for i, v := range items {
			if !yield(v, nil) || (i == 0 || i == len(items)-1) && !yield(none, corpora.LineError(errors.New("bad"))) {
				return
			}
		}
	}
}

// TestAnswersBehindABadLine holds that a bad line changes neither the results nor the order of the other lines.
func TestAnswersBehindABadLine(t *testing.T) {
	m, data := trained(t)
	ctx := t.Context()
	src := sourcesOf(data[:4])
	show := func(tr Translation) string { return tr.Source + " > " + tr.Text }
	want := outcomes(t, m.Translate(ctx, lines(src...), nil), show)
	want = slices.Insert(append(want, "!"), 1, "!")
	for _, o := range []SearchOptions{{BatchSentences: 1}, {BatchSentences: 3}, {}, {MaxWait: time.Hour}} {
		if got := outcomes(t, m.Translate(ctx, withBad(src...), &o), show); !slices.Equal(got, want) {
			t.Errorf("translations, batches of %d: %q, want %q", o.BatchSentences, got, want)
		}
		score := func(s Scored) string { return fmt.Sprint(s.Example.Source, s.Targets[0].LogProb()) }
		opts := &ScoreOptions{BatchSentences: o.BatchSentences, MaxWait: o.MaxWait}
		scores := slices.Insert(append(outcomes(t, m.Score(ctx, corpora.Stream(data[:4]), opts), score), "!"), 1, "!")
		if got := outcomes(t, m.Score(ctx, withBad(data[:4]...), opts), score); !slices.Equal(got, scores) {
			t.Errorf("scores, batches of %d: %q, want %q", o.BatchSentences, got, scores)
		}
		embedding := func(e Embedding) string { return fmt.Sprint(e) }
		embed := &EmbedOptions{BatchSentences: o.BatchSentences, MaxWait: o.MaxWait}
		vectors := slices.Insert(append(outcomes(t, m.Embed(ctx, lines(src...), embed), embedding), "!"), 1, "!")
		if got := outcomes(t, m.Embed(ctx, withBad(src...), embed), embedding); !slices.Equal(got, vectors) {
			t.Errorf("vectors, batches of %d: %q, want %q", o.BatchSentences, got, vectors)
		}
	}
}

// TestUnanswerableInputs holds that an invalid constraint fails only its own line, and that random draws depend on the
// place in the stream.
func TestUnanswerableInputs(t *testing.T) {
	m, data := trained(t)
	src := sourcesOf(data[:3])
	bad := Input{Source: src[1], Constraints: []string{"a word that is unknown"}}
	o := &SearchOptions{Sample: 2, Seed: 3}
	texts := func(in ...Input) []string {
		return outcomes(t, m.TranslateInputs(t.Context(), inputs(in...), o), func(tr Translation) string {
			return fmt.Sprintf("%s: %s, %s", tr.Source, tr.Hypotheses[0].Text, tr.Hypotheses[len(tr.Hypotheses)-1].Text)
		})
	}
	want := texts(Input{Source: src[0]}, Input{Source: src[1]}, Input{Source: src[2]})
	want[1] = "!"
	if got := texts(Input{Source: src[0]}, bad, Input{Source: src[2]}); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, err := range m.TranslateInputs(t.Context(), inputs(bad), nil) {
		if want := `seq2seq: line 1: constraint "a word that is unknown": the vocabulary lacks a word of it`; err == nil || err.Error() != want {
			t.Errorf("error %v: want %s", err, want)
		}
	}
}

// TestDecodeBehindABadVector holds that an invalid vector fails only its own line.
func TestDecodeBehindABadVector(t *testing.T) {
	m, data, _ := bottlenecked(t, func(*Config) {}, TrainOptions{MaxSteps: 3})
	v := embeddings(t, m, nil, sourcesOf(data[:2])...)
	text := func(tr Translation) string { return tr.Text }
	want := outcomes(t, vectorModel(t, m).Decode(t.Context(), corpora.Stream(v), nil), text)
	want = []string{want[0], "!", want[1], "!"}
	for _, wait := range []time.Duration{0, time.Hour} {
		got := outcomes(t, vectorModel(t, m).Decode(t.Context(), corpora.Stream([][]float32{v[0], {1}, v[1], make([]float32, len(v[0])+1)}), &SearchOptions{MaxWait: wait}), text)
		if !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestPredictBehindABadLine(t *testing.T) {
	data := labeled(30)
	c := newClassifier(t, classifierConfig("max"), data, 1)
	show := func(p Prediction) string { return fmt.Sprint(p) }
	src := sourcesOf(data[:3])
	want := slices.Insert(append(outcomes(t, c.Predict(t.Context(), lines(src...), nil), show), "!"), 1, "!")
	for _, o := range []*PredictOptions{nil, {BatchSentences: 2}, {MaxWait: time.Hour}} {
		if got := outcomes(t, c.Predict(t.Context(), withBad(src...), o), show); !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
