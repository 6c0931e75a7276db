package tokenize

// Resolved returns an equivalent configuration in which defaults replace zeros and "".
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
