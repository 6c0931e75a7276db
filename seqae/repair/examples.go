package repair

import (
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/corpora/noise"
)

// Lines returns clean lines as examples, which have no target.
func Lines(clean []string) []corpora.Example {
	out := make([]corpora.Example, len(clean))
	for i, line := range clean {
		out[i].Source = line
	}
	return out
}

// pairOf returns the dirty and the clean line of an example. A line without a target is clean.
func pairOf(e corpora.Example) (dirty, clean string) {
	if len(e.Targets) == 0 {
		return e.Source, e.Source
	}
	return e.Source, e.Targets[0]
}

// teacher makes what a model of the form edit learns from. It implements [seq2seq.TextNoise]; its JSON says what noise
// it makes.
type teacher struct {
	Task   Task `json:"task"`
	noise  *noise.Noise
	known  map[string]bool // labels of the model; nil means any
	window int
}

// corrupt returns a line with noise, if the task puts noise into such a line.
func (t *teacher) corrupt(rng *rand.Rand, dirty, clean string) string {
	if t.noise == nil || dirty != clean && !t.Task.NoisyPairs {
		return dirty
	}
	return t.noise.Apply(rng, dirty)
}

// lesson is a line, or a window of one, as tokens and their labels.
type lesson struct{ tokens, labels []string }

// lessonOf returns the lesson of a pair. Edits that the model has no label for are made in the dirty line.
func (t *teacher) lessonOf(dirty, clean string) lesson {
	tokens, labels := Edits(dirty, clean)
	return lesson{tokens, labels}.within(t.known)
}

// within makes the edits whose labels are not known.
func (l lesson) within(known map[string]bool) lesson {
	if known == nil {
		return l
	}
	var out lesson
	for i := 0; i < len(l.tokens); {
		n := 1
		if parseLabel(l.labels[i]).change == changeSwap {
			n = min(2, len(l.tokens)-i)
		}
		part := lesson{l.tokens[i : i+n], l.labels[i : i+n]}
		if slices.ContainsFunc(part.labels, func(label string) bool { return !known[label] }) {
			part = part.made()
		}
		out.tokens, out.labels = append(out.tokens, part.tokens...), append(out.labels, part.labels...)
		i += n
	}
	return out
}

// made returns the lesson with its edits made: nothing is left to change.
func (l lesson) made() lesson {
	var out lesson
	if l.tokens[0] == lineStart {
		out.add(lineStart, Keep)
	}
	for _, c := range characters(Apply(l.tokens, l.labels)) {
		out.add(quoteToken(c), Keep)
	}
	if l.tokens[len(l.tokens)-1] == lineEnd {
		out.add(lineEnd, Keep)
	}
	return out
}

func (l *lesson) add(token, label string) {
	l.tokens, l.labels = append(l.tokens, token), append(l.labels, label)
}

// windows cuts the lesson into pieces of at most size tokens, at spaces where possible.
func (l lesson) windows(size int) []lesson {
	var out []lesson
	for len(l.tokens) > size {
		cut := size
		for k := size; k > size/2; k-- {
			if l.tokens[k-1] == `\s` {
				cut = k
				break
			}
		}
		for cut > 1 && parseLabel(l.labels[cut-1]).change == changeSwap {
			cut--
		}
		out = append(out, lesson{l.tokens[:cut], l.labels[:cut]})
		l = lesson{l.tokens[cut:], l.labels[cut:]}
	}
	return append(out, l)
}

// example returns the lesson as an example of a labeler.
func (l lesson) example() corpora.Example {
	return corpora.Example{Source: strings.Join(l.tokens, "\t"), Targets: []string{strings.Join(l.labels, "\t")}}
}

// examples returns the examples of pairs, with noise if rng is not nil.
func (t *teacher) examples(pairs []corpora.Example, rng *rand.Rand) []corpora.Example {
	var out []corpora.Example
	for _, e := range pairs {
		dirty, clean := pairOf(e)
		if rng != nil {
			dirty = t.corrupt(rng, dirty, clean)
		}
		for _, l := range t.lessonOf(dirty, clean).windows(t.window) {
			made := l.example()
			made.Weight, made.Corpus = e.Weight, e.Corpus
			out = append(out, made)
		}
	}
	return out
}

// CorruptText implements [seq2seq.TextNoise]: it puts noise into the window of a line that tokens and labels describe,
// and describes it anew. One long window in eight loses some of its start or end, so that the model learns to read
// windows.
func (t *teacher) CorruptText(rng *rand.Rand, source, target string) (s, labels string) {
	l := lesson{strings.Split(source, "\t"), strings.Split(target, "\t")}
	first, last := l.tokens[0] == lineStart, l.tokens[len(l.tokens)-1] == lineEnd
	clean := Apply(l.tokens, l.labels)
	l = t.lessonOf(t.corrupt(rng, Apply(l.tokens, nil), clean), clean)
	from, to := 0, len(l.tokens)
	if !first {
		if l.labels[0] != Keep { // nothing stands before the window to insert after
			made := lesson{l.tokens[:1], l.labels[:1]}.made()
			l = lesson{append(made.tokens, l.tokens[1:]...), append(made.labels, l.labels[1:]...)}
			to = len(l.tokens)
		}
		from++
	}
	if !last {
		to--
	}
	if n := to - from; n > 40 && rng.IntN(8) == 0 {
		if cut := rng.IntN(n / 2); rng.IntN(2) == 0 {
			from += cut
		} else {
			to -= cut
		}
	}
	for to < len(l.tokens) && to > from+1 && parseLabel(l.labels[to-1]).change == changeSwap {
		to--
	}
	e := lesson{l.tokens[from:to], l.labels[from:to]}.example()
	return e.Source, e.Targets[0]
}

// writerNoise is the noise of the form write.
type writerNoise struct{ *teacher }

// CorruptText implements [seq2seq.TextNoise].
func (w writerNoise) CorruptText(rng *rand.Rand, source, target string) (s, t string) {
	return w.corrupt(rng, source, target), target
}
