package corpora

import (
	"fmt"
	"iter"
	"strings"

	"github.com/retell-rnn/retell/internal/setting"
)

// Filter keeps examples by the lengths of their sides in tokens. Every target must satisfy it. The zero value keeps all
// examples.
type Filter struct {
	MinTokens int     `yaml:"min_tokens,omitempty" json:"min_tokens,omitempty"` // minimum number of tokens on each side; 0 means no limit
	MaxTokens int     `yaml:"max_tokens,omitempty" json:"max_tokens,omitempty"` // maximum number of tokens on each side; 0 means no limit
	MaxRatio  float64 `yaml:"max_ratio,omitempty" json:"max_ratio,omitempty"`   // maximum ratio of the longer side's tokens to the shorter side's, at least 1; 0 means no limit
	// Length counts the tokens of one side; nil counts words between white space.
	Length func(string) int `yaml:"-" json:"-"`
}

// IsZero reports whether the filter keeps all examples.
func (f Filter) IsZero() bool { return f.MinTokens == 0 && f.MaxTokens == 0 && f.MaxRatio == 0 }

// Validate returns [Violations], or nil.
func (f Filter) Validate() error {
	var v setting.Check
	v.AtLeast("min_tokens", f.MinTokens, 0)
	v.AtLeast("max_tokens", f.MaxTokens, 0)
	if f.MaxTokens > 0 && f.MinTokens > f.MaxTokens {
		v.Add("min_tokens", "%d: want at most max_tokens, %d", f.MinTokens, f.MaxTokens)
	}
	if f.MaxRatio != 0 && !(f.MaxRatio >= 1) {
		v.Add("max_ratio", "%v: want at least 1, or 0", f.MaxRatio)
	}
	return v.Err()
}

// Apply streams the examples that satisfy f, and counts kept and dropped examples in report, which may be nil.
func (f Filter) Apply(examples iter.Seq2[Example, error], report *Report) iter.Seq2[Example, error] {
	return sift(examples, report, func() (judge, error) { return f.reason, f.check() })
}

// check is Validate with an error of this package.
func (f Filter) check() error {
	if err := f.Validate(); err != nil {
		return fmt.Errorf("corpora: filter: %w", err)
	}
	return nil
}

// reason returns the reason to drop e, or "".
func (f Filter) reason(e Example) string {
	length := f.Length
	if length == nil {
		length = func(s string) int { return len(strings.Fields(s)) }
	}
	source := length(e.Source)
	if why := f.bounds("source", source); why != "" {
		return why
	}
	for _, t := range e.Targets {
		target := length(t)
		if why := f.bounds("target", target); why != "" {
			return why
		}
		if f.MaxRatio > 0 && float64(max(source, target)) > f.MaxRatio*float64(min(source, target)) {
			return fmt.Sprintf("length ratio over %v", f.MaxRatio)
		}
	}
	for _, t := range e.Negatives {
		if why := f.bounds("negative", length(t)); why != "" {
			return why
		}
	}
	return ""
}

// bounds returns the reason to drop a side with the given number of tokens, or "".
func (f Filter) bounds(side string, tokens int) string {
	switch {
	case tokens < f.MinTokens:
		return fmt.Sprintf("%s shorter than %d tokens", side, f.MinTokens)
	case f.MaxTokens > 0 && tokens > f.MaxTokens:
		return fmt.Sprintf("%s longer than %d tokens", side, f.MaxTokens)
	}
	return ""
}
