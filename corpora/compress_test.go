package corpora

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

// packed returns text compressed by the writer that open returns.
func packed[W io.WriteCloser](t testing.TB, open func(io.Writer) (W, error), text string) string {
	t.Helper()
	var b bytes.Buffer
	w, err := open(&b)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func zstandard(t testing.TB, text string) string {
	return packed(t, func(w io.Writer) (*zstd.Encoder, error) { return zstd.NewWriter(w, zstd.WithEncoderConcurrency(1)) }, text)
}

func xzipped(t testing.TB, text string) string {
	return packed(t, func(w io.Writer) (*xz.Writer, error) { return xz.NewWriter(w) }, text)
}

// bzipped is the concatenated bzip2 files of "one dog\nzwei Hünde\n" and "drei\n".
const bzipped = "" +
	"\x42\x5a\x68\x39\x31\x41\x59\x26\x53\x59\x53\x7b\xc2\x4e\x00\x00\x07\xd5\x8c\x00\x10\x40\x00\x00\x40\x06" +
	"\xa1\x80\x90\x00\x04\x08\x00\x20\x00\x22\x9b\x46\x89\xea\x60\x80\x68\x02\x0c\x88\xa6\xa0\x91\xb0\x55\xb6" +
	"\x66\x8b\xb9\x22\x9c\x28\x48\x29\xbd\xe1\x27\x00\x42\x5a\x68\x39\x31\x41\x59\x26\x53\x59\xb0\xfa\xb7\x46" +
	"\x00\x00\x00\xc1\x80\x00\x10\x06\x20\x10\x00\x20\x00\x30\xcd\x00\xc1\xa6\x80\x71\x77\x24\x53\x85\x09\x0b" +
	"\x0f\xab\x74\x60"

func TestLinesCompressed(t *testing.T) {
	const first, second = "one dog\nzwei Hünde\n", "drei\n"
	for name, content := range map[string]string{
		"zstd":  zstandard(t, first) + zstandard(t, second),
		"xz":    xzipped(t, first) + xzipped(t, second),
		"bzip2": bzipped,
		"gzip":  zipped(t, first) + zipped(t, second),
	} {
		lines, err := Collect(Lines(file(t, "f", content), nil))
		if want := []string{"one dog", "zwei Hünde", "drei"}; err != nil || !slices.Equal(lines, want) {
			t.Errorf("%s: %q, %v; want %q", name, lines, err, want)
		}
		_, err = Collect(Lines(file(t, "f", content[:len(content)-3]), nil))
		if want := name + " data is truncated: want complete data"; !strings.HasSuffix(message(err), want) {
			t.Errorf("%s cut: error is %v, want ...%s", name, err, want)
		}
		damaged := []byte(content)
		damaged[len(damaged)/3] ^= 0x55
		if _, err = Collect(Lines(file(t, "f", string(damaged)), nil)); !strings.Contains(message(err), name+" data is ") {
			t.Errorf("%s damaged: error is %v, want %s named", name, err, name)
		}
	}
	if lines, err := Collect(Lines(file(t, "f", "\x42\x5a\x68\x39\x17\x72\x45\x38\x50\x90\x00\x00\x00\x00"), nil)); err != nil || len(lines) > 0 {
		t.Errorf("bzip2 of nothing: %q, %v", lines, err)
	}
	if lines, err := Collect(Lines(file(t, "f", "BZhang\nBZh91AY\n"), nil)); err != nil || len(lines) != 2 {
		t.Errorf("text that begins like bzip2: %q, %v", lines, err)
	}
}

func TestLinesUnreadable(t *testing.T) {
	for content, kind := range map[string]string{
		"PK\x03\x04\x14":             "a zip archive",
		"7z\xbc\xaf\x27\x1c\x00":     "a 7z archive",
		"\x04\x22\x4d\x18\x64":       "compressed by lz4",
		"\x1f\x9d\x90":               "compressed by compress",
		"\x5d\x00\x00\x80\x00\xff":   "compressed by lzma",
		zipped(t, "PK\x03\x04 text"): "",
	} {
		_, err := Collect(Lines(file(t, "f", content), nil))
		want := ""
		if kind != "" {
			want = "corpora: f: file is " + kind + ": want text, plain or compressed by gzip, zstd, xz or bzip2"
		}
		if message(err) != want {
			t.Errorf("%q: error is %v, want %q", content, err, want)
		}
	}
}
