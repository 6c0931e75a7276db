package rnn_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"

	"github.com/retell-rnn/retell/rnn"
	"gorgonia.org/gorgonia"
)

// A loop with a learning rate schedule, gradients clipped to a norm of 1, and an average of the weights.
func ExampleAdam() {
	params := rnn.NewParams(nil)
	w := params.New("w", rnn.Zero(), 2)
	schedule := rnn.Schedule{Kind: rnn.ScheduleCosine, Rate: 0.1, Warmup: 10}.Over(200)
	check(schedule.Validate())
	average := rnn.NewAverage(params, 0.9)
	var pass rnn.Pass
	var opt rnn.Adam
	for step := 1; step <= 200; step++ {
		pass.Start(nil)
		far := gorgonia.Must(gorgonia.Sub(pass.Param(w), gorgonia.NewConstant(float32(3))))
		params.ZeroGrads()
		_, err := pass.Backward(gorgonia.Must(gorgonia.Sum(gorgonia.Must(gorgonia.Square(far)))))
		check(err)
		opt.SetRate(schedule.At(step, rnn.Plateau{}), min(1, 1/rnn.GradNorm(params)))
		check(opt.Step(params.Grads()))
		average.Update(params, step)
	}
	fmt.Printf("%.1f, average %.1f\n", w.W, average.Of(w))
	// Output: [3.0 3.0], average [3.0 3.0]
}

// The rate rises over the warm-up and then falls with the square root of the step.
func ExampleSchedule_At() {
	s := rnn.Schedule{Kind: rnn.ScheduleInverseSqrt, Rate: 0.01, Warmup: 100}
	for _, step := range []int{1, 50, 100, 400} {
		fmt.Println(step, s.At(step, rnn.Plateau{}))
	}
	// Output:
	// 1 0.0001
	// 50 0.005
	// 100 0.01
	// 400 0.005
}

// A plateau schedule lowers the rate after validations without a new best.
func ExampleSchedule_Validated() {
	s := rnn.Schedule{Kind: rnn.SchedulePlateau, Rate: 1, Factor: 0.5, Patience: 2}
	var p rnn.Plateau
	for _, better := range []bool{true, false, false, true} {
		p = s.Validated(p, better)
		fmt.Print(s.At(1, p), " ")
	}
	fmt.Println()
	// Output: 1 1 0.5 0.5
}

// Write saves parameters as safetensors, which other libraries read too. Read requires the same names and shapes.
func ExampleParams_Write() {
	build := func(seed uint64) *rnn.Params {
		params := rnn.NewParams(rand.New(rand.NewPCG(seed, 1)))
		_, err := rnn.NewLayer(params, "gru", rnn.LayerConfig{Cell: rnn.GRU, In: 2, Hidden: 3})
		check(err)
		return params
	}
	saved, loaded := build(1), build(2)
	var file bytes.Buffer
	check(saved.Write(&file))
	check(loaded.Read(bytes.NewReader(file.Bytes()), int64(file.Len())))
	for p := range loaded.All() {
		fmt.Println(p.Name, p.Shape, p.W[0] == saved.Get(p.Name).W[0])
	}
	// Output:
	// gru.weight_ih [9 2] true
	// gru.weight_hh [9 3] true
	// gru.bias_ih [9] true
	// gru.bias_hh [9] true
}
