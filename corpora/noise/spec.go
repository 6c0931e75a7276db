package noise

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/retell-rnn/retell/internal/setting"
)

// Names of the kinds. [Clean] is not a kind of errors: the rate of such a step is the share of lines without any.
const (
	Typos       = "typos"
	Words       = "words"
	Phonetic    = "phonetic"
	Accents     = "accents"
	Case        = "case"
	Flip        = "flip"
	Punctuation = "punctuation"
	Spaces      = "spaces"
	OCR         = "ocr"
	Learned     = "learned"
	Clean       = "clean"
)

// Kinds returns the names of all kinds.
func Kinds() []string {
	return []string{Typos, Words, Phonetic, Accents, Case, Flip, Punctuation, Spaces, OCR, Learned}
}

// Layouts returns the names of the keyboard layouts.
func Layouts() []string { return []string{"us", "de", "fr", "es", "tr"} }

// defaultClean is the share of clean lines without the steps clean and learned.
const defaultClean = 0.1

// Spec is a list of steps, which run in its order.
type Spec []Step

// Step is a kind of noise with its rates.
type Step struct {
	// Kind of errors: typos, words, phonetic, accents, case, flip, punctuation, spaces, ocr or learned; or clean, whose
	// rate is the share of lines without errors (default 0.1, or 0 beside learned).
	Kind string `yaml:"kind" json:"kind"`

	// Rate is the mean share of the places that change in a line, 0 to 1; 0 is the default of the kind. Each line draws
	// its own.
	Rate float64 `yaml:"rate" json:"rate,omitzero"`

	Lines  float64 `yaml:"lines" json:"lines,omitzero"`     // share of the lines that get such errors, 0 to 1; 0 is the default of the kind
	Layout string  `yaml:"layout" json:"layout,omitzero"`   // keyboard of typos: us (default), de, fr, es or tr
	File   string  `yaml:"learned" json:"learned,omitzero"` // file of 'retell noise fit' for the kind learned

	// Own replaces the kinds of this package; Kind is then any name. Rate must be above 0; Lines of 0 means 1.
	Own Kind `yaml:"-" json:"-"`
}

// defaults returns the default rate and share of lines of a kind.
func defaults(kind string) (rate, lines float64) {
	switch kind {
	case Typos:
		return 0.05, 0.8
	case Words, Phonetic:
		return 0.12, 0.7
	case Accents, Case, Punctuation, Spaces:
		return 1, 0.8
	case Flip:
		return 0.1, 0.5
	case OCR:
		return 0.03, 0.8
	default: // Learned: those of the data
		return 0, 0
	}
}

// Validate returns [setting.Violations] with paths such as 0.rate, or nil.
func (s Spec) Validate() error {
	var v setting.Check
	for i, step := range s {
		v.In(strconv.Itoa(i), step.Validate())
	}
	return v.Err()
}

// Validate returns [setting.Violations], or nil.
func (s Step) Validate() error {
	var v setting.Check
	if s.Own == nil {
		if err := setting.OneOf(s.Kind, append(Kinds(), Clean)...); err != nil {
			v.In("kind", err)
		}
	} else if s.Rate == 0 {
		v.Add("rate", "0: want a rate above 0 for a kind of your own")
	}
	v.Within("rate", s.Rate, 0, 1)
	v.Within("lines", s.Lines, 0, 1)
	if s.Layout != "" && s.Kind != Typos {
		v.Add("layout", "%q: want one for typos only, not for %s", s.Layout, s.Kind)
	} else if s.Layout != "" {
		v.In("layout", setting.OneOf(s.Layout, Layouts()...))
	}
	switch {
	case s.Kind == Learned && s.File == "" && s.Own == nil:
		v.Add("learned", "missing: want a file of 'retell noise fit'")
	case s.Kind != Learned && s.File != "":
		v.Add("learned", "%q: want a file for the kind learned only, not for %s", s.File, s.Kind)
	}
	return v.Err()
}

// open returns a step that runs.
func (s Step) open(known *lexiconIndex) (step, error) {
	rate, lines := defaults(s.Kind)
	made := step{kind: s.Own}
	switch {
	case s.Own != nil:
		lines = 1
	case s.Kind == Learned:
		c, err := ReadConfusions(s.File)
		if err != nil {
			return step{}, err
		}
		made.kind, rate, lines, made.again = c.Kind(), c.Rate, c.Lines, 7
	default:
		made.kind = s.kind(known)
	}
	made.rate, made.lines = rate, lines
	if s.Rate > 0 {
		made.rate = s.Rate
	}
	if s.Lines > 0 {
		made.lines = s.Lines
	}
	return made, nil
}

// kind returns a kind of this package, except learned.
func (s Step) kind(known *lexiconIndex) Kind {
	switch s.Kind {
	case Typos:
		return newTypos(s.Layout)
	case Words:
		return newWords(known)
	case Phonetic:
		return phonetic{sounds()}
	case Accents:
		return accents{}
	case Case:
		return lowerCase{}
	case Flip:
		return flipCase{}
	case Punctuation:
		return punctuation{}
	case Spaces:
		return spaces{}
	default:
		return ocr{misreadings()}
	}
}

// ParseSpec reads a specification from steps separated by commas. A step is a kind and its settings, such as
// typos:rate=0.05:layout=de. An error names the step.
func ParseSpec(text string) (Spec, error) {
	var spec Spec
	for part := range strings.SplitSeq(text, ",") {
		step, err := parseStep(strings.TrimSpace(part))
		if err == nil {
			err = step.Validate()
		}
		if err != nil {
			return nil, fmt.Errorf("noise: %q: %w", part, err)
		}
		spec = append(spec, step)
	}
	return spec, nil
}

// parseStep reads one step.
func parseStep(text string) (Step, error) {
	parts := strings.Split(text, ":")
	s := Step{Kind: parts[0]}
	for _, part := range parts[1:] {
		key, value, _ := strings.Cut(part, "=")
		var err error
		switch key {
		case "rate":
			s.Rate, err = strconv.ParseFloat(value, 64)
		case "lines":
			s.Lines, err = strconv.ParseFloat(value, 64)
		case "layout":
			s.Layout = value
		case "learned":
			s.File = value
		default:
			return s, fmt.Errorf("%q: want %s", part, setting.List("rate=NUMBER", "lines=NUMBER", "layout=NAME", "learned=FILE"))
		}
		if err != nil {
			return s, fmt.Errorf("%s is %q: want a number, 0 to 1", key, value)
		}
		if zero := key == "rate" && s.Rate == 0 || key == "lines" && s.Lines == 0; zero && s.Kind != Clean { // it would mean the default
			return s, fmt.Errorf("%s is 0: want above 0 and at most 1, or another kind", key)
		}
	}
	return s, nil
}

// UnmarshalYAML reads a step from a mapping, or from text as [ParseSpec] does.
func (s *Step) UnmarshalYAML(unmarshal func(any) error) error {
	var text string
	if unmarshal(&text) == nil {
		parsed, err := parseStep(text)
		*s = parsed
		return err
	}
	type plain Step
	return unmarshal((*plain)(s))
}

// hasKind reports whether a specification has a kind.
func (s Spec) hasKind(kind string) bool {
	return slices.ContainsFunc(s, func(step Step) bool { return step.Kind == kind })
}

// NeedsLexicon reports whether a lexicon makes a difference: whether the steps contain words.
func (s Spec) NeedsLexicon() bool { return s.hasKind(Words) }
