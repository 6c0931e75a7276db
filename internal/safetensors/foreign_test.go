package safetensors

import (
	"bytes"
	"strings"
	"testing"
)

// TestForeignFiles: the error for a file of another kind names the kind.
func TestForeignFiles(t *testing.T) {
	tests := map[string]string{
		"":                                   "safetensors: file is empty: want a safetensors file",
		"short":                              `safetensors: file is text, beginning "short": want a safetensors file`,
		"Ein Mann läuft.\nUnd noch einer.\n": `safetensors: file is text, beginning "Ein Mann läuft.": want a safetensors file`,
		strings.Repeat("ä", 300):             `safetensors: file is text, beginning "` + strings.Repeat("ä", 60) + `"…: want a safetensors file`,
		`{"version":1}`:                      `safetensors: file is text, beginning "{\"version\":1}": want a safetensors file`,
		"\x1f\x8b\x08\x00aaaaaaaa":           "safetensors: file is compressed with gzip: want a safetensors file",
		"PK\x03\x04\x00\x00\x08\x08aaaa":     "safetensors: file is a zip archive, as PyTorch writes its models: want a safetensors file",
		"\x80\x02\x8a\nl\xfc\x9cF\xf9 j":     "safetensors: file is a pickle of Python, as PyTorch wrote its models: want a safetensors file",
		"\x93NUMPY\x01\x00v\x00{'d":          "safetensors: file is an array of NumPy: want a safetensors file",
		"\xff\xd8\xff\xe0\x00\x10JFIF\x00":   "safetensors: file begins with bytes ffd8ffe000104a46: want a safetensors file",
	}
	for text, want := range tests {
		_, err := NewReader(bytes.NewReader([]byte(text)), int64(len(text)))
		if err == nil || err.Error() != want {
			t.Errorf("%.20q: error %v: want %s", text, err, want)
		}
	}
	// A truncated file is still recognized.
	var file bytes.Buffer
	if err := Write(&file, nil, []Tensor{{Name: "w", Shape: []int{2}, Data: []float32{1, 2}}}); err != nil {
		t.Fatal(err)
	}
	for n := 9; n < file.Len(); n++ {
		if _, err := NewReader(bytes.NewReader(file.Bytes()[:n]), int64(n)); err == nil || !strings.Contains(err.Error(), "truncated") {
			t.Fatalf("cut at %d: error %v: want one that says truncated", n, err)
		}
	}
}
