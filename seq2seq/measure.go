package seq2seq

import (
	"context"
	"errors"
	"fmt"

	"github.com/retell-rnn/retell/corpora"
)

// Validate measures the model as a validation of [Model.Train] with the same examples and options does: after a
// training, it returns the figures of the best validation, also of one before a stop.
func (m *Model) Validate(ctx context.Context, valid []corpora.Example, opts *TrainOptions) (*Validation, error) {
	if opts != nil {
		if err := opts.Validate(); err != nil {
			return nil, fmt.Errorf("seq2seq: validating: options: %w", err)
		}
	}
	t := &trainer{Model: m, o: opts.defaults(), validExamples: valid}
	if t.valid, _ = (lengthLimits{}).keep(m.encodePairs(valid, false, nil)); len(t.valid) == 0 {
		return nil, errors.New("seq2seq: validating: no pairs to validate on")
	}
	v, err := t.measure(ctx)
	if err != nil {
		return nil, fmt.Errorf("seq2seq: validating: %w", err)
	}
	return v, nil
}
