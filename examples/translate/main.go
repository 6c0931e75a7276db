// Command translate translates the lines of standard input with a model that 'retell train' has written.
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/seq2seq"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: translate MODEL < INPUT > OUTPUT")
	}
	model, err := seq2seq.Load(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	lines := corpora.Lines("-", nil) // standard input
	for t, err := range model.Translate(context.Background(), lines, &seq2seq.SearchOptions{Beam: 5}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(t.Text)
	}
}
