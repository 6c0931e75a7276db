package tokenize

import (
	"strings"
	"unicode"

	"github.com/clipperhouse/uax29/v2/words"
	"github.com/kljensen/snowball"
	"golang.org/x/text/unicode/norm"
)

// stemLanguages lists the languages of kljensen/snowball.
func stemLanguages() []string {
	return []string{"english", "spanish", "french", "russian", "swedish", "norwegian", "hungarian"}
}

// normalize returns a line in the form that is tokenized: cleaned, in lower case (Unicode's simple mapping) and
// stemmed. It applies the normal form again at the end, because lower case and stems may violate it.
func (c Config) normalize(line string) string {
	line = c.Clean(line)
	if c.Lowercase {
		line = strings.ToLower(line)
	}
	if c.Stem != "" {
		line = stems(line, c.Stem)
	}
	if c.Lowercase || c.Stem != "" {
		line = c.normalForm(line)
	}
	return line
}

// normalForm returns a line in the normal form.
func (c Config) normalForm(line string) string {
	switch c.Normalize {
	case None:
		return line
	case NFKC:
		return norm.NFKC.String(line)
	default:
		return norm.NFC.String(line)
	}
}

// stems replaces every word that has a letter by its stem and keeps the text between words.
func stems(line, language string) string {
	var b strings.Builder
	b.Grow(len(line))
	for it := words.FromString(line); it.Next(); {
		word := it.Value()
		if strings.IndexFunc(word, unicode.IsLetter) >= 0 {
			word = stem(strings.ToLower(word), language)
		}
		b.WriteString(word)
	}
	return b.String()
}

// stem returns the stem of a word in lower case, or the word if its stem is empty.
func stem(word, language string) string {
	// The stemmer logs a line to the standard logger when it reaches this stem.
	if silent := "voudrion"; language == "french" && strings.HasPrefix(word, silent) {
		return silent
	}
	stem, err := snowball.Stem(word, language, true)
	if err != nil || stem == "" {
		return word
	}
	return stem
}
