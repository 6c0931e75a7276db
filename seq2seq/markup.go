package seq2seq

import (
	"fmt"
	"regexp"
	"strings"
)

// Markup finds the parts of a line that are not text, so that translations keep them as they are. The zero value finds
// nothing.
type Markup struct{ pattern *regexp.Regexp }

// The kinds of markup.
var markupKinds = []struct{ name, pattern string }{
	{"xml", `<!--.*?-->|</?[\pL_][^<>]*>|&(?:[A-Za-z][A-Za-z0-9]*|#[0-9]+|#[xX][0-9A-Fa-f]+);`},
	{"placeholders", `\$?\{\{[^{}]+\}\}|[$#%]?\{[^{}]*\}` + // {name}, {0}, ${name}, {{name}}
		`|(?:https?://|www\.)[^\s<>"]*[^\s<>".,;:!?)\]}']` + // addresses, without punctuation at their end
		`|[\pL\pN._+-]+@[\pL\pN-]+(?:\.[\pL\pN-]+)+` +
		`|%\([\pL_][\pL\pN_]*\)[-+#0]*[0-9]*(?:\.[0-9]+)?[A-Za-z]` + // %(name)s
		`|%(?:[0-9]+\$)?[-+#0]*[0-9]*(?:\.[0-9]+)?(?:l|ll|h)?[diufeEgGxXoscpqvtT]\b|%@|%%`}, // %s, %d, %1$s, %.2f
}

// markupNames returns the kinds that [ParseMarkup] accepts.
func markupNames() []string {
	var names []string
	for _, k := range markupKinds {
		names = append(names, k.name)
	}
	return names
}

// ParseMarkup returns a Markup that finds the given kinds. xml means tags, comments and entities; placeholders means
// {name}, ${name}, {{name}}, %s, %1$d, %(name)s and the like, and web and mail addresses. An unknown kind is an error.
func ParseMarkup(kinds ...string) (Markup, error) {
	var patterns []string
	for _, k := range markupKinds { // tags first: a tag may contain an address
		for _, kind := range kinds {
			if kind == k.name {
				patterns = append(patterns, k.pattern)
			}
		}
	}
	if len(patterns) != len(kinds) {
		return Markup{}, fmt.Errorf("seq2seq: markup %q: want %s", strings.Join(kinds, ","), strings.Join(markupNames(), " or "))
	}
	if len(patterns) == 0 {
		return Markup{}, nil
	}
	return Markup{regexp.MustCompile(strings.Join(patterns, "|"))}, nil
}

// Apply fixes the markup of an input's source; see [Fixed]. Apply it before a glossary, which skips fixed parts.
func (m Markup) Apply(in Input) Input {
	if m.pattern == nil {
		return in
	}
	in = composed(in)
	for _, at := range m.pattern.FindAllStringIndex(in.Source, -1) {
		if !in.fixes(at[0], at[1]) {
			in.Fixed = append(in.Fixed, Fixed{at[0], at[1], in.Source[at[0]:at[1]]})
		}
	}
	return in
}
