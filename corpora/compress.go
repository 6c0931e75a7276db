package corpora

import (
	"bufio"
	"compress/bzip2"
	"compress/gzip"
	"io"

	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

// compression is a kind of compression, which the first bytes of a file identify.
type compression struct {
	name  string
	magic string // a ? stands for any byte
	open  func(io.Reader) (io.Reader, error)
}

// compressions returns the supported compressions.
func compressions() []compression {
	bunzip := func(r io.Reader) (io.Reader, error) { return bzip2.NewReader(r), nil }
	return []compression{
		{"gzip", "\x1f\x8b\x08", func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) }},
		{"zstd", "\x28\xb5\x2f\xfd", openZstd},
		{"xz", "\xfd7zXZ\x00", func(r io.Reader) (io.Reader, error) { return xz.NewReader(r) }},
		{"bzip2", "BZh?1AY&SY", bunzip},
		{"bzip2", "BZh?\x17rE8P\x90", bunzip}, // an empty file
	}
}

// openZstd decompresses without goroutines, so that nothing needs to be closed.
func openZstd(r io.Reader) (io.Reader, error) {
	const window = 128 << 20 // enough for `zstd --ultra -22` and --long
	return zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(window))
}

// unreadable returns the kind of file that r begins like, if it is neither text nor a supported compression, and "" for
// any other.
func (r *lineReader) unreadable() string {
	for _, kind := range [...]struct{ magic, name string }{
		{"PK\x03\x04", "a zip archive"},
		{"7z\xbc\xaf\x27\x1c", "a 7z archive"},
		{"\x04\x22\x4d\x18", "compressed by lz4"},
		{"LZIP\x01", "compressed by lzip"},
		{"\x1f\x9d", "compressed by compress"},
		{"\x5d\x00\x00\x80\x00", "compressed by lzma"},
		{"PAR1\x15", "a Parquet file"},
	} {
		if r.startsWith(kind.magic) {
			return kind.name
		}
	}
	return ""
}

// decompress makes r read the content of a compressed file. It reads only the bytes that identify the compression.
func (r *lineReader) decompress() error {
	for _, c := range compressions() {
		if !r.startsWith(c.magic) {
			continue
		}
		r.packed = c.name
		plain, err := c.open(r.r)
		if err != nil {
			return r.readError(err)
		}
		r.r = bufio.NewReaderSize(plain, bufferSize)
		return nil
	}
	if kind := r.unreadable(); kind != "" {
		return &Error{File: r.name, Msg: "file is " + kind + ": want text, plain or compressed by gzip, zstd, xz or bzip2"}
	}
	return nil
}
