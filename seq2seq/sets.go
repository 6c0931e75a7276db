package seq2seq

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/quote"
	"github.com/retell-rnn/retell/rnn"
)

// set is an example as contrast reads it. Its pair's source is its first member.
type set struct {
	members   []member // mean the same, unless judged; no two have the same tokens, unless judged
	negatives []member // mean something else
	judged    bool     // two members have a similarity
	score     float32  // the similarity of judged members, 0 to 1
}

// member is a line of a set.
type member struct {
	sourceLine
	tgt  []int32 // what a writing head writes; src with one vocabulary, nil without a writing head
	text string  // for BPE dropout; otherwise ""
}

// lines yields the number of each line of the set, from 0, and its tokens.
func (s *set) lines(yield func(int, []int32) bool) {
	for i, m := range s.members {
		if !yield(i, m.src) {
			return
		}
	}
	for i, m := range s.negatives {
		if !yield(len(s.members)+i, m.src) {
			return
		}
	}
}

// append appends the set to the bytes of a hash.
func (s *set) append(b []byte) []byte {
	for _, n := range []uint32{math.MaxUint32 - 3, uint32(len(s.members)), uint32(len(s.negatives)), math.Float32bits(s.score)} {
		b = binary.LittleEndian.AppendUint32(b, n)
	}
	if s.judged {
		b = append(b, 1)
	}
	for _, src := range s.lines {
		b = binary.LittleEndian.AppendUint32(b, uint32(len(src)))
		for _, id := range src {
			b = binary.LittleEndian.AppendUint32(b, uint32(id))
		}
	}
	return b
}

// encodeSets encodes examples as sets, each with a pair. Pairs of a writing head have their source as target: training
// and validations measure how well it comes back.
func (m *Network) encodeSets(examples []corpora.Example, o *TrainOptions) []pair {
	pairs := make([]pair, len(examples))
	_, writes := m.net.head.(writingHead)
	var arena arena
	lex := m.config.Encoder.NGrams.lexicon()
	line := func(text string) member {
		r := member{sourceLine: m.encodeLine(text, nil, lex)}
		r.src = arena.keep(r.src)
		if writes {
			if r.tgt = r.src; !m.config.SharedVocab {
				r.tgt = arena.keep(m.target.Encode(text))
			}
		}
		if o.BPEDropout != (BPEDropout{}) {
			r.text = text
		}
		return r
	}
	for i, e := range examples {
		if o.Watch != nil && i%watchEvery == 0 {
			o.Watch("encoding", i, len(examples))
		}
		s := &set{members: []member{line(e.Source)}}
		if e.Judged != nil {
			s.judged, s.score = true, float32(*e.Judged)
			s.members = append(s.members, line(e.Targets[0]))
		} else {
			for _, text := range e.Targets {
				t := line(text)
				if !slices.ContainsFunc(s.members, func(m member) bool { return slices.Equal(m.src, t.src) }) {
					s.members = append(s.members, t)
				}
			}
			for _, text := range e.Negatives {
				s.negatives = append(s.negatives, line(text))
			}
		}
		pairs[i] = pair{sourceLine: s.members[0].sourceLine, tgt: s.members[0].tgt, corpus: e.Corpus, set: s}
	}
	return pairs
}

// checkSets returns an error for examples that are no sets.
func checkSets(examples []corpora.Example) error {
	for i, e := range examples {
		var problem string
		switch {
		case e.Weight != 0 && e.Weight != 1:
			problem = fmt.Sprintf("has the weight %v: want none with contrast, and a ratio of its corpus", e.Weight)
		case e.Judged == nil:
			continue
		case !(*e.Judged >= 0 && *e.Judged <= 1):
			problem = fmt.Sprintf("has the similarity %v: want 0 to 1", *e.Judged)
		case len(e.Targets) != 1:
			problem = fmt.Sprintf("has a similarity and %d targets: want one", len(e.Targets))
		case len(e.Negatives) > 0:
			problem = fmt.Sprintf("has a similarity and %d negatives: want none", len(e.Negatives))
		}
		if problem != "" {
			return fmt.Errorf("example %d (%s) %s", i+1, quote.Text(e.Source), problem)
		}
	}
	return nil
}

// checkContrasts returns an error for sets of which contrast learns nothing.
func (t *trainer) checkContrasts() error {
	for _, p := range t.portions {
		where := ""
		if len(t.portions) > 1 {
			where = fmt.Sprintf("corpus %d: ", p.corpus+1)
		}
		if err := t.checkPortion(p); err != nil {
			return fmt.Errorf("%s%w", where, err)
		}
	}
	return nil
}

// checkPortion returns an error for a portion of which contrast learns nothing.
func (t *trainer) checkPortion(p portion) error {
	if len(p.pairs) == 1 {
		return errors.New("contrast of one example, which has no other to differ from: want two or more")
	}
	if p.judged {
		first := t.train[p.pairs[0]].set.score
		if !slices.ContainsFunc(p.pairs, func(i int) bool { return t.train[i].set.score != first }) {
			return fmt.Errorf("all %d similarities are %v: want different ones", len(p.pairs), first)
		}
		return nil
	}
	first, several := t.train[p.pairs[0]], false
	other := slices.ContainsFunc(p.pairs, func(i int) bool { return !slices.Equal(t.train[i].src, first.src) })
	for _, i := range p.pairs {
		several = several || len(t.train[i].set.members) > 1
	}
	switch {
	case !other:
		return fmt.Errorf("all %d sets have the same sentence: want different ones", len(p.pairs))
	case !several && !t.draws():
		return errors.New("each set is one sentence, and nothing varies it: want contrast.token_dropout, dropout or noise, or sets of different sentences")
	}
	return nil
}

// draws reports whether two views of one sentence may differ.
func (t *trainer) draws() bool {
	c := t.config
	return t.o.Contrast.TokenDropout > 0 || t.o.Noise != nil || t.o.BPEDropout.Source > 0 ||
		c.Dropout > 0 || c.RecurrentDropout > 0 && c.Encoder.Layers > 0 || c.EmbeddingDropout > 0 || c.Encoder.WordDropout > 0 || c.Encoder.Chars.Dropout > 0 ||
		c.Encoder.NGrams.Pairs && c.Encoder.NGrams.PairDropout > 0
}

// sentenceNumbers numbers lines: equal ones have equal numbers.
func sentenceNumbers(lines [][]int32) []int32 {
	known := map[string]int32{}
	out := make([]int32, len(lines))
	var key []byte
	for i, ids := range lines {
		key = key[:0]
		for _, id := range ids {
			key = append(key, byte(id), byte(id>>8), byte(id>>16), byte(id>>24))
		}
		n, ok := known[string(key)]
		if !ok {
			n = int32(len(known))
			known[string(key)] = n
		}
		out[i] = n
	}
	return out
}

// contrastRows places the lines of sets: the first members of all, the second ones and then all negatives. sentences
// are the lines before any draws.
func contrastRows(n int, sentences [][]int32) rnn.ContrastRows {
	rows := rnn.ContrastRows{Sentences: sentenceNumbers(sentences)}
	for i := range int32(n) {
		rows.Anchors, rows.Positives = append(rows.Anchors, i), append(rows.Positives, int32(n)+i)
	}
	for i := 2 * n; i < len(sentences); i++ {
		rows.Negatives = append(rows.Negatives, int32(i))
	}
	return rows
}
