package main

import (
	"bytes"
	"context"
	"os"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/safetensors"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/seqae/repair"
)

// fixture writes a file that a script cannot hold: fixture KIND FILE
//
//	latin1  four lines, the second empty and the last not UTF-8
//	long    a line of 10 MB
//	bad     five lines, the second not UTF-8 and the fourth too long
//	repairer  a model that capitalizes the first letter of a line and writes the for teh
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
	case "repairer":
		ts.Check(repairer(path))
		return
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

// repairer trains a small model that repairs lines.
func repairer(path string) error {
	var pairs []corpora.Example
	for _, dirty := range []string{"a cat sat.", "teh cat ran.", "it saw teh dog.", "Tom sat.", "my dog saw teh cat.", "The dog ran.", "a dog met Tom."} {
		clean := strings.ReplaceAll(dirty, "teh", "the")
		clean = strings.ToUpper(clean[:1]) + clean[1:]
		pairs = append(pairs, corpora.Example{Source: dirty, Targets: []string{clean}}, corpora.Example{Source: clean, Targets: []string{clean}})
	}
	pairs = slices.Repeat(pairs, 8) // edits must be frequent to be learned
	c := repair.DefaultConfig(repair.FormEdit)
	c.Model.Encoder.Layers, c.Model.Encoder.Hidden, c.Model.Encoder.Embedding, c.Model.Dropout = 1, 32, 16, 0
	r, _, err := repair.Begin(c, pairs, 1, nil)
	if err != nil {
		return err
	}
	o := seq2seq.TrainOptions{Epochs: 30, BatchSentences: 14, Schedule: rnn.Schedule{Rate: 0.02}}
	for _, err := range r.Train(context.Background(), pairs, pairs[:2], &o) {
		if err != nil {
			return err
		}
	}
	return r.Save(path)
}
