package seq2seq

import (
	"math"
	"slices"

	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/tokenize"
)

// rules say what may follow a hypothesis of one sentence.
type rules struct {
	*sentence
	minLength, noRepeat int
}

// newRules returns nil where anything may follow anything.
func newRules(o *SearchOptions, s *sentence) *rules {
	if o.MinLength == 0 && o.NoRepeatNGram == 0 && len(s.prefix)+len(s.avoid)+len(s.wants) == 0 {
		return nil
	}
	return &rules{s, o.MinLength, o.NoRepeatNGram}
}

// impossible is the logit of what may not follow.
var impossible = float32(math.Inf(-1))

// restrict makes the logits of what may not follow tokens impossible. The prefix goes before everything else. Where
// nothing else may follow, the translation may end.
func (r *rules) restrict(tokens []int32, logits []float32) {
	if n := len(tokens); n < len(r.prefix) {
		next := r.prefix[n]
		logit := logits[next]
		for i := range logits {
			logits[i] = impossible
		}
		logits[next] = logit
		return
	}
	end := logits[tokenize.EOS]
	if len(tokens) < r.minLength || !r.met(tokens) {
		logits[tokenize.EOS] = impossible
	}
	if r.noRepeat > 0 {
		forbidRepeats(r.noRepeat, tokens, logits)
	}
	for _, p := range r.avoid {
		p.forbid(tokens, logits)
	}
	if logits[tokenize.EOS] == impossible && kernel.Max(logits) == impossible {
		logits[tokenize.EOS] = end
	}
}

// met reports whether tokens hold all that is wanted.
func (r *rules) met(tokens []int32) bool {
	for _, p := range r.wants {
		if !p.within(tokens) {
			return false
		}
	}
	return true
}

// forbidRepeats makes the tokens impossible after which n tokens would occur a second time.
func forbidRepeats(n int, tokens []int32, logits []float32) {
	last := len(tokens) - (n - 1) // where the n-gram that the next token completes begins
	for i := range last {
		if slices.Equal(tokens[i:i+n-1], tokens[last:]) {
			logits[tokens[i+n-1]] = impossible
		}
	}
}

// phrase is some tokens that a translation is to hold, or not to: first where it begins with them and later anywhere
// else, which differ where a token holds the space before it. Neither is empty.
type phrase struct{ first, later []int32 }

// at returns the tokens of the phrase if it stands at a place of a translation.
func (p phrase) at(place int) []int32 {
	if place == 0 {
		return p.first
	}
	return p.later
}

// within reports whether tokens hold the phrase.
func (p phrase) within(tokens []int32) bool {
	for i := range tokens {
		if want := p.at(i); len(want) <= len(tokens)-i && slices.Equal(tokens[i:i+len(want)], want) {
			return true
		}
	}
	return false
}

// begun returns how many tokens of the phrase the end of tokens holds, the most if there are several ways, and what
// comes next. The whole phrase is not counted.
func (p phrase) begun(tokens []int32) (n int, next int32) {
	for i := range tokens {
		held := tokens[i:]
		if want := p.at(i); len(held) < len(want) && slices.Equal(held, want[:len(held)]) {
			return len(held), want[len(held)]
		}
	}
	return 0, p.at(len(tokens))[0]
}

// forbid makes the tokens impossible that would complete the phrase after tokens.
func (p phrase) forbid(tokens []int32, logits []float32) {
	for _, want := range [...][]int32{p.first, p.later} {
		n := len(want) - 1
		begin := len(tokens) - n
		if begin >= 0 && slices.Equal(tokens[begin:], want[:n]) && slices.Equal(p.at(begin), want) {
			logits[want[n]] = impossible
		}
	}
}
