package tokenize

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// codecVersion is the version of a Codec's JSON. It rises when a reader of the old one would go wrong.
const codecVersion = 1

type codecJSON struct {
	Version int       `json:"version"`
	Config  Config    `json:"config"`
	Tokens  []string  `json:"tokens"`           // written forms, by id
	Counts  []int     `json:"counts"`           // by id
	Merges  [][]int32 `json:"merges,omitempty"` // ids of left and right part
}

// MarshalJSON writes the whole codec: {"version", "config", "tokens", "counts", "merges"}. Equal codecs have equal JSON.
func (c *Codec) MarshalJSON() ([]byte, error) {
	if c.vocab == nil {
		return nil, errors.New("tokenize: codec is empty: want one that was learnt or read")
	}
	doc := codecJSON{Version: codecVersion, Config: c.config, Tokens: c.vocab.tokens, Counts: c.vocab.counts}
	for _, p := range c.merges {
		doc.Merges = append(doc.Merges, []int32{p.left, p.right})
	}
	return json.Marshal(doc)
}

// UnmarshalJSON reads what MarshalJSON wrote. Anything that Learn cannot have made is an error, and the codec then as before.
func (c *Codec) UnmarshalJSON(data []byte) error {
	var head struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return fmt.Errorf("tokenize: codec: %w", err)
	}
	if head.Version != codecVersion {
		return fmt.Errorf("tokenize: codec: version %d: want %d", head.Version, codecVersion)
	}
	var doc codecJSON
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&doc); err != nil {
		return fmt.Errorf("tokenize: codec: %w", err)
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
	read, err := newCodec(doc.Config, vocab, merges)
	if err != nil {
		return err
	}
	*c = *read
	return nil
}

// check finds what contradicts itself, but for what newVocab and newCodec find.
func (doc *codecJSON) check() error {
	cfg := doc.Config
	if err := cfg.Validate(); err != nil {
		return err
	}
	if len(doc.Tokens) != len(doc.Counts) {
		return fmt.Errorf("tokenize: vocabulary: %d tokens and %d counts: want as many", len(doc.Tokens), len(doc.Counts))
	}
	first := append(specialTokens(), fixedTokens(cfg.kind())...)
	if len(doc.Tokens) < len(first) || !slices.Equal(doc.Tokens[:len(first)], first) {
		return fmt.Errorf("tokenize: vocabulary: want the first %d tokens to be the special symbols and the fixed tokens of kind %s", len(first), cfg.kind())
	}
	if n := len(doc.Tokens) - numSpecials; cfg.MaxSize > 0 && n > cfg.MaxSize {
		return fmt.Errorf("tokenize: vocabulary: %d tokens beside the special symbols: want at most max_size %d", n, cfg.MaxSize)
	}
	if n := len(doc.Tokens) - len(first); cfg.kind() == Bytes && n > 0 {
		return fmt.Errorf("tokenize: vocabulary: %d tokens beside the bytes: want none", n)
	}
	if cfg.kind() != BPE && len(doc.Merges) > 0 || len(doc.Merges) > cfg.merges() {
		return fmt.Errorf("tokenize: %d merges: more than the configuration allows", len(doc.Merges))
	}
	for i, p := range doc.Merges {
		if len(p) != 2 {
			return fmt.Errorf("tokenize: merge %d has %d parts: want 2", i, len(p))
		}
	}
	for id, count := range doc.Counts {
		least := 0
		if id >= len(first) && cfg.kind() != BPE {
			least = max(1, cfg.MinCount)
		}
		if count < least {
			return fmt.Errorf("tokenize: vocabulary: token %d: count %d: want at least %d", id, count, least)
		}
		if id > len(first) && compareEntries(entry{doc.Tokens[id-1], doc.Counts[id-1]}, entry{doc.Tokens[id], count}) >= 0 {
			return fmt.Errorf("tokenize: vocabulary: tokens %d and %d: want falling counts, and code points' order where they are equal", id-1, id)
		}
	}
	return nil
}
