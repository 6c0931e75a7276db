package repair

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/corpora/spelling"
	"github.com/retell-rnn/retell/seq2seq"
)

// Search for the words that a misspelled word may stand for. Costs are in nats.
const (
	wordCandidates = 30
	nearCandidates = 8
	nearBound      = 6.0 // greatest cost of a word in place of a known one
	nearCount      = 3   // least occurrences of a word in place of a known one
	keepUnknown    = 12.0
	keepName       = 7.5 // of an unknown word with a capital
	keepKnown      = 3.0
	readBound      = 9.0 // greatest cost of the candidate that the network reads in place of an unknown word
)

// otherWord stands for the words that the network does not tell apart.
const otherWord = "<other>"

// wordToken is a word, number or sign of a line: the bytes from start to end, in lower case.
type wordToken struct {
	text       string
	start, end int
}

// wordTokens returns the words, numbers and signs of a line. Apostrophes, hyphens and full stops within a word belong
// to it.
func wordTokens(line string) []wordToken {
	is := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsNumber(r) }
	var out []wordToken
	for at := 0; at < len(line); {
		r, n := utf8.DecodeRuneInString(line[at:])
		end := at + n
		if is(r) {
			for end < len(line) {
				r, n := utf8.DecodeRuneInString(line[end:])
				if strings.ContainsRune("'’.-", r) {
					next, m := utf8.DecodeRuneInString(line[end+n:])
					if !is(next) {
						break
					}
					n += m
				} else if !is(r) {
					break
				}
				end += n
			}
		}
		if !unicode.IsSpace(r) && !unicode.IsControl(r) {
			out = append(out, wordToken{strings.ToLower(line[at:end]), at, end})
		}
		at = end
	}
	return out
}

// spells reports whether the token may be misspelled: two letters or more, with apostrophes and hyphens between them.
func (w wordToken) spells() bool {
	return utf8.RuneCountInString(w.text) > 1 && !strings.ContainsFunc(w.text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsMark(r) && r != '\'' && r != '’' && r != '-'
	})
}

// suspect is a word that may be misspelled, and what it may stand for.
type suspect struct {
	token      int
	known      bool
	candidates []spelling.Candidate
}

// repairWords repairs a batch of lines by a noisy channel: it chooses the word of the lexicon that is likely to be
// written so and to stand between its neighbors.
func (r *Repairer) repairWords(ctx context.Context, lines []string, o *Options) ([]Repair, error) {
	tokens := make([][]wordToken, len(lines))
	suspects := make([][]suspect, len(lines))
	var texts []string
	var of []int
	for i, line := range lines {
		tokens[i] = wordTokens(line)
		if suspects[i] = r.speller.suspects(line, tokens[i]); len(suspects[i]) > 0 {
			texts, of = append(texts, networkWords(line, tokens[i], suspects[i])), append(of, i)
		}
	}
	out := make([]Repair, len(lines))
	for i, line := range lines {
		out[i] = Repair{Source: line, Text: line}
	}
	k := 0
	for a, err := range r.labeler.Predict(ctx, corpora.Stream(texts), &seq2seq.LabelOptions{Distribution: true}) {
		if err != nil {
			return nil, err
		}
		i := of[k]
		out[i] = bounded(r.speller.decide(lines[i], tokens[i], suspects[i], a.Distribution, o), o.Bound)
		k++
	}
	return out, nil
}

// networkWords returns what the network reads of a line: for an unknown word in lower case its best candidate, if it is
// close.
func networkWords(line string, tokens []wordToken, suspects []suspect) string {
	words := make([]string, len(tokens))
	for i, w := range tokens {
		words[i] = w.text
	}
	for _, s := range suspects {
		w := tokens[s.token]
		if !s.known && !isUpper(line[w.start:w.end]) && len(s.candidates) > 0 && s.candidates[0].Cost < readBound {
			words[s.token] = s.candidates[0].Word
		}
	}
	return strings.Join(words, "\t")
}

// decide repairs a line. p holds the probabilities of the labels at each token.
func (s *speller) decide(line string, tokens []wordToken, suspects []suspect, p [][]float32, o *Options) Repair {
	fixed := Repair{Source: line}
	for _, x := range suspects {
		w := tokens[x.token]
		written := line[w.start:w.end]
		all := []Candidate{{Text: written, Probability: -s.keeping(w.text, isUpper(written), x.known, p[x.token])}}
		for _, c := range x.candidates {
			if text := cased(c.Word, written); text != written {
				all = append(all, Candidate{text, -c.Cost + s.logProb(c.Word, p[x.token])})
			}
		}
		kept := all[0].Text
		slices.SortStableFunc(all, func(a, b Candidate) int { return cmp.Compare(b.Probability, a.Probability) })
		var sum float64
		for _, c := range all {
			sum += math.Exp(c.Probability - all[0].Probability)
		}
		for i := range slices.Backward(all) {
			all[i].Probability = math.Exp(all[i].Probability-all[0].Probability) / sum
		}
		if best := all[0]; best.Text != kept && best.Probability >= o.Threshold {
			fixed.Edits = append(fixed.Edits, Edit{Start: w.start, End: w.end, Text: best.Text, Probability: best.Probability})
		}
		if n := min(o.Suggest, len(all)); n > 1 && all[0].Probability < certain {
			fixed.Suggestions = append(fixed.Suggestions, Suggestion{Start: w.start, End: w.end, Candidates: slices.Clone(all[:n])})
		}
	}
	fixed.Text = applyEdits(line, fixed.Edits)
	return fixed
}

// cased returns a word in the case of the word that it replaces.
func cased(word, like string) string {
	upper := strings.ToUpper(like)
	switch {
	case like == upper && utf8.RuneCountInString(like) > 1 && strings.ToLower(like) != like:
		return strings.ToUpper(word)
	case isUpper(like):
		r, n := utf8.DecodeRuneInString(word)
		return string(unicode.ToUpper(r)) + word[n:]
	}
	return word
}
