package corpora

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"unicode/utf8"
)

// ReadOptions are the settings of readers. The zero value and a nil pointer mean the defaults.
type ReadOptions struct {
	// MaxLineBytes is the maximum length of a line in bytes; 0 means 1 MiB. Longer lines are errors and never completely
	// in memory.
	MaxLineBytes int
	// AllowEmpty accepts examples with a blank side; otherwise a blank side is an error.
	AllowEmpty bool
	// SourceOnly reads only sources: examples have no Targets, and columns, fields and files of targets may be missing. A
	// sigmorphon line may then be `lemma TAB features`.
	SourceOnly bool
	// Latin1 reads a line that is not UTF-8 as ISO 8859-1; otherwise such a line is an error.
	Latin1 bool
	// Stdin is the input of the path "-"; nil means os.Stdin.
	Stdin io.Reader
}

const (
	defaultMaxLineBytes = 1 << 20
	bufferSize          = 64 << 10
)

// Lines streams the lines of a text file without their line ends, \n or \r\n; the last line may lack its end. It
// detects gzip, zstd, xz and bzip2 by content and removes a byte order mark. The path "-" is standard input. An empty
// file has no lines.
//
// A line that is not UTF-8, contains a NUL byte or is too long is an error about that line, see [IsLineError]. Other
// errors, such as UTF-16 and damaged or truncated compressed data, end the stream.
func Lines(path string, opts *ReadOptions) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		r, err := openLines(path, opts)
		if err != nil {
			yield("", err)
			return
		}
		defer r.close()
		for {
			line, err := r.next()
			if err == io.EOF {
				return
			}
			if !yield(line, err) || err != nil && !IsLineError(err) {
				return
			}
		}
	}
}

// lineReader reads one file line by line.
type lineReader struct {
	name   string // file name in errors
	closer io.Closer
	r      *bufio.Reader
	packed string // name of the compression; "" for none
	max    int
	latin1 bool
	line   int    // number of the last line that next returned, from 1
	offset int64  // offset of the next line in the uncompressed file
	long   []byte // start of a line that is longer than r's buffer; reused
	inLine bool   // the next bytes are the rest of a line that is too long
}

// openLines opens a file.
func openLines(path string, opts *ReadOptions) (*lineReader, error) {
	if opts == nil {
		opts = &ReadOptions{}
	}
	r := &lineReader{name: path, max: opts.MaxLineBytes, latin1: opts.Latin1}
	switch {
	case r.max == 0:
		r.max = defaultMaxLineBytes
	case r.max < 0:
		return nil, fmt.Errorf("corpora: maximum line length is %d bytes: want at least 1, or 0 for the default", r.max)
	}
	var in io.Reader
	if path == "-" {
		r.name = "standard input"
		if in = opts.Stdin; in == nil {
			in = os.Stdin
		}
	} else {
		f, err := openFile(path)
		if err != nil {
			return nil, err
		}
		in, r.closer = f, f
	}
	if err := r.detect(in); err != nil {
		r.close()
		return nil, err
	}
	return r, nil
}

// openFile opens a file that is not a folder.
func openFile(path string) (*os.File, error) {
	if path == "" {
		return nil, errors.New("corpora: the name of a file is empty: want a path")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, ioError(path, 0, err)
	}
	if info, err := f.Stat(); err == nil && info.IsDir() {
		f.Close()
		return nil, &Error{File: path, Msg: "is a folder: want a file"}
	}
	return f, nil
}

// detect handles compression and a byte order mark at the start of in.
func (r *lineReader) detect(in io.Reader) error {
	r.r = bufio.NewReaderSize(in, bufferSize)
	if err := r.decompress(); err != nil {
		return err
	}
	const mark = "\ufeff"
	switch {
	case r.startsWith(mark):
		n, _ := r.r.Discard(len(mark)) // cannot fail: startsWith has buffered them
		r.offset = int64(n)
	case r.startsWith("\xff\xfe"), r.startsWith("\xfe\xff"):
		return &Error{File: r.name, Msg: "file starts with the byte order mark of UTF-16: want UTF-8"}
	}
	return nil
}

// startsWith reports whether the next bytes are mark, in which ? matches any byte. It reads no byte beyond the first
// difference, so that a short first line from a terminal is not delayed. The next read returns any error again.
func (r *lineReader) startsWith(mark string) bool {
	for n := range len(mark) {
		if have, err := r.r.Peek(n + 1); err != nil || have[n] != mark[n] && mark[n] != '?' {
			return false
		}
	}
	return true
}

func (r *lineReader) close() {
	if r.closer != nil {
		r.closer.Close() // an error loses nothing: the file was only read
	}
}

// next returns the next line without its end, io.EOF after the last one, or an *Error. After an error about a line, it
// continues with the following one.
func (r *lineReader) next() (string, error) {
	raw, err := r.raw()
	if err != nil {
		return "", err
	}
	start := r.offset - int64(len(raw))
	text := bytes.TrimSuffix(bytes.TrimSuffix(raw, []byte{'\n'}), []byte{'\r'})
	if len(text) > r.max {
		return "", r.tooLong()
	}
	if bytes.IndexByte(text, 0) >= 0 {
		return "", r.nul(text, start)
	}
	if !utf8.Valid(text) {
		if r.latin1 {
			return fromLatin1(text), nil
		}
		return "", r.badUTF8(text, start)
	}
	return string(text), nil
}

// fromLatin1 decodes ISO 8859-1.
func fromLatin1(text []byte) string {
	runes := make([]rune, len(text))
	for i, b := range text {
		runes[i] = rune(b)
	}
	return string(runes)
}

// raw returns the next line with its end; the bytes are valid until the next call.
func (r *lineReader) raw() ([]byte, error) {
	if err := r.skipLine(); err != nil {
		return nil, err
	}
	r.long = r.long[:0]
	for {
		piece, err := r.piece()
		switch {
		case err == bufio.ErrBufferFull:
			if r.long = append(r.long, piece...); len(r.long) > r.max+len("\r\n") {
				r.line++
				r.inLine = true
				return nil, r.tooLong()
			}
			continue
		case err == io.EOF && len(piece)+len(r.long) == 0:
			return nil, io.EOF
		case err != nil && err != io.EOF:
			return nil, r.readError(err)
		}
		r.line++
		if len(r.long) == 0 {
			return piece, nil
		}
		r.long = append(r.long, piece...)
		return r.long, nil
	}
}

// piece reads to the end of a line, or until the buffer is full.
func (r *lineReader) piece() ([]byte, error) {
	piece, err := r.r.ReadSlice('\n')
	r.offset += int64(len(piece))
	return piece, err
}

// skipLine skips the rest of a line that is too long.
func (r *lineReader) skipLine() error {
	for r.inLine {
		_, err := r.piece()
		if err != nil && err != io.EOF && err != bufio.ErrBufferFull {
			return r.readError(err)
		}
		r.inLine = err == bufio.ErrBufferFull
	}
	return nil
}

// count reads to the end of the file and returns the number of lines.
func (r *lineReader) count() (int, error) {
	if err := r.skipLine(); err != nil {
		return r.line, err
	}
	inLine := false
	for {
		piece, err := r.r.ReadSlice('\n')
		if inLine = inLine || len(piece) > 0; inLine && (err == nil || err == io.EOF) {
			r.line++
			inLine = false
		}
		switch {
		case err == io.EOF:
			return r.line, nil
		case err != nil && err != bufio.ErrBufferFull:
			return r.line, r.readError(err)
		}
	}
}

// readError returns the error of a failed read.
func (r *lineReader) readError(err error) *Error {
	e := ioError(r.name, 0, err)
	var system *fs.PathError
	switch {
	case errors.As(err, &system):
	case r.packed != "" && (errors.Is(err, io.ErrUnexpectedEOF) || err == io.EOF):
		e.Msg = r.packed + " data is truncated: want complete data"
	case r.packed != "":
		e.Msg = r.packed + " data is damaged: " + err.Error()
	}
	if r.line > 0 {
		e.Line = r.line + 1
	}
	return e
}

// tooLong returns the error about a line that is too long.
func (r *lineReader) tooLong() error {
	return r.bad(fmt.Sprintf("line is longer than %d bytes: want a shorter line", r.max))
}

// bad returns an error about the last line.
func (r *lineReader) bad(msg string) error {
	return LineError(&Error{File: r.name, Line: r.line, Msg: msg})
}

// badUTF8 returns the error for text that is not UTF-8 and starts at offset start in the file.
func (r *lineReader) badUTF8(text []byte, start int64) error {
	if r.line == 1 && (bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff"))) {
		return &Error{File: r.name, Line: 1, Msg: "file starts with the byte order mark of UTF-16: want UTF-8"}
	}
	at := 0
	for at < len(text) {
		c, size := utf8.DecodeRune(text[at:])
		if c == utf8.RuneError && size == 1 {
			break
		}
		at += size
	}
	return r.bad(fmt.Sprintf("byte %d of the line is 0x%02x (offset %d in the file): want UTF-8", at+1, text[at], start+int64(at)))
}

// nul returns the error for text that contains a NUL byte and starts at offset start in the file. In UTF-16, about
// every other byte is NUL.
func (r *lineReader) nul(text []byte, start int64) error {
	var at [2]int // NUL bytes at even and odd offsets in the file
	for i, b := range text {
		if b == 0 {
			at[(start+int64(i))%2]++
		}
	}
	const fewLines = 2 // the first line may have no NUL
	if r.line <= fewLines && min(at[0], at[1]) == 0 && 4*max(at[0], at[1]) >= len(text) {
		return &Error{File: r.name, Msg: "file is UTF-16 by its NUL bytes: want UTF-8"}
	}
	first := bytes.IndexByte(text, 0)
	return r.bad(fmt.Sprintf("byte %d of the line is NUL (offset %d in the file): want text in UTF-8", first+1, start+int64(first)))
}
