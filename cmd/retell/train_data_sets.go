package main

import (
	"cmp"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/retell-rnn/retell/corpora"
)

// holdoutSeed chooses the held-out sets, whatever the seed of the training is: 'retell corpus split' with its default
// seed holds out the same ones, and trainings with different seeds can be compared.
const holdoutSeed = 1

// loadSets returns the sets to train and validate an embedder on; there may be none of the latter. Each set has the
// number of its corpus. apart means that corpora have batches of their own, so that ratios repeat no set.
func (d *dataConfig) loadSets(opts *corpora.ReadOptions, seed uint64, apart bool, log *slog.Logger) (train, valid []corpora.Example, err error) {
	parts, valid, err := d.read(false, opts, seed, log)
	if err != nil {
		return nil, nil, err
	}
	for i, part := range parts {
		if err := d.checkSets(i, part); err != nil {
			return nil, nil, err
		}
		for k := range part {
			part[k].Corpus = i
		}
	}
	if valid == nil {
		if valid, err = d.holdOutSets(parts, log); err != nil {
			return nil, nil, err
		}
	} else {
		valid = draw(valid, d.ValidExamples, seed)
	}
	train = slices.Concat(parts...)
	if !apart {
		train = d.visits(parts, seed)
	}
	train = draw(train, d.TrainExamples, seed)
	d.tell("learning tokenizers", 0)
	log.Info("sets", "train", len(train), "valid", len(valid))
	if len(valid) == 0 {
		log.Info("no validation data: the last model is kept, whether it is the best or not")
	}
	return train, valid, nil
}

// ratios returns the factor of each corpus's size in the mixture.
func (d *dataConfig) ratios() []float64 {
	var all []float64
	for _, c := range d.Corpora {
		all = append(all, cmp.Or(c.Ratio, 1))
	}
	return all
}

// title names a corpus in messages.
func (d *dataConfig) title(corpus int) string {
	if len(d.Corpora) == 0 {
		names := d.names()
		return strings.Join(names.train, " ")
	}
	return strings.Join(d.Corpora[corpus].names(), " ")
}

// checkSets returns an error for a corpus that contrast cannot learn from, because all of its sentences are the same or
// none has another that means the same.
func (d *dataConfig) checkSets(corpus int, part []corpora.Example) error {
	if len(part) == 0 {
		return nil // nothing of this corpus is left; the others train
	}
	isText := true // lines that stand alone
	apart := false // whether a set has texts that differ
	same := true   // whether all sets have the same source
	for _, e := range part {
		isText = isText && len(e.Targets) == 0
		apart = apart || e.Judged != nil || slices.ContainsFunc(e.Targets, func(t string) bool { return t != e.Source })
		same = same && corpora.TextKey(e.Source) == corpora.TextKey(part[0].Source)
	}
	problem := ""
	switch {
	case len(part) == 1:
		problem = "only one example to train on: want two or more, since vectors learn from what differs"
	case same && isText:
		problem = fmt.Sprintf("all %d lines are the same sentence: want different ones", len(part))
	case same && part[0].Judged == nil:
		problem = fmt.Sprintf("all %d sets have the same first sentence: want different ones", len(part))
	case !apart && !isText:
		problem = fmt.Sprintf("all %d sets repeat one sentence: want sentences that differ and mean the same, or text for lines alone (--text)", len(part))
	default:
		return nil
	}
	return fmt.Errorf("%s: %s", d.title(corpus), problem)
}

// holdOutSets moves the sets to validate on out of parts. A hash of a set's first sentence chooses it, and no sentence
// of a held-out set, not even one that differs in case or marks alone, stays in training.
func (d *dataConfig) holdOutSets(parts [][]corpora.Example, log *slog.Logger) ([]corpora.Example, error) {
	total := 0
	for _, part := range parts {
		total += len(part)
	}
	var valid []corpora.Example
	for i, part := range parts {
		n := 0
		if len(part) > 0 {
			n = d.heldSets(i, len(part), total)
		}
		if n >= len(part)-1 && n > 0 {
			return nil, fmt.Errorf("%s: %d sets to train on: want more than the %d that are held out", d.title(i), len(part), n)
		}
		split, _, err := corpora.SplitSets(part, holdoutSeed, n)
		if err != nil {
			return nil, fmt.Errorf("%s: holding out: %w", d.title(i), err)
		}
		valid = append(valid, split[1]...)
	}
	if len(valid) == 0 {
		return nil, nil
	}
	left := 0
	for i, part := range parts {
		var dropped int
		parts[i], dropped = corpora.WithoutTexts(part, valid)
		left += len(parts[i])
		if dropped > 0 {
			log.Info("held out", "corpus", d.title(i), "sets", len(part), "left", len(parts[i]), "reason", "sentences of held-out sets")
		}
	}
	if left < 2 {
		return nil, fmt.Errorf("%d of %d sets share no sentence with the %d that are held out: want more sets, or data.valid", left, total, len(valid))
	}
	return valid, nil
}

// heldSets returns how many of a corpus's sets to hold out.
func (d *dataConfig) heldSets(corpus, sets, total int) int {
	if len(d.Corpora) > 0 && d.Corpora[corpus].Holdout > 0 {
		return d.Corpora[corpus].Holdout
	}
	if len(d.Corpora) > 0 && d.Corpora[corpus].Holdout < 0 {
		return 0
	}
	held := d.holdout(total)
	if held == 0 {
		held = (&dataConfig{Holdout: someHeldOut}).holdout(total)
	}
	return held * sets / total
}
