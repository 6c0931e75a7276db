package main

import (
	"bytes"
	"os"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/retell-rnn/retell/internal/safetensors"
)

// fixture writes a file that a script cannot hold: fixture KIND FILE
//
//	latin1  four lines, the second empty and the last not UTF-8
//	long    a line of 10 MB
//	bad     five lines, the second not UTF-8 and the fourth too long
//	future  a model file of a later version
//	cut     FILE itself without its last quarter
//	damage  FILE itself with one byte changed in its first half
//	mark    FILE itself behind a byte order mark
//	utf16   FILE itself, which is ASCII, in UTF-16 without a mark
func fixture(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: fixture KIND FILE")
	}
	path := ts.MkAbs(args[1])
	var text []byte
	switch kind := args[0]; kind {
	case "latin1":
		text = []byte("1 2\n\n3\na caf\xe9\n")
	case "long":
		text = []byte(strings.Repeat("x", 10_000_000) + "\n")
	case "bad":
		text = []byte("1 2\n3 \xe9\n4 5\n" + strings.Repeat("6", 1<<20+1) + "\n7\n")
	case "future":
		var b bytes.Buffer
		ts.Check(safetensors.Write(&b, map[string]string{"retell.kind": "seq2seq", "retell.version": "99"}, nil))
		text = b.Bytes()
	case "cut", "damage", "mark", "utf16":
		was, err := os.ReadFile(path)
		ts.Check(err)
		switch kind {
		case "cut":
			text = was[:len(was)*3/4]
		case "damage":
			text = was
			text[len(text)/3] ^= 1
		case "mark":
			text = append([]byte("\ufeff"), was...)
		default:
			for _, b := range was {
				text = append(text, b, 0)
			}
		}
	default:
		ts.Fatalf("fixture %q is unknown", kind)
	}
	ts.Check(os.WriteFile(path, text, 0o666))
}
