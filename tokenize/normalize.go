package tokenize

import (
	"strings"
	"unicode"

	"github.com/clipperhouse/uax29/v2/words"
	"github.com/kljensen/snowball"
	"golang.org/x/text/unicode/norm"
)

// stemLanguages lists what kljensen/snowball offers.
func stemLanguages() []string {
	return []string{"english", "spanish", "french", "russian", "swedish", "norwegian", "hungarian"}
}

// normalize brings a line into the form that is tokenized: bytes that are no UTF-8 become U+FFFD and line feeds spaces, then
// follow the normal form, lower case (Unicode's simple mapping), and stems. The normal form is applied again at the end, as
// the other two may leave it.
func (c Config) normalize(line string) string {
	line = oneLine(line)
	line = c.normalForm(line)
	if c.Lowercase {
		line = strings.ToLower(line)
	}
	if c.Stem != "" {
		line = stems(line, c.Stem)
	}
	if c.Lowercase || c.Stem != "" {
		line = c.normalForm(line)
	}
	if c.Kind == Space {
		line = singleSpaces(line)
	}
	return line
}

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

// oneLine returns s as one line of valid UTF-8.
func oneLine(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if strings.IndexByte(s, '\n') >= 0 {
		s = strings.ReplaceAll(s, "\n", " ")
	}
	return s
}

// singleSpaces drops the spaces (U+0020) at both ends and makes one of several.
func singleSpaces(s string) string {
	s = strings.Trim(s, " ")
	if !strings.Contains(s, "  ") {
		return s
	}
	fields := strings.FieldsFunc(s, func(r rune) bool { return r == ' ' })
	return strings.Join(fields, " ")
}

// stems replaces every word that holds a letter by its stem, and leaves all between the words as it is.
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

// stem returns the stem of a word in lower case, or the word where nothing would be left of it.
func stem(word, language string) string {
	// The stemmer writes a line to the standard logger whenever it comes to this stem.
	if silent := "voudrion"; language == "french" && strings.HasPrefix(word, silent) {
		return silent
	}
	stem, err := snowball.Stem(word, language, true)
	if err != nil || stem == "" {
		return word
	}
	return stem
}
