package kernel

// avx2 is the path of processors with AVX2 and FMA.
var avx2 = path{
	name:     "avx2",
	limit:    limitAVX2,
	limitOps: limitOpsAVX2,

	shape:   shapeAVX2,
	kBlock:  256,
	byPanel: true,
	tile:    tileAVX2,
	pack:    packAVX2,
	ints:    &intKernels{values: 2, tile: tileInt16AVX2, rescale: rescaleAVX2, rescaleAdd: rescaleAddAVX2, greatest: greatestAVX2, lanes: 8, round: roundInt16AVX2},

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
	maxPlus:      maxPlusAVX2,
	expSum:       expSumAVX2,
	sumExp:       sumExpAVX2,
	lstmForward:  lstmForwardAVX2,
	lstmBackward: lstmBackwardAVX2,
	gruForward:   gruForwardAVX2,
	gruBackward:  gruBackwardAVX2,
	adam:         adamAVX2,
	drift:        driftAVX2,
	momentum:     momentumAVX2,
}
