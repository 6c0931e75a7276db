package curves_test

import (
	"bytes"
	"fmt"
	"log"

	"github.com/retell-rnn/retell/seq2seq/curves"
	"github.com/retell-rnn/retell/seq2seq/runlog"
)

// Records usually come from runlog.Read; these are made by hand.
func Example() {
	valid := 1.25
	run := curves.Run{Name: "lstm", Records: []runlog.Record{
		{Step: 10, Steps: 10, Tokens: 200, Loss: 2.5, Seconds: 3},
		{Step: 20, Steps: 10, Tokens: 200, Loss: 1.5, Seconds: 6, ValidLoss: &valid},
	}}
	c, err := curves.New([]curves.Run{run}, &curves.Options{Vertical: "perplexity", Horizontal: "minutes"})
	if err != nil {
		log.Fatal(err)
	}
	var svg bytes.Buffer
	if err := c.WriteSVG(&svg); err != nil {
		log.Fatal(err)
	}
	fmt.Println(bytes.Contains(svg.Bytes(), []byte(">lstm<")))
	// Output: true
}
