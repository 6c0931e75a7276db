package tokenize

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/retell-rnn/retell/internal/quote"
)

// codecVersion is the version of a Codec's JSON. It rises if older readers would misread new files. Version 1 has no
// lossless setting and always keeps white space and invisible marks.
const codecVersion = 2

// codecJSON is the JSON of a codec.
type codecJSON struct {
	Version int       `json:"version"`
	Config  Config    `json:"config"`
	Case    casing    `json:"case,omitempty"`   // case to fold lines to
	Tokens  []string  `json:"tokens"`           // written forms, by id
	Counts  []int     `json:"counts"`           // by id
	Merges  [][]int32 `json:"merges,omitempty"` // ids of left and right part

	// Extensions are the numbers of tokens and merges that each call of Extend appended.
	Extensions []extension `json:"extensions,omitempty"`
}

// MarshalJSON writes the whole codec: {"version", "config", "case", "tokens", "counts", "merges", "extensions"}. Equal
// codecs have equal JSON.
func (c *Codec) MarshalJSON() ([]byte, error) {
	if c.vocab == nil {
		return nil, errors.New("tokenize: codec is empty: want a learned or unmarshaled one")
	}
	doc := codecJSON{Version: codecVersion, Config: c.config, Case: c.casing, Tokens: c.vocab.tokens, Counts: c.vocab.counts, Extensions: c.extensions}
	for _, p := range c.merges {
		doc.Merges = append(doc.Merges, []int32{p.left, p.right})
	}
	return json.Marshal(doc)
}

// UnmarshalJSON reads the JSON of MarshalJSON. A codec that Learn cannot have made is an error; c is then unchanged.
func (c *Codec) UnmarshalJSON(data []byte) error {
	var head struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return fmt.Errorf("tokenize: codec: %s", quote.JSON(err))
	}
	if head.Version < 1 || head.Version > codecVersion {
		return fmt.Errorf("tokenize: codec: version %d: want 1 to %d", head.Version, codecVersion)
	}
	var doc codecJSON
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&doc); err != nil {
		return fmt.Errorf("tokenize: codec: %s", quote.JSON(err))
	}
	if doc.Version == 1 {
		doc.Config.Lossless = true
	}
	if err := doc.check(); err != nil {
		return err
	}
	vocab, err := newVocab(doc.Tokens, doc.Counts)
	if err != nil {
		return err
	}
	var merges []pair
	for _, p := range doc.Merges {
		merges = append(merges, pair{p[0], p[1]})
	}
	read, err := newCodec(doc.Config, doc.Case, vocab, merges, doc.Extensions)
	if err != nil {
		return err
	}
	*c = *read
	return nil
}

// check returns an error for the first contradiction, except for those that newVocab and newCodec find.
func (doc *codecJSON) check() error {
	cfg := doc.Config
	if err := cfg.Validate(); err != nil {
		return fmt.Errorf("tokenize: %w", err)
	}
	if !doc.Case.valid() {
		return fmt.Errorf("tokenize: case %q: want lower, upper or none", doc.Case)
	}
	if len(doc.Tokens) != len(doc.Counts) {
		return fmt.Errorf("tokenize: vocabulary: %d tokens and %d counts: want equal numbers", len(doc.Tokens), len(doc.Counts))
	}
	first := append(specialTokens(), fixedTokens(cfg.kind())...)
	if len(doc.Tokens) < len(first) || !slices.Equal(doc.Tokens[:len(first)], first) {
		return fmt.Errorf("tokenize: vocabulary: first %d tokens: want the special symbols and the fixed tokens of kind %s", len(first), cfg.kind())
	}
	if err := doc.checkExtensions(len(first)); err != nil {
		return err
	}
	tokens, merges := doc.learned()
	if n := tokens - numSpecials; cfg.MaxSize > 0 && n > cfg.MaxSize {
		return fmt.Errorf("tokenize: vocabulary: %d tokens besides the special symbols: want at most max_size %d", n, cfg.MaxSize)
	}
	if n := len(doc.Tokens) - len(first); cfg.kind() == Bytes && n > 0 {
		return fmt.Errorf("tokenize: vocabulary: %d tokens besides the bytes: want none", n)
	}
	if cfg.kind() != BPE && len(doc.Merges) > 0 || merges > cfg.merges() {
		return fmt.Errorf("tokenize: %d merges: want no more than the configuration allows", merges)
	}
	for i, p := range doc.Merges {
		if len(p) != 2 {
			return fmt.Errorf("tokenize: merge %d has %d parts: want 2", i, len(p))
		}
	}
	return doc.checkCounts(len(first))
}

// learned returns the numbers of tokens and merges without extensions.
func (doc *codecJSON) learned() (tokens, merges int) {
	tokens, merges = len(doc.Tokens), len(doc.Merges)
	for _, e := range doc.Extensions {
		tokens -= e.Tokens
		merges -= e.Merges
	}
	return tokens, merges
}

// checkExtensions returns an error if the extensions exceed the tokens and merges. The first tokens belong to none.
func (doc *codecJSON) checkExtensions(first int) error {
	tokens, merges := len(doc.Tokens)-first, len(doc.Merges)
	for i, e := range doc.Extensions {
		if e.Tokens < 0 || e.Tokens > tokens || e.Merges < 0 || e.Merges > merges || e == (extension{}) {
			return fmt.Errorf("tokenize: extension %d: %d tokens and %d merges: want at least one, and at most the remaining %d and %d", i, e.Tokens, e.Merges, tokens, merges)
		}
		tokens, merges = tokens-e.Tokens, merges-e.Merges
	}
	return nil
}

// checkCounts returns an error for a count that is too small or out of order. The first tokens are exempt.
func (doc *codecJSON) checkCounts(first int) error {
	cfg := doc.Config
	begin, _ := doc.learned() // first token of the next extension
	begins := map[int]bool{first: true}
	for _, e := range doc.Extensions {
		begins[begin] = true
		begin += e.Tokens
	}
	for id, count := range doc.Counts {
		least := 0
		if id >= first && cfg.kind() != BPE {
			least = max(1, cfg.MinCount)
		}
		if count < least {
			return fmt.Errorf("tokenize: vocabulary: token %d: count %d: want at least %d", id, count, least)
		}
		if id > first && !begins[id] && compareEntries(entry{doc.Tokens[id-1], doc.Counts[id-1]}, entry{doc.Tokens[id], count}) >= 0 {
			return fmt.Errorf("tokenize: vocabulary: tokens %d and %d: want falling counts, and equal counts in the order of code points", id-1, id)
		}
	}
	return nil
}
