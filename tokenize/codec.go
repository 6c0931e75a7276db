package tokenize

// Codec turns lines into ids and back. It is made by [Learn] or by unmarshalling JSON, does not change after that, and
// may be used by several goroutines.
type Codec struct {
	config Config
	vocab  *Vocab
	merges []pair // bpe only: ids of left and right parts, first learnt first
	scheme scheme
	casing casing // to which lines are folded; "" for no

	extensions []extension // in the order in which they were made; what was learnt first has none
}

// scheme is what one kind of tokens does with its vocabulary.
type scheme interface {
	// encode appends the ids of a normalised line. Where unknown is not nil, it appends to it the written form of every
	// piece that became Unk.
	encode(ids []int32, line string, unknown *[]string) []int32

	// decode appends the text of ids, which are in the vocabulary or, from its size on, stand for extra tokens in their
	// written forms; of the special symbols only Unk occurs.
	decode(line []byte, ids []int32, extra []string) []byte
}

// newCodec builds the Codec for a valid cfg, and checks that its tokens and merges are such as Learn makes for it.
func newCodec(cfg Config, casing casing, vocab *Vocab, merges []pair, extensions []extension) (*Codec, error) {
	c := &Codec{config: cfg, casing: casing, vocab: vocab, merges: merges, extensions: extensions}
	var err error
	switch cfg.kind() {
	case Words:
		c.scheme, err = newWordScheme(vocab, extensions)
	case Space, Line:
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

// Config returns the configuration that the codec was learnt with.
func (c *Codec) Config() Config { return c.config }

// Vocab returns the codec's vocabulary.
func (c *Codec) Vocab() *Vocab { return c.vocab }

// Size returns the number of tokens in the vocabulary, special symbols included.
func (c *Codec) Size() int { return c.vocab.Size() }

// Normalize returns the line as it is tokenized: cleaned (see [Config.Clean]), lower-cased and stemmed if so
// configured, and in the case of the text that was learnt where that had one only.
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

// Encode returns the ids of a line, without <s> or </s>. A blank line has none; see [IsBlank].
func (c *Codec) Encode(line string) []int32 {
	return c.scheme.encode(nil, c.Normalize(line), nil)
}

// Tokens returns the tokens of a line in their written forms, one for each id that Encode returns. Where that is <unk>,
// the token is the word that the vocabulary lacks.
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

// Decode returns the line that ids stand for. <pad>, <s> and </s> are left out; <unk>, and any id that the vocabulary
// lacks, becomes "<unk>". Whatever the ids, the result is one line of valid UTF-8: byte tokens that spell anything else
// become U+FFFD, or a space for a line feed.
func (c *Codec) Decode(ids []int32) string { return c.DecodeWith(ids, nil) }

// DecodeWith is Decode for a vocabulary that goes on with extra tokens, in the forms that Tokens writes: those of a
// source that its translation copies. Size()+k is the id of extra[k].
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
