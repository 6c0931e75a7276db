package noise

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/retell-rnn/retell/corpora"
)

// maxEdit is the most characters on either side of an [Edit].
const maxEdit = 3

// Fit learns confusions from pairs: sources have errors, first targets have none. It aligns the characters of both
// lines, counts what each run of characters became and between which characters, and whole words that were misspelled
// alike at least twice (Brill and Moore, An Improved Error Model for Noisy Channel Spelling Correction, 2000, with
// contexts in place of the position). It ignores edits of more than 3 characters in words that occur once.
//
// Fit keeps all targets in memory. An error may come from the pairs; a line of more than 4,000 characters is one.
func Fit(pairs iter.Seq2[corpora.Example, error]) (*Confusions, error) {
	f := fitting{groups: map[[2]string]int{}, words: map[string]int{}}
	for pair, err := range pairs {
		if err == nil {
			err = f.add(pair)
		}
		if err != nil {
			return nil, err
		}
	}
	if len(f.lines) == 0 {
		return nil, errors.New("noise: no pairs: want at least one")
	}
	return f.confusions(), nil
}

// fitting collects pairs.
type fitting struct {
	lines      []string          // without errors
	groups     map[[2]string]int // one or more words and what became of them
	words      map[string]int
	wrong      int // lines with errors
	chars      int // of all lines
	wrongChars int // of lines with errors
}

// add collects a pair.
func (f *fitting) add(pair corpora.Example) error {
	if len(pair.Targets) == 0 {
		return fmt.Errorf("noise: line %d has no clean text: want a pair", len(f.lines)+1)
	}
	fields := strings.Fields(pair.Targets[0])
	clean, dirty := strings.Join(fields, " "), strings.Join(strings.Fields(pair.Source), " ")
	f.lines = append(f.lines, clean)
	for _, word := range fields {
		f.words[word]++
	}
	f.chars += utf8.RuneCountInString(clean)
	if clean == dirty {
		return nil
	}
	a, b := []rune(clean), []rune(dirty)
	if n := max(len(a), len(b)); n > maxAligned {
		return fmt.Errorf("noise: line %d has %d characters: want %d at most", len(f.lines), n, maxAligned)
	}
	f.wrong++
	f.wrongChars += len(a)
	var group change
	flush := func() {
		if from, to := string(group.from), string(group.to); from != to {
			f.groups[[2]string{from, to}]++
		}
		group = change{}
	}
	for _, run := range align(a, b) {
		if !run.equal() {
			group.from, group.to = append(group.from, run.from...), append(group.to, run.to...)
			continue
		}
		for _, r := range run.from {
			if r == ' ' {
				flush()
				continue
			}
			group.from, group.to = append(group.from, r), append(group.to, r)
		}
	}
	flush()
	return nil
}

// place is a run of characters, possibly between two others.
type place struct{ before, from, after string }

// placeEdit is an edit at a place.
type placeEdit struct {
	place
	to string
}

// confusions counts what was collected.
func (f *fitting) confusions() *Confusions {
	c := &Confusions{Format: confusionsFormat, Edits: []Edit{}, Words: []Word{}, Lines: float64(f.wrong) / float64(len(f.lines))}
	counts := map[placeEdit]int{}
	of := map[place]int{}
	errors := 0 // that can be made again
	for group, n := range f.groups {
		if from := group[0]; n > 1 && from != "" && group[1] != "" && !strings.ContainsRune(from, ' ') {
			c.Words = append(c.Words, Word{from, group[1], n, f.words[from]})
			errors += n
			continue
		}
		errors += n * countEdits(group, n, counts, of)
	}
	for _, line := range f.lines {
		countPlaces(line, of)
	}
	c.Edits = edits(counts, of)
	slices.SortFunc(c.Words, func(a, b Word) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	if f.wrongChars > 0 {
		c.Errors = min(1, float64(errors)/float64(f.chars))
		mean := float64(errors) / float64(f.wrong)
		c.Rate = min(1, truncated(mean)*float64(f.wrong)/float64(f.wrongChars))
	}
	return c
}

// truncated returns the mean of the Poisson distribution that has the given mean where it is not zero: m of
// m / (1 - exp(-m)) = mean. It is at least 0.3, so that errors come after a few draws.
func truncated(mean float64) float64 {
	m := mean
	for range 100 { // converges from above
		m = mean * (1 - math.Exp(-m))
	}
	return max(m, 0.3)
}

// countEdits counts the edits of a group, with contexts and without, and enters their places. It returns their number.
func countEdits(group [2]string, n int, counts map[placeEdit]int, of map[place]int) (found int) {
	from, to := []rune(" "+group[0]+" "), []rune(" "+group[1]+" ")
	at := 0
	for _, run := range align(from, to) {
		start := at
		at += len(run.from)
		if run.equal() {
			continue
		}
		if len(run.from) > maxEdit || len(run.to) > maxEdit || start == 0 || at == len(from) {
			continue
		}
		found++
		bare := place{from: string(run.from)}
		full := place{string(from[start-1]), bare.from, string(from[at])}
		for _, p := range []place{bare, full} {
			counts[placeEdit{p, string(run.to)}] += n
			of[p] = 0
		}
	}
	return found
}

// countPlaces counts in a line the places that have an entry.
func countPlaces(line string, of map[place]int) {
	line = " " + line + " "
	starts := make([]int, 0, len(line)+1) // byte positions of the characters, and the end
	for i := range line {
		starts = append(starts, i)
	}
	starts = append(starts, len(line))
	for i := 1; i+1 < len(starts); i++ {
		for n := 0; n <= maxEdit && i+n+1 < len(starts); n++ {
			p := place{from: line[starts[i]:starts[i+n]]}
			if _, ok := of[p]; !ok {
				continue
			}
			of[p]++
			p.before, p.after = line[starts[i-1]:starts[i]], line[starts[i+n]:starts[i+n+1]]
			if _, ok := of[p]; ok {
				of[p]++
			}
		}
	}
}

// edits returns the edits with their contexts, the most frequent first. A context of a single error is left out: the
// edit's count covers it.
func edits(counts map[placeEdit]int, of map[place]int) []Edit {
	contexts := map[[2]string][]Context{}
	out := []Edit{}
	for e, n := range counts {
		switch {
		case e.after == "": // an edit in any context: contexts are never empty
			out = append(out, Edit{From: e.from, To: e.to, Count: n, Of: max(n, of[e.place])})
		case n > 1:
			key := [2]string{e.from, e.to}
			contexts[key] = append(contexts[key], Context{e.before, e.after, n, max(n, of[e.place])})
		}
	}
	for i := range out {
		e := &out[i]
		e.Contexts = contexts[[2]string{e.From, e.To}]
		slices.SortFunc(e.Contexts, func(a, b Context) int {
			return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Before, b.Before), cmp.Compare(a.After, b.After))
		})
		if e.Contexts == nil {
			e.Contexts = []Context{}
		}
	}
	slices.SortFunc(out, func(a, b Edit) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	return out
}
