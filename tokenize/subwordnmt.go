package tokenize

import (
	"bufio"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

const (
	subwordHeader    = "#version: 0.2"
	subwordSeparator = "@@ "
	endOfWord        = "</w>"
)

// SubwordNMT is byte-pair encoding that equals subword-nmt 0.2 to the byte in learning, files and segmentation. Only
// U+0020 separates words, the last character of a word has the suffix </w>, and "@@ " follows every piece but the last
// of a word. It is immutable and safe for concurrent use.
//
// Tokenize its output with kind [Space]. Unlike [BPE], it does not keep runs of spaces.
type SubwordNMT struct {
	codes   [][2]string // left and right parts, in the order of learning
	symbols []string    // by id
	inner   map[rune]int32
	last    map[rune]int32 // characters that end a word
	merger  merger
	spaces  sync.Pool // of *mergeSpace
}

// isSubwordSpace reports whether r separates words in learning: U+0020 and the line ends of subword-nmt.
func isSubwordSpace(r rune) bool { return r == ' ' || r == '\r' || r == '\n' }

// LearnSubwordNMT learns up to merges merges from the lines of all streams. It stops early if no pair occurs twice. It
// returns the first error of a stream unchanged.
func LearnSubwordNMT(merges int, lines ...iter.Seq2[string, error]) (*SubwordNMT, error) {
	if merges < 1 {
		return nil, fmt.Errorf("tokenize: subword-nmt: %d merges: want 1 or more", merges)
	}
	counts := make(map[string]int)
	for _, stream := range lines {
		for line, err := range stream {
			if err != nil {
				return nil, err
			}
			for word := range strings.FieldsFuncSeq(strings.ToValidUTF8(line, "\uFFFD"), isSubwordSpace) {
				counts[word]++
			}
		}
	}
	learner := newPairLearner()
	for _, word := range slices.Sorted(maps.Keys(counts)) {
		var symbols []int32
		for i, r := range word {
			char := string(r)
			if i+len(char) == len(word) {
				char += endOfWord
			}
			symbols = append(symbols, learner.symbol(char))
		}
		learner.add(symbols, counts[word])
	}
	var codes [][2]string
	for len(codes) < merges {
		p, _, ok := learner.next()
		if !ok {
			break
		}
		codes = append(codes, [2]string{learner.symbols[p.left], learner.symbols[p.right]})
	}
	return newSubwordNMT(codes), nil
}

// ReadSubwordNMT reads a file of codes, version 0.2: a header, then one merge per line, two symbols separated by a
// space.
func ReadSubwordNMT(r io.Reader) (*SubwordNMT, error) {
	sc := bufio.NewScanner(r)
	sc.Buffer(nil, 1<<20)
	var codes [][2]string
	n := 0
	for ; sc.Scan(); n++ { // Scan removes a carriage return too
		line := sc.Text()
		if n == 0 {
			if line != subwordHeader {
				return nil, fmt.Errorf("tokenize: subword-nmt codes: line 1 is %.40q: want %q", line, subwordHeader)
			}
			continue
		}
		parts := strings.Split(line, " ")
		if len(parts) != 2 || parts[0] == "" || parts[1] == "" || !utf8.ValidString(line) {
			return nil, fmt.Errorf("tokenize: subword-nmt codes: line %d is %.40q: want two symbols of UTF-8, separated by a space", n+1, line)
		}
		codes = append(codes, [2]string(parts))
	}
	if err := sc.Err(); err != nil {
		return nil, fmt.Errorf("tokenize: subword-nmt codes: line %d: %w", n+1, err)
	}
	if n == 0 {
		return nil, fmt.Errorf("tokenize: subword-nmt codes: empty: want %q", subwordHeader)
	}
	return newSubwordNMT(codes), nil
}

// WriteTo writes the codes in the format of ReadSubwordNMT.
func (s *SubwordNMT) WriteTo(w io.Writer) (int64, error) {
	var b strings.Builder
	b.WriteString(subwordHeader + "\n")
	for _, code := range s.codes {
		b.WriteString(code[0] + " " + code[1] + "\n")
	}
	n, err := io.WriteString(w, b.String())
	return int64(n), err
}

func newSubwordNMT(codes [][2]string) *SubwordNMT {
	s := &SubwordNMT{codes: codes, inner: make(map[rune]int32), last: make(map[rune]int32), merger: make(merger, len(codes))}
	s.spaces.New = func() any { return new(mergeSpace) }
	ids := make(map[string]int32)
	symbol := func(text string) int32 {
		id, ok := ids[text]
		if ok {
			return id
		}
		id = int32(len(s.symbols))
		ids[text] = id
		s.symbols = append(s.symbols, text)
		r, n := utf8.DecodeRuneInString(text)
		switch text[n:] {
		case "":
			s.inner[r] = id
		case endOfWord:
			s.last[r] = id
		}
		return id
	}
	for i, code := range codes {
		p := pair{symbol(code[0]), symbol(code[1])}
		merged := symbol(code[0] + code[1])
		if _, ok := s.merger[p]; !ok { // the first of equal lines counts
			s.merger[p] = mergeRule{rank: int32(i), merged: merged}
		}
	}
	return s
}

// Segment returns the line with its words cut into pieces. It keeps spaces at both ends and folds runs of them inside
// to one.
func (s *SubwordNMT) Segment(line string) string {
	ws := s.spaces.Get().(*mergeSpace)
	defer s.spaces.Put(ws)
	body := strings.TrimLeft(line, "\r\n ")
	to := append(make([]byte, 0, 2*len(line)), line[:len(line)-len(body)]...)
	text := strings.TrimRight(body, "\r\n ")
	first := true
	splitSpaces(text, func(word string) {
		if !first {
			to = append(to, ' ')
		}
		first = false
		to = s.appendPieces(to, word, ws)
	})
	return string(append(to, body[len(text):]...))
}

// appendPieces appends one word with the separators between its pieces.
func (s *SubwordNMT) appendPieces(to []byte, word string, ws *mergeSpace) []byte {
	symbols := ws.merge(s.merger, word, s.spell)
	for _, id := range symbols[:len(symbols)-1] {
		n := 0
		if id == noSymbol {
			_, n = utf8.DecodeRuneInString(word)
		} else {
			n = len(s.symbols[id])
		}
		to = append(to, word[:n]...)
		to = append(to, subwordSeparator...)
		word = word[n:]
	}
	return append(to, word...) // the last piece, whose symbol has a suffix
}

// spell appends the symbols of the characters of word.
func (s *SubwordNMT) spell(symbols []int32, word string) []int32 {
	for at := 0; at < len(word); {
		r, n := utf8.DecodeRuneInString(word[at:])
		at += n
		known := s.inner
		if at == len(word) {
			known = s.last
		}
		id, ok := known[r]
		if !ok || r == utf8.RuneError && n == 1 {
			id = noSymbol
		}
		symbols = append(symbols, id)
	}
	return symbols
}
