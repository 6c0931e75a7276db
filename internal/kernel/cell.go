package kernel

// LSTMForward computes one step of an LSTM from the pre-activations of its gates.
//
//	i, f, o = σ(gates),  g = tanh(gates)
//	c1 = f·c0 + i·g,  tc = tanh c1,  hOut = o·tc
//
// gates is [rows,4h] in the order i, f, g, o, biases included, and is activated in place; the others are [rows,h]. c1 may
// be c0.
func LSTMForward(rows, h int, gates []float32, c0, c1, tc, hOut []float32) {
	for r := range cells(rows, h) {
		i, j := r*h, r*h+h
		active.lstmForward(h, gates[4*i:4*j], c0[i:j], c1[i:j], tc[i:j], hOut[i:j])
	}
}

// LSTMBackward computes the gradient of [LSTMForward]. gates comes in activated and goes out as the gradient of the
// pre-activations; c0 and tc are those of the forward step; dh is the gradient of hOut; dc comes in as the gradient of c1 from
// the steps after and goes out as that of c0.
func LSTMBackward(rows, h int, gates, c0, tc, dh, dc []float32) {
	for r := range cells(rows, h) {
		i, j := r*h, r*h+h
		active.lstmBackward(h, gates[4*i:4*j], c0[i:j], tc[i:j], dh[i:j], dc[i:j])
	}
}

// GRUForward computes one step of a GRU from its pre-activations.
//
//	r, z = σ(gx + gh),  n = tanh(gx + r·gh)
//	h1 = (1−z)·n + z·h0
//
// gx and gh, [rows,3h] in the order r, z, n, are the sides of the input and of the state, each with its biases. gx goes out
// as the activated r, z, n; gh is kept. h0 and h1 are [rows,h] and may be the same.
func GRUForward(rows, h int, gx, gh, h0, h1 []float32) {
	for r := range cells(rows, h) {
		i, j := r*h, r*h+h
		active.gruForward(h, gx[3*i:3*j], gh[3*i:3*j], h0[i:j], h1[i:j])
	}
}

// GRUBackward computes the gradient of [GRUForward]. gx comes in activated and goes out as the gradient of the input's side;
// gh comes in as it was and goes out as the gradient of the state's side; dh comes in as the gradient of h1 and goes out as its
// direct part in h0, z·dh.
func GRUBackward(rows, h int, gx, gh, h0, dh []float32) {
	for r := range cells(rows, h) {
		i, j := r*h, r*h+h
		active.gruBackward(h, gx[3*i:3*j], gh[3*i:3*j], h0[i:j], dh[i:j])
	}
}

// cells returns rows, or 0 when rows hold nothing.
func cells(rows, h int) int {
	if h <= 0 {
		return 0
	}
	return max(rows, 0)
}
