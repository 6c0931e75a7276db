package seq2seq

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/seq2seq/internal/search"
	"github.com/retell-rnn/retell/tokenize"
)

// Translation is a line and its translations.
type Translation struct {
	Source string // line as given
	Text   string // best hypothesis; empty for a source without tokens
	// Hypotheses holds at most NBest hypotheses, best first; none for a source without tokens.
	Hypotheses []Hypothesis
}

// Hypothesis is one translation of a line.
type Hypothesis struct {
	Text     string    `json:"text"`          // translation
	Score    float64   `json:"score"`         // LogProb after length normalization and coverage penalty; with MBR, the expected metric
	LogProb  float64   `json:"log_prob"`      // log-probability of the translation, in nats
	Tokens   []string  `json:"tokens"`        // tokens, with </s> unless Cut
	LogProbs []float32 `json:"log_probs"`     // log-probability of each token, in nats
	Cut      bool      `json:"cut,omitempty"` // true if the translation reached the length limit before </s>

	// Probability is the hypothesis's share of the total probability of all hypotheses of the line, 0 to 1. A single
	// hypothesis has 1.
	Probability float64 `json:"probability"`

	// Confidence of the tokens, set with [SearchOptions].Confidence. Rules and constraints of the search do not
	// influence it.
	Confidence float64   `json:"confidence,omitempty"` // mean of Margins
	Entropy    float64   `json:"entropy,omitempty"`    // mean of Entropies, in nats
	Margins    []float32 `json:"margins,omitempty"`    // probability of each token minus the probability of the likeliest other token, -1 to 1
	Entropies  []float32 `json:"entropies,omitempty"`  // entropy of the model's distribution at each token, in nats

	// Alignment links source words to the words of Text, both counted from 0, in Pharaoh's format 0-0 1-2; nil unless
	// the options set Align.
	Alignment Alignment `json:"alignment,omitempty"`
}

// Translate yields a translation for each line, in order. It reads a batch of lines at a time. A line's translation
// does not depend on the other lines.
//
// An error about one line takes the place of its translation; [corpora.IsLineError] recognizes it. A loop that
// continues receives the translations of the lines after it.
func (m *Model) Translate(ctx context.Context, lines iter.Seq2[string, error], opts *SearchOptions) iter.Seq2[Translation, error] {
	return m.alone().Translate(ctx, lines, opts)
}

// Translate is [Model.Translate] with the ensemble's probabilities.
func (e *Ensemble) Translate(ctx context.Context, lines iter.Seq2[string, error], opts *SearchOptions) iter.Seq2[Translation, error] {
	return e.TranslateInputs(ctx, func(yield func(Input, error) bool) {
		for line, err := range lines {
			if !yield(Input{Source: line}, err) {
				return
			}
		}
	}, opts)
}

// TranslateInputs is [Model.Translate] for lines with constraints on their translations.
func (m *Model) TranslateInputs(ctx context.Context, inputs iter.Seq2[Input, error], opts *SearchOptions) iter.Seq2[Translation, error] {
	return m.alone().TranslateInputs(ctx, inputs, opts)
}

// TranslateInputs is [Model.TranslateInputs] with the ensemble's probabilities.
func (e *Ensemble) TranslateInputs(ctx context.Context, inputs iter.Seq2[Input, error], opts *SearchOptions) iter.Seq2[Translation, error] {
	return func(yield func(Translation, error) bool) {
		if err := opts.Validate(); err != nil {
			yield(Translation{}, fmt.Errorf("seq2seq: search options: %w", err))
			return
		}
		r := e.runner(opts.rows())
		read := func(yield func(request, error) bool) {
			number := 0
			for in, err := range inputs {
				var q request
				if err == nil {
					q, err = r.request(in, number)
				}
				if !yield(q, err) {
					return
				}
				number++
			}
		}
		o := opts.resolved()
		streamBatches(ctx, read, o.BatchSentences, o.MaxWait, func(batch []request, _ int) ([]Translation, error) {
			return r.translate(ctx, batch, opts)
		})(yield)
	}
}

// request is an encoded input.
type request struct {
	typed    string // becomes the translation's Source
	source   string
	read     []sourceLine // nil for a source without tokens
	sentence search.Sentence
	parts    []part // parts of a source with fixed parts; otherwise nil
}

// request encodes an input. number is its place in the stream, from 0. Errors are line errors.
func (r *runner) request(in Input, number int) (request, error) {
	if len(in.Fixed) > 0 {
		q, err := r.inParts(in, number)
		q.typed = cmp.Or(in.Typed, in.Source)
		return q, err
	}
	q := request{typed: cmp.Or(in.Typed, in.Source), source: in.Source, read: r.encode(in.Source)}
	if q.read == nil {
		return q, nil
	}
	var err error
	if q.sentence, err = in.sentence(r.Target(), q.read[0], uint64(number)); err != nil {
		err = corpora.LineError(fmt.Errorf("seq2seq: line %d: %w", number+1, err))
	}
	return q, err
}

// translate translates requests. It translates the parts of a request separately and joins them.
func (r *runner) translate(ctx context.Context, batch []request, opts *SearchOptions) ([]Translation, error) {
	if !slices.ContainsFunc(batch, func(q request) bool { return q.parts != nil }) {
		return r.translateWhole(ctx, batch, opts)
	}
	var whole []request
	for _, q := range batch {
		whole = append(whole, q.whole()...)
	}
	found, err := r.translateWhole(ctx, whole, opts)
	if err != nil {
		return nil, err
	}
	out := make([]Translation, len(batch))
	for i, q := range batch {
		n := len(q.whole())
		if q.parts != nil {
			out[i] = q.join(found[:n])
		} else {
			out[i] = found[0]
		}
		found = found[n:]
	}
	return out, nil
}

func (r *runner) translateWhole(ctx context.Context, batch []request, opts *SearchOptions) ([]Translation, error) {
	mem := r.buffers()
	defer r.release(mem)
	out := make([]Translation, len(batch))
	src := make(sourceBatch, len(r.models))
	var sentences []search.Sentence
	var at []int
	for i, q := range batch {
		out[i].Source = q.typed
		if q.read != nil {
			src.add(q.read)
			sentences, at = append(sentences, q.sentence), append(at, i)
		}
	}
	if len(sentences) == 0 {
		return out, nil
	}
	found, err := r.search(ctx, mem, src, sentences, opts)
	if err != nil {
		return nil, err
	}
	if opts.observes() {
		if err := r.observe(ctx, mem, src, found, opts); err != nil {
			return nil, err
		}
	}
	for k, hyps := range found {
		r.fill(&out[at[k]], hyps, batch[at[k]].source, src[0][k], opts)
	}
	return out, nil
}

// fill sets the one or more hypotheses found for a line.
func (e *Ensemble) fill(t *Translation, hyps []search.Hypothesis, line string, source sourceLine, opts *SearchOptions) {
	for _, h := range hyps {
		t.Hypotheses = append(t.Hypotheses, e.hypothesis(h, line, source, opts))
	}
	if opts != nil && opts.MBR != nil {
		t.Hypotheses = leastRisk(t.Hypotheses, opts)
	}
	normalize(t.Hypotheses)
	t.Text = t.Hypotheses[0].Text
}

// search returns the best hypotheses for sources of at least one token each.
func (r *runner) search(ctx context.Context, mem *rnn.Buffers, src sourceBatch, sentences []search.Sentence, opts *SearchOptions) ([][]search.Hypothesis, error) {
	return search.Run(ctx, r.start(mem, src, len(sentences)*opts.found()), sentences, opts.search())
}

func (e *Ensemble) hypothesis(h search.Hypothesis, line string, source sourceLine, opts *SearchOptions) Hypothesis {
	var words []string
	if source.oov != nil {
		words = *source.oov
	}
	out := Hypothesis{
		Text: e.Target().DecodeWith(h.Tokens, words), Score: h.Score, LogProb: h.LogProb,
		LogProbs: h.LogProbs, Cut: !h.Finished,
		Confidence: meanOf(h.Margins), Entropy: meanOf(h.Entropies), Margins: h.Margins, Entropies: h.Entropies,
	}
	for _, id := range h.Tokens {
		out.Tokens = append(out.Tokens, tokenText(e.Target(), id, words))
	}
	if h.Finished {
		out.Tokens = append(out.Tokens, endMark)
	}
	if opts.attends() && opts.Align {
		out.Alignment = e.align(source, h.Tokens, h.Attention)
	}
	if opts.attends() && opts.ReplaceUnknown && slices.Contains(h.Tokens, tokenize.Unk) {
		out.Text = e.replaceUnknown(line, h.Tokens, words, h.Attention, opts.Lexicon)
	}
	return out
}

// endMark is the text of </s> in results.
const endMark = "</s>"
