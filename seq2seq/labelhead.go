package seq2seq

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"gorgonia.org/gorgonia"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/quote"
	"github.com/retell-rnn/retell/internal/setting"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/tokenize"
)

// labelerKind is the kind of a labeler's head: a linear layer over the encoder's states. A target has a label for each
// source token.
type labelerKind struct{}

func (labelerKind) chosen(c Config) bool { return c.Labeler.Output != "" }
func (labelerKind) file() string         { return KindLabeler }

func (labelerKind) parts() []paramPart { return []paramPart{{"output", []string{"labels."}}} }

func (labelerKind) validate(v *setting.Check, c Config) {
	v.Name("labeler.output", c.Labeler.Output)
	v.Name("labeler.scheme", c.Labeler.Scheme)
	v.Within("labeler.language_model", c.Labeler.LanguageModel, 0, 1)
	if c.Labeler.LanguageModel > 0 && c.Encoder.Layers == 0 {
		v.Add("labeler.language_model", "%v of an encoder without recurrent layers: want 0", c.Labeler.LanguageModel)
	}
	if e := c.Encoder; c.Labeler.Cloze && (e.Layers != 1 || !e.Bidirectional || e.Levels != 0 || e.NGrams.Pairs) {
		v.Add("labeler.cloze", "true of %d layers: want one bidirectional layer, without encoder.levels and encoder.ngrams.pairs", e.Layers)
	}
	for _, side := range []struct {
		path string
		kind tokenize.Kind
	}{{"source.kind", c.Source.Kind}, {"target.kind", c.Target.Kind}} {
		if side.kind != tokenize.Fields {
			v.Add(side.path, "%q of a labeler, whose tokens and labels are fields: want %s", side.kind, tokenize.Fields)
		}
	}
	if c.SharedVocab {
		v.Add("shared_vocab", "true with a labeler, whose labels are no tokens: want false")
	}
	if c.Bottleneck != (BottleneckConfig{}) {
		v.Add("bottleneck", "of a labeler, which has none: want no settings")
	}
	if c.TiedEmbeddings != "" && c.TiedEmbeddings != TieNone {
		v.Add("tied_embeddings", "%s with a labeler, which has one matrix: want %s", c.TiedEmbeddings, TieNone)
	}
}

// prune drops decoder settings.
func (labelerKind) prune(c Config) Config {
	c.Decoder = DecoderConfig{}
	return c
}

func (k labelerKind) resolve(c Config) Config {
	c = k.prune(c)
	if c.TiedEmbeddings == "" {
		c.TiedEmbeddings = TieNone
	}
	return c
}

// targetCodec returns the vocabulary of labels: the labels of the model begun with and then the new ones. If that model
// has none of the examples' labels, the new ones stand alone.
func (labelerKind) targetCodec(o *BeginOptions, c Config, train []corpora.Example) (*tokenize.Codec, error) {
	target, err := o.labelCodec(c, train)
	if err != nil {
		return nil, fmt.Errorf("seq2seq: labeler: %w", err)
	}
	return target, nil
}

// labelCodec is targetCodec of a labeler.
func (o *BeginOptions) labelCodec(c Config, train []corpora.Example) (*tokenize.Codec, error) {
	if len(train) == 0 {
		return nil, errors.New("no examples: want some")
	}
	if err := checkLabelings(train, 1+len(train[0].Labels)); err != nil {
		return nil, err
	}
	texts := func(yield func(string, error) bool) {
		for _, e := range train {
			if !yield(labelsText(e), nil) {
				return
			}
		}
	}
	target, err := o.labelsOf(c, texts)
	if err != nil {
		return nil, err
	}
	return target, checkKnown(target, train)
}

// labelsOf returns the vocabulary of the labels of texts, unchecked.
func (o *BeginOptions) labelsOf(c Config, texts iter.Seq2[string, error]) (*tokenize.Codec, error) {
	if o.Target != nil {
		return o.Target, nil
	}
	if old := o.inherited(c, false); old != nil {
		for text := range texts {
			if slices.ContainsFunc(old.Encode(text), func(id int32) bool { return id >= firstLabel }) {
				return old.Extend(-1, texts)
			}
		}
	}
	return tokenize.Learn(c.Target, texts)
}

// table returns nil: a labeler reads no labels.
func (labelerKind) table(*builder) *rnn.Embedding { return nil }

func (labelerKind) build(b *builder, _ *rnn.Embedding) (head, error) {
	columns, err := labelColumns(b.target)
	if err != nil {
		return nil, fmt.Errorf("labeler: %w", err)
	}
	h := &labeler{config: b.config, columns: columns}
	h.output = rnn.NewLinear(b.params, "labels", b.config.states(), b.targets, b.init)
	if columns[0].allowed, err = b.config.Labeler.Scheme.allowed(columns[0].names); err != nil {
		return nil, err
	}
	for k := range columns {
		if c := &columns[k]; b.config.Labeler.Output == LabelCRF {
			name := "labels"
			if k > 0 {
				name = fmt.Sprintf("labels.%d", k)
			}
			c.crf = rnn.NewCRF(b.params, name, len(c.ids), b.init)
			c.crf.Constrain(c.allowed)
		}
	}
	if b.config.Labeler.LanguageModel > 0 {
		h.neighbors, err = newNeighbors(b)
	}
	return h, err
}

// labeler predicts the labels of each token from the encoder's states.
type labeler struct {
	config  Config
	output  *rnn.Linear // a row for each id of the target vocabulary
	columns []labelColumn

	neighbors *neighbors // nil without a language model
}

// check implements exampleHead.
func (h *labeler) check(target *tokenize.Codec, examples []corpora.Example, learn bool) error {
	if err := checkLabelings(examples, len(h.columns)); err != nil {
		return err
	}
	for i, e := range examples {
		if err := h.config.Labeler.Scheme.check(fields(e.Targets[0])); err != nil {
			return fmt.Errorf("example %d (%s) %w", i+1, quote.Text(e.Source), err)
		}
	}
	if learn {
		return checkKnown(target, examples)
	}
	return nil
}

// texts implements exampleHead.
func (h *labeler) texts(e corpora.Example) []string { return []string{labelsText(e)} }

// fits implements exampleHead.
func (h *labeler) fits(src, tgt []int32) (bool, error) {
	if len(tgt) != len(h.columns)*len(src) {
		return false, fmt.Errorf("noise made %d tokens and %d labels: want a label for each token", len(src), len(tgt))
	}
	return len(src) > 0 && !slices.Contains(tgt, tokenize.Unk), nil
}

// gold returns the numbers of the pairs' labels in a column, in the order of rows. A label that the column lacks is -1.
func (h *labeler) gold(lay *rnn.Layout, pairs []pair, column int) []int32 {
	labels := make([][]int32, len(pairs))
	for i, q := range pairs {
		n := len(q.src)
		labels[i] = make([]int32, n)
		for t, id := range q.tgt[column*n:][:n] {
			labels[i][t] = h.columns[column].number[id]
		}
	}
	return lay.Place(labels)
}

// weights returns the weight of each row's label in a column; nil if all are 1.
func (h *labeler) weights(lay *rnn.Layout, gold []int32, column int, terms lossTerms) []float32 {
	if terms.weights == nil && terms.labels == nil {
		return nil
	}
	weights := slices.Repeat([]float32{1}, lay.Rows())
	if terms.weights != nil {
		weights = lay.Spread(terms.weights)
	}
	if terms.labels != nil {
		for r, k := range gold {
			weights[r] *= terms.labels[h.columns[column].ids[k]]
		}
	}
	return weights
}

func (h *labeler) loss(p *rnn.Pass, e encoderOutput, pairs []pair, terms lossTerms) *gorgonia.Node {
	states := e.memory
	if h.config.Labeler.Cloze {
		states = rnn.Beside(p, states, e.layout)
	}
	all := h.output.Forward(p, h.config.dropout(p, states, e.layout))
	stats := make([]rnn.LossStats, len(h.columns))
	var sum *gorgonia.Node
	for k, c := range h.columns {
		gold := h.gold(e.layout, pairs, k)
		x := rnn.Columns(p, all, c.ids)
		weights := h.weights(e.layout, gold, k, terms)
		if c.crf != nil {
			sum = p.Sum(sum, c.crf.SmoothLoss(p, x, e.layout, gold, weights, terms.smoothing, &stats[k]))
		} else {
			sum = p.Sum(sum, rnn.CrossEntropy(p, x, gold, weights, terms.smoothing, &stats[k]))
		}
	}
	if h.neighbors != nil {
		var weights []float32
		if terms.weights != nil {
			weights = e.layout.Spread(terms.weights)
		}
		sum = p.Sum(sum, p.Scale(h.neighbors.loss(p, e, pairs, weights), h.config.Labeler.LanguageModel))
	}
	return p.Then(sum, func() {
		if terms.stats != nil {
			*terms.stats = rnn.LossStats{}
			for _, s := range stats {
				terms.stats.Add(s)
			}
		}
	})
}

// tokens returns the number of labels.
func (h *labeler) tokens(q pair) int { return len(q.tgt) }

func (h *labeler) rows(p *rnn.Param) tokenRows {
	if p == h.output.Weight || p == h.output.Bias {
		return predicted
	}
	return noTokens
}

func (h *labeler) accepts(o *TrainOptions) error {
	switch {
	case o.ScheduledSampling.Kind != "" || o.Risk.Metric != "":
		return errors.New("options: scheduled_sampling or risk with a labeler: want neither")
	case o.Noise != nil:
		return errors.New("options: noise of token ids with a labeler: want noise of texts")
	case o.TextNoise != nil && len(h.columns) > 1:
		return fmt.Errorf("options: noise of texts with a labeler of %d columns: want one column", len(h.columns))
	}
	if m, err := o.validationMetric(); err == nil && m != nil && o.ValidateBy != byAccuracy {
		return fmt.Errorf("options: validate_by: %s of a labeler: want loss, accuracy or f1", o.ValidateBy)
	}
	return withoutAttention(o)
}

// weighs returns false: validation losses count every label equally.
func (h *labeler) weighs() bool { return false }

// outputs returns the labels of the first column, separated by tabs.
func (h *labeler) outputs(ctx context.Context, m *Network, lines []string) ([]string, error) {
	labels := make([]string, 0, len(lines))
	for p, err := range (&Labeler{m}).Predict(ctx, corpora.Stream(lines), nil) {
		if err != nil {
			return nil, err
		}
		labels = append(labels, strings.Join(p.Labels, "\t"))
	}
	return labels, nil
}

// reference returns labels in the form in which the labeler returns them.
func (h *labeler) reference(target *tokenize.Codec, labels string) string {
	return target.Normalize(labels)
}
