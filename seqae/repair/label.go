package repair

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// A label says what becomes of a character: what replaces it, and what is inserted after it.
//
//	label   = change ["&"] ["+" text]
//	change  = "="        keep
//	        | "-"        delete
//	        | "u" | "l"  upper or lower case
//	        | "^" mark   with the mark, such as an accent
//	        | "~"        without its marks
//	        | ">" text   text, in upper case if the character is
//	        | "!" text   exactly this text
//	        | "%"        change places with the next character
//	"&"                  insert the changed character again
//	"+" text             insert text
const (
	changeKeep   = '='
	changeDelete = '-'
	changeUpper  = 'u'
	changeLower  = 'l'
	changeMark   = '^'
	changePlain  = '~'
	changeCased  = '>'
	changeExact  = '!'
	changeSwap   = '%'

	signTwice  = '&'
	signInsert = '+'

	// Keep is the label of a character that stays, with nothing inserted after it.
	Keep = "="
)

// edit is a label in parts.
type edit struct {
	change byte
	text   string // of changeMark, changeCased and changeExact
	twice  bool
	insert string
}

// keeps reports whether the edit changes nothing.
func (e edit) keeps() bool { return e.change == changeKeep && !e.twice && e.insert == "" }

// String returns the label.
func (e edit) String() string {
	if e.keeps() {
		return Keep
	}
	var b strings.Builder
	b.WriteByte(e.change)
	quoteText(&b, e.text)
	if e.twice {
		b.WriteByte(signTwice)
	}
	if e.insert != "" {
		b.WriteByte(signInsert)
		quoteText(&b, e.insert)
	}
	return b.String()
}

// quoteText appends a text of a label.
func quoteText(b *strings.Builder, text string) {
	for i, r := range text {
		if r == signTwice || r == signInsert {
			b.WriteByte('\\')
			b.WriteRune(r)
			continue
		}
		_, n := utf8.DecodeRuneInString(text[i:])
		appendQuoted(b, r, text[i:i+n], false)
	}
}

// parseLabel parses a label. Anything that is no label keeps the character.
func parseLabel(label string) edit {
	if label == "" || label == Keep {
		return edit{change: changeKeep}
	}
	e := edit{change: label[0]}
	rest := label[1:]
	switch e.change {
	case changeKeep, changeDelete, changeUpper, changeLower, changePlain, changeSwap:
	case changeMark, changeCased, changeExact:
		e.text, rest = unquoteText(rest)
	default:
		return edit{change: changeKeep}
	}
	if rest, e.twice = strings.CutPrefix(rest, string(signTwice)); rest != "" && rest[0] == signInsert {
		e.insert, rest = unquoteText(rest[1:])
	}
	if rest != "" {
		return edit{change: changeKeep}
	}
	return e
}

// unquoteText returns the text at the start of part of a label, and the rest.
func unquoteText(s string) (text, rest string) {
	var b strings.Builder
	for s != "" && s[0] != signTwice && s[0] != signInsert {
		text, s = unquoteNext(s)
		b.WriteString(text)
	}
	return b.String(), s
}

// changed returns what becomes of a character.
func (e edit) changed(character string) string {
	switch e.change {
	case changeDelete:
		return ""
	case changeUpper:
		return strings.Map(unicode.ToUpper, character)
	case changeLower:
		return strings.Map(unicode.ToLower, character)
	case changeMark:
		return norm.NFC.String(character + e.text)
	case changePlain:
		return plain(character)
	case changeCased:
		if isUpper(character) {
			return strings.Map(unicode.ToUpper, e.text)
		}
		return e.text
	case changeExact:
		return e.text
	}
	return character
}

// inserted returns what follows the changed character.
func (e edit) inserted(changed string) string {
	if e.twice {
		return changed + e.insert
	}
	return e.insert
}

// changeOf returns the most general edit that makes one character of another.
func changeOf(from, to string) edit {
	if from == to {
		return edit{change: changeKeep}
	}
	if !utf8.ValidString(from) || !utf8.ValidString(to) {
		return edit{change: changeExact, text: to}
	}
	tries := [...]edit{
		{change: changeUpper},
		{change: changeLower},
		{change: changeMark, text: lastMark(to)},
		{change: changePlain},
		{change: changeCased, text: strings.Map(unicode.ToLower, to)},
	}
	for _, e := range tries {
		if (e.change != changeMark || e.text != "") && e.changed(from) == to {
			return e
		}
	}
	return edit{change: changeExact, text: to}
}

// lastMark returns the last mark of a character, or nothing.
func lastMark(character string) string {
	if len(character) == 1 {
		return ""
	}
	decomposed := norm.NFD.String(character)
	r, n := utf8.DecodeLastRuneInString(decomposed)
	if n == len(decomposed) || !unicode.Is(unicode.Mn, r) {
		return ""
	}
	return decomposed[len(decomposed)-n:]
}

// plain returns a character without its marks.
func plain(character string) string {
	if len(character) == 1 {
		return character
	}
	decomposed := norm.NFD.String(character)
	r, n := utf8.DecodeRuneInString(decomposed)
	if n == len(decomposed) || !unicode.IsLetter(r) {
		return character
	}
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, decomposed)
}

// isUpper reports whether a character begins with a capital letter.
func isUpper(character string) bool {
	r, _ := utf8.DecodeRuneInString(character)
	return unicode.IsUpper(r)
}
