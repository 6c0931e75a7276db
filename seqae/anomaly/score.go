package anomaly

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/setting"
	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/seqae/probe"
)

// Scored is a line with its scores. For a line without tokens, all other fields are empty or zero. With a model that
// writes no lines back, the error is 0, and tokens and reconstruction are empty.
type Scored struct {
	Line           string     `json:"line"`           // line as read
	Score          float64    `json:"score"`          // error + distance, each in standard deviations from the mean of normal lines; greater is less normal
	Error          float64    `json:"error"`          // mean negative log-probability of the tokens, in nats
	Distance       float64    `json:"distance"`       // mean of 1 − cosine over the nearest normal lines, 0 to 2
	Tokens         []Token    `json:"tokens"`         // tokens of the line, with the end of the line
	Surprising     []Token    `json:"surprising"`     // least probable tokens, the least probable first; 3 at most
	Reconstruction string     `json:"reconstruction"` // line that the autoencoder writes back
	Nearest        []Neighbor `json:"nearest"`        // nearest normal lines, the nearest first
}

// Token is a token of a line and its log-probability.
type Token struct {
	Text    string  `json:"text"`     // token
	LogProb float64 `json:"log_prob"` // log-probability given the line's vector and the earlier tokens, in nats
}

// Neighbor is a normal line and its distance.
type Neighbor struct {
	Line     string  `json:"line"`     // normal line
	Distance float64 `json:"distance"` // 1 − cosine, 0 to 2
}

const (
	mostSurprising = 3
	endMark        = "</s>"
)

// ScoreOptions say how lines are scored. The zero value and a nil pointer mean the defaults.
type ScoreOptions struct {
	BatchLines int           // number of lines read and scored at a time; 0 means 64. It does not change scores.
	MaxWait    time.Duration // see [seq2seq.SearchOptions]
}

// Validate returns [seq2seq.Violations], or nil.
func (o *ScoreOptions) Validate() error {
	var v setting.Check
	if o != nil {
		v.AtLeast("batch_lines", o.BatchLines, 0)
	}
	return v.Err()
}

// Score yields each line with its scores, in order. It reads a batch of lines at a time. An error about one line takes
// its place; see [seq2seq.Model.Translate].
func (d *Detector) Score(ctx context.Context, lines iter.Seq2[string, error], opts *ScoreOptions) iter.Seq2[Scored, error] {
	var o ScoreOptions
	if opts != nil {
		o = *opts
	}
	return func(yield func(Scored, error) bool) {
		if err := opts.Validate(); err != nil {
			yield(Scored{}, fmt.Errorf("anomaly: score options: %w", err))
			return
		}
		for batch, err := range corpora.Batches(ctx, lines, cmp.Or(o.BatchLines, 64), o.MaxWait) {
			if err != nil {
				if !yield(Scored{}, err) {
					return
				}
				continue
			}
			scored, err := d.score(ctx, batch)
			if err != nil {
				yield(Scored{}, err)
				return
			}
			for _, s := range scored {
				if !yield(s, nil) {
					return
				}
			}
		}
	}
}

// score scores lines and reconstructs them.
func (d *Detector) score(ctx context.Context, lines []string) ([]Scored, error) {
	out, err := d.measure(ctx, lines, nil)
	if err != nil {
		return nil, err
	}
	if d.model == nil {
		return out, nil
	}
	i := 0
	for r, err := range d.model.Reconstruct(ctx, corpora.Stream(lines), &seq2seq.SearchOptions{Beam: 1}) {
		if err != nil {
			return nil, fmt.Errorf("anomaly: %w", err)
		}
		out[i].Reconstruction = r.Text
		i++
	}
	return out, nil
}

// measure scores lines. If the lines are normal lines themselves, own returns the index of line i among them; otherwise
// own is nil.
func (d *Detector) measure(ctx context.Context, lines []string, own func(i int) int) ([]Scored, error) {
	out := make([]Scored, len(lines))
	if len(lines) == 0 {
		return out, nil
	}
	examples := make([]corpora.Example, len(lines))
	for i, line := range lines {
		out[i] = Scored{Line: line, Tokens: []Token{}, Surprising: []Token{}, Nearest: []Neighbor{}}
		examples[i] = corpora.Example{Source: line, Targets: []string{line}}
	}
	if err := d.setErrors(ctx, out, examples); err != nil {
		return nil, err
	}
	v, err := d.embed(ctx, lines)
	if err != nil {
		return nil, err
	}
	near, err := probe.Neighbors(ctx, d.vectors, v, d.neighbors, own)
	if err != nil {
		return nil, err
	}
	for i := range out {
		if s := &out[i]; v.Dot(i, i) > 0 { // a line without tokens has a vector of zeros
			for _, n := range near[i] {
				distance := max(0, n.Distance) // rounding may leave it below 0
				s.Nearest = append(s.Nearest, Neighbor{d.lines[n.Index], distance})
				s.Distance += distance / float64(len(near[i]))
			}
			s.Score = d.distances.standard(s.Distance)
			if d.model != nil {
				s.Score += d.errors.standard(s.Error)
			}
		}
	}
	return out, nil
}

// setErrors sets the tokens and the errors of lines, if the model writes lines back.
func (d *Detector) setErrors(ctx context.Context, out []Scored, examples []corpora.Example) error {
	if d.model == nil {
		return nil
	}
	i := 0
	for s, err := range d.model.Score(ctx, corpora.Stream(examples), nil) {
		if err != nil {
			return fmt.Errorf("anomaly: %w", err)
		}
		out[i].surprise(d.model.Target().Tokens(out[i].Line), s.Targets[0])
		i++
	}
	return nil
}

// surprise sets the tokens, their mean error and the least probable ones. Unknown words keep their spelling.
func (s *Scored) surprise(tokens []string, t seq2seq.ScoredTarget) {
	if len(t.LogProbs) == 0 {
		return
	}
	for i, text := range append(tokens, endMark) {
		s.Tokens = append(s.Tokens, Token{text, t.LogProbs[i]})
		s.Error -= t.LogProbs[i] / float64(len(t.LogProbs))
	}
	s.Surprising = slices.Clone(s.Tokens)
	slices.SortStableFunc(s.Surprising, func(a, b Token) int { return cmp.Compare(a.LogProb, b.LogProb) })
	s.Surprising = s.Surprising[:min(mostSurprising, len(s.Surprising))]
}
