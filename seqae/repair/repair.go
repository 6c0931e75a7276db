package repair

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/setting"
	"github.com/retell-rnn/retell/tokenize"
)

// Options say how lines are repaired. The zero value and a nil pointer mean the defaults.
type Options struct {
	Threshold float64 // least probability of an edit that is made, 0 to 1; 0 means the task's, and a negative number none
	Bound     float64 // greatest share of characters that may change, 0 to 1; 0 means the task's, and a negative number none

	// Suggest is the greatest number of suggestions for each word whose repair is not certain; 0 means none. Only the
	// form edit makes suggestions for words; the form write makes them for whole lines.
	Suggest int

	Batch   int           // lines repaired at a time; 0 means 64; does not change repairs
	MaxWait time.Duration // longest time that a batch waits for further lines; 0 fills each; see [corpora.Batches]
}

// Validate returns [seq2seq.Violations], or nil.
func (o *Options) Validate() error {
	if o == nil {
		return nil
	}
	var v setting.Check
	checkShare(&v, "threshold", o.Threshold)
	checkShare(&v, "bound", o.Bound)
	v.Between("suggest", o.Suggest, 0, 100)
	v.AtLeast("batch", o.Batch, 0)
	return v.Err()
}

// resolved returns the options with the task's values and the defaults in place of zero values.
func (o *Options) resolved(t Task) Options {
	var r Options
	if o != nil {
		r = *o
	}
	if r.Threshold == 0 {
		r.Threshold = t.resolved().Threshold
	}
	if r.Bound == 0 {
		r.Bound = t.resolved().Bound
	}
	if r.Batch == 0 {
		r.Batch = 64
	}
	return r
}

// Repair is a repaired line.
type Repair struct {
	Source  string `json:"source"`            // line as given
	Text    string `json:"text"`              // repaired line
	Edits   []Edit `json:"edits,omitempty"`   // what has changed, in order; applied to Source, they make Text
	Flagged bool   `json:"flagged,omitempty"` // the line would have changed more than the bound allows, and stays as it is

	Suggestions []Suggestion `json:"suggestions,omitempty"` // with [Options].Suggest
}

// Edit is a change of a line. The bytes from Start to End of the source become Text.
type Edit struct {
	Start       int     `json:"start"`
	End         int     `json:"end"`
	Text        string  `json:"text"`
	Probability float64 `json:"probability"` // of its least certain character, 0 to 1
}

// Suggestion lists what a part of a line may become.
type Suggestion struct {
	Start      int         `json:"start"` // first byte of the part in the source
	End        int         `json:"end"`   // byte after the part
	Candidates []Candidate `json:"candidates"`
}

// Candidate is one possibility, and its probability among those listed.
type Candidate struct {
	Text        string  `json:"text"`
	Probability float64 `json:"probability"`
}

// Changed reports whether the line has changed.
func (r Repair) Changed() bool { return r.Text != r.Source }

// Repair yields each line repaired, in order. It reads a batch of lines at a time; a line's repair does not depend on
// the others. A blank line stays as it is, and an error about a line takes its place.
func (r *Repairer) Repair(ctx context.Context, lines iter.Seq2[string, error], opts *Options) iter.Seq2[Repair, error] {
	return func(yield func(Repair, error) bool) {
		if err := opts.Validate(); err != nil {
			yield(Repair{}, fmt.Errorf("repair: options: %w", err))
			return
		}
		o := opts.resolved(r.task)
		repair := r.repairEdits
		switch {
		case r.writer != nil:
			repair = r.repairWritten
		case r.speller != nil:
			repair = r.repairWords
		}
		for batch, err := range corpora.Batches(ctx, lines, o.Batch, o.MaxWait) {
			if err != nil {
				if !yield(Repair{}, err) {
					return
				}
				continue
			}
			fixed, err := repair(ctx, batch, &o)
			if err != nil {
				yield(Repair{}, err)
				return
			}
			for _, f := range fixed {
				if !yield(f, nil) {
					return
				}
			}
		}
	}
}

// bounded returns a repair, or the flagged source if it changes more characters than the bound allows.
func bounded(r Repair, bound float64) Repair {
	if bound < 0 || r.Text == r.Source {
		return r
	}
	const always = 3
	changed := 0
	for _, e := range r.Edits { // each by itself: to align long lines takes long
		tokens, labels := Edits(r.Source[e.Start:e.End], e.Text)
		for i, label := range labels {
			changed += parseLabel(label).weight(unquoteToken(tokens[i]))
		}
	}
	if changed > always && float64(changed) > bound*float64(len(characters(r.Source))) {
		return Repair{Source: r.Source, Text: r.Source, Flagged: true, Suggestions: r.Suggestions}
	}
	return r
}

// weight returns the number of characters that the edit changes in more than their case, their marks or white space.
func (e edit) weight(character string) int {
	n := 0
	switch e.change {
	case changeDelete:
		n += solid(character)
	case changeCased, changeExact:
		if plain(strings.ToLower(e.changed(character))) != plain(strings.ToLower(character)) {
			n++
		}
	case changeSwap:
		n += 2
	}
	return n + solid(e.inserted(e.changed(character)))
}

// solid returns the number of characters of a text that are not white space.
func solid(text string) int {
	n := 0
	for _, c := range characters(text) {
		if !tokenize.IsBlank(c) {
			n++
		}
	}
	return n
}
