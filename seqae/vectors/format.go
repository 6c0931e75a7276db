package vectors

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/retell-rnn/retell/internal/setting"
)

// Format is a format of vector files. The empty string means the format of the extension.
type Format string

const (
	// NPY is NumPy's array file: float32, [rows, width], little-endian, in C order. The texts are the lines of a second
	// file, whose name has .txt appended (captions.npy.txt); without it, texts are empty. Arrays of float64 and float16
	// are read too.
	NPY Format = "npy"

	// JSONL has one object per line: {"text":"A dog runs.","vector":[0.25,-1]}. Other fields are ignored.
	JSONL Format = "jsonl"

	// TSV is the format of TensorFlow's Embedding Projector. NAME.tsv holds the vectors, numbers separated by tabs.
	// NAME.meta.tsv holds the texts, one per line, without a header; without that file, texts are empty. A tab in a text
	// becomes a space. A blank text begins with a zero-width space (U+200B), because the projector skips blank lines.
	TSV Format = "tsv"

	// Safetensors holds the tensors "vectors", F32 [rows, width]; "texts", U8, all texts concatenated, in UTF-8; and
	// "text_offsets", I64 [rows+1]: text i is texts[text_offsets[i]:text_offsets[i+1]]. Files without texts are read too.
	Safetensors Format = "safetensors"

	// Parquet has the columns text, a string, and vector, a list of float. Lists of double are read too.
	Parquet Format = "parquet"
)

// Formats returns all formats.
func Formats() []Format { return []Format{NPY, JSONL, TSV, Safetensors, Parquet} }

// MarshalText returns the name.
func (f Format) MarshalText() ([]byte, error) { return setting.Marshal(f, Formats()...) }

// UnmarshalText sets the format from its name.
func (f *Format) UnmarshalText(text []byte) error { return setting.Unmarshal(f, text, Formats()...) }

// FormatOf returns the format of a path by its extension.
func FormatOf(path string) (Format, error) {
	ext := filepath.Ext(path)
	f := Format(strings.TrimPrefix(strings.ToLower(ext), "."))
	if setting.OneOf(f, Formats()...) != nil {
		extensions := make([]string, len(Formats()))
		for i, f := range Formats() {
			extensions[i] = "." + string(f)
		}
		return "", fmt.Errorf("vectors: %s: extension %q: want %s", path, ext, setting.List(extensions...))
	}
	return f, nil
}

// formatOf returns the given format. If it is empty, it returns that of the path, which is JSONL for "-".
func formatOf(path string, given Format) (Format, error) {
	switch {
	case given == "" && path == "-":
		return JSONL, nil
	case given == "":
		return FormatOf(path)
	}
	if err := setting.OneOf(given, Formats()...); err != nil {
		return "", fmt.Errorf("vectors: format %w", err)
	}
	return given, nil
}

// textFile returns the path of the file that holds the texts, or "" if the file itself holds them.
func (f Format) textFile(path string) string {
	switch f {
	case NPY:
		return path + ".txt"
	case TSV:
		ext := filepath.Ext(path)
		return strings.TrimSuffix(path, ext) + ".meta" + ext
	default:
		return ""
	}
}
