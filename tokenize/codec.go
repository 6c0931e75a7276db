package tokenize

// Codec converts lines to ids and back. [Learn] or JSON makes one. It is then immutable and safe for concurrent use.
type Codec struct {
	config Config
	vocab  *Vocab
	merges []pair // bpe only: ids of left and right parts, in the order of learning
	scheme scheme
	casing casing // case to fold lines to; "" for none

	extensions []extension // in the order of the calls of Extend
}

// scheme encodes and decodes one kind of tokens.
type scheme interface {
	// encode appends the ids of a normalized line. If unknown is not nil, it also appends the written form of every
	// piece that became Unk.
	encode(ids []int32, line string, unknown *[]string) []int32

	// decode appends the text of ids. An id beyond the vocabulary is an index into the extra tokens, which are written
	// forms. Unk is the only special symbol among the ids.
	decode(line []byte, ids []int32, extra []string) []byte
}

// newCodec returns the Codec of a valid cfg. It checks that Learn could have made its tokens and merges.
func newCodec(cfg Config, casing casing, vocab *Vocab, merges []pair, extensions []extension) (*Codec, error) {
	c := &Codec{config: cfg, casing: casing, vocab: vocab, merges: merges, extensions: extensions}
	var err error
	switch cfg.kind() {
	case Words:
		c.scheme, err = newWordScheme(vocab, extensions)
	case Space, Line, Fields:
		c.scheme, err = newSpaceScheme(vocab, cfg.kind())
	case Chars:
		c.scheme, err = newCharScheme(vocab)
	case Bytes:
		c.scheme = newByteScheme()
	case BPE:
		c.scheme, err = newBPEScheme(vocab, merges)
	}
	if err != nil {
		return nil, err
	}
	return c, nil
}

// Config returns the configuration of the codec.
func (c *Codec) Config() Config { return c.config }

// Vocab returns the codec's vocabulary.
func (c *Codec) Vocab() *Vocab { return c.vocab }

// Size returns the number of tokens in the vocabulary, including special symbols.
func (c *Codec) Size() int { return c.vocab.Size() }

// Normalize returns the line in the form that is tokenized: cleaned (see [Config.Clean]), lower-cased and stemmed if
// configured, and folded to the case of the learned text if that text has a single case.
func (c *Codec) Normalize(line string) string {
	line = c.config.normalize(line)
	if c.casing == "" {
		return line
	}
	if s, ok := c.scheme.(*spaceScheme); ok {
		return c.casing.foldTokens(line, s)
	}
	if folded := c.casing.fold(line); folded != line {
		return c.config.normalForm(folded)
	}
	return line
}

// Encode returns the ids of a line, without <s> or </s>. A blank line has none; see [IsBlank]. With kind fields, only
// an empty line has none, and an empty field is <unk>.
func (c *Codec) Encode(line string) []int32 {
	return c.scheme.encode(nil, c.Normalize(line), nil)
}

// Tokens returns the tokens of a line in their written forms, one for each id of Encode. In place of <unk>, it returns
// the unknown word.
func (c *Codec) Tokens(line string) []string {
	var unknown []string
	ids := c.scheme.encode(nil, c.Normalize(line), &unknown)
	tokens := make([]string, len(ids))
	for i, id := range ids {
		if id == Unk {
			tokens[i], unknown = unknown[0], unknown[1:]
			continue
		}
		tokens[i] = c.vocab.tokens[id]
	}
	return tokens
}

// Decode returns the line of ids. It skips <pad>, <s> and </s>; <unk> and ids outside the vocabulary become "<unk>".
// The result is one line of valid UTF-8 for any ids: invalid bytes become U+FFFD, and a line feed becomes a space.
func (c *Codec) Decode(ids []int32) string { return c.DecodeWith(ids, nil) }

// DecodeWith is Decode with extra tokens after the vocabulary, such as source words that the output copies. extra holds
// their written forms; the id of extra[k] is Size()+k.
func (c *Codec) DecodeWith(ids []int32, extra []string) string {
	known := make([]int32, 0, len(ids))
	for _, id := range ids {
		switch {
		case id < 0 || int(id) >= c.Size()+len(extra):
			known = append(known, Unk)
		case id == Unk || id >= numSpecials:
			known = append(known, id)
		}
	}
	return oneLine(string(c.scheme.decode(nil, known, extra)))
}
