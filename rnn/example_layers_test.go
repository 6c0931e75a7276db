package rnn_test

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/retell-rnn/retell/rnn"
	"gorgonia.org/gorgonia"
)

// Tokens are placed step by step, longest sequence first, without padding.
func ExampleLayout() {
	lay := rnn.NewLayout([]int{2, 3, 1})
	fmt.Println(lay.Rows(), "rows,", lay.Steps(), "steps")
	fmt.Println(lay.Place([][]int32{{10, 11}, {20, 21, 22}, {30}}))
	fmt.Println("token 1 of sequence 0 is in row", lay.Row(0, 1))
	// Output:
	// 6 rows, 3 steps
	// [20 10 30 21 11 22]
	// token 1 of sequence 0 is in row 4
}

// An encoder-decoder learns to reverse a sequence by teacher forcing. Its packed form, with no graph, then decodes
// greedily.
func ExampleDecoder() {
	const vocab, begin, end = 6, 0, 1
	params := rnn.NewParams(rand.New(rand.NewPCG(1, 1)))
	emb := rnn.NewEmbedding(params, "embedding", vocab, 8, rnn.Inits{})
	encoder, err := rnn.NewLayer(params, "encoder", rnn.LayerConfig{Cell: rnn.LSTM, In: 8, Hidden: 16, Bidirectional: true})
	check(err)
	bridge := rnn.NewBridge(params, "bridge", rnn.LSTM, 1, 16, rnn.LSTM, 1, 16, rnn.Inits{})
	decoder, err := rnn.NewDecoder(params, "decoder", rnn.DecoderConfig{
		Cell: rnn.LSTM, Layers: 1, In: 8, Hidden: 16, Attention: rnn.General, Memory: 16, Out: 16, InputFeeding: true,
	})
	check(err)
	output, err := rnn.NewOutput(params, "output", 16, vocab, nil, rnn.Inits{})
	check(err)

	source, read, target := [][]int32{{2, 3, 4}, {5, 3}}, [][]int32{{begin, 4, 3, 2}, {begin, 3, 5}}, [][]int32{{4, 3, 2, end}, {3, 5, end}}
	from, to := rnn.NewLayout([]int{3, 2}), rnn.NewLayout([]int{4, 3})
	var pass rnn.Pass
	var opt rnn.Adam
	opt.SetRate(0.02, 1)
	for range 100 {
		pass.Start(nil)
		memory, last := encoder.Forward(&pass, emb.Forward(&pass, from.Place(source)), from, rnn.State{})
		first := bridge.Forward(&pass, []rnn.State{last})
		out := decoder.Forward(&pass, emb.Forward(&pass, to.Place(read)), to, memory, from, first, nil)
		params.ZeroGrads()
		_, err := pass.Backward(output.Loss(&pass, out.Out, to.Place(target), 0, nil))
		check(err)
		check(opt.Step(params.Grads()))
	}

	var mem rnn.Buffers
	one := rnn.NewLayout([]int{3})
	x, y, logits := make([]float32, 3*8), make([]float32, 8), make([]float32, vocab)
	emb.Pack().Forward(x, source[0])
	memory, last := encoder.Pack(rnn.Float32).Forward(&mem, x, one)
	first := bridge.Pack(rnn.Float32).Forward(&mem, 1, []rnn.StateValues{last})
	state := decoder.Pack(rnn.Float32).Start(&mem, rnn.DecoderInit{Batch: 1, Memory: memory, Source: one, States: first}, 1)
	writer := output.Pack(rnn.Float32)
	token := int32(begin)
	for range 4 {
		emb.Pack().Forward(y, []int32{token})
		writer.Logits(1, logits, vocab, state.Step(y))
		token = argmax(logits)
		fmt.Println("token", token, "by attention over", len(state.Attention(0)), "source tokens")
	}
	// Output:
	// token 4 by attention over 3 source tokens
	// token 3 by attention over 3 source tokens
	// token 2 by attention over 3 source tokens
	// token 1 by attention over 3 source tokens
}

func argmax(x []float32) (best int32) {
	for i, v := range x {
		if v > x[best] {
			best = int32(i)
		}
	}
	return best
}

// The states of a small bidirectional LSTM encoder start a larger GRU decoder of two layers.
func ExampleBridge() {
	params := rnn.NewParams(rand.New(rand.NewPCG(1, 1)))
	bridge := rnn.NewBridge(params, "bridge", rnn.LSTM, 1, 4, rnn.GRU, 2, 6, rnn.Inits{})
	var pass rnn.Pass
	pass.Start(nil)
	last := rnn.State{H: pass.Input(3, 4, make([]float32, 12)), C: pass.Input(3, 4, make([]float32, 12))}
	for l, s := range bridge.Forward(&pass, []rnn.State{last}) {
		fmt.Println("layer", l, "starts from h", s.H.Shape(), "without c:", s.C == nil)
	}
	// Output:
	// layer 0 starts from h (3, 6) without c: true
	// layer 1 starts from h (3, 6) without c: true
}

// A variational autoencoder passes a sentence through one vector. Its loss is the cross-entropy of the tokens plus the
// divergence.
func ExampleBottleneck() {
	params := rnn.NewParams(rand.New(rand.NewPCG(1, 1)))
	emb := rnn.NewEmbedding(params, "embedding", 9, 8, rnn.Inits{})
	encoder, err := rnn.NewLayer(params, "encoder", rnn.LayerConfig{Cell: rnn.GRU, In: 8, Hidden: 16})
	check(err)
	bottleneck, err := rnn.NewBottleneck(params, "bottleneck", rnn.BottleneckConfig{
		Pool: rnn.PoolMean, In: 16, Size: 3, Variational: true, Cell: rnn.GRU, Layers: 1, Hidden: 16,
	})
	check(err)
	decoder, err := rnn.NewDecoder(params, "decoder", rnn.DecoderConfig{Cell: rnn.GRU, Layers: 1, In: 8, Hidden: 16})
	check(err)
	output, err := rnn.NewOutput(params, "output", 16, 9, nil, rnn.Inits{})
	check(err)

	lay := rnn.NewLayout([]int{4, 2})
	tokens, shifted := lay.Place([][]int32{{3, 4, 5, 1}, {6, 1}}), lay.Place([][]int32{{0, 3, 4, 5}, {0, 6}})
	var pass rnn.Pass
	var stats rnn.LatentStats
	pass.Start(rand.New(rand.NewPCG(2, 2))) // draws z; without a source of randomness z is the mean
	states, last := encoder.Forward(&pass, emb.Forward(&pass, tokens), lay, rnn.State{})
	z, divergence := bottleneck.Forward(&pass, states, lay, last.H, nil, rnn.Latent{Weight: 0.5, FreeBits: 0.1, Stats: &stats})
	out := decoder.Forward(&pass, emb.Forward(&pass, shifted), lay, nil, nil, bottleneck.States(&pass, z), nil)
	loss := pass.Sum(output.Loss(&pass, out.Out, tokens, 0, nil), divergence)
	params.ZeroGrads()
	_, err = pass.Backward(loss)
	check(err)
	fmt.Println("vectors", z.Shape(), "of", stats.Sequences, "sequences")
	fmt.Printf("free divergence costs %.2f\n", rnn.Floats(divergence)[0]) // 3 dimensions × 2 sequences × 0.1 nats × 0.5
	// Output:
	// vectors (2, 3) of 2 sequences
	// free divergence costs 0.30
}

// With weights of zero every token has the probability 1/vocab.
func ExampleOutput_Loss() {
	params := rnn.NewParams(nil)
	zero := rnn.Inits{Matrix: func(int) rnn.Init { return rnn.Zero() }}
	output, err := rnn.NewOutput(params, "output", 4, 100, nil, zero)
	check(err)
	var pass rnn.Pass
	var stats rnn.LossStats
	pass.Start(nil)
	loss := output.Loss(&pass, pass.Input(3, 4, make([]float32, 12)), []int32{7, 8, 9}, 0, &stats)
	mean := gorgonia.Must(gorgonia.Div(loss, gorgonia.NewConstant(float32(3)))) // any operator of gorgonia may follow
	check(pass.Forward())
	fmt.Printf("perplexity %.0f\n", math.Exp(float64(rnn.Floats(mean)[0])))
	fmt.Printf("%d tokens, %.2f nats\n", stats.Tokens, stats.NLL)
	// Output:
	// perplexity 100
	// 3 tokens, 13.82 nats
}
