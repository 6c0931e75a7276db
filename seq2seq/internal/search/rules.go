package search

import (
	"math"
	"slices"

	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/tokenize"
)

// Rule is one condition that translations must meet. To add a kind, write a type in a file of its own and put its
// values into [Options].Rules or [Sentence].Rules.
type Rule interface {
	// Restrict sets the logit of every token that may not follow tokens to [Impossible]. It is called for several
	// hypotheses concurrently.
	Restrict(tokens []int32, logits []float32)
}

// Impossible is the logit of a token that may not follow, -Inf.
var Impossible = float32(math.Inf(-1))

// Forbid makes <pad> and <s> impossible, which no translation contains.
func Forbid(logits []float32) {
	logits[tokenize.Pad] = Impossible
	logits[tokenize.BOS] = Impossible
}

// rules are all rules of one sentence.
type rules struct {
	prefix Prefix
	list   []Rule
}

// newRules returns nil if there are no rules.
func newRules(o *Options, s *Sentence) *rules {
	list := slices.Concat(o.Rules, s.Rules)
	if o.Length.Min > 0 {
		list = append(list, o.Length)
	}
	if len(s.Wants) > 0 {
		list = append(list, s.Wants)
	}
	if len(s.Prefix)+len(list) == 0 {
		return nil
	}
	return &rules{s.Prefix, list}
}

// restrict makes every token impossible that may not follow tokens. Within the prefix no other rule applies. If no
// token may follow, the translation may end.
func (r *rules) restrict(tokens []int32, logits []float32) {
	if r.prefix.force(tokens, logits) {
		return
	}
	end := logits[tokenize.EOS]
	for _, rule := range r.list {
		rule.Restrict(tokens, logits)
	}
	if logits[tokenize.EOS] == Impossible && kernel.Max(logits) == Impossible {
		logits[tokenize.EOS] = end
	}
}
