package kernel

// avx512 is the path of processors with AVX-512 (F, BW, DQ, VL), and with AVX512_BF16 and AVX512_VNNI where they are.
var avx512 = path{
	name:     "avx512",
	limit:    limitAVX512,
	limitOps: limitOpsAVX512,

	shape:  shapeAVX512,
	kBlock: 2048,
	tile:   tileAVX512,
	pack:   packAVX512,
	pairs:  pairsAVX512(),
	ints:   intsAVX512(),

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
	maxPlus:      maxPlusAVX512,
	expSum:       expSumAVX512,
	sumExp:       sumExpAVX512,
	lstmForward:  lstmForwardAVX512,
	lstmBackward: lstmBackwardAVX512,
	gruForward:   gruForwardAVX512,
	gruBackward:  gruBackwardAVX512,
	adam:         adamAVX512,
	drift:        driftAVX512,
	momentum:     momentumAVX512,
}
