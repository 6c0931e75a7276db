package search

// Stepper advances hypotheses by one token. It begins with one row for each sentence, in order.
type Stepper interface {
	// Step appends tokens[r] to row r, <s> at first, and returns the logits of the next tokens, [rows, vocab]. The caller
	// may change them; they hold until the next call.
	Step(tokens []int32) (logits []float32, err error)

	// Reorder makes the state of row rows[i] that of row i. Rows may be repeated and left out.
	Reorder(rows []int)

	Rows() int
	Vocab() int // logits of a row

	// Attention returns the attention weights of row r in the last step, one for each token of its source; nil without
	// attention. They hold until the next Step or Reorder. Rows may be asked for concurrently.
	Attention(r int) []float32
}
