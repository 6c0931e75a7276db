package metric

import (
	"slices"
	"strings"
	"unicode"
)

// RepairScores measure how well texts were repaired. Percentages are 0 to 100; a percentage of nothing is 0.
type RepairScores struct {
	Lines      int     `json:"lines"`       // number of lines
	Words      float64 `json:"words"`       // words of the references that the repaired lines have, in percent
	Sentences  float64 `json:"sentences"`   // lines that equal their references, in percent
	Corrected  float64 `json:"corrected"`   // wrong tokens that were corrected, in percent
	Precision  float64 `json:"precision"`   // edits that are right, in percent
	Recall     float64 `json:"recall"`      // edits to make that were made, in percent
	F05        float64 `json:"f05"`         // F0.5 of edits, in percent: precision counts twice as much as recall
	CER        float64 `json:"cer"`         // character error rate, in percent
	WER        float64 `json:"wer"`         // word error rate, in percent
	Capitals   float64 `json:"capitals"`    // F1 of capital letters, in percent
	Spaces     float64 `json:"spaces"`      // F1 of spaces, in percent
	CleanWords int     `json:"clean_words"` // tokens of lines without errors
	Falsely    float64 `json:"falsely"`     // tokens changed in lines without errors, per thousand
}

// RepairCounts are the sums behind [RepairScores]. The zero value is of no lines.
//
// Tokens are separated by white space, which does not count otherwise. Words are runs of letters, digits, apostrophes
// and hyphens. An edit is a run of source tokens and what it becomes. Source and reference, or source and repaired
// line, are aligned with as few edits as possible; equally many changed tokens in a row are edits of one token each. An
// edit is right if the reference has the same edit of the same tokens. Capitals and spaces are compared where the
// characters of repaired line and reference align, ignoring case.
type RepairCounts struct {
	lines, same               int
	words, rightWords         int
	wrong, corrected          int // tokens
	made, toMake, right       int // edits
	charErrors, chars         int
	wordErrors, tokens        int
	capitals, spaces          overlap
	cleanTokens, falselyTouch int
}

// overlap counts items of two sets, and those in both.
type overlap struct{ first, second, both int }

// f1 is the harmonic mean of precision and recall, in percent.
func (o overlap) f1() float64 { return percent(2*o.both, o.first+o.second) }

// percent returns a share in percent.
func percent(part, all int) float64 { return 100 * float64(part) / float64(max(1, all)) }

// Add counts one line: the text with errors, the repaired text and the reference.
func (c *RepairCounts) Add(source, repaired, reference string) {
	s, h, r := fields(source), fields(repaired), fields(reference)
	c.lines++
	if slices.Equal(h, r) {
		c.same++
	}
	hyp, ref := wordsOf(repaired), wordsOf(reference)
	c.words += len(ref)
	for _, run := range alignRuns(hyp, ref) {
		if run.same {
			c.rightWords += len(run.b)
		}
	}
	c.tokens += len(r)
	c.wordErrors += EditDistance(h, r)
	hypChars, refChars := []rune(strings.Join(h, " ")), []rune(strings.Join(r, " "))
	c.chars += len(refChars)
	c.charErrors += EditDistance(hypChars, refChars)
	c.addEdits(s, h, r)
	c.addMarks(hypChars, refChars)
}

// addEdits counts edits of tokens.
func (c *RepairCounts) addEdits(s, h, r []string) {
	made, toMake := tokenEdits(s, h), tokenEdits(s, r)
	if len(toMake) == 0 {
		c.cleanTokens += len(s)
		for _, e := range made {
			c.falselyTouch += max(1, e.end-e.start)
		}
	}
	c.made += len(made)
	c.toMake += len(toMake)
	for _, e := range toMake {
		c.wrong += e.end - e.start
		if slices.Contains(made, e) {
			c.right++
			c.corrected += e.end - e.start
		}
	}
}

// addMarks counts capitals and spaces.
func (c *RepairCounts) addMarks(hyp, ref []rune) {
	a, b := markedOf(hyp), markedOf(ref)
	for _, x := range a {
		count(&c.capitals.first, x.capital)
		count(&c.spaces.first, x.space)
	}
	for _, x := range b {
		count(&c.capitals.second, x.capital)
		count(&c.spaces.second, x.space)
	}
	for _, run := range alignRuns(lettersOf(a), lettersOf(b)) {
		for i := range min(len(run.a), len(run.b)) {
			x, y := a[run.atA+i], b[run.atB+i]
			count(&c.capitals.both, x.capital && y.capital)
			count(&c.spaces.both, x.space && y.space)
		}
	}
}

// count adds 1 to n if yes is true.
func count(n *int, yes bool) {
	if yes {
		*n++
	}
}

// Scores returns the scores of all lines.
func (c *RepairCounts) Scores() RepairScores {
	p, r := percent(c.right, c.made), percent(c.right, c.toMake)
	s := RepairScores{
		Lines: c.lines, Words: percent(c.rightWords, c.words), Sentences: percent(c.same, c.lines),
		Corrected: percent(c.corrected, c.wrong), Precision: p, Recall: r,
		CER: percent(c.charErrors, c.chars), WER: percent(c.wordErrors, c.tokens),
		Capitals: c.capitals.f1(), Spaces: c.spaces.f1(),
		CleanWords: c.cleanTokens, Falsely: 10 * percent(c.falselyTouch, c.cleanTokens),
	}
	if p+r > 0 {
		s.F05 = 1.25 * p * r / (0.25*p + r)
	}
	return s
}

// wordsOf returns the words of a line.
func wordsOf(line string) []string {
	return strings.FieldsFunc(line, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r) && !strings.ContainsRune("'’-_", r)
	})
}

// tokenEdit is an edit of source tokens start to end.
type tokenEdit struct {
	start, end int
	text       string
}

// tokenEdits returns the edits that turn the tokens of a source into others.
func tokenEdits(source, to []string) []tokenEdit {
	var edits []tokenEdit
	for _, run := range alignRuns(source, to) {
		switch {
		case run.same:
		case len(run.a) == len(run.b):
			for i, text := range run.b {
				edits = append(edits, tokenEdit{run.atA + i, run.atA + i + 1, text})
			}
		default:
			edits = append(edits, tokenEdit{run.atA, run.atA + len(run.a), strings.Join(run.b, " ")})
		}
	}
	return edits
}

// marked is a character other than white space: in lower case, and what it has lost thereby.
type marked struct {
	letter         rune
	capital, space bool // space: one precedes
}

// markedOf returns the characters of a text.
func markedOf(text []rune) []marked {
	out := make([]marked, 0, len(text))
	space := false
	for _, r := range text {
		if isSpace(r) {
			space = len(out) > 0
			continue
		}
		lower := unicode.ToLower(r)
		out = append(out, marked{lower, lower != r, space})
		space = false
	}
	return out
}

// lettersOf returns the characters alone.
func lettersOf(all []marked) []rune {
	out := make([]rune, len(all))
	for i, m := range all {
		out[i] = m.letter
	}
	return out
}
