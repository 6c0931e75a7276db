package kernel

import "golang.org/x/sys/cpu"

//go:generate go run ./gen

// machinePaths returns the paths that this processor has, the fastest first.
func machinePaths() []*path {
	var paths []*path
	if x := &cpu.X86; x.HasAVX512F && x.HasAVX512BW && x.HasAVX512DQ && x.HasAVX512VL && x.HasAVX2 && x.HasFMA {
		paths = append(paths, newAVX512())
	}
	if x := &cpu.X86; x.HasAVX2 && x.HasFMA {
		paths = append(paths, newAVX2())
	}
	return append(paths, &generic)
}

func newAVX512() *path {
	p := generic
	p.name = "avx512"
	p.mr, p.nr, p.panels, p.tile = 14, 32, [maxSmall]int{4, 4, 4, 3}, tileAVX512
	p.pack = packAVX512
	p.limit, p.limitOps = limitAVX512, 24*16*2
	return &p
}

func newAVX2() *path {
	p := generic
	p.name = "avx2"
	p.mr, p.nr, p.panels, p.tile = 6, 16, [maxSmall]int{4, 3, 2, 1}, tileAVX2
	p.pack = packAVX2
	p.limit, p.limitOps = limitAVX2, 12*8*2
	return &p
}

//go:noescape
func tileAVX512(t *tile)

//go:noescape
func tileAVX2(t *tile)

func limitAVX512(rounds int)

func limitAVX2(rounds int)

//go:noescape
func packAVX512(p *panel)

//go:noescape
func packAVX2(p *panel)
