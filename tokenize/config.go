package tokenize

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Kind is the kind of tokens. The zero value means [BPE].
type Kind string

const (
	Words Kind = "words"
	Space Kind = "space"
	Chars Kind = "chars"
	Bytes Kind = "bytes"
	BPE   Kind = "bpe"
	Line  Kind = "line" // the whole line, such as a label
)

// Form is a Unicode normal form. The zero value means [NFC].
type Form string

const (
	NFC  Form = "nfc"
	NFKC Form = "nfkc"
	None Form = "none"
)

// DefaultMerges is the number of merges if Config.Merges is 0.
const DefaultMerges = 8000

// Config is the configuration of a codec, plain data that is part of a model's configuration. The zero value is bpe
// with 8,000 merges on text in NFC. MaxSize includes the 256 byte tokens of bpe and chars; bpe learns fewer merges if
// they do not fit.
type Config struct {
	Kind      Kind   `yaml:"kind" json:"kind"`           // kind of tokens: words, space (words between spaces), chars, bytes or bpe
	Normalize Form   `yaml:"normalize" json:"normalize"` // Unicode normal form of the text: nfc, nfkc or none
	Lowercase bool   `yaml:"lowercase" json:"lowercase"` // fold the text to lower case
	Stem      string `yaml:"stem" json:"stem"`           // replace words by their stems, in lower case: a Snowball language, or "" for none
	Merges    int    `yaml:"merges" json:"merges"`       // bpe only: the most merges to learn; 0 means 8,000, in an autoencoder 2,000
	MinCount  int    `yaml:"min_count" json:"min_count"` // drop words (bpe, chars: characters) that occur less often; 0 means 1
	MaxSize   int    `yaml:"max_size" json:"max_size"`   // tokens in the vocabulary beside the four special symbols; 0 means no limit

	// Lossless keeps white space and invisible marks. Otherwise a line is trimmed, every run of white space in it (tabs
	// and no-break spaces too) becomes one space, and soft hyphens, zero-width spaces and byte order marks are removed.
	Lossless bool `yaml:"lossless" json:"lossless"`

	// KeepCase keeps the case of letters. Otherwise, if all letters of the learned text have one case, lines are folded
	// to it.
	KeepCase bool `yaml:"keep_case" json:"keep_case"`
}

// Validate returns all violations as one joined error, or nil.
func (c Config) Validate() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf("tokenize: "+format, args...)) }
	if !slices.Contains([]Kind{"", Words, Space, Chars, Bytes, BPE, Line}, c.Kind) {
		bad("kind %q: want words, space, chars, bytes, bpe or line", c.Kind)
	}
	if !slices.Contains([]Form{"", NFC, NFKC, None}, c.Normalize) {
		bad("normalize %q: want nfc, nfkc or none", c.Normalize)
	}
	if c.Stem != "" && !slices.Contains(stemLanguages(), c.Stem) {
		bad("stem %q: want %s", c.Stem, strings.Join(stemLanguages(), ", "))
	}
	switch {
	case c.Merges < 0:
		bad("merges %d: want 0 (the default) or more", c.Merges)
	case c.Merges > 0 && c.kind() != BPE:
		bad("merges %d with kind %s: only bpe learns merges: want 0", c.Merges, c.kind())
	}
	switch {
	case c.MinCount < 0:
		bad("min_count %d: want 0 (the default) or more", c.MinCount)
	case c.MinCount > 1 && c.kind() == Bytes:
		bad("min_count %d with kind bytes: its vocabulary is fixed: want 0", c.MinCount)
	}
	switch least := len(fixedTokens(c.kind())) + 1; {
	case c.MaxSize < 0:
		bad("max_size %d: want 0 (no limit) or more", c.MaxSize)
	case c.MaxSize > 0 && c.kind() == Bytes:
		bad("max_size %d with kind bytes: its vocabulary is fixed: want 0", c.MaxSize)
	case c.MaxSize > 0 && c.MaxSize < least:
		bad("max_size %d with kind %s: want 0 (no limit) or at least %d", c.MaxSize, c.kind(), least)
	}
	return errors.Join(errs...)
}

// kind returns the kind, with the default.
func (c Config) kind() Kind {
	if c.Kind == "" {
		return BPE
	}
	return c.Kind
}

// merges returns the number of merges, with the default.
func (c Config) merges() int {
	if c.Merges == 0 {
		return DefaultMerges
	}
	return c.Merges
}
