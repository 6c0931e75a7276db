package anomaly

import (
	"context"
	"fmt"

	"github.com/retell-rnn/retell/metric"
	"github.com/retell-rnn/retell/seqae/probe"
)

// Evaluation measures how well scores separate anomalies from normal lines, as areas under the receiver operating
// characteristic (AUROC): 1 for perfect separation, 0.5 for chance.
type Evaluation struct {
	Lines     int     `json:"lines"`     // number of lines that are not blank
	Anomalies int     `json:"anomalies"` // number of anomalies among them
	Score     float64 `json:"score"`     // AUROC of the score, 0 to 1; 0.5 is chance
	Error     float64 `json:"error"`     // AUROC of the error alone, 0 to 1; 0.5 if vectors alone count
	Distance  float64 `json:"distance"`  // AUROC of the distance alone, 0 to 1
	TFIDF     float64 `json:"tfidf"`     // AUROC of the baseline, the distance of TF-IDF vectors, 0 to 1
}

// Evaluate measures the detector on labeled lines: anomalies[i] tells whether lines[i] is an anomaly. It skips blank
// lines and needs at least one anomaly and one normal line.
func (d *Detector) Evaluate(ctx context.Context, lines []string, anomalies []bool) (Evaluation, error) {
	var r Evaluation
	if len(lines) != len(anomalies) {
		return r, fmt.Errorf("anomaly: %d lines and %d labels: want equal numbers", len(lines), len(anomalies))
	}
	var texts []string
	var labels []bool
	for i, line := range lines {
		if len(d.net.Source().Encode(line)) > 0 {
			texts, labels = append(texts, line), append(labels, anomalies[i])
			if anomalies[i] {
				r.Anomalies++
			}
		}
	}
	if r.Lines = len(texts); r.Anomalies == 0 || r.Anomalies == r.Lines {
		return r, fmt.Errorf("anomaly: %d anomalies in %d lines that are not blank: want both anomalies and normal lines", r.Anomalies, r.Lines)
	}
	scored, err := d.measure(ctx, texts, nil)
	if err != nil {
		return r, err
	}
	baseline, err := d.baseline(ctx, texts)
	if err != nil {
		return r, err
	}
	var figures [4][]float64
	for i, s := range scored {
		for k, x := range [...]float64{s.Score, s.Error, s.Distance, baseline[i]} {
			figures[k] = append(figures[k], x)
		}
	}
	for k, to := range []*float64{&r.Score, &r.Error, &r.Distance, &r.TFIDF} {
		if *to, err = metric.AUROC(figures[k], labels); err != nil {
			return r, fmt.Errorf("anomaly: %w", err)
		}
	}
	return r, nil
}

// baseline returns the mean distance of each line to the nearest normal lines, with vectors of TF-IDF fitted to the
// normal lines.
func (d *Detector) baseline(ctx context.Context, lines []string) ([]float64, error) {
	weights := probe.FitTFIDF(d.lines)
	normal, err := weights.Embed(ctx, d.lines)
	if err != nil {
		return nil, err
	}
	v, err := weights.Embed(ctx, lines)
	if err != nil {
		return nil, err
	}
	near, err := probe.Neighbors(ctx, normal, v, d.neighbors, nil)
	if err != nil {
		return nil, err
	}
	out := make([]float64, len(lines))
	for i, list := range near {
		for _, n := range list {
			out[i] += n.Distance / float64(len(list))
		}
	}
	return out, nil
}
