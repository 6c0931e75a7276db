package kernel

// withoutBytes returns the path as it is on a processor that multiplies no bytes, or nil if it makes no difference.
func withoutBytes(p *path) *path {
	if p.ints.values == 2 {
		return nil
	}
	q := *p
	q.ints = &intKernels{values: 2, tile: tileInt16AVX512, rescale: rescaleAVX512, rescaleAdd: rescaleAddAVX512}
	return &q
}
