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
//	future  a model file of a later version
//	cut     FILE itself without its last quarter
//	damage  FILE itself with one byte changed in its first half
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
	case "future":
		var b bytes.Buffer
		ts.Check(safetensors.Write(&b, map[string]string{"retell.kind": "seq2seq", "retell.version": "99"}, nil))
		text = b.Bytes()
	case "cut", "damage":
		var err error
		text, err = os.ReadFile(path)
		ts.Check(err)
		if kind == "cut" {
			text = text[:len(text)*3/4]
		} else {
			text[len(text)/3] ^= 1
		}
	default:
		ts.Fatalf("fixture %q is unknown", kind)
	}
	ts.Check(os.WriteFile(path, text, 0o666))
}
