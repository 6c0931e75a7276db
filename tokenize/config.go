package tokenize

import (
	"slices"
	"strings"

	"github.com/retell-rnn/retell/internal/setting"
)

// Kind is the kind of tokens. The zero value means [BPE].
type Kind string

const (
	Words Kind = "words" // Unicode words
	Space Kind = "space" // words between white space
	Chars Kind = "chars" // grapheme clusters
	Bytes Kind = "bytes" // bytes of UTF-8
	BPE   Kind = "bpe"   // pieces of words, by byte-pair encoding
	Line  Kind = "line"  // the whole line, such as a label

	Fields Kind = "fields" // the fields between tabs, whole, such as the tokens of a labeled sequence
)

// Kinds returns all kinds.
func Kinds() []Kind { return []Kind{Words, Space, Chars, Bytes, BPE, Line, Fields} }

// MarshalText implements [encoding.TextMarshaler]. A kind that is none of [Kinds] is an error.
func (k Kind) MarshalText() ([]byte, error) { return setting.Marshal(k, Kinds()...) }

// UnmarshalText implements [encoding.TextUnmarshaler]. A text that is none of [Kinds] is an error.
func (k *Kind) UnmarshalText(text []byte) error { return setting.Unmarshal(k, text, Kinds()...) }

// Form is a Unicode normal form. The zero value means [NFC].
type Form string

const (
	NFC  Form = "nfc"
	NFKC Form = "nfkc"
	None Form = "none"
)

// Forms returns all normal forms.
func Forms() []Form { return []Form{NFC, NFKC, None} }

// MarshalText implements [encoding.TextMarshaler]. A form that is none of [Forms] is an error.
func (f Form) MarshalText() ([]byte, error) { return setting.Marshal(f, Forms()...) }

// UnmarshalText implements [encoding.TextUnmarshaler]. A text that is none of [Forms] is an error.
func (f *Form) UnmarshalText(text []byte) error { return setting.Unmarshal(f, text, Forms()...) }

// Violations are all wrong settings of a [Config], each with its path. They are an error that [errors.As] finds.
type Violations = setting.Violations

// DefaultMerges is the number of merges if Config.Merges is 0.
const DefaultMerges = 8000

// Config is the configuration of a codec. The zero value means bpe with 8,000 merges on text in NFC. MaxSize includes
// the 256 byte tokens of bpe and chars; bpe learns as many merges as fit.
type Config struct {
	Kind      Kind   `yaml:"kind" json:"kind"`           // kind of tokens: words, space (words between spaces), chars, bytes, bpe, line (all of it) or fields (between tabs)
	Normalize Form   `yaml:"normalize" json:"normalize"` // Unicode normal form of the text: nfc, nfkc or none
	Lowercase bool   `yaml:"lowercase" json:"lowercase"` // convert the text to lower case
	Stem      string `yaml:"stem" json:"stem"`           // language of the Snowball stemmer that replaces words by their stems, in lower case; "" means none
	Merges    int    `yaml:"merges" json:"merges"`       // maximum number of merges that bpe learns; 0 means 8,000, or 2,000 in an autoencoder
	MinCount  int    `yaml:"min_count" json:"min_count"` // minimum count of a word (bpe, chars: of a character); rarer ones are dropped; 0 means 1
	MaxSize   int    `yaml:"max_size" json:"max_size"`   // maximum number of tokens besides the four special symbols; 0 means no limit

	// Lossless keeps white space and invisible marks. Otherwise lines are trimmed, each run of white space, including tabs
	// and no-break spaces, becomes one space, and soft hyphens, zero-width spaces and byte order marks are removed. Fields
	// are whole in either case.
	Lossless bool `yaml:"lossless" json:"lossless"`

	// KeepCase keeps the case of letters. Otherwise, if the learned text has letters of one case only, lines are
	// converted to it.
	KeepCase bool `yaml:"keep_case" json:"keep_case"`
}

// Validate returns [Violations], or nil.
func (c Config) Validate() error {
	var v setting.Check
	v.Name("kind", c.Kind)
	v.Name("normalize", c.Normalize)
	if c.Stem != "" && !slices.Contains(stemLanguages(), c.Stem) {
		v.Add("stem", "%q: want %s", c.Stem, strings.Join(stemLanguages(), ", "))
	}
	switch {
	case c.Merges < 0:
		v.Add("merges", "%d: want 0 (the default) or more", c.Merges)
	case c.Merges > 0 && c.kind() != BPE:
		v.Add("merges", "%d with kind %s: only bpe learns merges: want 0", c.Merges, c.kind())
	}
	switch {
	case c.MinCount < 0:
		v.Add("min_count", "%d: want 0 (the default) or more", c.MinCount)
	case c.MinCount > 1 && c.kind() == Bytes:
		v.Add("min_count", "%d with kind bytes: its vocabulary is fixed: want 0", c.MinCount)
	}
	switch least := len(fixedTokens(c.kind())) + 1; {
	case c.MaxSize < 0:
		v.Add("max_size", "%d: want 0 (no limit) or more", c.MaxSize)
	case c.MaxSize > 0 && c.kind() == Bytes:
		v.Add("max_size", "%d with kind bytes: its vocabulary is fixed: want 0", c.MaxSize)
	case c.MaxSize > 0 && c.MaxSize < least:
		v.Add("max_size", "%d with kind %s: want 0 (no limit) or at least %d", c.MaxSize, c.kind(), least)
	}
	return v.Err()
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
