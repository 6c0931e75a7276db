package kernel

// PeepholeForward computes one step of an LSTM whose gates also read its memory, from the pre-activations of the gates.
//
//	i, f = σ(gates + p·c0),  g = tanh(gates),  c1 = f·c0 + i·g
//	o = σ(gates + p·c1),  tc = tanh c1,  hOut = o·tc
//
// gates, [rows,4h], holds i, f, g, o with their biases and is activated in place. p, [3h], holds the peepholes of i, f
// and o. The others are [rows,h]; c0, c1 and hOut must differ.
func PeepholeForward(rows, h int, gates, p, c0, c1, tc, hOut []float32) {
	for r := range cells(rows, h, 4, gates, c0, c1, tc, hOut) {
		gi, gf, gg, og := gates[4*r*h:][:h], gates[(4*r+1)*h:][:h], gates[(4*r+2)*h:][:h], gates[(4*r+3)*h:][:h]
		before, after, t, out := c0[r*h:][:h], c1[r*h:][:h], tc[r*h:][:h], hOut[r*h:][:h]
		peep(gi, p[:h], before, out)
		peep(gf, p[h:2*h], before, out)
		Tanh(gg, gg)
		Mul(after, gf, before)
		Mul(out, gi, gg)
		Add(after, after, out)
		peep(og, p[2*h:3*h], after, out)
		Tanh(t, after)
		Mul(out, og, t)
	}
}

// peep activates a gate that also reads p·c. It overwrites scratch.
func peep(gate, p, c, scratch []float32) {
	Mul(scratch, p, c)
	Add(gate, gate, scratch)
	Sigmoid(gate, gate)
}

// PeepholeBackward computes the gradients of [PeepholeForward]. It replaces the activated gates by the gradients of the
// pre-activations, and dc, the gradient of c1 from later steps, by the gradient of c0. It sets dp, [rows,3h], to each
// row's part of the gradient of p. c0, c1 and tc are those of the forward step; dh is the gradient of hOut.
func PeepholeBackward(rows, h int, gates, p, c0, c1, tc, dh, dc, dp []float32) {
	for r := range cells(rows, h, 4, gates, c0, c1, tc, dh, dc) {
		gi, gf, gg, og := gates[4*r*h:][:h], gates[(4*r+1)*h:][:h], gates[(4*r+2)*h:][:h], gates[(4*r+3)*h:][:h]
		pi, pf, po := p[:h], p[h:2*h], p[2*h:3*h]
		dpi, dpf, dpo := dp[3*r*h:][:h], dp[(3*r+1)*h:][:h], dp[(3*r+2)*h:][:h]
		before, after, t, d, carried := c0[r*h:][:h], c1[r*h:][:h], tc[r*h:][:h], dh[r*h:][:h], dc[r*h:][:h]
		for j := range h {
			i, f, g, o := gi[j], gf[j], gg[j], og[j]
			do := float32(d[j]*t[j]) * float32(o*(1-o))
			dct := carried[j] + float32(float32(d[j]*o)*(1-float32(t[j]*t[j]))) + float32(do*po[j])
			di := float32(dct*g) * float32(i*(1-i))
			df := float32(dct*before[j]) * float32(f*(1-f))
			gi[j], gf[j], gg[j], og[j] = di, df, float32(dct*i)*(1-float32(g*g)), do
			dpi[j], dpf[j], dpo[j] = di*before[j], df*before[j], do*after[j]
			carried[j] = float32(dct*f) + float32(di*pi[j]) + float32(df*pf[j])
		}
	}
}
