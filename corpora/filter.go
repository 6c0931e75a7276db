package corpora

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"
	"strings"
)

// Filter drops examples by the lengths of their sides in tokens. Every target must satisfy it. The zero value keeps everything.
type Filter struct {
	MinTokens int     `yaml:"min_tokens,omitempty" json:"min_tokens,omitempty"` // on each side; 0 = no limit
	MaxTokens int     `yaml:"max_tokens,omitempty" json:"max_tokens,omitempty"` // on each side; 0 = no limit
	MaxRatio  float64 `yaml:"max_ratio,omitempty" json:"max_ratio,omitempty"`   // of the longer to the shorter side, at least 1; 0 = no limit
	// Length counts the tokens of one side; nil = words between white space.
	Length func(string) int `yaml:"-" json:"-"`
}

// Validate returns every violation, joined, or nil.
func (f Filter) Validate() error {
	var errs []error
	if f.MinTokens < 0 {
		errs = append(errs, fmt.Errorf("corpora: filter: min_tokens is %d: want 0 or more", f.MinTokens))
	}
	if f.MaxTokens < 0 {
		errs = append(errs, fmt.Errorf("corpora: filter: max_tokens is %d: want 0 or more", f.MaxTokens))
	}
	if f.MaxTokens > 0 && f.MinTokens > f.MaxTokens {
		errs = append(errs, fmt.Errorf("corpora: filter: min_tokens is %d: want at most max_tokens, %d", f.MinTokens, f.MaxTokens))
	}
	if f.MaxRatio != 0 && !(f.MaxRatio >= 1) {
		errs = append(errs, fmt.Errorf("corpora: filter: max_ratio is %v: want at least 1, or 0", f.MaxRatio))
	}
	return errors.Join(errs...)
}

// Apply streams the examples that satisfy f and counts in report, which may be nil, what it does.
func (f Filter) Apply(examples iter.Seq2[Example, error], report *Report) iter.Seq2[Example, error] {
	return sift(examples, report, func() (func(Example) string, error) { return f.reason, f.Validate() })
}

// reason returns why e is to be dropped, or "".
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
	return ""
}

func (f Filter) bounds(side string, tokens int) string {
	switch {
	case tokens < f.MinTokens:
		return fmt.Sprintf("%s shorter than %d tokens", side, f.MinTokens)
	case f.MaxTokens > 0 && tokens > f.MaxTokens:
		return fmt.Sprintf("%s longer than %d tokens", side, f.MaxTokens)
	}
	return ""
}

// Dedup streams the first example of every key and counts in report, which may be nil, what it does. It remembers a digest of
// 16 bytes for every key.
func Dedup(examples iter.Seq2[Example, error], key Key, report *Report) iter.Seq2[Example, error] {
	if key == nil {
		key = BySource
	}
	return sift(examples, report, func() (func(Example) string, error) {
		seen := make(map[[16]byte]struct{})
		return func(e Example) string {
			sum := sha256.Sum256([]byte(key(e)))
			digest := [16]byte(sum[:16])
			if _, ok := seen[digest]; ok {
				return "duplicate"
			}
			seen[digest] = struct{}{}
			return ""
		}, nil
	})
}

// sift streams the examples that the judge finds no reason to drop. Every range over the stream begins with a fresh judge.
func sift(examples iter.Seq2[Example, error], report *Report, begin func() (judge func(Example) string, err error)) iter.Seq2[Example, error] {
	return func(yield func(Example, error) bool) {
		if report == nil {
			report = &Report{}
		}
		*report = Report{}
		judge, err := begin()
		if err != nil {
			yield(Example{}, err)
			return
		}
		for e, err := range examples {
			if err != nil {
				yield(Example{}, err)
				return
			}
			if report.keep(judge(e)) && !yield(e, nil) {
				return
			}
		}
	}
}
