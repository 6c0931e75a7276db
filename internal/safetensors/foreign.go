package safetensors

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"unicode"
	"unicode/utf8"

	"github.com/retell-rnn/retell/internal/quote"
)

// signatures are the first bytes of files that are often passed for safetensors files.
var signatures = []struct{ begin, name string }{
	{"\x1f\x8b", "compressed with gzip"},
	{"\x28\xb5\x2f\xfd", "compressed with zstd"},
	{"\xfd7zXZ\x00", "compressed with xz"},
	{"BZh", "compressed with bzip2"},
	{"PK\x03\x04", "a zip archive, as PyTorch writes its models"},
	{"\x80\x02", "a pickle of Python, as PyTorch wrote its models"},
	{"\x80\x03", "a pickle of Python"},
	{"\x80\x04", "a pickle of Python"},
	{"\x80\x05", "a pickle of Python"},
	{"\x93NUMPY", "an array of NumPy"},
	{"\x89HDF\r\n", "HDF5, as Keras writes its models"},
	{"GGUF", "GGUF"},
	{"PAR1", "Parquet"},
}

// checkForeign returns an error that names the kind of a file, if its first bytes show that it is not safetensors.
func checkForeign(r io.ReaderAt, size int64) error {
	begin := make([]byte, min(size, 512))
	n, err := r.ReadAt(begin, 0)
	if err != nil && err != io.EOF {
		return ioError{fmt.Errorf("safetensors: %w", err)}
	}
	begin = begin[:n]
	if len(begin) > 8 && begin[8] == '{' && binary.LittleEndian.Uint64(begin) <= maxHeader {
		return nil // a length and a header, even if the length looks like a signature
	}
	for _, s := range signatures {
		if bytes.HasPrefix(begin, []byte(s.begin)) {
			return fmt.Errorf("safetensors: file is %s: want a safetensors file", s.name)
		}
	}
	switch {
	case size == 0:
		return fmt.Errorf("safetensors: file is empty: want a safetensors file")
	case isText(begin):
		line, _, _ := bytes.Cut(begin, []byte("\n"))
		return fmt.Errorf("safetensors: file is text, beginning %s: want a safetensors file", quote.Text(line))
	case len(begin) > 8 && binary.LittleEndian.Uint64(begin) > maxHeader && begin[8] != '{':
		return fmt.Errorf("safetensors: file begins with bytes %x: want a safetensors file", begin[:8])
	}
	return nil
}

// isText reports whether the first bytes of a file are text in UTF-8.
func isText(begin []byte) bool {
	for len(begin) > 0 {
		r, size := utf8.DecodeRune(begin)
		if r == utf8.RuneError && size == 1 {
			return len(begin) < utf8.UTFMax && !utf8.FullRune(begin)
		}
		if unicode.IsControl(r) && !unicode.IsSpace(r) {
			return false
		}
		begin = begin[size:]
	}
	return true
}
