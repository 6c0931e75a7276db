package tokenize

// Resolved returns the configuration with zeros and "" replaced by their defaults. It is equivalent to c.
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
