package kernel

import "fmt"

// LSTMForward computes one step of an LSTM from the pre-activations of its gates.
//
//	i, f, o = σ(gates),  g = tanh(gates)
//	c1 = f·c0 + i·g,  tc = tanh c1,  hOut = o·tc
//
// gates, [rows,4h], holds i, f, g, o with their biases and is activated in place. The others are [rows,h]. c1 may be
// c0.
func LSTMForward(rows, h int, gates []float32, c0, c1, tc, hOut []float32) {
	for r := range cells(rows, h, 4, gates, c0, c1, tc, hOut) {
		i, j := r*h, r*h+h
		active.lstmForward(h, gates[4*i:4*j], c0[i:j], c1[i:j], tc[i:j], hOut[i:j])
	}
}

// LSTMBackward computes the gradients of [LSTMForward]. It replaces the activated gates by the gradients of the
// pre-activations, and dc, the gradient of c1 from later steps, by the gradient of c0. c0 and tc are those of the
// forward step; dh is the gradient of hOut.
func LSTMBackward(rows, h int, gates, c0, tc, dh, dc []float32) {
	for r := range cells(rows, h, 4, gates, c0, tc, dh, dc) {
		i, j := r*h, r*h+h
		active.lstmBackward(h, gates[4*i:4*j], c0[i:j], tc[i:j], dh[i:j], dc[i:j])
	}
}

// GRUForward computes one step of a GRU from its pre-activations.
//
//	r, z = σ(gx + gh),  n = tanh(gx + r·gh)
//	h1 = (1−z)·n + z·h0
//
// gx and gh, [rows,3h], hold r, z, n of the input and of the state, each with its biases. gx is replaced by the
// activated r, z, n; gh is unchanged. h0 and h1 are [rows,h] and may be the same.
func GRUForward(rows, h int, gx, gh, h0, h1 []float32) {
	for r := range cells(rows, h, 3, shorter(gx, gh), h0, h1) {
		i, j := r*h, r*h+h
		active.gruForward(h, gx[3*i:3*j], gh[3*i:3*j], h0[i:j], h1[i:j])
	}
}

// GRUBackward computes the gradients of [GRUForward]. It replaces gx, as the forward step left it, and gh by their
// gradients, and dh, the gradient of h1, by the direct part of the gradient of h0, z·dh.
func GRUBackward(rows, h int, gx, gh, h0, dh []float32) {
	for r := range cells(rows, h, 3, shorter(gx, gh), h0, dh) {
		i, j := r*h, r*h+h
		active.gruBackward(h, gx[3*i:3*j], gh[3*i:3*j], h0[i:j], dh[i:j])
	}
}

// cells returns the rows to compute: 0 if rows or h is not positive. It panics unless gates has per·h elements for
// every row and the others have h.
func cells(rows, h, per int, gates []float32, others ...[]float32) int {
	if rows <= 0 || h <= 0 {
		return 0
	}
	least := len(others[0])
	for _, x := range others {
		least = min(least, len(x))
	}
	if len(gates) < rows*per*h || least < rows*h {
		panic(fmt.Sprintf("kernel: cell has %d gate values and %d elements: want %d rows of hidden size %d", len(gates), least, rows, h))
	}
	return rows
}

// shorter returns the shorter of two slices.
func shorter(a, b []float32) []float32 {
	if len(b) < len(a) {
		return b
	}
	return a
}
