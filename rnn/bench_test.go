package rnn

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// The measured layer: one LSTM over 64 sentences of 14 tokens, from 256 inputs to 512 hidden units.
const (
	benchSteps, benchBatch  = 14, 64
	benchIn, benchHiddenLen = 256, 512
)

func benchInput() []float32 {
	rng := rand.New(rand.NewPCG(1, 1))
	x := make([]float32, benchSteps*benchBatch*benchIn)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	return x
}

// BenchmarkLSTM measures a layer's forward and backward pass, graph included.
func BenchmarkLSTM(b *testing.B) {
	b.Run("plain", func(b *testing.B) { benchLSTM(b, false) })
	b.Run("normed", func(b *testing.B) { benchLSTM(b, true) })
}

func benchLSTM(b *testing.B, norm bool) {
	ps := NewParams(rand.New(rand.NewPCG(1, 1)))
	l, err := NewLayer(ps, "lstm", LayerConfig{Cell: LSTM, In: benchIn, Hidden: benchHiddenLen, Norm: norm, Init: Inits{ForgetBias: 1}})
	if err != nil {
		b.Fatal(err)
	}
	lens := make([]int, benchBatch)
	for i := range lens {
		lens[i] = benchSteps
	}
	lay, x := NewLayout(lens), benchInput()
	var p Pass
	b.ReportAllocs()
	for b.Loop() {
		p.Start(nil)
		hs, _ := l.Forward(&p, p.Input(lay.Rows(), benchIn, x), lay, State{})
		loss := gorgonia.Must(gorgonia.Sum(hs))
		ps.ZeroGrads()
		if _, err := p.Backward(loss); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkPlainGorgonia measures the same layer in gorgonia's own operators, on its own BLAS. Each gate has its own
// matrix, because gorgonia's slices corrupt silently. The graph is built once, outside the measurement.
func BenchmarkPlainGorgonia(b *testing.B) {
	g := gorgonia.NewGraph()
	var weights gorgonia.Nodes
	matrix := func(name string, rows, cols int) *gorgonia.Node {
		n := gorgonia.NewMatrix(g, tensor.Float32, gorgonia.WithShape(rows, cols), gorgonia.WithName(name), gorgonia.WithInit(gorgonia.Uniform(-0.1, 0.1)))
		weights = append(weights, n)
		return n
	}
	must := gorgonia.Must
	var wx, wh, bias [4]*gorgonia.Node
	for i := range 4 {
		wx[i] = matrix(fmt.Sprintf("wx%d", i), benchIn, benchHiddenLen)
		wh[i] = matrix(fmt.Sprintf("wh%d", i), benchHiddenLen, benchHiddenLen)
		bias[i] = matrix(fmt.Sprintf("b%d", i), 1, benchHiddenLen)
	}
	zero := func(name string) *gorgonia.Node {
		return gorgonia.NewMatrix(g, tensor.Float32, gorgonia.WithShape(benchBatch, benchHiddenLen), gorgonia.WithName(name), gorgonia.WithInit(gorgonia.Zeroes()))
	}
	h, c := zero("h"), zero("c")
	var loss *gorgonia.Node
	data := benchInput()
	for t := range benchSteps {
		x := gorgonia.NewMatrix(g, tensor.Float32, gorgonia.WithShape(benchBatch, benchIn), gorgonia.WithName(fmt.Sprintf("x%d", t)),
			gorgonia.WithValue(tensor.New(tensor.WithShape(benchBatch, benchIn), tensor.WithBacking(data[t*benchBatch*benchIn:(t+1)*benchBatch*benchIn]))))
		var gate [4]*gorgonia.Node
		for i := range gate {
			sum := must(gorgonia.Add(must(gorgonia.Mul(x, wx[i])), must(gorgonia.Mul(h, wh[i]))))
			gate[i] = must(gorgonia.BroadcastAdd(sum, bias[i], nil, []byte{0}))
			if i == 2 {
				gate[i] = must(gorgonia.Tanh(gate[i]))
			} else {
				gate[i] = must(gorgonia.Sigmoid(gate[i]))
			}
		}
		c = must(gorgonia.Add(must(gorgonia.HadamardProd(gate[1], c)), must(gorgonia.HadamardProd(gate[0], gate[2]))))
		h = must(gorgonia.HadamardProd(gate[3], must(gorgonia.Tanh(c))))
		s := must(gorgonia.Sum(h))
		if loss == nil {
			loss = s
		} else {
			loss = must(gorgonia.Add(loss, s))
		}
	}
	if _, err := gorgonia.Grad(loss, weights...); err != nil {
		b.Fatal(err)
	}
	vm := gorgonia.NewTapeMachine(g)
	defer vm.Close()
	b.ReportAllocs()
	for b.Loop() {
		if err := vm.RunAll(); err != nil {
			b.Fatal(err)
		}
		vm.Reset()
	}
}
