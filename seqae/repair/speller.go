package repair

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/corpora/noise"
	"github.com/retell-rnn/retell/corpora/spelling"
	"github.com/retell-rnn/retell/seq2seq"
)

// Pairs of misspelled words from which the channel learns: so many, or those of so many readings of the text.
const (
	channelPairs    = 200_000
	channelReadings = 10
)

// spelledCounts returns counts with those of the words of the clean lines of examples, in lower case, that occur at
// least three times; see frequentWords.
func spelledCounts(counts map[string]int, train []corpora.Example) map[string]int {
	all := map[string]int{}
	for word, n := range counts {
		all[strings.ToLower(word)] += n
	}
	text := tokenCounts(train)
	for word := range frequentWords(train) {
		if (wordToken{text: word}).spells() {
			all[word] += text[word]
		}
	}
	return all
}

// confusions learns how words are misspelled from what the noise makes of the clean lines, and from given pairs.
func (t *teacher) confusions(train []corpora.Example, rng *rand.Rand) (*noise.Confusions, error) {
	var pairs []corpora.Example
	for range channelReadings {
		for _, e := range train {
			dirty, clean := pairOf(e)
			if dirty == clean && t.noise != nil {
				dirty = t.noise.Apply(rng, dirty)
			}
			if pairs = appendMisspelled(pairs, dirty, clean); len(pairs) >= channelPairs {
				break
			}
		}
		if t.noise == nil || len(pairs) >= channelPairs {
			break
		}
	}
	if len(pairs) == 0 {
		return nil, fmt.Errorf("no misspelled word with noise %s: want kinds that change letters, or pairs of lines", strings.Join(t.Task.Kinds(), ", "))
	}
	return noise.Fit(corpora.Stream(pairs))
}

// tokenCounts counts the words, numbers and signs of the clean lines of examples.
func tokenCounts(examples []corpora.Example) map[string]int {
	counts := map[string]int{}
	for _, e := range examples {
		_, clean := pairOf(e)
		for _, w := range wordTokens(clean) {
			counts[w.text]++
		}
	}
	return counts
}

// frequentWords returns the words, numbers and signs that occur at least three times; of fewer than a thousand lines,
// all of them.
func frequentWords(examples []corpora.Example) map[string]bool {
	least := leastCount
	if len(examples) < 1000 {
		least = 1
	}
	frequent := map[string]bool{}
	for word, n := range tokenCounts(examples) {
		if n >= least {
			frequent[word] = true
		}
	}
	return frequent
}

// appendMisspelled appends the pairs of words that differ in lines of as many words.
func appendMisspelled(pairs []corpora.Example, dirty, clean string) []corpora.Example {
	from, to := wordTokens(dirty), wordTokens(clean)
	if len(from) != len(to) {
		return pairs
	}
	for i, w := range from {
		if w.text != to[i].text && w.spells() && to[i].spells() {
			pairs = append(pairs, corpora.Example{Source: w.text, Targets: []string{to[i].text}})
		}
	}
	return pairs
}

// cachedWords is the most words whose candidates a speller remembers.
const cachedWords = 1 << 16

// speller finds misspelled words and weighs what they may stand for. It is safe for concurrent use.
type speller struct {
	lexicon *spelling.Lexicon
	channel *spelling.Channel
	labels  map[string]int // of the network, by word
	others  float64        // occurrences of the words without a label

	mu    sync.Mutex
	cache map[string]suspect // by word
}

// newSpeller returns the speller of a task and its network.
func newSpeller(task Task, l *seq2seq.Labeler) *speller {
	counts := map[string]int{}
	for _, word := range task.Lexicon {
		counts[strings.ToLower(word)] += 0
	}
	for word, n := range task.Counts {
		counts[strings.ToLower(word)] += n
	}
	words := slices.Sorted(maps.Keys(counts))
	s := &speller{
		lexicon: spelling.NewLexicon(func(yield func(string, int) bool) {
			for _, word := range words {
				if !yield(word, counts[word]) {
					return
				}
			}
		}),
		channel: spelling.NewChannel(cmp.Or(task.Confusions, &noise.Confusions{})),
		labels:  map[string]int{},
		cache:   map[string]suspect{},
	}
	for k, label := range l.Labels(0) {
		s.labels[label] = k
	}
	for _, word := range words {
		if _, ok := s.labels[word]; !ok {
			s.others += float64(counts[word]) + leastOccurrence
		}
	}
	return s
}

// leastOccurrence is added to the occurrences of words that the network does not tell apart.
const leastOccurrence = 0.1

// isKnown reports whether the lexicon has a word, without a possessive 's.
func (s *speller) isKnown(word string) bool {
	for _, end := range []string{"", "'s", "’s"} {
		if _, known := s.lexicon.Count(strings.TrimSuffix(word, end)); known {
			return true
		}
	}
	return false
}

// suspects returns the words of a line that may be misspelled.
func (s *speller) suspects(line string, tokens []wordToken) []suspect {
	var out []suspect
	for i, w := range tokens {
		if !w.spells() {
			continue
		}
		x := s.look(w.text)
		if x.token = i; len(x.candidates) > 0 {
			out = append(out, x)
		}
	}
	return out
}

// look returns what a word may stand for: a known one only for another that is close and not rare.
func (s *speller) look(word string) suspect {
	s.mu.Lock()
	x, ok := s.cache[word]
	s.mu.Unlock()
	if ok {
		return x
	}
	if x.known = s.isKnown(word); x.known {
		x.candidates = slices.DeleteFunc(s.lexicon.Near(s.channel, word, nearBound, nearCandidates), func(c spelling.Candidate) bool {
			n, _ := s.lexicon.Count(c.Word)
			return c.Word == word || n < nearCount
		})
	} else {
		x.candidates = s.lexicon.Candidates(s.channel, word, wordCandidates)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.cache) >= cachedWords {
		clear(s.cache)
	}
	s.cache[word] = x
	return x
}

// keeping returns the cost of leaving a word as it is. p holds the probabilities of the labels at its place.
func (s *speller) keeping(word string, capital, known bool, p []float32) float64 {
	switch {
	case known:
		return -s.logProb(word, p) - keepKnown
	case capital:
		return -s.logOther(p) + keepName
	}
	return -s.logOther(p) + keepUnknown
}

// logProb returns the log-probability of a word at a place.
func (s *speller) logProb(word string, p []float32) float64 {
	if k, ok := s.labels[word]; ok {
		return logOf(p[k])
	}
	n, _ := s.lexicon.Count(word)
	return s.logOther(p) + math.Log((float64(n)+leastOccurrence)/max(s.others, leastOccurrence))
}

// logOther returns the log-probability of a word that the network does not tell apart.
func (s *speller) logOther(p []float32) float64 { return logOf(p[s.labels[otherWord]]) }

// logOf returns the logarithm of a probability that may have rounded to zero.
func logOf(p float32) float64 { return math.Log(max(1e-12, float64(p))) }

// wordExample returns the example of a clean line for the network: its words, each its own label.
func wordExample(clean string, labels func(word string) bool) (corpora.Example, bool) {
	var source, target []string
	for _, w := range wordTokens(clean) {
		label := w.text
		if !labels(label) {
			label = otherWord
		}
		source, target = append(source, w.text), append(target, label)
	}
	return corpora.Example{Source: strings.Join(source, "\t"), Targets: []string{strings.Join(target, "\t")}}, len(source) > 0
}

// wordExamples returns the examples of the clean lines. labels says which words have a label of their own.
func wordExamples(examples []corpora.Example, labels func(word string) bool) []corpora.Example {
	var out []corpora.Example
	for _, e := range examples {
		_, clean := pairOf(e)
		made, ok := wordExample(clean, labels)
		if !ok {
			continue
		}
		made.Weight, made.Corpus = e.Weight, e.Corpus
		out = append(out, made)
	}
	return out
}
