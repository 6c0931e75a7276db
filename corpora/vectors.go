package corpora

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"strconv"
	"strings"

	"github.com/retell-rnn/retell/internal/quote"
)

// WordVector is a word and its embedding.
type WordVector struct {
	Word   string
	Vector []float32
}

// maxVector is the maximum size of a vector.
const maxVector = 1 << 16

// WordVectors streams pretrained embeddings. It detects the format by content: word2vec's text format (and fastText's
// .vec), word2vec's binary format, or GloVe's text format. See [Lines] for compression and standard input.
//
// Words for which keep returns false are skipped without parsing their numbers; a nil keep keeps all. Vectors of
// different sizes and numbers that are not finite are errors. Invalid UTF-8 in binary words becomes U+FFFD.
func WordVectors(path string, keep func(word string) bool, opts *ReadOptions) iter.Seq2[WordVector, error] {
	return func(yield func(WordVector, error) bool) {
		r, err := openLines(path, opts)
		if err != nil {
			yield(WordVector{}, err)
			return
		}
		defer r.close()
		v := &vectorReader{lineReader: r, keep: keep}
		for {
			w, err := v.next()
			if err == io.EOF {
				return
			}
			if !yield(w, unmarked(err)) || err != nil {
				return
			}
		}
	}
}

// vectorReader reads a file of embeddings.
type vectorReader struct {
	*lineReader
	keep   func(word string) bool
	size   int // size of the vectors; 0 before the first line
	binary bool
	words  int // number of words that the header of a word2vec file states; -1 without a header
	read   int // number of words read so far
}

// next returns the next kept vector, or io.EOF.
func (v *vectorReader) next() (WordVector, error) {
	if v.size == 0 {
		first, err := v.lineReader.next()
		if err != nil {
			return WordVector{}, err
		}
		if !v.header(first) {
			v.words, v.size = -1, strings.Count(strings.TrimRight(first, " "), " ")
			if v.size < 1 || v.size > maxVector {
				return WordVector{}, v.bad("line has %s after its word: want 1 to %d", number(v.size, "number"), maxVector)
			}
			if w, kept, err := v.parse(first); kept || err != nil {
				return w, err
			}
		}
	}
	for {
		next := v.textVector
		if v.binary {
			next = v.binaryVector
		}
		if w, kept, err := next(); kept || err != nil {
			return w, err
		}
	}
}

// bad returns an error about the current line, or the file.
func (v *vectorReader) bad(format string, args ...any) error {
	return &Error{File: v.name, Line: v.line, Msg: fmt.Sprintf(format, args...)}
}

// header parses the first line of a word2vec file, the number of words and the size of vectors, and detects whether the
// rest is binary. It returns false for any other line.
func (v *vectorReader) header(line string) bool {
	fields := strings.Fields(line)
	if len(fields) != 2 {
		return false
	}
	words, err1 := strconv.Atoi(fields[0])
	size, err2 := strconv.Atoi(fields[1])
	if err1 != nil || err2 != nil || words < 0 || size < 1 || size > maxVector {
		return false
	}
	v.words, v.size = words, size
	start, _ := v.r.Peek(v.r.Size())
	if end := bytes.IndexByte(start, '\n'); end > 0 {
		start = start[:end]
	}
	v.binary = len(start) > 0 && !v.isText(start)
	return true
}

// isText reports whether a line, or its start, is a word and numbers.
func (v *vectorReader) isText(line []byte) bool {
	fields := bytes.Fields(line)
	if len(fields) < 2 {
		return false
	}
	for _, f := range fields[1:min(len(fields), v.size+1)] {
		if len(f) > 32 {
			return false
		}
		if _, err := strconv.ParseFloat(string(f), 32); err != nil && !errors.Is(err, strconv.ErrRange) {
			return false
		}
	}
	return true
}

// textVector reads a line; kept is false for a skipped word.
func (v *vectorReader) textVector() (w WordVector, kept bool, err error) {
	line, err := v.lineReader.next()
	if err == io.EOF {
		return w, false, v.ended()
	}
	if err != nil {
		return w, false, err
	}
	return v.parse(line)
}

// parse parses a word, which may contain spaces, and its numbers.
func (v *vectorReader) parse(line string) (w WordVector, kept bool, err error) {
	rest := strings.TrimRight(line, " \t")
	numbers := make([]string, v.size)
	for i := v.size - 1; i >= 0; i-- {
		at := strings.LastIndexAny(rest, " \t")
		if at < 0 {
			return w, false, v.bad("line has %s: want a word and %d", number(v.size-i, "field"), v.size)
		}
		numbers[i], rest = rest[at+1:], rest[:at]
	}
	v.read++
	if v.keep != nil && !v.keep(rest) {
		return w, false, nil
	}
	w = WordVector{rest, make([]float32, v.size)}
	for i, text := range numbers {
		x, err := strconv.ParseFloat(text, 32)
		if err != nil || math.IsInf(x, 0) || math.IsNaN(x) {
			return w, false, v.bad("number %d of %s is %s: want a finite number", i+1, quote.Text(rest), quote.Text(text))
		}
		w.Vector[i] = float32(x)
	}
	return w, true, nil
}

// binaryVector reads a word up to a space, then its numbers.
func (v *vectorReader) binaryVector() (w WordVector, kept bool, err error) {
	v.line = 0 // errors name no line
	if v.read == v.words {
		return w, false, io.EOF
	}
	word, err := v.binaryWord()
	if err != nil {
		return w, false, err
	}
	raw := make([]byte, 4*v.size)
	if _, err := io.ReadFull(v.r, raw); err != nil {
		return w, false, v.truncated(err)
	}
	v.read++
	if v.keep != nil && !v.keep(word) {
		return w, false, nil
	}
	w = WordVector{word, make([]float32, v.size)}
	for i := range w.Vector {
		x := math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
		if math.IsInf(float64(x), 0) || math.IsNaN(float64(x)) {
			return w, false, v.bad("number %d of word %d, %s, is %v: want a finite number", i+1, v.read, quote.Text(word), x)
		}
		w.Vector[i] = x
	}
	return w, true, nil
}

// binaryWord reads a word up to a space.
func (v *vectorReader) binaryWord() (string, error) {
	raw, err := v.r.ReadSlice(' ')
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return "", v.bad("word %d is longer than %d bytes: want a shorter one", v.read+1, v.r.Size())
	case err != nil:
		return "", v.truncated(err)
	}
	// Some writers end each vector with a line feed.
	return strings.ToValidUTF8(string(bytes.TrimLeft(raw[:len(raw)-1], "\n")), "\uFFFD"), nil
}

// truncated returns the error of a file that ends or fails in the middle of a word.
func (v *vectorReader) truncated(err error) error {
	if err != io.EOF && !(errors.Is(err, io.ErrUnexpectedEOF) && v.packed == "") {
		return v.readError(err)
	}
	return v.incomplete()
}

// incomplete returns the error of a file with fewer words than its header states.
func (v *vectorReader) incomplete() error {
	return v.bad("file ends after %s of %d: want the complete file", number(v.read, "word"), v.words)
}

// ended returns io.EOF, or an error if the header states more words.
func (v *vectorReader) ended() error {
	if v.words >= 0 && v.read < v.words {
		return v.incomplete()
	}
	return io.EOF
}
