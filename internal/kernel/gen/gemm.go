package main

import "fmt"

// Registers of the tile kernels.
const (
	regTile     = "DI"  // *tile; free once the sums are done
	regA        = "SI"  // rows 0 to 4 of A
	regA5       = "R8"  // rows 5 to 9
	regA10      = "R9"  // rows 10 to 13
	regRow      = "R10" // bytes between rows of A
	regRow3     = "R11" // three times that
	regStep3    = "R11" // three times regStep, where A is found by columns
	regStep     = "R12" // bytes between columns of A
	regB        = "BX"
	regPanel    = "R13" // bytes of a panel, in tiles of several
	regPan3     = "R14" // three times that
	regNext     = "R13" // in tiles of one panel
	regNextStep = "R14"
	regNextEnd  = "AX"
	regK        = "CX"
	regC        = "DX"
	regLdc      = "R15" // bytes
)

// gemm writes the tile and packing kernels.
func gemm(m *machine) []byte {
	f := newFile(m)
	f.tile()
	f.pack()
	f.limit()
	f.laneTable()
	return f.Bytes()
}

// tile writes func tile(t *tile): rows × panels·2 registers of sums, which stay in registers over all of k. One row of
// A at a time is broadcast into one of two registers that take turns and multiplied with the row of B.
func (f *file) tile() {
	f.text("tile"+string(f.form), 8)
	f.op("MOVQ", "t+0(FP)", regTile)
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
	f.op("MOVQ", "tile_nextStep(DI)", regNextStep)
	f.op("SHLQ", "$2", regNextStep)
	f.op("MOVQ", "tile_rows(DI)", "AX")
	f.op("CMPQ", "tile_panels(DI)", "$1")
	f.op("JNE", "wide")
	for r := f.mr; r >= 1; r-- {
		f.op("CMPQ", "AX", imm(r))
		f.op("JEQ", fmt.Sprint("rows", r))
	}
	f.op("RET")
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
	f.op("RET")
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

// rowA returns the operand of the row-th of rows rows of A, ahead bytes after the present column.
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

// columnA returns the operand of the row-th row of an A whose rows are neighbours, so many columns after the present
// one.
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

// rowB returns the operand of half a row of the panel-th panel, ahead bytes after regB.
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

// turn is how many columns of A a turn of the main loops multiplies: so many that the instructions beside the
// multiply-adds, which compete with them for the processor's ports, hardly count.
const turn = 4

// sums writes the kernel of one shape, from clearing the sums to the return.
func (f *file) sums(rows, panels int) {
	vecs := 2 * panels
	acc := func(row, vec int) string { return f.r(row*vecs + vec) }
	free := rows * vecs // first register that holds no sum
	f.op("MOVQ", regC, "AX")
	for row := range rows {
		for vec := 0; vec < vecs; vec += max(1, 64/f.width) {
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
		f.op("MOVQ", "tile_nextTurns(DI)", regNextEnd)
		f.op("IMULQ", regNextStep, regNextEnd)
		f.op("ADDQ", regNext, regNextEnd)
	}
	step := func(ahead int, a func(row int) string) { f.step(rows, panels, acc, free, ahead*2*f.width, a) }
	rest, done := f.label("rest"), f.label("done")
	if panels == 1 {
		columns := f.label("columns")
		f.op("CMPQ", regStep, "$4")
		f.op("JNE", columns)
		f.bases(rows)
		f.turns(func() {
			for u := range turn {
				step(u, func(row int) string { return rowA(row, rows, 4*u) })
			}
			f.advanceA(rows, imm(4*turn))
		})
		f.op("JMP", rest)
		f.place(columns)
		if !f.form.whole() { // whose A has its rows one after the other, always
			f.op("LEAQ", fmt.Sprintf("(%s)(%s*2)", regStep, regStep), regStep3)
			f.turns(func() {
				for u := range turn {
					step(u, func(row int) string { return columnA(row, u) })
				}
				f.op("LEAQ", fmt.Sprintf("(%s)(%s*%d)", regA, regStep, turn), regA)
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
	step(0, func(row int) string { return rowA(row, rows, 0) })
	f.op("ADDQ", imm(2*f.width), regB)
	f.advanceA(rows, regStep)
	f.op("DECQ", regK)
	f.op("JNZ", loop)
	f.place(done)
	f.store(rows, panels, acc)
}

// bases readies the registers by which rows of A are found.
func (f *file) bases(rows int) {
	switch {
	case rows == 6: // five times the bytes between rows does
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

// turns writes a loop over turns of k; body moves A on. regK is what is left of k then, less than a turn.
func (f *file) turns(body func()) {
	loop, last := f.label("loop"), f.label("last")
	f.op("SUBQ", imm(turn), regK)
	f.op("JLT", last)
	f.op("PCALIGN", "$64")
	f.place(loop)
	body()
	f.op("ADDQ", imm(turn*2*f.width), regB)
	for line := 0; line < 2*f.width; line += 64 {
		f.op("PREFETCHT1", mem(regNext, line))
	}
	f.op("ADDQ", regNextStep, regNext)
	f.op("CMPQ", regNext, regNextEnd)
	f.op("CMOVQEQ", "tile_next(DI)", regNext)
	f.op("SUBQ", imm(turn), regK)
	f.op("JGE", loop)
	f.place(last)
	f.op("ADDQ", imm(turn), regK)
}

// advanceA moves on by some bytes of a row of A.
func (f *file) advanceA(rows int, by string) {
	f.op("ADDQ", by, regA)
	if rows > 6 {
		f.op("ADDQ", by, regA5)
	}
	if rows > 10 {
		f.op("ADDQ", by, regA10)
	}
}

// step multiplies one column of A, whose operands a returns, with one row of B, ahead bytes after regB.
func (f *file) step(rows, panels int, acc func(row, vec int) string, free, ahead int, a func(row int) string) {
	vecs := 2 * panels
	if rows == 1 || rows > maxSmall {
		// B in registers (or used once, in memory), A broadcast.
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
	// Several panels: all of A's column in registers, B one register at a time.
	for row := range rows {
		f.op("VBROADCASTSS", a(row), f.r(f.regs-rows+row))
	}
	turns := f.regs - rows - free // registers for B, which take turns
	for v := range vecs {
		spare := f.r(free + v%min(turns, 2))
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

// multiplyAdd adds the products of two registers' lanes to sum. In int16, b is in memory and spare is used.
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

// maxSmall is the most rows of a tile that spans several panels.
const maxSmall = 4

// store writes C = alpha·sums + beta·C (of whole numbers: C = sums, or sums + C unless beta is 0) and returns. All
// columns but those of the last panel are there.
func (f *file) store(rows, panels int, acc func(row, vec int) string) {
	vecs := 2 * panels
	alpha, beta, old := f.r(f.regs-1), f.r(f.regs-2), f.r(f.regs-3)
	if !f.form.whole() {
		f.op("VBROADCASTSS", "tile_alpha(DI)", alpha)
		for row := range rows {
			for v := range vecs {
				f.op("VMULPS", alpha, acc(row, v), acc(row, v))
			}
		}
		f.op("VBROADCASTSS", "tile_beta(DI)", beta)
	}
	tail := f.label("tail")
	if f.reg == "Y" { // masked stores are slow here, so that whole panels go without
		f.op("CMPQ", "tile_cols(DI)", imm(vecs*f.lanes()))
		f.op("JNE", tail)
		f.rows(rows, vecs, acc, beta, old, func(int) string { return "" })
		f.place(tail)
	}
	f.rows(rows, vecs, acc, beta, old, f.masks(panels))
}

// rows writes C = sums + beta·C under masks and returns.
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
					if f.form.whole() {
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
