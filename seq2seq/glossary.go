package seq2seq

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/words"
	"golang.org/x/text/unicode/norm"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/tokenize"
)

// Term is a source phrase and its translation.
type Term struct {
	Source string
	Target string // "" means the source phrase itself
}

// Glossary is a list of terms that translations must follow. It is immutable and safe for concurrent use.
//
// A term matches its source phrase between word boundaries (Unicode's, UAX #29). Longer terms match first, and matches
// do not overlap. A phrase in lower case matches in any case; other phrases match as written. White space of any kind
// and length is equal.
type Glossary struct {
	terms map[rune][]term // by first letter, in lower case; longest terms first
}

// term is a term ready for matching.
type term struct {
	source, target string // target "" means the source
	anyCase        bool
}

// NewGlossary makes a glossary. A term without a source is an error, and so are two targets of one source.
func NewGlossary(terms ...Term) (*Glossary, error) {
	g := &Glossary{terms: map[rune][]term{}}
	targets := map[string]string{}
	for i, t := range terms {
		source, target := folded(t.Source), folded(t.Target)
		if source == "" {
			return nil, fmt.Errorf("seq2seq: glossary: term %d has no source: want a phrase", i+1)
		}
		if other, ok := targets[source]; ok {
			if other != target {
				return nil, fmt.Errorf("seq2seq: glossary: term %d: %q has the targets %q and %q: want one", i+1, source, other, target)
			}
			continue
		}
		targets[source] = target
		first, _ := utf8.DecodeRuneInString(source)
		first = unicode.ToLower(first)
		g.terms[first] = append(g.terms[first], term{source, target, source == strings.ToLower(source)})
	}
	for _, list := range g.terms {
		slices.SortStableFunc(list, func(a, b term) int {
			if c := cmp.Compare(len(b.source), len(a.source)); c != 0 || a.anyCase == b.anyCase {
				return c
			}
			if b.anyCase {
				return -1
			}
			return 1
		})
	}
	return g, nil
}

// folded returns text in normalization form NFC, with single spaces.
func folded(text string) string { return strings.Join(strings.Fields(norm.NFC.String(text)), " ") }

// ReadGlossary reads a glossary from a file. Each line is a source, a tab and its target, or a source alone, which
// stays untranslated. Blank lines are skipped. Errors name the file and the line.
func ReadGlossary(path string, opts *corpora.ReadOptions) (*Glossary, error) {
	var terms []Term
	line := 0
	for text, err := range corpora.Lines(path, opts) {
		if err != nil {
			return nil, err
		}
		line++
		if strings.TrimSpace(text) == "" {
			continue
		}
		source, target, more := strings.Cut(text, "\t")
		var wrong error
		switch {
		case strings.TrimSpace(source) == "":
			wrong = errors.New("line has no source: want `source TAB target`, or a source alone")
		case more && strings.TrimSpace(target) == "":
			wrong = errors.New("line has no target behind its tab: want `source TAB target`, or a source alone")
		case strings.Contains(target, "\t"):
			wrong = errors.New("line has more than 2 columns: want `source TAB target`")
		}
		if wrong != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, line, wrong)
		}
		terms = append(terms, Term{source, target})
	}
	g, err := NewGlossary(terms...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return g, nil
}

// Apply returns the input with the glossary's constraints. codec is the model's target tokenizer.
//
// A target that the codec can spell becomes a constraint: the translation holds it once, however often its source
// occurs. At the beginning of the translation, it takes a capital letter if the line begins with one. Any other target
// replaces its source, and the pieces around it are translated separately; see [Fixed].
func (g *Glossary) Apply(in Input, codec *tokenize.Codec) Input {
	in = composed(in)
	in.Fixed = slices.Clone(in.Fixed)
	boundary := boundaries(in.Source)
	begins := in.capital()
	for at, next := 0, 0; at < len(in.Source); at = next {
		first, size := utf8.DecodeRuneInString(in.Source[at:])
		if next = at + size; !boundary[at] {
			continue
		}
		for _, t := range g.terms[unicode.ToLower(first)] {
			end := at + t.begins(in.Source[at:])
			if end == at || !boundary[end] || in.fixes(at, end) {
				continue
			}
			target := cmp.Or(t.target, in.Source[at:end])
			if spells(codec, target) {
				in.Held = append(in.Held, Held{at, target, begins})
			} else {
				in.Fixed = append(in.Fixed, Fixed{at, end, target})
			}
			next = end
			break
		}
	}
	slices.SortFunc(in.Fixed, func(a, b Fixed) int { return cmp.Compare(a.From, b.From) })
	return in
}

// capital reports whether the first letter of the source, outside fixed parts, is a capital letter.
func (in *Input) capital() bool {
	for at, r := range in.Source {
		if unicode.IsLetter(r) && !in.fixes(at, at+1) {
			return unicode.IsUpper(r) || unicode.IsTitle(r)
		}
	}
	return false
}

// begins returns the length in bytes of the term at the beginning of text; 0 if text does not begin with the term.
func (t term) begins(text string) int {
	at := 0
	for _, want := range t.source {
		if want == ' ' {
			rest := strings.TrimLeftFunc(text[at:], unicode.IsSpace)
			if len(rest) == len(text)-at {
				return 0
			}
			at = len(text) - len(rest)
			continue
		}
		r, size := utf8.DecodeRuneInString(text[at:])
		if r != want && !(t.anyCase && unicode.ToLower(r) == want) {
			return 0
		}
		at += size
	}
	return at
}

// boundaries reports, for each byte of text and for its end, whether a word boundary stands before it.
func boundaries(text string) []bool {
	at := make([]bool, len(text)+1)
	at[0] = true
	end := 0
	for w := words.FromString(text); w.Next(); {
		end += len(w.Value())
		at[end] = true
	}
	return at
}

// spells reports whether a codec encodes and decodes text without loss, at the beginning of a line and after other
// words.
func spells(c *tokenize.Codec, text string) bool {
	_, known := newPhrase(c, text, nil)
	return known && c.Decode(c.Encode(text)) == text && strings.TrimSpace(text) != ""
}

// composed returns the input with its source in normalization form NFC, unless parts of it are fixed already.
func composed(in Input) Input {
	if len(in.Fixed) == 0 && !norm.NFC.IsNormalString(in.Source) {
		in.Typed = cmp.Or(in.Typed, in.Source)
		in.Source = norm.NFC.String(in.Source)
	}
	return in
}
