package kernel

import "runtime"

// Limit runs rounds of multiply-adds on registers alone, on the calling goroutine, and returns the number of
// floating-point operations. Divided by the time, it bounds the speed of every product.
func Limit(rounds int) (operations int) {
	if rounds <= 0 {
		return 0
	}
	active.limit(rounds)
	return rounds * active.limitOps
}

// genericLimitOps is the floating-point operations in a round of genericLimit.
const genericLimitOps = 8 * 2

// genericLimit adds a product to each of eight independent sums a round.
func genericLimit(rounds int) {
	var s [8]float32
	a, b, c, d, e, f, g, h := s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7]
	x, y := float32(rounds), float32(0.5)
	for range rounds {
		a += float32(x * y)
		b += float32(x * y)
		c += float32(x * y)
		d += float32(x * y)
		e += float32(x * y)
		f += float32(x * y)
		g += float32(x * y)
		h += float32(x * y)
	}
	runtime.KeepAlive(a + b + c + d + e + f + g + h)
}
