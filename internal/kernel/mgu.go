package kernel

// MGUForward computes one step of a minimal gated unit from its pre-activations.
//
//	f = σ(gx + gh),  n = tanh(gx + f·gh)
//	h1 = (1−f)·h0 + f·n
//
// gx and gh, [rows,2h], hold f, n of the input and of the state, each with its biases. gx is replaced by the activated
// f, n; gh is unchanged. h0 and h1 are [rows,h] and must differ.
func MGUForward(rows, h int, gx, gh, h0, h1 []float32) {
	for r := range cells(rows, h, 2, shorter(gx, gh), h0, h1) {
		f, n := gx[2*r*h:][:h], gx[(2*r+1)*h:][:h]
		gf, gn := gh[2*r*h:][:h], gh[(2*r+1)*h:][:h]
		before, after := h0[r*h:][:h], h1[r*h:][:h]
		Add(f, f, gf)
		Sigmoid(f, f)
		Mul(after, f, gn)
		Add(n, n, after)
		Tanh(n, n)
		copy(after, n) // h0 + f·(n − h0)
		Axpy(-1, before, after)
		Mul(after, after, f)
		Add(after, after, before)
	}
}

// MGUBackward computes the gradients of [MGUForward]. It replaces gx, as the forward step left it, and gh by their
// gradients, and dh, the gradient of h1, by the direct part of the gradient of h0, (1−f)·dh.
func MGUBackward(rows, h int, gx, gh, h0, dh []float32) {
	for r := range cells(rows, h, 2, shorter(gx, gh), h0, dh) {
		f, n := gx[2*r*h:][:h], gx[(2*r+1)*h:][:h]
		gf, gn := gh[2*r*h:][:h], gh[(2*r+1)*h:][:h]
		before, d := h0[r*h:][:h], dh[r*h:][:h]
		Mul(gf, n, n) // gf becomes dn = dh·f·(1−n²)
		Affine(-1, 1, gf)
		Mul(gf, gf, f)
		Mul(gf, gf, d)
		Axpy(-1, before, n) // n becomes df = (dh·(n − h0) + dn·gn)·f·(1−f)
		Mul(n, n, d)
		Mul(gn, gn, gf)
		Add(n, n, gn)
		Mul(n, n, f)
		Mul(gn, gf, f) // dn·f
		Affine(-1, 1, f)
		Mul(n, n, f)
		Mul(d, d, f)
		copy(f, n)
		copy(n, gf)
		copy(gf, f)
	}
}
