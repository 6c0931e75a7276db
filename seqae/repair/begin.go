package repair

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/corpora/noise"
	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/tokenize"
)

// Repairer repairs lines. It is safe for concurrent use while it is not being trained.
type Repairer struct {
	*seq2seq.Network
	task    Task
	labeler *seq2seq.Labeler   // of FormEdit and FormWord
	writer  *seq2seq.Model     // of FormWrite
	edits   []edit             // of the labeler's labels
	lexicon map[string]bool    // nil without a lexicon
	listed  map[string][2]bool // cases of the lexicon's words, if only case is repaired
	costs   *wordCosts         // of words where lines are divided; nil where they are not
	speller *speller           // of FormWord
}

// Labels are learned from this many lines, and must occur this often. Rarer edits are made in the dirty lines.
const (
	labelLines = 20_000
	leastCount = 3
)

// Begin makes an untrained repairer. It learns characters and labels from the examples: pairs of a dirty and a clean
// line, and clean lines without a target ([Lines]), into which it puts the noise of the task. opts may name a model to
// begin with, or be nil; Begin ignores its Kind.
func Begin(c Config, train []corpora.Example, seed uint64, opts *seq2seq.BeginOptions) (*Repairer, seq2seq.Adopted, error) {
	if err := c.Validate(); err != nil {
		return nil, nil, fmt.Errorf("repair: configuration: %w", err)
	}
	r, taken, err := begin(c, train, seed, opts)
	if err != nil {
		return nil, nil, fmt.Errorf("repair: %w", err)
	}
	return r, taken, nil
}

func begin(c Config, train []corpora.Example, seed uint64, opts *seq2seq.BeginOptions) (*Repairer, seq2seq.Adopted, error) {
	if len(train) == 0 {
		return nil, nil, errors.New("no lines to learn from")
	}
	if err := c.Task.check(train); err != nil {
		return nil, nil, err
	}
	var o seq2seq.BeginOptions
	if opts != nil {
		o = *opts
	}
	o.Kind = Kind
	switch {
	case c.Task.Form == FormWord: // spelledCounts counts its words
	case c.Task.spells():
		c.Task.Lexicon = withText(slices.AppendSeq(slices.Clone(c.Task.Lexicon), maps.Keys(c.Task.Counts)), train, leastCount)
		c.Task.Counts = nil
	case c.Task.spaces():
		c.Task.Counts = spacedCounts(c.Task.Counts, train)
	case c.Task.capitalizes():
		c.Task.Cases = textCases(train)
	}
	t, err := newTeacher(c.Task, train, nil)
	if err != nil {
		return nil, nil, err
	}
	rng := rand.New(rand.NewPCG(seed, streamVocabulary))
	if c.Task.Form == FormWord {
		c.Task.Counts = spelledCounts(c.Task.Counts, train)
		if c.Task.Confusions, err = t.confusions(train, rng); err != nil {
			return nil, nil, err
		}
	}
	net, taken, err := t.network(c, train, rng, seed, &o)
	if err != nil {
		return nil, nil, err
	}
	if err := net.SetKind(Kind, c.Task); err != nil {
		return nil, nil, err
	}
	r, err := of(net)
	return r, taken, err
}

// network makes the network of a task's form.
func (t *teacher) network(
	c Config, train []corpora.Example, rng *rand.Rand, seed uint64, o *seq2seq.BeginOptions,
) (*seq2seq.Network, seq2seq.Adopted, error) {
	sample := train[:min(len(train), labelLines)]
	var examples []corpora.Example
	switch c.Task.resolved().Form {
	case FormWrite:
		m, taken, err := seq2seq.Begin(c.Model, t.written(sample, rng), seed, o)
		if err != nil {
			return nil, nil, err
		}
		return m.Network, taken, nil
	case FormWord:
		frequent := within(frequentWords(train), o.Target)
		examples = wordExamples(train, func(word string) bool { return frequent[word] })
		examples = append(examples, corpora.Example{Source: otherWord, Targets: []string{otherWord}})
	default:
		examples = t.examples(sample, rng)
		t.known = within(frequentLabels(examples), o.Target)
		for i, e := range examples {
			examples[i] = lessonFrom(e).within(t.known).example()
		}
	}
	l, taken, err := seq2seq.BeginLabeler(c.Model, examples, seed, o)
	if err != nil {
		return nil, nil, err
	}
	return l.Network, taken, nil
}

// within removes the labels that a given tokenizer lacks, as when a training continues with other text. A nil tokenizer
// removes none.
func within(labels map[string]bool, target *tokenize.Codec) map[string]bool {
	if target != nil {
		maps.DeleteFunc(labels, func(label string, _ bool) bool { return slices.Contains(target.Encode(label), tokenize.Unk) })
	}
	return labels
}

// check returns an error for examples that leave nothing to learn.
func (t Task) check(train []corpora.Example) error {
	if len(t.Noise) > 0 {
		return nil
	}
	for _, e := range train {
		if dirty, clean := pairOf(e); dirty != clean {
			return nil
		}
	}
	return errors.New("no noise, and no pair of lines that differ: want kinds of noise (repair.noise) or dirty and clean lines")
}

// Streams of random numbers of a seed.
const (
	streamVocabulary = 0x7e7a_0001
	streamHeldOut    = 0x7e7a_0002
)

// newTeacher returns the teacher of a task. known are the labels of the model; nil means any.
func newTeacher(task Task, train []corpora.Example, known map[string]bool) (*teacher, error) {
	t := &teacher{Task: task, known: known, window: task.resolved().Window}
	t.Task.Lexicon, t.Task.Counts, t.Task.Cases, t.Task.Confusions = nil, nil, nil, nil // the model has them
	if len(task.Noise) == 0 {
		return t, nil
	}
	words := task.Lexicon
	if words == nil && task.Noise.NeedsLexicon() {
		for _, e := range train {
			_, clean := pairOf(e)
			words = append(words, clean)
		}
	}
	var err error
	t.noise, err = noise.New(task.Noise, corpora.Stream(words))
	return t, err
}

// frequentLabels returns the labels that occur often enough, and the one that keeps a character.
func frequentLabels(examples []corpora.Example) map[string]bool {
	counts := map[string]int{}
	for _, e := range examples {
		for _, label := range lessonFrom(e).labels {
			counts[label]++
		}
	}
	least := leastCount
	if len(examples) < 1000 {
		least = 1
	}
	maps.DeleteFunc(counts, func(label string, n int) bool { return n < least && label != Keep })
	known := map[string]bool{Keep: true}
	for label := range counts {
		known[label] = true
	}
	return known
}

// written returns the pairs with noise, for the form write.
func (t *teacher) written(pairs []corpora.Example, rng *rand.Rand) []corpora.Example {
	out := make([]corpora.Example, len(pairs))
	for i, e := range pairs {
		dirty, clean := pairOf(e)
		out[i] = e
		if rng != nil {
			dirty = t.corrupt(rng, dirty, clean)
		}
		out[i].Source, out[i].Targets = dirty, []string{clean}
	}
	return out
}

// Load reads a repairer from a file that Save or a training wrote. The errors are those of [seq2seq.Load].
func Load(path string) (*Repairer, error) {
	net, err := seq2seq.LoadKind(path, Kind)
	if err != nil {
		return nil, err
	}
	r, err := of(net)
	if err != nil {
		return nil, fmt.Errorf("repair: model %s: %w", path, err)
	}
	return r, nil
}

// of returns the repairer of a network.
func of(net *seq2seq.Network) (*Repairer, error) {
	r := &Repairer{Network: net}
	if err := net.About(&r.task); err != nil {
		return nil, err
	}
	err := r.know(r.task.Lexicon, r.task.Counts)
	if err != nil {
		return nil, err
	}
	if r.task.resolved().Form == FormWrite {
		r.writer, err = seq2seq.ModelOf(net)
		return r, err
	}
	if r.labeler, err = seq2seq.LabelerOf(net); err != nil {
		return nil, err
	}
	if r.task.Form == FormWord {
		r.speller = newSpeller(r.task, r.labeler)
		return r, nil
	}
	for _, label := range r.labeler.Labels(0) {
		r.edits = append(r.edits, parseLabel(label))
	}
	return r, nil
}

// Task returns what the repairer repairs.
func (r *Repairer) Task() Task { return r.task.resolved() }

// Quantize returns a repairer for inference that multiplies in int8; see [seq2seq.Network.Quantize].
func (r *Repairer) Quantize() (*Repairer, error) {
	q, err := of(r.Network.Quantize())
	if err != nil {
		return nil, err
	}
	return q, q.know(r.task.Lexicon, r.task.Counts)
}

// WithLexicon returns a repairer for inference that knows further words, and counts of words; see [ReadLexicon]. Files
// of the result lack them.
func (r *Repairer) WithLexicon(words []string, counts map[string]int) (*Repairer, error) {
	all := slices.Concat(r.task.Lexicon, words)
	slices.Sort(all)
	out := *r
	if err := out.know(slices.Compact(all), withCounts(r.task.Counts, counts)); err != nil {
		return nil, fmt.Errorf("repair: %w", err)
	}
	return &out, nil
}

// know makes words and counts those of the task.
func (r *Repairer) know(words []string, counts map[string]int) error {
	if err := (Task{Counts: counts}).Validate(); err != nil {
		return err
	}
	r.task.Lexicon, r.task.Counts = words, counts
	r.lexicon, r.listed, r.costs = nil, nil, nil
	if len(words)+len(counts) > 0 {
		r.lexicon = make(map[string]bool, len(words)+len(counts))
		for _, word := range words {
			r.lexicon[word] = true
		}
		for word := range counts {
			r.lexicon[word] = true
		}
	}
	if len(words) > 0 && r.task.capitalizes() {
		r.listed = listedCases(words)
	}
	if r.task.divides() {
		r.costs = costsOf(words, counts)
	}
	if r.speller != nil {
		r.speller = newSpeller(r.task, r.labeler)
	}
	return nil
}

// teacher returns the teacher of a training.
func (r *Repairer) teacher(train []corpora.Example) (*teacher, error) {
	var known map[string]bool
	if r.labeler != nil {
		known = map[string]bool{}
		for _, label := range r.labeler.Labels(0) {
			known[label] = true
		}
	}
	return newTeacher(r.task, train, known)
}

// lessonFrom is the inverse of lesson.example.
func lessonFrom(e corpora.Example) lesson {
	return lesson{strings.Split(e.Source, "\t"), strings.Split(e.Targets[0], "\t")}
}

// sourceTokens returns the greatest length of a training source.
func (r *Repairer) sourceTokens(asked int) int {
	return max(cmp.Or(asked, 0), 2*r.Task().Window)
}
