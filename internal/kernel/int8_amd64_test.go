package kernel

// withoutBytes returns the path without AVX512_VNNI, or nil if p does not use it.
func withoutBytes(p *path) *path {
	if p.ints.values == 2 {
		return nil
	}
	q := *p
	q.ints = &intKernels{values: 2, tile: tileInt16AVX512, rescale: rescaleAVX512, rescaleAdd: rescaleAddAVX512, greatest: greatestAVX512, lanes: 16, round: roundInt16AVX512}
	return &q
}
