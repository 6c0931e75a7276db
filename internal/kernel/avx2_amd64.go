package kernel

var avx2 = path{
	name:     "avx2",
	limit:    limitAVX2,
	limitOps: 12 * 8 * 2,

	mr:      6,
	nr:      16,
	kBlock:  256,
	byPanel: true,
	panels:  [maxSmall]int{4, 3, 2, 1},
	tile:    tileAVX2,
	pack:    packAVX2,
	whole:   &wholeKernels{values: 2, tile: tileInt16AVX2, rescale: rescaleAVX2, rescaleAdd: rescaleAddAVX2},

	exp:          expAVX2,
	tanh:         tanhAVX2,
	sigmoid:      sigmoidAVX2,
	add:          addAVX2,
	mul:          mulAVX2,
	axpy:         axpyAVX2,
	affine:       affineAVX2,
	dot:          dotAVX2,
	sum:          sumAVX2,
	sumSquares:   sumSquaresAVX2,
	max:          maxAVX2,
	expSum:       expSumAVX2,
	sumExp:       sumExpAVX2,
	lstmForward:  lstmForwardAVX2,
	lstmBackward: lstmBackwardAVX2,
	gruForward:   gruForwardAVX2,
	gruBackward:  gruBackwardAVX2,
	adam:         adamAVX2,
	momentum:     momentumAVX2,
}

// The functions of vec_avx2_amd64.s and gemm_avx2_amd64.s, which gen writes.

func limitAVX2(rounds int)

//go:noescape
func tileAVX2(t *tile)

//go:noescape
func packAVX2(p *panel)

//go:noescape
func expAVX2(dst, src []float32)

//go:noescape
func tanhAVX2(dst, src []float32)

//go:noescape
func sigmoidAVX2(dst, src []float32)

//go:noescape
func addAVX2(dst, a, b []float32)

//go:noescape
func mulAVX2(dst, a, b []float32)

//go:noescape
func axpyAVX2(alpha float32, x, y []float32)

//go:noescape
func affineAVX2(alpha, beta float32, x []float32)

//go:noescape
func dotAVX2(x, y []float32) float32

//go:noescape
func sumAVX2(x []float32) float64

//go:noescape
func sumSquaresAVX2(x []float32) float64

//go:noescape
func maxAVX2(x []float32) float32

//go:noescape
func expSumAVX2(shift float32, x []float32) float64

//go:noescape
func sumExpAVX2(shift float32, x []float32) float64

//go:noescape
func lstmForwardAVX2(h int, gates, c0, c1, tc, hOut []float32)

//go:noescape
func lstmBackwardAVX2(h int, gates, c0, tc, dh, dc []float32)

//go:noescape
func gruForwardAVX2(h int, gx, gh, h0, h1 []float32)

//go:noescape
func gruBackwardAVX2(h int, gx, gh, h0, dh []float32)

//go:noescape
func adamAVX2(s *adamStep, w, g, m, v []float32)

//go:noescape
func momentumAVX2(w, g, v []float32, rate, momentum, scale, keep float32)
