package kernel

var avx512 = path{
	name:     "avx512",
	limit:    limitAVX512,
	limitOps: 24 * 16 * 2,

	mr:     14,
	nr:     32,
	kBlock: 2048,
	panels: [maxSmall]int{4, 4, 4, 3},
	tile:   tileAVX512,
	pack:   packAVX512,
	pairs:  pairsAVX512(),
	whole:  wholeAVX512(),

	exp:          expAVX512,
	tanh:         tanhAVX512,
	sigmoid:      sigmoidAVX512,
	add:          addAVX512,
	mul:          mulAVX512,
	axpy:         axpyAVX512,
	affine:       affineAVX512,
	dot:          dotAVX512,
	sum:          sumAVX512,
	sumSquares:   sumSquaresAVX512,
	max:          maxAVX512,
	expSum:       expSumAVX512,
	sumExp:       sumExpAVX512,
	lstmForward:  lstmForwardAVX512,
	lstmBackward: lstmBackwardAVX512,
	gruForward:   gruForwardAVX512,
	gruBackward:  gruBackwardAVX512,
	adam:         adamAVX512,
	momentum:     momentumAVX512,
}

// The functions of vec_avx512_amd64.s and gemm_avx512_amd64.s, which gen writes.

func limitAVX512(rounds int)

//go:noescape
func tileAVX512(t *tile)

//go:noescape
func packAVX512(p *panel)

//go:noescape
func expAVX512(dst, src []float32)

//go:noescape
func tanhAVX512(dst, src []float32)

//go:noescape
func sigmoidAVX512(dst, src []float32)

//go:noescape
func addAVX512(dst, a, b []float32)

//go:noescape
func mulAVX512(dst, a, b []float32)

//go:noescape
func axpyAVX512(alpha float32, x, y []float32)

//go:noescape
func affineAVX512(alpha, beta float32, x []float32)

//go:noescape
func dotAVX512(x, y []float32) float32

//go:noescape
func sumAVX512(x []float32) float64

//go:noescape
func sumSquaresAVX512(x []float32) float64

//go:noescape
func maxAVX512(x []float32) float32

//go:noescape
func expSumAVX512(shift float32, x []float32) float64

//go:noescape
func sumExpAVX512(shift float32, x []float32) float64

//go:noescape
func lstmForwardAVX512(h int, gates, c0, c1, tc, hOut []float32)

//go:noescape
func lstmBackwardAVX512(h int, gates, c0, tc, dh, dc []float32)

//go:noescape
func gruForwardAVX512(h int, gx, gh, h0, h1 []float32)

//go:noescape
func gruBackwardAVX512(h int, gx, gh, h0, dh []float32)

//go:noescape
func adamAVX512(s *adamStep, w, g, m, v []float32)

//go:noescape
func momentumAVX512(w, g, v []float32, rate, momentum, scale, keep float32)
