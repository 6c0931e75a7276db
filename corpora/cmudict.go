package corpora

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/retell-rnn/retell/internal/quote"
)

// readCMUdict yields an example for each group of adjacent lines with the same word: `word PH ON EM ES`, then `word(2)
// ...` for further pronunciations, in order. A comment begins with # after white space, or with # or ;;; at the start
// of a line. Pronunciations that are equal without stress are merged.
//
// CMU Pronouncing Dictionary, http://www.speech.cs.cmu.edu/cgi-bin/cmudict.
func readCMUdict(path string, stress bool, opts *ReadOptions, yield func(Example, error) bool) error {
	r, err := openLines(path, opts)
	if err != nil {
		return err
	}
	defer r.close()
	var word string // word of the group; "" before the first group
	var group Example
	var bad []error // errors about lines since the group began
	found := false
	// flush yields the group and then the errors.
	flush := func() bool {
		if word != "" && !yield(group, nil) {
			return false
		}
		for _, err := range bad {
			if !yield(Example{}, err) {
				return false
			}
		}
		found = found || word != "" || len(bad) > 0
		word, bad = "", nil
		return true
	}
	for {
		line, err := r.next()
		var next, phonemes string
		if err == nil {
			if next, phonemes, err = parseCMUdict(line, stress, opts.SourceOnly); err != nil {
				err = r.bad(err.Error())
			}
		}
		switch {
		case IsLineError(err):
			if bad = append(bad, err); word == "" && !flush() {
				return nil
			}
			continue
		case err != nil:
			if !flush() {
				return nil
			}
			if err == io.EOF {
				err = r.wantSome(found)
			}
			return err
		case next == "":
			continue // a comment
		case next != word:
			if !flush() {
				return nil
			}
			word, group = next, Example{Source: Letters(next)}
		}
		if !opts.SourceOnly && !slices.Contains(group.Targets, phonemes) {
			group.Targets = append(group.Targets, phonemes)
		}
	}
}

// parseCMUdict returns the word of a line, without the number of its pronunciation, and its phonemes. For a comment,
// the word is "".
func parseCMUdict(line string, stress, sourceOnly bool) (word, phonemes string, err error) {
	fields := strings.Fields(line)
	for i, field := range fields {
		if field[0] == '#' {
			fields = fields[:i]
			break
		}
	}
	switch {
	case isBlank(line):
		return "", "", errors.New("line is empty: want `word PH ON EM ES`")
	case len(fields) == 0 || strings.HasPrefix(line, ";;;"):
		return "", "", nil
	case len(fields) == 1 && !sourceOnly:
		return "", "", fmt.Errorf("word %s has no phonemes: want `word PH ON EM ES`", quote.Text(fields[0]))
	}
	if !stress {
		for i, phoneme := range fields[1:] {
			fields[1+i] = unstressed(phoneme)
		}
	}
	return headword(fields[0]), strings.Join(fields[1:], " "), nil
}

// unstressed strips the stress of an ARPABET vowel: AH0 -> AH. It keeps other digits, such as the tones of other
// alphabets.
func unstressed(phoneme string) string {
	vowel := strings.TrimRight(phoneme, "012")
	if len(vowel) != len(phoneme)-1 {
		return phoneme
	}
	switch vowel {
	case "AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW":
		return vowel
	}
	return phoneme
}

// headword strips the number of a pronunciation: word(2) -> word.
func headword(entry string) string {
	open := strings.LastIndexByte(entry, '(')
	if open < 1 || entry[len(entry)-1] != ')' {
		return entry
	}
	number := entry[open+1 : len(entry)-1]
	if number == "" || strings.Trim(number, "0123456789") != "" {
		return entry
	}
	return entry[:open]
}
