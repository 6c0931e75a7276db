package noise_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/corpora/noise"
)

func ExampleNew() {
	n, err := noise.New(noise.Spec{{Kind: noise.Clean}, {Kind: noise.Accents, Lines: 1}, {Kind: noise.Case, Lines: 1}}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for pair, err := range n.Examples(1, corpora.Stream([]string{"L'été, ça dure."})) {
		fmt.Println(pair.Source, "|", pair.Targets[0], err)
	}
	// Output:
	// l'ete, ca dure. | L'été, ça dure. <nil>
}

func ExampleFit() {
	c, err := noise.Fit(corpora.Stream([]corpora.Example{
		{Source: "he came form home", Targets: []string{"he came from home"}},
		{Source: "form there", Targets: []string{"from there"}},
	}))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c.Words[0].From, c.Words[0].To, c.Words[0].Count)
	fmt.Println(c.Kind().Apply(rand.New(rand.NewPCG(1, 1)), 1, "from here"))
	// Output:
	// from form 2
	// form here
}
