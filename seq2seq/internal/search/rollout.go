package search

import (
	"context"

	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/tokenize"
)

// Row is a hypothesis of a rollout at one step.
type Row struct {
	Hypothesis int       // its index: the row that it began in
	Step       int       // number of tokens so far
	Row        int       // its current row in the stepper
	Logits     []float32 // of the next token, [vocab]; may be overwritten
}

// Rollout advances one hypothesis in each row of s, token by token, until all have ended.
//
// At each step look, unless nil, is called for all rows concurrently. Then next is called for one row at a time, in
// order: it returns the next token and whether the hypothesis continues. Hypotheses that end leave their rows.
//
// The context is checked before each step.
func Rollout(ctx context.Context, s Stepper, look func(at Row), next func(at Row) (token int32, more bool, err error)) error {
	alive := make([]int, s.Rows()) // the hypothesis of each row
	tokens := make([]int32, len(alive))
	for i := range alive {
		alive[i], tokens[i] = i, tokenize.BOS
	}
	keep := make([]int, 0, len(alive))
	var logits []float32
	step, v := 0, s.Vocab()
	at := func(r int) Row { return Row{alive[r], step, r, logits[r*v:][:v]} }
	looking := func(r int) { look(at(r)) }
	for ; len(alive) > 0; step++ {
		err := ctx.Err()
		if err != nil {
			return err
		}
		if logits, err = s.Step(tokens); err != nil {
			return err
		}
		if look != nil {
			kernel.Tasks(len(alive), looking)
		}
		keep = keep[:0]
		for r, h := range alive {
			token, more, err := next(at(r))
			if err != nil {
				return err
			}
			if more {
				tokens[len(keep)], alive[len(keep)] = token, h
				keep = append(keep, r)
			}
		}
		if n := len(keep); n > 0 && n < len(alive) {
			s.Reorder(keep)
		}
		tokens, alive = tokens[:len(keep)], alive[:len(keep)]
	}
	return nil
}

// Force steps through given targets, one for each row of s. It calls see with each token, </s> included, and the logits
// for that token: one row at a time, in order.
func Force(ctx context.Context, s Stepper, targets [][]int32, see func(at Row, token int32)) error {
	return Rollout(ctx, s, nil, func(at Row) (int32, bool, error) {
		target, token, more := targets[at.Hypothesis], int32(tokenize.EOS), false
		if at.Step < len(target) {
			token, more = target[at.Step], true
		}
		see(at, token)
		return token, more, nil
	})
}
