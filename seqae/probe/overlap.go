package probe

import (
	"bytes"
	"cmp"
	"context"
	"iter"
	"math"
	"slices"

	"github.com/kljensen/snowball/english"
	"golang.org/x/text/unicode/norm"
)

// Overlap counts the texts of a task that also occur in training text.
type Overlap struct {
	Texts    int `json:"texts"`    // number of distinct texts of the task
	Equal    int `json:"equal"`    // texts that are equal to a training text in lower case and without punctuation
	Near     int `json:"near"`     // further texts that have most content words in common with a training text: Jaccard 0.7 or more
	Examples int `json:"examples"` // examples of the task with at least one such text

	seen []bool // whether each example has such a text
}

// nearness is the Jaccard index from which texts are near.
const nearness = 0.7

// FindOverlaps compares the texts of tasks with training texts. Texts are equal if their words are, in lower case.
// They are near if both have two content words or more and |A∩B| / |A∪B| of their sets of content words is at least
// 0.7. Content words are all words that are not English stop words.
//
// An error of the stream ends the search; leave out what should not.
func FindOverlaps(ctx context.Context, tasks []Task, training iter.Seq2[string, error]) ([]Overlap, error) {
	index := newTextIndex(tasks)
	n := 0
	for text, err := range training {
		if err != nil {
			return nil, err
		}
		if n++; n%4096 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		index.see(text)
	}
	overlaps := make([]Overlap, len(tasks))
	for i, task := range tasks {
		overlaps[i] = index.overlap(task)
	}
	return overlaps, nil
}

// sight says how a text occurs in training text.
type sight uint8

const (
	unseen sight = iota
	seenNear
	seenEqual
)

// textIndex finds the texts that are equal or near to a given one. It has an inverted index of the rarest words of each
// text: near texts have at least one of these in common (prefix filtering; Chaudhuri et al., A Primitive Operator for
// Similarity Joins in Data Cleaning, 2006).
type textIndex struct {
	texts    map[string]int32 // number of each text, by its words
	words    map[string]int32 // number of each content word, the rarest first; -1 for a stop word
	sets     [][]int32        // content words of each text, ascending
	postings [][]int32        // texts with each word among their rarest
	sights   []sight          // of each text

	scratch splitText
}

// splitText is a text split into words.
type splitText struct {
	joined []byte   // all words, with a space after each
	words  [][]byte // parts of joined
	known  []int32  // distinct content words of the index, ascending
	others [][]byte // other content words
}

// split splits a text.
func (s *splitText) split(text string) {
	if !norm.NFC.IsNormalString(text) {
		text = norm.NFC.String(text)
	}
	s.joined, s.words = slices.Grow(s.joined[:0], 2*len(text)+16), s.words[:0]
	for text != "" {
		var word []byte
		at := len(s.joined)
		if word, text = nextWord(s.joined[at:], text); len(word) == 0 {
			break
		}
		s.joined = append(append(s.joined, word...), ' ')
		s.words = append(s.words, s.joined[at:at+len(word):at+len(word)])
	}
}

func newTextIndex(tasks []Task) *textIndex {
	x := &textIndex{texts: make(map[string]int32), words: make(map[string]int32)}
	var sets [][]string
	found := make(map[string]int)
	s := &x.scratch
	for _, task := range tasks {
		for _, texts := range task.Texts {
			for _, text := range texts {
				if s.split(text); len(s.words) == 0 {
					continue
				}
				if _, ok := x.texts[string(s.joined)]; ok {
					continue
				}
				x.texts[string(s.joined)] = int32(len(sets))
				var set []string
				for _, w := range s.words {
					if word := string(w); !english.IsStopWord(word) && !slices.Contains(set, word) {
						set = append(set, word)
						found[word]++
					} else if !slices.Contains(set, word) {
						x.words[word] = -1
					}
				}
				sets = append(sets, set)
			}
		}
	}
	x.number(sets, found)
	return x
}

// number numbers the words and fills the index; found has the number of texts with each word.
func (x *textIndex) number(sets [][]string, found map[string]int) {
	words := make([]string, 0, len(found))
	for w := range found {
		words = append(words, w)
	}
	slices.SortFunc(words, func(a, b string) int { return cmp.Or(cmp.Compare(found[a], found[b]), cmp.Compare(a, b)) })
	for i, w := range words {
		x.words[w] = int32(i)
	}
	x.postings, x.sights = make([][]int32, len(words)), make([]sight, len(sets))
	for i, set := range sets {
		var ids []int32
		for _, w := range set {
			ids = append(ids, x.words[w])
		}
		slices.Sort(ids)
		x.sets = append(x.sets, ids)
		if len(ids) >= 2 {
			for _, id := range ids[:rarest(len(ids))] {
				x.postings[id] = append(x.postings[id], int32(i))
			}
		}
	}
}

// rarest returns how many of the rarest words of a set of n include one of any near set's.
func rarest(n int) int { return n - int(math.Ceil(nearness*float64(n))) + 1 }

// see marks the texts that are equal or near to a training text.
func (x *textIndex) see(text string) {
	s := &x.scratch
	if s.split(text); len(s.words) == 0 {
		return
	}
	if i, ok := x.texts[string(s.joined)]; ok {
		x.sights[i] = seenEqual
	}
	x.sort(s)
	n := len(s.known) + len(s.others)
	if n < 2 {
		return
	}
	for _, id := range s.known[:min(len(s.known), max(0, rarest(n)-len(s.others)))] {
		for _, i := range x.postings[id] {
			if x.sights[i] == unseen && isNear(x.sets[i], s.known, n) {
				x.sights[i] = seenNear
			}
		}
	}
}

// sort finds the distinct content words of s.
func (x *textIndex) sort(s *splitText) {
	s.known, s.others = s.known[:0], s.others[:0]
	for _, w := range s.words {
		id, ok := x.words[string(w)]
		switch {
		case ok && id >= 0:
			s.known = append(s.known, id)
		case !ok:
			s.others = append(s.others, w)
		}
	}
	slices.Sort(s.known)
	s.known = slices.Compact(s.known)
	if len(s.known) == 0 || len(s.others) == 0 {
		return
	}
	slices.SortFunc(s.others, bytes.Compare)
	s.others = slices.CompactFunc(s.others, bytes.Equal)
	s.others = slices.DeleteFunc(s.others, func(w []byte) bool { return english.IsStopWord(string(w)) })
}

// isNear reports whether a set is near to a set of n words, of which b are those of the index.
func isNear(a, b []int32, n int) bool {
	if least, most := min(len(a), n), max(len(a), n); float64(least) < nearness*float64(most) {
		return false
	}
	common := 0
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] < b[j]:
			i++
		case a[i] > b[j]:
			j++
		default:
			common, i, j = common+1, i+1, j+1
		}
	}
	return float64(common) >= nearness*float64(len(a)+n-common)-1e-9
}

// overlap counts the texts of a task that were seen.
func (x *textIndex) overlap(task Task) Overlap {
	o := Overlap{seen: make([]bool, len(task.Texts))}
	counted := make(map[int32]bool)
	s := &x.scratch
	for k, texts := range task.Texts {
		for _, text := range texts {
			s.split(text)
			i, ok := x.texts[string(s.joined)]
			if !ok {
				continue
			}
			o.seen[k] = o.seen[k] || x.sights[i] != unseen
			if counted[i] {
				continue
			}
			counted[i] = true
			o.Texts++
			switch x.sights[i] {
			case seenEqual:
				o.Equal++
			case seenNear:
				o.Near++
			}
		}
		if o.seen[k] {
			o.Examples++
		}
	}
	return o
}
