package seq2seq

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/metric"
)

// The figures of contrast. [Validation] explains those of a validation; a step has the cosine, too.
const (
	figureContrast = "contrast.loss"
	figureFound    = "contrast.recall@1"
	figureCosine   = "contrast.cosine"
	figureSpearman = "contrast.spearman"
)

// validStream is the random stream of the views of held-out sentences.
const validStream = 7 << 32

// validationFigure returns the figure that compares validations; "" means another measure.
func (o *TrainOptions) validationFigure() string {
	if o.ValidateBy == byF1 {
		return figureSpans
	}
	if name := "contrast." + o.ValidateBy; name == figureFound || name == figureSpearman {
		return name
	}
	return ""
}

// heldPairs are held-out sets, or judged pairs, with their vectors.
type heldPairs struct {
	sets          []*set
	first, second []member  // before draws
	x, y          []float32 // vectors of length 1, [pairs, size]
	size          int
}

// heldPairs encodes the judged sets of pairs, or the others: their first two members. A single member is there twice,
// as it is and without some of its tokens, always the same ones.
func (c *contrast) heldPairs(pairs []pair, judged bool) heldPairs {
	rng := rand.New(rand.NewPCG(0, validStream))
	h := heldPairs{size: c.contrastSize()}
	var views []member
	for _, p := range pairs {
		if p.set.judged != judged {
			continue
		}
		a, b := p.set.members[0], p.set.members[min(1, len(p.set.members)-1)]
		h.sets, h.first, h.second = append(h.sets, p.set), append(h.first, a), append(h.second, b)
		if len(p.set.members) == 1 {
			b.sourceLine = b.leaveOut(max(c.o.Contrast.TokenDropout, 0.1), rng)
		}
		views = append(views, b)
	}
	if len(h.sets) > 0 {
		h.x, h.y = c.directions(h.first), c.directions(views)
	}
	return h
}

// loss returns the summed loss of the pairs from lo to hi, which are one batch, and how many find their partners.
func (c *contrast) loss(h heldPairs, lo, hi int) (loss float64, hits int, err error) {
	v := placeViews(h.sets[lo:hi], slices.Concat(h.first[lo:hi], h.second[lo:hi]))
	z := slices.Concat(h.x[lo*h.size:hi*h.size], h.y[lo*h.size:hi*h.size])
	if v.judged {
		stats, err := c.judgedLoss().Gradient(z, h.size, v.scores, make([]float32, len(z)))
		return stats.Loss, 0, err
	}
	stats, err := c.contrastLoss().Gradient(z, h.size, v.rows, nil)
	return stats.Loss, stats.Hits, err
}

// held implements objective. The loss of an embedder is that of contrast in batches of the size of training, and its
// accuracy the share of sets that find their partners there.
func (c *contrast) held(ctx context.Context, pairs []pair) (loss, accuracy float64, err error) {
	if !c.alone() {
		return c.objective.held(ctx, pairs)
	}
	return c.heldOut(ctx, pairs)
}

// heldOut is held for every model.
func (c *contrast) heldOut(ctx context.Context, pairs []pair) (loss, accuracy float64, err error) {
	found, sets := 0, 0
	for _, judged := range []bool{false, true} {
		h := c.heldPairs(pairs, judged)
		n := len(h.sets)
		if !judged {
			sets = n
		}
		batches := (n + c.o.BatchSentences - 1) / c.o.BatchSentences
		for i := range batches {
			if err := ctx.Err(); err != nil {
				return 0, 0, err
			}
			sum, hits, err := c.loss(h, i*n/batches, (i+1)*n/batches)
			if err != nil {
				return 0, 0, err
			}
			loss, found = loss+sum, found+hits
		}
	}
	return loss / float64(len(pairs)), float64(found) / float64(max(1, sets)), nil
}

// retrievalSample bounds the number of held-out sets that measure retrieval, which takes quadratic time.
const retrievalSample = 2000

// measure implements objective.
func (c *contrast) measure(ctx context.Context, pairs []pair, to *Validation) error {
	if err := c.objective.measure(ctx, pairs, to); err != nil {
		return err
	}
	if !c.alone() {
		loss, _, err := c.heldOut(ctx, pairs)
		if err != nil {
			return err
		}
		to.Figures = append(to.Figures, Figure{figureContrast, loss, "nats a set"})
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if h := c.heldPairs(pairs, false); len(h.sets) > 1 {
		n := min(retrievalSample, len(h.sets))
		_, hits, err := c.loss(h, 0, n)
		if err != nil {
			return err
		}
		to.Figures = append(to.Figures, Figure{figureFound, float64(hits) / float64(n), "share"})
	}
	h := c.heldPairs(pairs, true)
	if len(h.sets) < 2 {
		return nil
	}
	var cosines, scores []float64
	for i, s := range h.sets {
		cosines = append(cosines, float64(kernel.Dot(h.x[i*h.size:][:h.size], h.y[i*h.size:][:h.size])))
		scores = append(scores, float64(s.score))
	}
	if r, err := metric.Spearman(cosines, scores); err == nil { // all cosines may be equal
		to.Figures = append(to.Figures, Figure{figureSpearman, r, "correlation"})
	} else {
		to.Figures = append(to.Figures, Figure{figureSpearman, 0, "correlation"})
	}
	return nil
}

// checkHeldOut returns an error if validations cannot be compared by the figure that the options name.
func (t *trainer) checkHeldOut() error {
	name := t.o.validationFigure()
	if name == "" || len(t.valid.pairs) == 0 {
		return nil
	}
	switch _, labels := t.net.head.(*labeler); {
	case labels && name == figureSpans:
		return nil
	case labels:
		return fmt.Errorf("options: validate_by: %s of a labeler: want loss, accuracy or f1", t.o.ValidateBy)
	case name == figureSpans:
		return fmt.Errorf("options: validate_by: f1 of a %s, which labels no spans: want loss, accuracy or a metric", t.config.head().file())
	}
	if !t.contrasts(&t.o) {
		return fmt.Errorf("options: validate_by: %s without contrast: want loss or a metric", t.o.ValidateBy)
	}
	sets, scores := 0, map[float32]bool{}
	for _, p := range t.valid.pairs {
		if p.set.judged {
			scores[p.set.score] = true
		} else {
			sets++
		}
	}
	switch {
	case name == figureFound && sets < 2:
		return fmt.Errorf("options: validate_by: recall@1 with %d validation sets: want 2 or more", sets)
	case name == figureSpearman && len(scores) < 2:
		return fmt.Errorf("options: validate_by: spearman with %d different similarities of validation pairs: want 2 or more", len(scores))
	}
	return nil
}
