package vectors

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// Format is a kind of file.
type Format string

const (
	// NPY is numpy's array file: float32, [rows, width], little-endian, in C order. The texts stand beside it in a file
	// of lines whose name has .txt appended (captions.npy.txt); where that is absent, texts are empty. Arrays of float64
	// and float16 are read as well.
	NPY Format = "npy"
	// JSONL is one object a line: {"text":"A dog runs.","vector":[0.25,-1]}. Other fields are passed over.
	JSONL Format = "jsonl"
	// TSV is what TensorFlow's Embedding Projector loads: vectors in NAME.tsv, numbers with tabs between them, and
	// texts, a line each and without a header, in NAME.meta.tsv; where that is absent, texts are empty. A tab in a text
	// becomes a space. The projector skips blank lines, so that a blank text begins there with a zero-width space
	// (U+200B).
	TSV Format = "tsv"
	// Safetensors holds the tensors "vectors", F32 [rows, width]; "texts", U8, all texts one after the other in UTF-8;
	// and "text_offsets", I64 [rows+1]: text i is texts[text_offsets[i]:text_offsets[i+1]]. Files without texts are read
	// as well.
	Safetensors Format = "safetensors"
	// Parquet has the columns text, a string, and vector, a list of float. Lists of double are read as well.
	Parquet Format = "parquet"
)

// Formats are all formats.
func Formats() []Format { return []Format{NPY, JSONL, TSV, Safetensors, Parquet} }

// FormatOf returns the format that a path's extension says.
func FormatOf(path string) (Format, error) {
	f := Format(strings.TrimPrefix(strings.ToLower(filepath.Ext(path)), "."))
	if !slices.Contains(Formats(), f) {
		return "", fmt.Errorf("vectors: %s: extension %q: want one of %s", path, filepath.Ext(path), formatNames("."))
	}
	return f, nil
}

// formatOf is the format that is asked for or else the one of the path.
func formatOf(path string, asked Format) (Format, error) {
	switch {
	case asked == "" && path == "-":
		return JSONL, nil
	case asked == "":
		return FormatOf(path)
	case !slices.Contains(Formats(), asked):
		return "", fmt.Errorf("vectors: format is %q: want one of %s", asked, formatNames(""))
	}
	return asked, nil
}

func formatNames(prefix string) string {
	var names []string
	for _, f := range Formats() {
		names = append(names, prefix+string(f))
	}
	return strings.Join(names, ", ")
}

// textFile is where the texts of a file stand, or "" where they stand in the file itself.
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
