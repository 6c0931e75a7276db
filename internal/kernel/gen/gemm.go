package main

import "fmt"

// Registers of the tile kernels.
const (
	regTile       = "DI"  // *tile
	regA          = "SI"  // rows 0 to 4 of A
	regA5         = "R8"  // rows 5 to 9
	regA10        = "R9"  // rows 10 to 13
	regRow        = "R10" // bytes between rows of A
	regRow3       = "R11" // three times that
	regStep3      = "R11" // three times regStep, where A is found by columns
	regStep       = "R12" // bytes between columns of A
	regB          = "BX"
	regPanel      = "R13" // bytes of a panel, in tiles of several
	regPan3       = "R14" // three times that
	regNext       = "R13" // in tiles of one panel
	regNextStride = "R14"
	regNextEnd    = "AX"
	regK          = "CX"
	regC          = "DX"
	regLdc        = "R15" // bytes
)

// gemm writes the tile and packing kernels of float32, and the limit.
func gemm(m *machine) *file {
	f := newFile(m, "gemm_"+m.name+"_amd64.s")
	f.tile()
	f.pack()
	f.limit()
	f.laneTable()
	return f
}

// tile writes the tile kernel, one loop for each shape. The sums, rows × 2·panels registers, stay in registers over
// all of k. Each element of A is broadcast and multiplied with a row of B.
func (f *file) tile() {
	f.begin("tile"+string(f.form), 0)
	f.op("MOVQ", f.arg("t", ""), regTile)
	f.op("MOVQ", "tile_a(DI)", regA)
	f.op("MOVQ", "tile_b(DI)", regB)
	f.op("MOVQ", "tile_c(DI)", regC)
	f.op("MOVQ", "tile_k(DI)", regK)
	f.op("MOVQ", "tile_rs(DI)", regRow)
	f.op("MOVQ", "tile_cs(DI)", regStep)
	f.op("MOVQ", "tile_ldc(DI)", regLdc)
	for _, r := range []string{regRow, regStep, regLdc} {
		f.op("SHLQ", "$2", r)
	}
	f.op("LEAQ", fmt.Sprintf("(%s)(%s*2)", regRow, regRow), regRow3)
	f.op("MOVQ", "tile_next(DI)", regNext)
	f.op("MOVQ", "tile_nextStride(DI)", regNextStride)
	f.op("SHLQ", "$2", regNextStride)
	f.op("MOVQ", "tile_rows(DI)", "AX")
	f.op("CMPQ", "tile_panels(DI)", "$1")
	f.op("JNE", "wide")
	for r := f.mr; r >= 1; r-- {
		f.op("CMPQ", "AX", imm(r))
		f.op("JEQ", fmt.Sprint("rows", r))
	}
	f.trap() // rows outside 1 to mr
	f.place("wide")
	f.op("MOVQ", regK, regPanel)
	f.op("IMULQ", imm(2*f.width), regPanel)
	f.op("LEAQ", fmt.Sprintf("(%s)(%s*2)", regPanel, regPanel), regPan3)
	for i, p := range f.panels {
		if p > 1 {
			f.op("CMPQ", "AX", imm(i+1))
			f.op("JEQ", fmt.Sprintf("rows%dpanels%d", i+1, p))
		}
	}
	f.trap() // no tile of several panels has so many rows
	for r := f.mr; r >= 1; r-- {
		f.place(fmt.Sprint("rows", r))
		f.sums(r, 1)
	}
	for i, p := range f.panels {
		if p > 1 {
			f.place(fmt.Sprintf("rows%dpanels%d", i+1, p))
			f.sums(i+1, p)
		}
	}
}

// rowA returns the operand of A's element in the given row of rows, ahead bytes after the current column.
func rowA(row, rows, ahead int) string {
	if row == 5 && rows == 6 {
		return mem(regA, ahead) + "(" + regA5 + "*1)"
	}
	base := mem([]string{regA, regA5, regA10}[row/5], ahead)
	switch row % 5 {
	case 0:
		return base
	case 3:
		return base + "(" + regRow3 + "*1)"
	}
	return fmt.Sprintf("%s(%s*%d)", base, regRow, row%5)
}

// columnA is rowA for an A whose columns are contiguous, ahead columns after the current one.
func columnA(row, ahead int) string {
	base := mem(regA, 4*row)
	switch ahead {
	case 0:
		return base
	case 3:
		return base + "(" + regStep3 + "*1)"
	}
	return fmt.Sprintf("%s(%s*%d)", base, regStep, ahead)
}

// rowB returns the operand of half a row of a panel, ahead bytes after regB.
func (f *file) rowB(panel, half, ahead int) string {
	disp := ahead + half*f.width
	switch panel {
	case 0:
		return mem(regB, disp)
	case 3:
		return fmt.Sprintf("%d(%s)(%s*1)", disp, regB, regPan3)
	}
	return fmt.Sprintf("%d(%s)(%s*%d)", disp, regB, regPanel, panel)
}

// sums writes the kernel of one shape: it clears the sums, multiplies over k, stores and returns.
func (f *file) sums(rows, panels int) {
	vecs := 2 * panels
	acc := func(row, vec int) string { return f.r(row*vecs + vec) }
	free := rows * vecs // first register that holds no sum
	f.op("MOVQ", regC, "AX")
	for row := range rows {
		for vec := 0; vec < vecs; vec += max(1, cacheLine/f.width) {
			f.op("PREFETCHT0", mem("AX", vec*f.width))
		}
		if row < rows-1 {
			f.op("ADDQ", regLdc, "AX")
		}
	}
	for i := range free {
		f.op("VXORPS", f.r(i), f.r(i), f.r(i))
	}
	if panels == 1 {
		f.op("MOVQ", "tile_nextCount(DI)", regNextEnd)
		f.op("IMULQ", regNextStride, regNextEnd)
		f.op("ADDQ", regNext, regNextEnd)
	}
	column := func(ahead int, a func(row int) string) { f.column(rows, panels, acc, free, ahead*2*f.width, a) }
	rest, done := f.label("rest"), f.label("done")
	if panels == 1 {
		columns := f.label("columns")
		f.op("CMPQ", regStep, "$4")
		f.op("JNE", columns)
		f.bases(rows)
		f.mainLoop(func() {
			for u := range unroll {
				column(u, func(row int) string { return rowA(row, rows, 4*u) })
			}
			f.advanceA(rows, imm(4*unroll))
		})
		f.op("JMP", rest)
		f.place(columns)
		if !f.form.integer() { // A of integers always has contiguous rows
			f.op("LEAQ", fmt.Sprintf("(%s)(%s*2)", regStep, regStep), regStep3)
			f.mainLoop(func() {
				for u := range unroll {
					column(u, func(row int) string { return columnA(row, u) })
				}
				f.op("LEAQ", fmt.Sprintf("(%s)(%s*%d)", regA, regStep, unroll), regA)
			})
			f.op("LEAQ", fmt.Sprintf("(%s)(%s*2)", regRow, regRow), regRow3)
		}
	}
	f.bases(rows)
	f.place(rest)
	if panels == 1 {
		f.op("TESTQ", regK, regK)
		f.op("JZ", done)
	}
	loop := f.label("loop")
	f.op("PCALIGN", "$64")
	f.place(loop)
	column(0, func(row int) string { return rowA(row, rows, 0) })
	f.op("ADDQ", imm(2*f.width), regB)
	f.advanceA(rows, regStep)
	f.op("DECQ", regK)
	f.op("JNZ", loop)
	f.place(done)
	f.store(rows, panels, acc)
}

// bases sets the registers that rowA addresses rows of A by.
func (f *file) bases(rows int) {
	switch {
	case rows == 6: // the offset of row 5
		f.op("LEAQ", fmt.Sprintf("(%s)(%s*4)", regRow, regRow), regA5)
	case rows > 6:
		f.op("LEAQ", fmt.Sprintf("(%s)(%s*4)", regA, regRow), regA5)
		f.op("ADDQ", regRow, regA5)
	}
	if rows > 10 {
		f.op("LEAQ", fmt.Sprintf("(%s)(%s*4)", regA5, regRow), regA10)
		f.op("ADDQ", regRow, regA10)
	}
}

// mainLoop writes a loop over k, unroll columns of A at a time; body multiplies them and advances A. It leaves in regK
// the remainder of k, less than unroll.
func (f *file) mainLoop(body func()) {
	loop, last := f.label("loop"), f.label("last")
	f.op("SUBQ", imm(unroll), regK)
	f.op("JLT", last)
	f.op("PCALIGN", "$64")
	f.place(loop)
	body()
	f.op("ADDQ", imm(unroll*2*f.width), regB)
	for line := 0; line < 2*f.width; line += cacheLine {
		f.op("PREFETCHT1", mem(regNext, line))
	}
	f.op("ADDQ", regNextStride, regNext)
	f.op("CMPQ", regNext, regNextEnd)
	f.op("CMOVQEQ", "tile_next(DI)", regNext)
	f.op("SUBQ", imm(unroll), regK)
	f.op("JGE", loop)
	f.place(last)
	f.op("ADDQ", imm(unroll), regK)
}

// advanceA advances the rows of A by some bytes.
func (f *file) advanceA(rows int, by string) {
	f.op("ADDQ", by, regA)
	if rows > 6 {
		f.op("ADDQ", by, regA5)
	}
	if rows > 10 {
		f.op("ADDQ", by, regA10)
	}
}

// column multiplies one column of A, whose operands a returns, with one row of B, ahead bytes after regB. Registers
// from free on hold no sums.
func (f *file) column(rows, panels int, acc func(row, vec int) string, free, ahead int, a func(row int) string) {
	vecs := 2 * panels
	if rows == 1 || rows > maxSmall {
		// B stands in registers, or in memory where it is used once. Two registers alternate for the elements of A.
		b := make([]string, vecs)
		for v := range b {
			b[v] = f.rowB(v/2, v%2, ahead)
			if f.form == bf16s || f.form != int16s && rows > 1 {
				reg := f.r(free + v)
				f.op("VMOVUPS", b[v], reg)
				b[v] = reg
			}
		}
		for row := range rows {
			reg := f.r(f.regs - 2 + row%2)
			f.op("VBROADCASTSS", a(row), reg)
			for v := range vecs {
				f.multiplyAdd(b[v], reg, acc(row, v), f.r(free+v%2))
			}
		}
		return
	}
	// With several panels, the column of A stands in registers, and B passes through one or two.
	for row := range rows {
		f.op("VBROADCASTSS", a(row), f.r(f.regs-rows+row))
	}
	spares := f.regs - rows - free // registers for B
	for v := range vecs {
		spare := f.r(free + v%min(spares, 2))
		b := f.rowB(v/2, v%2, ahead)
		if f.form != int16s {
			f.op("VMOVUPS", b, spare)
			b = spare
		}
		for row := range rows {
			f.multiplyAdd(b, f.r(f.regs-rows+row), acc(row, v), spare)
		}
	}
}

// multiplyAdd adds the products of the lanes of b and a to sum. Only int16, whose b is in memory, uses spare.
func (f *file) multiplyAdd(b, a, sum, spare string) {
	switch f.form {
	case bf16s:
		f.dotPairs(b, a, sum)
	case int8s:
		f.op("VPDPBUSD", b, a, sum)
	case int16s:
		f.op("VPMADDWD", b, a, spare)
		f.op("VPADDD", spare, sum, sum)
	default:
		f.op("VFMADD231PS", b, a, sum)
	}
}

// store writes C = alpha·sums + beta·C and returns. Integers have C = sums, or sums + C unless beta is 0. Only the
// last panel may have fewer columns than nr.
func (f *file) store(rows, panels int, acc func(row, vec int) string) {
	vecs := 2 * panels
	alpha, beta, old := f.r(f.regs-1), f.r(f.regs-2), f.r(f.regs-3)
	if !f.form.integer() {
		f.op("VBROADCASTSS", "tile_alpha(DI)", alpha)
		for row := range rows {
			for v := range vecs {
				f.op("VMULPS", alpha, acc(row, v), acc(row, v))
			}
		}
		f.op("VBROADCASTSS", "tile_beta(DI)", beta)
	}
	tail := f.label("tail")
	if f.reg == "Y" { // masked stores are slow here: whole panels avoid them
		f.op("CMPQ", "tile_cols(DI)", imm(vecs*f.lanes()))
		f.op("JNE", tail)
		f.rows(rows, vecs, acc, beta, old, func(int) string { return "" })
		f.place(tail)
	}
	f.rows(rows, vecs, acc, beta, old, f.masks(panels))
}

// rows writes C = sums + beta·C under masks and returns; the sums are already multiplied by alpha.
func (f *file) rows(rows, vecs int, acc func(row, vec int) string, beta, old string, mask func(v int) string) {
	f.op("MOVL", "tile_beta(DI)", "AX")
	f.op("ADDL", "AX", "AX") // zero of either sign
	clean := f.label("clean")
	f.op("JZ", clean)
	for _, sum := range []bool{true, false} {
		if !sum {
			f.place(clean)
		}
		base := "AX"
		f.op("MOVQ", regC, base)
		for row := range rows {
			for v := range vecs {
				at := mem(base, v*f.width)
				if sum {
					f.load(at, mask(v), old)
					if f.form.integer() {
						f.op("VPADDD", old, acc(row, v), acc(row, v))
					} else {
						f.op("VFMADD231PS", old, beta, acc(row, v))
					}
				}
				f.put(acc(row, v), mask(v), at)
			}
			if row < rows-1 {
				f.op("ADDQ", regLdc, base)
			}
		}
		f.ret()
	}
}
