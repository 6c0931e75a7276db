package corpora

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var someVectors = []WordVector{{"the", []float32{0.5, -1, 2e-3}}, {"größe", []float32{1, 2, 3}}, {"42", []float32{-0.25, 0, 7}}}

func vectorsText(header bool, vectors []WordVector) string {
	var b strings.Builder
	if header {
		fmt.Fprintf(&b, "%d %d\n", len(vectors), len(vectors[0].Vector))
	}
	for _, v := range vectors {
		fmt.Fprintln(&b, v.Word, strings.Trim(fmt.Sprint(v.Vector), "[]"))
	}
	return b.String()
}

func vectorsBinary(vectors []WordVector, feed string) string {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%d %d\n", len(vectors), len(vectors[0].Vector))
	for _, v := range vectors {
		b.WriteString(v.Word + " ")
		_ = binary.Write(&b, binary.LittleEndian, v.Vector) // a buffer returns no error
		b.WriteString(feed)
	}
	return b.String()
}

func readVectors(content string, keep func(string) bool) ([]WordVector, error) {
	return Collect(WordVectors("-", keep, &ReadOptions{Stdin: strings.NewReader(content), MaxLineBytes: 1000}))
}

func TestWordVectors(t *testing.T) {
	spaced := append([]WordVector{}, someVectors...)
	spaced = append(spaced, WordVector{". . .", []float32{1, 1, 1}})
	for name, c := range map[string]struct {
		content string
		want    []WordVector
	}{
		"word2vec text":                 {vectorsText(true, someVectors), someVectors},
		"GloVe":                         {vectorsText(false, spaced), spaced},
		"blank at the end":              {strings.ReplaceAll(vectorsText(true, someVectors), "\n", " \n"), someVectors},
		"word2vec binary":               {vectorsBinary(someVectors, ""), someVectors},
		"word2vec binary, line by line": {vectorsBinary(someVectors, "\n"), someVectors},
		"gzip":                          {zipped(t, vectorsBinary(someVectors, "\n")), someVectors},
		"empty":                         {"", nil},
		"none":                          {"0 3\n", nil},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := readVectors(c.content, nil)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			if len(c.want) == 0 {
				return
			}
			got, err = readVectors(c.content, func(word string) bool { return word == "größe" })
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(someVectors[1:2], got); diff != "" {
				t.Error("one word:", diff)
			}
		})
	}
}

func TestBadWordVectors(t *testing.T) {
	inf := []WordVector{{"a", []float32{1}}, {"b", []float32{float32(math.Inf(1))}}}
	text, bin := vectorsText(true, someVectors), vectorsBinary(someVectors, "\n")
	for name, c := range map[string]struct{ content, want string }{
		"no number":         {"the\n", "standard input:1: line has 0 numbers after its word: want 1 to 65536"},
		"short line":        {"the 1 2 3\nof 1\n", "standard input:2: line has 2 fields: want a word and 3"},
		"not a number":      {"the 1 2 3\nof 1 x 3\n", `standard input:2: number 2 of "of" is "x": want a finite number`},
		"infinite":          {vectorsText(false, inf), `standard input:2: number 1 of "b" is "+Inf": want a finite number`},
		"infinite, binary":  {vectorsBinary(inf, ""), `standard input: number 1 of word 2, "b", is +Inf: want a finite number`},
		"truncated text":    {text[:strings.Index(text, "42")], "standard input:3: file ends after 2 words of 3: want the complete file"},
		"truncated binary":  {bin[:len(bin)-3], "standard input: file ends after 2 words of 3: want the complete file"},
		"truncated in word": {bin[:len(bin)-15], "standard input: file ends after 2 words of 3: want the complete file"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := readVectors(c.content, nil)
			if err == nil || err.Error() != "corpora: "+c.want {
				t.Errorf("error %v: want %s", err, c.want)
			}
		})
	}
}

func FuzzWordVectors(f *testing.F) {
	f.Add([]byte(vectorsText(true, someVectors)))
	f.Add([]byte(vectorsText(false, someVectors)))
	f.Add([]byte(vectorsBinary(someVectors, "")))
	f.Add([]byte(vectorsBinary(someVectors, "\n")))
	f.Add([]byte("1 1\na \x00\x00\x80\x7f"))
	f.Add([]byte("9 65536\na"))
	f.Fuzz(func(t *testing.T, data []byte) {
		vectors, err := readVectors(string(data), nil)
		checkError(t, err, 0)
		for _, v := range vectors {
			if len(v.Vector) != len(vectors[0].Vector) {
				t.Fatalf("vectors of %d and %d numbers", len(vectors[0].Vector), len(v.Vector))
			}
			for _, x := range v.Vector {
				if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
					t.Fatalf("%q has a number %v", v.Word, x)
				}
			}
		}
	})
}
