package rnn_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/retell-rnn/retell/rnn"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// A bidirectional LSTM reads two sequences of different lengths; gorgonia's own operators take it from there.
func ExampleLayer_Forward() {
	params := rnn.NewParams(rand.New(rand.NewPCG(1, 1)))
	lstm, err := rnn.NewLayer(params, "lstm", rnn.LayerConfig{Cell: rnn.LSTM, In: 3, Hidden: 4, Bidirectional: true, Init: rnn.Inits{ForgetBias: 1}})
	if err != nil {
		panic(err)
	}
	lay := rnn.NewLayout([]int{2, 1}) // 3 rows: both first tokens, then the second token of sequence 0
	var pass rnn.Pass
	pass.Start(nil)
	x := pass.Input(3, 3, []float32{1, 0, 0, 0, 1, 0, 0, 0, 1})
	states, last := lstm.Forward(&pass, x, lay, rnn.State{})
	loss := gorgonia.Must(gorgonia.Sum(gorgonia.Must(gorgonia.Square(states))))

	if _, err := pass.Backward(loss); err != nil {
		panic(err)
	}
	fmt.Println("states", states.Shape(), "last", last.H.Shape())

	var opt rnn.Adam
	opt.SetRate(0.01, 1)
	if err := opt.Step(params.Grads()); err != nil {
		panic(err)
	}
	fmt.Println(params.Count(), "weights have moved")
	// Output:
	// states (3, 4) last (2, 4)
	// 112 weights have moved
}

// gorgonia's own operators multiply with the same kernels as the layers.
func ExampleBLAS() {
	gorgonia.Use(rnn.BLAS{})
	g := gorgonia.NewGraph()
	a := gorgonia.NewMatrix(g, tensor.Float32, gorgonia.WithShape(2, 2), gorgonia.WithName("a"), gorgonia.WithValue(
		tensor.New(tensor.WithShape(2, 2), tensor.WithBacking([]float32{1, 2, 3, 4}))))
	square := gorgonia.Must(gorgonia.Mul(a, a))
	vm := gorgonia.NewTapeMachine(g)
	defer vm.Close()
	if err := vm.RunAll(); err != nil {
		panic(err)
	}
	fmt.Println(square.Value().Data())
	// Output: [7 10 15 22]
}
