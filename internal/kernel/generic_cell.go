package kernel

func genericLSTMForward(h int, gates, c0, c1, tc, hOut []float32) {
	gi, gf, gg, og := gates[:h], gates[h:2*h], gates[2*h:3*h], gates[3*h:4*h]
	for j := range h {
		i, f, g, o := sigmoid32(gi[j]), sigmoid32(gf[j]), tanh32(gg[j]), sigmoid32(og[j])
		gi[j], gf[j], gg[j], og[j] = i, f, g, o
		c := float32(f*c0[j]) + float32(i*g)
		c1[j] = c
		tc[j] = tanh32(c)
		hOut[j] = o * tc[j]
	}
}

func genericLSTMBackward(h int, gates, c0, tc, dh, dc []float32) {
	gi, gf, gg, og := gates[:h], gates[h:2*h], gates[2*h:3*h], gates[3*h:4*h]
	for j := range h {
		i, f, g, o, t := gi[j], gf[j], gg[j], og[j], tc[j]
		do := dh[j] * t
		dct := dc[j] + float32(float32(dh[j]*o)*(1-float32(t*t)))
		gi[j] = float32(dct*g) * float32(i*(1-i))
		gf[j] = float32(dct*c0[j]) * float32(f*(1-f))
		gg[j] = float32(dct*i) * (1 - float32(g*g))
		og[j] = do * float32(o*(1-o))
		dc[j] = dct * f
	}
}

func genericGRUForward(h int, gx, gh, h0, h1 []float32) {
	xr, xz, xn := gx[:h], gx[h:2*h], gx[2*h:3*h]
	hr, hz, hn := gh[:h], gh[h:2*h], gh[2*h:3*h]
	for j := range h {
		r, z := sigmoid32(xr[j]+hr[j]), sigmoid32(xz[j]+hz[j])
		n := tanh32(xn[j] + float32(r*hn[j]))
		xr[j], xz[j], xn[j] = r, z, n
		h1[j] = float32((1-z)*n) + float32(z*h0[j])
	}
}

func genericGRUBackward(h int, gx, gh, h0, dh []float32) {
	xr, xz, xn := gx[:h], gx[h:2*h], gx[2*h:3*h]
	hr, hz, hn := gh[:h], gh[h:2*h], gh[2*h:3*h]
	for j := range h {
		r, z, n, d := xr[j], xz[j], xn[j], dh[j]
		dn := float32(d*(1-z)) * (1 - float32(n*n))
		dz := float32(d*(h0[j]-n)) * float32(z*(1-z))
		dr := float32(dn*hn[j]) * float32(r*(1-r))
		xr[j], xz[j], xn[j] = dr, dz, dn
		hr[j], hz[j], hn[j] = dr, dz, dn*r
		dh[j] = z * d
	}
}
