package tokenize

// Resolved returns the configuration with the values in place that zeros and "" stand for. It is valid where c is, and
// means the same.
func (c Config) Resolved() Config {
	c.Kind = c.kind()
	if c.Normalize == "" {
		c.Normalize = NFC
	}
	if c.Kind == BPE {
		c.Merges = c.merges()
	}
	if c.MinCount == 0 && c.Kind != Bytes {
		c.MinCount = 1
	}
	return c
}
