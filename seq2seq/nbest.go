package seq2seq

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/retell-rnn/retell/corpora"
)

// NBest is a list of translations of one source; see [SearchOptions.NBest].
type NBest struct {
	Source string
	Texts  []string
	Scores []float64 // score of each text, higher is better; nil means no scores
}

// ReadNBest reads the n-best lists of sources in the format of 'retell translate --nbest'. A line is the number of a
// source, from 1, a score and a text, or a number and a text, separated by tabs. Numbers rise without gaps. With
// scored, each line must have a score.
//
// ReadNBest calls judge once for each line, with the line's error or nil. If judge returns nil for an error, the line
// is left out; a list may then be empty. If judge returns an error, reading ends with it. A nil judge returns every
// error.
func ReadNBest(lines iter.Seq2[string, error], sources []string, scored bool, judge func(error) error) ([]NBest, error) {
	if judge == nil {
		judge = func(err error) error { return err }
	}
	lists := make([]NBest, len(sources))
	for i, source := range sources {
		lists[i].Source = source
	}
	last, bad := 0, 0
	for line, err := range lines {
		var c nbestLine
		if err == nil { // a bad line may have been its source's only one
			if c, err = parseNBest(line, max(1, last), last+1+bad, len(sources), scored); err != nil {
				err = corpora.LineError(err)
			}
		}
		if judged := judge(err); judged != nil {
			return nil, judged
		}
		if err != nil {
			bad++
			continue
		}
		last = max(last, c.number)
		l := &lists[c.number-1]
		l.Texts = append(l.Texts, c.text)
		if c.scored {
			l.Scores = append(l.Scores, c.score)
		}
	}
	if last+bad < len(sources) {
		return nil, fmt.Errorf("seq2seq: translations of %d lines: want %d", last, len(sources))
	}
	return lists, nil
}

// nbestLine is a line of n-best lists.
type nbestLine struct {
	number int // number of the source, from 1
	score  float64
	scored bool
	text   string
}

// parseNBest reads a line. Its number must be from..to; of is the number of sources.
func parseNBest(line string, from, to, of int, wantScore bool) (c nbestLine, err error) {
	columns := strings.SplitN(line, "\t", 3)
	c.number, err = strconv.Atoi(columns[0])
	if to = min(to, of); err != nil || len(columns) < 2 || c.number < from || c.number > to {
		return c, fmt.Errorf("line begins with %.40q: want the number of a line, %d to %d of %d, and a tab", columns[0], from, to, of)
	}
	if c.text, c.scored = columns[len(columns)-1], len(columns) == 3; c.scored {
		if c.score, err = strconv.ParseFloat(columns[1], 64); err != nil || c.score-c.score != 0 {
			return c, fmt.Errorf("score is %.40q: want a number", columns[1])
		}
	} else if wantScore {
		return c, errors.New("line has no score: want one beside the model's")
	}
	return c, nil
}

// RescoreOptions say how n-best lists are rescored. The zero value and a nil pointer mean the defaults.
type RescoreOptions struct {
	// The new score is ModelWeight times the model's score plus ListWeight times the list's score. The model's score is
	// the log-probability after length normalization. If both weights are 0, they mean 1 and 0.
	ModelWeight, ListWeight float64

	LengthNorm LengthNorm // see [SearchOptions]
	Alpha      float64    // see [SearchOptions]

	ScoreOptions
}

// Rescore yields n-best lists with new scores, the best translation first. Translations with equal scores keep their
// order. The log-probability of a translation of a source without tokens counts as 0.
func (e *Ensemble) Rescore(ctx context.Context, lists []NBest, opts *RescoreOptions) iter.Seq2[NBest, error] {
	var o RescoreOptions
	if opts != nil {
		o = *opts
	}
	if o.ModelWeight == 0 && o.ListWeight == 0 {
		o.ModelWeight = 1
	}
	return func(yield func(NBest, error) bool) {
		if err := (&SearchOptions{LengthNorm: o.LengthNorm, Alpha: o.Alpha}).Validate(); err != nil {
			yield(NBest{}, fmt.Errorf("seq2seq: rescore options: %w", err))
			return
		}
		examples := make([]corpora.Example, len(lists))
		for i, l := range lists {
			if o.ListWeight != 0 && len(l.Scores) != len(l.Texts) {
				yield(NBest{}, fmt.Errorf("seq2seq: n-best list %d has %d texts and %d scores: want one score for each text", i+1, len(l.Texts), len(l.Scores)))
				return
			}
			examples[i] = corpora.Example{Source: l.Source, Targets: l.Texts}
		}
		i := 0
		for s, err := range e.Score(ctx, corpora.Stream(examples), &o.ScoreOptions) {
			if err != nil {
				yield(NBest{}, err)
				return
			}
			if !yield(lists[i].rescored(s.Targets, &o), nil) {
				return
			}
			i++
		}
	}
}

// Rescore is [Ensemble.Rescore] with one model.
func (m *Model) Rescore(ctx context.Context, lists []NBest, opts *RescoreOptions) iter.Seq2[NBest, error] {
	return m.alone().Rescore(ctx, lists, opts)
}

// rescored returns the list with its new scores, best first.
func (l NBest) rescored(scored []ScoredTarget, o *RescoreOptions) NBest {
	order, scores := make([]int, len(scored)), make([]float64, len(scored))
	for i, t := range scored {
		order[i] = i
		if t.Tokens != nil {
			scores[i] = o.ModelWeight * t.Normalized(o.LengthNorm, o.Alpha)
		}
		if o.ListWeight != 0 {
			scores[i] += o.ListWeight * l.Scores[i]
		}
	}
	slices.SortStableFunc(order, func(i, k int) int { return cmp.Compare(scores[k], scores[i]) })
	out := NBest{Source: l.Source}
	for _, i := range order {
		out.Texts, out.Scores = append(out.Texts, l.Texts[i]), append(out.Scores, scores[i])
	}
	return out
}
