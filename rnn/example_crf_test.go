package rnn_test

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/retell-rnn/retell/rnn"
)

// Labels of the scheme IOB2: an inside label follows a begin or an inside label. The emissions of the second token
// prefer inside, but the first token is hardly a begin.
func ExamplePackedCRF() {
	const outside, begin, inside = 0, 1, 2
	names := []string{"O", "B", "I"}
	params := rnn.NewParams(rand.New(rand.NewPCG(1, 1)))
	field := rnn.NewCRF(params, "labels", len(names), rnn.Inits{Matrix: func(int) rnn.Init { return rnn.Zero() }})
	field.Constrain(func(from, to int) bool { return to != inside || from == begin || from == inside })

	emissions := []float32{
		4, 1, 0, // of O, B and I at the first token
		0, 1, 2,
		0, 0, 1,
	}
	one := rnn.NewLayout([]int{3})
	var mem rnn.Buffers
	packed := field.Pack()
	for _, l := range packed.KBest(&mem, emissions, one, 3)[0] {
		for _, y := range l.Labels {
			fmt.Print(names[y], " ")
		}
		fmt.Printf("%.2f\n", math.Exp(l.LogProb))
	}
	p := make([]float32, len(emissions))
	packed.Marginals(&mem, p, emissions, one)
	fmt.Printf("second token: O %.2f, B %.2f, I %.2f\n", p[3], p[4], p[5])
	// Output:
	// O B I 0.43
	// O B O 0.16
	// O B B 0.16
	// second token: O 0.12, B 0.78, I 0.10
}
