package rnn_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"

	"github.com/retell-rnn/retell/rnn"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// matrix returns an input node.
func matrix(g *gorgonia.ExprGraph, name string, rows, columns int, values ...float32) *gorgonia.Node {
	return gorgonia.NewMatrix(g, tensor.Float32, gorgonia.WithShape(rows, columns), gorgonia.WithName(name),
		gorgonia.WithValue(tensor.New(tensor.WithShape(rows, columns), tensor.WithBacking(values))))
}

// gorgonia's usual loop trains layers together with other nodes. Here a GRU learns the parity of the bits it has read.
// The graph is built once, and every run reads the current values of the inputs.
func Example_gorgonia() {
	rng := rand.New(rand.NewPCG(1, 1))
	params := rnn.NewParams(rng)
	gru, err := rnn.NewLayer(params, "gru", rnn.LayerConfig{Cell: rnn.GRU, In: 1, Hidden: 8})
	check(err)
	lay := rnn.NewLayout([]int{4, 4, 4, 4, 4, 4, 4, 4}) // 8 sequences of 4 bits: 32 rows, step by step

	var pass rnn.Pass
	pass.Start(nil)
	g := pass.Graph()
	x, y := matrix(g, "x", 32, 1, make([]float32, 32)...), matrix(g, "y", 32, 1, make([]float32, 32)...)
	w := gorgonia.NewMatrix(g, tensor.Float32, gorgonia.WithShape(8, 1), gorgonia.WithName("w"), gorgonia.WithValue(
		tensor.New(tensor.WithShape(8, 1), tensor.WithBacking([]float32{.1, -.1, .1, -.1, .1, -.1, .1, -.1}))))
	h, _ := gru.Forward(&pass, x, lay, rnn.State{})
	check(pass.Err())
	loss := gorgonia.Must(gorgonia.Mean(gorgonia.Must(gorgonia.Square(gorgonia.Must(gorgonia.Sub(gorgonia.Must(gorgonia.Mul(h, w)), y))))))

	learnables := append(pass.Learnables(), w)
	_, err = gorgonia.Grad(loss, learnables...)
	check(err)
	vm := gorgonia.NewTapeMachine(g, gorgonia.BindDualValues(learnables...))
	defer vm.Close()
	solver := gorgonia.NewAdamSolver(gorgonia.WithLearnRate(0.03))
	bits, parity := make([]float32, 32), make([]float32, 32)
	for range 600 {
		for seq := range 8 {
			odd := 0
			for t := range 4 {
				bit := rng.IntN(2)
				odd ^= bit
				bits[lay.Row(seq, t)], parity[lay.Row(seq, t)] = float32(bit), float32(odd)
			}
		}
		check(gorgonia.Let(x, tensor.New(tensor.WithShape(32, 1), tensor.WithBacking(bits))))
		check(gorgonia.Let(y, tensor.New(tensor.WithShape(32, 1), tensor.WithBacking(parity))))
		check(vm.RunAll())
		check(solver.Step(gorgonia.NodesToValueGrads(learnables)))
		vm.Reset()
	}
	fmt.Println(len(learnables), "learnables, the first of them", learnables[0].Name())
	fmt.Println("the loss is below 0.01:", rnn.Floats(loss)[0] < 0.01)
	// Output:
	// 5 learnables, the first of them gru.weight_ih
	// the loss is below 0.01: true
}

// Highway is a custom layer. It returns x + g·(h − x) with the gate g = σ(W x + b).
//
// Srivastava, Greff and Schmidhuber, Highway Networks, 2015.
type Highway struct{ weight, bias *rnn.Param }

func NewHighway(ps *rnn.Params, name string, size int) *Highway {
	return &Highway{ps.New(name+".weight", rnn.Uniform(0.1), size, size), ps.New(name+".bias", rnn.Constant(-1), size)}
}

func (l *Highway) Forward(p *rnn.Pass, h, x *gorgonia.Node) *gorgonia.Node {
	must := gorgonia.Must
	g := must(gorgonia.Mul(x, must(gorgonia.Transpose(p.Param(l.weight)))))
	g = must(gorgonia.Sigmoid(must(gorgonia.BroadcastAdd(g, p.Param(l.bias), nil, []byte{0}))))
	return must(gorgonia.Add(x, must(gorgonia.HadamardProd(g, must(gorgonia.Sub(h, x))))))
}

// A custom layer keeps its weights in parameters and reads them through their nodes. Backward computes their gradients,
// any solver updates them, and they are saved with the others.
func ExamplePass_Param() {
	type model struct {
		params  *rnn.Params
		emb     *rnn.Embedding
		lstm    *rnn.Layer
		highway *Highway
		out     *rnn.Output
	}
	build := func(seed uint64) *model {
		m := &model{params: rnn.NewParams(rand.New(rand.NewPCG(seed, 1)))}
		var err error
		m.emb = rnn.NewEmbedding(m.params, "embedding", 10, 16, rnn.Inits{})
		m.lstm, err = rnn.NewLayer(m.params, "lstm", rnn.LayerConfig{Cell: rnn.LSTM, In: 16, Hidden: 16})
		check(err)
		m.highway = NewHighway(m.params, "highway", 16)
		m.out, err = rnn.NewOutput(m.params, "output", 16, 10, nil, rnn.Inits{})
		check(err)
		return m
	}
	lay := rnn.NewLayout([]int{4, 3})
	read := lay.Place([][]int32{{1, 2, 3, 2}, {4, 5, 4}})
	next := lay.Place([][]int32{{2, 3, 2, 0}, {5, 4, 0}})
	var pass rnn.Pass
	loss := func(m *model, stats *rnn.LossStats) *gorgonia.Node {
		pass.Start(nil)
		x := m.emb.Forward(&pass, read)
		h, _ := m.lstm.Forward(&pass, x, lay, rnn.State{})
		check(pass.Err())
		return m.out.Loss(&pass, m.highway.Forward(&pass, h, x), next, 0, stats)
	}

	m, solver := build(1), gorgonia.NewAdamSolver(gorgonia.WithLearnRate(0.02))
	var stats rnn.LossStats
	for range 150 { // a new graph for each batch: lengths may vary
		m.params.ZeroGrads()
		_, err := pass.Backward(loss(m, &stats))
		check(err)
		check(solver.Step(m.params.Grads()))
	}
	fmt.Println("next tokens that are the likeliest:", stats.Hits, "of", stats.Tokens)

	var file bytes.Buffer
	check(m.params.Write(&file))
	other := build(2)
	check(other.params.Read(bytes.NewReader(file.Bytes()), int64(file.Len())))
	loss(other, &stats)
	check(pass.Forward())
	fmt.Println("by another model, from the file:", stats.Hits, "of", stats.Tokens)
	// Output:
	// next tokens that are the likeliest: 7 of 7
	// by another model, from the file: 7 of 7
}

// A custom loss is any scalar of the graph, alone or added to losses of this package. Here an LSTM learns to give both
// sentences of a pair the same vector, while a classifier still tells the pairs apart.
func ExamplePass_Backward() {
	params := rnn.NewParams(rand.New(rand.NewPCG(1, 1)))
	emb := rnn.NewEmbedding(params, "embedding", 8, 8, rnn.Inits{})
	lstm, err := rnn.NewLayer(params, "lstm", rnn.LayerConfig{Cell: rnn.LSTM, In: 8, Hidden: 12})
	check(err)
	out, err := rnn.NewOutput(params, "output", 12, 3, nil, rnn.Inits{})
	check(err)
	var pass rnn.Pass
	encode := func(sentences ...[]int32) *gorgonia.Node {
		lens := make([]int, len(sentences))
		for i, s := range sentences {
			lens[i] = len(s)
		}
		lay := rnn.NewLayout(lens)
		_, last := lstm.Forward(&pass, emb.Forward(&pass, lay.Place(sentences)), lay, rnn.State{})
		return last.H
	}
	var opt rnn.Adam
	opt.SetRate(0.02, 1)
	must := gorgonia.Must
	var distance, loss *gorgonia.Node
	for range 200 {
		pass.Start(nil)
		a, b := encode([]int32{1, 2}, []int32{3}, []int32{4, 5, 6}), encode([]int32{2, 1, 1}, []int32{7, 3}, []int32{6})
		check(pass.Err())
		distance = must(gorgonia.Sum(must(gorgonia.Square(must(gorgonia.Sub(a, b))))))
		tell := must(gorgonia.Mul(out.Loss(&pass, a, []int32{0, 1, 2}, 0, nil), gorgonia.NewConstant(float32(0.5))))
		loss = must(gorgonia.Add(distance, tell))

		params.ZeroGrads()
		_, err := pass.Backward(loss)
		check(err)
		opt.SetRate(0.02, min(1, 5/rnn.GradNorm(params)))
		check(opt.Step(params.Grads()))
	}
	fmt.Println("pairs are close:", rnn.Floats(distance)[0] < 0.05)
	fmt.Println("and told apart:", rnn.Floats(loss)[0] < 0.2)
	// Output:
	// pairs are close: true
	// and told apart: true
}

// A graph that is not differentiated by its layers' parameters would silently leave them untrained, so it fails. In a
// frozen pass the layers are fixed features, and the graph runs.
func ExamplePass_frozen() {
	params := rnn.NewParams(rand.New(rand.NewPCG(1, 1)))
	lstm, err := rnn.NewLayer(params, "lstm", rnn.LayerConfig{Cell: rnn.LSTM, In: 2, Hidden: 3})
	check(err)
	for _, frozen := range []bool{false, true} {
		pass := rnn.Pass{Frozen: frozen}
		pass.Start(nil)
		h, _ := lstm.Forward(&pass, pass.Input(2, 2, []float32{1, 0, 0, 1}), rnn.NewLayout([]int{2}), rnn.State{})
		check(pass.Err())
		w := matrix(pass.Graph(), "w", 3, 1, 1, 1, 1)
		loss := gorgonia.Must(gorgonia.Sum(gorgonia.Must(gorgonia.Mul(h, w))))
		_, err := gorgonia.Grad(loss, w)
		check(err)
		vm := gorgonia.NewTapeMachine(pass.Graph(), gorgonia.BindDualValues(w))
		defer vm.Close()
		fmt.Printf("frozen %v: runs: %v\n", frozen, vm.RunAll() == nil)
	}
	// Output:
	// frozen false: runs: false
	// frozen true: runs: true
}
