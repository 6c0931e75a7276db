package repair

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/ianaindex"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/tokenize"
)

// wordsOf yields the words of a text that a lexicon may hold: runs of letters and the apostrophes within them. A word
// with a digit beside it is none.
func wordsOf(text string) []string {
	between := func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r) && r != '\'' && r != '’'
	}
	var words []string
	for _, word := range strings.FieldsFunc(text, between) {
		if word = strings.Trim(word, "'’"); word != "" && !strings.ContainsFunc(word, unicode.IsDigit) {
			words = append(words, word)
		}
	}
	return words
}

// textCounts counts the words of the clean lines of examples.
func textCounts(examples []corpora.Example) map[string]int {
	counts := map[string]int{}
	for _, e := range examples {
		_, clean := pairOf(e)
		for _, word := range wordsOf(clean) {
			counts[word]++
		}
	}
	return counts
}

// withText returns a lexicon with the words that occur at least so often in the clean lines of examples.
func withText(lexicon []string, examples []corpora.Example, least int) []string {
	all := slices.Clone(lexicon)
	for word, n := range textCounts(examples) {
		if n >= least {
			all = append(all, word)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// further returns the words of a lexicon that the clean lines of examples lack.
func further(lexicon []string, examples []corpora.Example) []string {
	if lexicon == nil {
		return nil
	}
	counts := textCounts(examples)
	return slices.DeleteFunc(slices.Clone(lexicon), func(word string) bool { return counts[word] > 0 })
}

// ReadLexicon reads the words of a file, sorted and each once, and how often text holds those that have a count. A file
// has one word a line, or a word, a tab and a count. If its name ends in .dic, it is a dictionary of Hunspell. The
// words of a dictionary are those that the affixes in the .aff file beside it make, one prefix and one suffix at most;
// without that file, its stems.
func ReadLexicon(path string) (words []string, counts map[string]int, err error) {
	if words, counts, err = readWords(path); err != nil {
		return nil, nil, fmt.Errorf("repair: lexicon: %w", err)
	}
	slices.Sort(words)
	if words = slices.Compact(words); len(words)+len(counts) == 0 {
		return nil, nil, fmt.Errorf("repair: lexicon: %s has no words: want one a line", path)
	}
	return words, counts, nil
}

func readWords(path string) (words []string, counts map[string]int, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	if filepath.Ext(path) == ".dic" {
		words, err = readDictionary(path, text)
		return words, nil, err
	}
	counts = map[string]int{}
	number := 0
	for line := range strings.Lines(string(text)) {
		number++
		if !utf8.ValidString(line) {
			return nil, nil, fmt.Errorf("%s: line %d is not UTF-8: want UTF-8", path, number)
		}
		word, count, counted := strings.Cut(strings.TrimSpace(line), "\t")
		if counted {
			n, err := strconv.Atoi(count)
			if err != nil || n < 1 {
				return nil, nil, fmt.Errorf("%s: line %d: count %q: want a whole number, 1 or more", path, number, count)
			}
			counts[strings.TrimSpace(word)] += n
		} else if !tokenize.IsBlank(word) {
			words = append(words, word)
		}
	}
	return words, withCounts(nil, counts), nil
}

func readDictionary(path string, text []byte) ([]string, error) {
	rules := affixes{}
	aff, err := os.ReadFile(strings.TrimSuffix(path, ".dic") + ".aff")
	if err == nil {
		rules, err = parseAffixes(string(aff))
	} else if os.IsNotExist(err) {
		err = nil
	}
	if err != nil {
		return nil, err
	}
	return rules.words(path, text)
}

// affixes are the rules of a dictionary.
type affixes struct {
	charset string
	flags   string // form of flags: "" for a character each, long for two, num for numbers
	rules   map[string][]affix
	hidden  []string // flags of words that are none by themselves
}

// affix is a rule for one flag.
type affix struct {
	suffix, cross bool
	strip, add    string
	condition     []string // of the stem's characters at that end: ".", a character, [abc] or [^abc]
}

// parseAffixes parses an .aff file. It ignores what does not make words.
func parseAffixes(text string) (affixes, error) {
	a := affixes{rules: map[string][]affix{}}
	for line := range strings.Lines(text) {
		if f := strings.Fields(line); len(f) >= 2 && f[0] == "SET" {
			a.charset = f[1]
		}
	}
	text, err := a.decode([]byte(text))
	if err != nil {
		return a, err
	}
	cross := map[string]bool{}
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		switch {
		case len(f) < 2:
		case f[0] == "FLAG":
			a.flags = f[1]
		case f[0] == "NEEDAFFIX" || f[0] == "FORBIDDENWORD" || f[0] == "ONLYINCOMPOUND" || f[0] == "PSEUDOROOT":
			a.hidden = append(a.hidden, f[1])
		case (f[0] == "SFX" || f[0] == "PFX") && len(f) == 4:
			cross[f[1]] = f[2] == "Y"
		case (f[0] == "SFX" || f[0] == "PFX") && len(f) >= 5:
			add, _, _ := strings.Cut(f[3], "/")
			r := affix{suffix: f[0] == "SFX", cross: cross[f[1]], strip: strings.TrimPrefix(f[2], "0"), add: add, condition: conditions(f[4])}
			if add == "0" {
				r.add = ""
			}
			a.rules[f[1]] = append(a.rules[f[1]], r)
		}
	}
	return a, nil
}

// decode decodes a file of the dictionary.
func (a *affixes) decode(text []byte) (string, error) {
	if a.charset == "" && utf8.Valid(text) || strings.EqualFold(a.charset, "UTF-8") {
		return strings.ToValidUTF8(string(text), "\uFFFD"), nil
	}
	name := a.charset
	if rest, ok := strings.CutPrefix(strings.ToUpper(name), "ISO8859"); ok {
		name = "ISO-8859" + rest
	}
	enc, err := ianaindex.IANA.Encoding(name)
	if err != nil || enc == nil {
		return "", fmt.Errorf("the dictionary's encoding is %q: want one that IANA names", a.charset)
	}
	out, err := enc.NewDecoder().Bytes(text)
	return string(out), err
}

// conditions splits a condition into one for each character.
func conditions(text string) []string {
	var out []string
	for text != "" && text != "." {
		n := 1
		if text[0] == '[' {
			n = max(strings.IndexByte(text, ']')+1, 1)
		} else {
			_, n = utf8.DecodeRuneInString(text)
		}
		out, text = append(out, text[:n]), text[n:]
	}
	return out
}

// words returns the words of a .dic file.
func (a *affixes) words(path string, text []byte) ([]string, error) {
	decoded, err := a.decode(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var words []string
	number := 0
	for line := range strings.Lines(decoded) {
		if number++; number == 1 && strings.Trim(line, "0123456789 \r\n\ufeff") == "" {
			continue // the number of words
		}
		line, _, _ = strings.Cut(strings.TrimSpace(line), "\t")
		stem, flags, _ := strings.Cut(line, "/")
		stem, _, _ = strings.Cut(stem, " ")
		if !tokenize.IsBlank(stem) {
			words = a.forms(words, stem, a.split(flags))
		}
	}
	return words, nil
}

// split splits the flags of a stem.
func (a *affixes) split(flags string) []string {
	flags, _, _ = strings.Cut(flags, " ")
	switch a.flags {
	case "num":
		return strings.Split(flags, ",")
	case "long":
		var out []string
		for ; len(flags) >= 2; flags = flags[2:] {
			out = append(out, flags[:2])
		}
		return out
	}
	return strings.Split(flags, "")
}

// forms appends a stem and its forms.
func (a *affixes) forms(words []string, stem string, flags []string) []string {
	if !slices.ContainsFunc(flags, func(f string) bool { return slices.Contains(a.hidden, f) }) {
		words = append(words, stem)
	}
	for _, flag := range flags {
		for _, r := range a.rules[flag] {
			form, ok := r.apply(stem)
			if !ok {
				continue
			}
			words = append(words, form)
			if !r.suffix || !r.cross {
				continue
			}
			for _, other := range flags {
				for _, prefix := range a.rules[other] {
					if both, ok := prefix.apply(form); ok && !prefix.suffix && prefix.cross {
						words = append(words, both)
					}
				}
			}
		}
	}
	return words
}

// apply returns the form that the rule makes of a word, if it applies.
func (r affix) apply(word string) (string, bool) {
	chars := strings.Split(word, "")
	if len(chars) < len(r.condition) {
		return "", false
	}
	at := 0
	if r.suffix {
		at = len(chars) - len(r.condition)
	}
	for i, c := range r.condition {
		char := chars[at+i]
		set := strings.Trim(c, "[]")
		in := strings.Contains(strings.TrimPrefix(set, "^"), char)
		if c != "." && in == (c[0] == '[' && strings.HasPrefix(set, "^")) {
			return "", false
		}
	}
	if r.suffix {
		stem, ok := strings.CutSuffix(word, r.strip)
		return stem + r.add, ok
	}
	stem, ok := strings.CutPrefix(word, r.strip)
	return r.add + stem, ok
}
