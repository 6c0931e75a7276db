package heatmap_test

import (
	"bytes"
	"fmt"
	"log"

	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/seq2seq/heatmap"
)

// An explanation usually comes from Model.Explain; this one is made by hand.
func Example() {
	x := seq2seq.Explanation{
		Source:    []string{"a", "dog"},
		Target:    []string{"ein", "Hund"},
		Attention: [][]float32{{0.9, 0.1}, {0.2, 0.8}},
	}
	m, err := heatmap.New(x, nil)
	if err != nil {
		log.Fatal(err)
	}
	var svg bytes.Buffer
	if err := m.WriteSVG(&svg); err != nil {
		log.Fatal(err)
	}
	fmt.Println(bytes.Contains(svg.Bytes(), []byte(">Hund<")))
	// Output: true
}
