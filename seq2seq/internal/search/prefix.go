package search

// Prefix holds the tokens that a translation must begin with. It takes precedence over every [Rule].
type Prefix []int32

// force leaves only the prefix's next token possible. It reports whether tokens are shorter than the prefix.
func (p Prefix) force(tokens []int32, logits []float32) bool {
	n := len(tokens)
	if n >= len(p) {
		return false
	}
	logit := logits[p[n]]
	for i := range logits {
		logits[i] = Impossible
	}
	logits[p[n]] = logit
	return true
}
