package search

// Stepper advances hypotheses by one token. It begins with one row for each sentence, in order.
type Stepper interface {
	// Step appends tokens[r] to row r, at first <s>, and returns the logits of the next tokens, [rows, vocab]. The caller
	// may overwrite them. They are valid until the next call.
	Step(tokens []int32) (logits []float32, err error)

	// Reorder makes row rows[i] the new row i. A row may be repeated or left out.
	Reorder(rows []int)

	Rows() int
	Vocab() int // number of logits of a row

	// Attention returns the attention weights of row r in the last step, one for each token of its source; nil without
	// attention. They are valid until the next Step or Reorder. Calls for different rows may be concurrent.
	Attention(r int) []float32
}
