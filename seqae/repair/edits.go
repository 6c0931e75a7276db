package repair

import "strings"

// Edits aligns a line with its repaired form. tokens are the characters of the dirty line between the line's ends, and
// labels say what becomes of each. [Apply] of both is the clean line, for all lines.
//
// The alignment has the fewest edits. A change of case or of an accent is a change of the character, two characters in
// the wrong order are one edit, and spaces are inserted and deleted rather than written over letters.
func Edits(dirty, clean string) (tokens, labels []string) {
	from, to := symbols(dirty), symbols(clean)
	tokens = make([]string, 0, len(from)+2)
	edits := make([]edit, 0, len(from)+2)
	add := func(token string, e edit) { tokens, edits = append(tokens, token), append(edits, e) }
	add(lineStart, edit{change: changeKeep})
	i, j := 0, 0
	for _, s := range align(from, to) {
		switch s {
		case stepChange:
			add(quoteToken(from[i].text), changeOf(from[i].text, to[j].text))
			i, j = i+1, j+1
		case stepInsert:
			edits[len(edits)-1].insert += to[j].text
			j++
		case stepDelete:
			add(quoteToken(from[i].text), edit{change: changeDelete})
			i++
		case stepSwap:
			add(quoteToken(from[i].text), edit{change: changeSwap})
			add(quoteToken(from[i+1].text), edit{change: changeKeep})
			i, j = i+2, j+2
		}
	}
	add(lineEnd, edit{change: changeKeep})
	labels = make([]string, len(edits))
	for k, e := range edits {
		if k > 0 && e.insert != "" && e.change != changeSwap && e.change != changeDelete {
			e = doubled(e, unquoteToken(tokens[k]))
		}
		labels[k] = e.String()
	}
	return tokens, labels
}

// doubled returns the edit with an insertion that repeats the changed character as such.
func doubled(e edit, character string) edit {
	if c := e.changed(character); c != "" && strings.HasPrefix(e.insert, c) && characters(e.insert)[0] == c {
		e.twice, e.insert = true, e.insert[len(c):]
	}
	return e
}

// Apply returns the line that labels make of tokens. A label that is no label, and a missing one, keep the character.
func Apply(tokens, labels []string) string {
	var b strings.Builder
	waiting, swapped := "", false
	for i, token := range tokens {
		e := edit{change: changeKeep}
		if i < len(labels) {
			e = parseLabel(labels[i])
		}
		text := unquoteToken(token)
		if e.change == changeSwap && !swapped {
			waiting, swapped = text, true
			continue
		}
		changed := e.changed(text)
		b.WriteString(changed)
		b.WriteString(waiting)
		b.WriteString(e.inserted(changed))
		waiting, swapped = "", false
	}
	b.WriteString(waiting)
	return b.String()
}
