package seq2seq

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Average returns a model whose weights are the means of the models' weights. The models have equal kinds,
// configurations and vocabularies; usually they are the last models of one training ([Checkpoint].Keep). The summary is
// the last model's, without the loss, accuracy and score of its validation, which do not hold for the average.
func Average(models ...*Network) (*Network, error) {
	if len(models) == 0 {
		return nil, errors.New("seq2seq: averaging: no models: want one or more")
	}
	last := models[len(models)-1]
	for i, m := range models {
		for _, part := range []struct {
			name        string
			its, wanted any
		}{
			{"kind", m.kind, last.kind},
			{"configuration", m.config, last.config},
			{"source tokenizer", m.source, last.source},
			{"target tokenizer", m.target, last.target},
		} {
			same, err := sameJSON(part.its, part.wanted)
			if err != nil {
				return nil, fmt.Errorf("seq2seq: averaging: %w", err)
			}
			if !same {
				return nil, fmt.Errorf("seq2seq: averaging: model %d has another %s than model %d", i+1, part.name, len(models))
			}
		}
	}
	out, err := assemble(last.config, last.source, last.target, nil)
	if err != nil {
		return nil, err
	}
	out.kind, out.about, out.summary = last.kind, last.about, last.summary
	out.summary.Loss, out.summary.Accuracy, out.summary.Score = 0, 0, nil
	for p := range out.net.params.All() {
		sum := make([]float64, len(p.W))
		for _, m := range models {
			for i, w := range m.net.params.Get(p.Name).W {
				sum[i] += float64(w)
			}
		}
		for i, s := range sum {
			p.W[i] = float32(s / float64(len(models)))
		}
	}
	return out, nil
}

func sameJSON(a, b any) (bool, error) {
	x, err := json.Marshal(a)
	if err != nil {
		return false, err
	}
	y, err := json.Marshal(b)
	return string(x) == string(y), err
}
