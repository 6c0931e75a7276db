package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/types"
	"slices"
	"strings"
)

// kernel describes an assembly function.
type kernel struct {
	signature string // in Go, without "func" and the name
	does      string // what it does, after its name
}

const (
	rowForward  = "step for one row; gates are activated in place"
	rowBackward = "step for one row; activated gates become pre-activation gradients"
	ofTile      = "one tile, C = alpha·A·B + beta·C,"
)

// kernels describes every function by its name, with its form and without the suffix of a machine.
var kernels = map[string]kernel{
	"limit": {"(rounds int)", "runs rounds of independent multiply-adds and touches no memory"},

	"tile":      {"(t *tile)", "computes " + ofTile + " of float32"},
	"tileBF16":  {"(t *tile)", "computes " + ofTile + " of bf16 pairs, summed in float32"},
	"tileSplit": {"(t *tile)", "computes " + ofTile + " of float32 values in three bf16 parts, summed in float32"},
	"tileInt8":  {"(t *tile)", "computes one tile, C = A·B, or C + A·B unless beta is 0, of four int8 to an element"},
	"tileInt16": {"(t *tile)", "computes one tile, C = A·B, or C + A·B unless beta is 0, of two int16 to an element"},

	"pack":          {"(p *panel)", "lays out a panel of float32, stored either way"},
	"pairPack":      {"(p *panel)", "lays out a panel as bf16 pairs; the panel is not transposed"},
	"pairPackSplit": {"(p *panel)", "lays out a panel as pairs of three bf16 parts; the panel is not transposed"},
	"pairRow":       {"(dst, src []float32)", "rounds src to bf16 pairs; a lone last value is paired with 0"},
	"pairRowSplit":  {"(dst, src []float32)", "splits src into pairs of three bf16 parts, in whole units, zeros past src"},

	"squareBF16":     {"(p *panel)", "lays out up to 16 columns of a panel as squares of bf16 pairs; the panel is not transposed"},
	"squareSplit":    {"(p *panel)", "lays out up to 16 columns of a panel as squares of three parts; the panel is not transposed"},
	"transposeBF16":  {"(p *panel)", "lays out up to 16 columns of a transposed panel as bf16 pairs"},
	"transposeSplit": {"(p *panel)", "lays out up to 16 columns of a transposed panel as pairs of three bf16 parts"},

	"rescale":    {"(scale float32, c, sums, bias, scales []float32)", "sets c = (sums − bias)·scales·scale; sums and bias are int32"},
	"rescaleAdd": {"(scale float32, c, sums, bias, scales []float32)", "adds (sums − bias)·scales·scale to c; sums and bias are int32"},

	"greatest":   {"(x []float32) float32", "returns the greatest magnitude of x, compared as bits: NaN is above infinity"},
	"roundInt8":  {"(by float32, src, dst []float32)", "rounds src·by to bytes with 128 added, four to an element of dst; src is whole registers"},
	"roundInt16": {"(by float32, src, dst []float32)", "rounds src·by to int16, two to an element of dst; src is whole registers"},

	"exp":     {"(dst, src []float32)", "sets dst = e^src"},
	"tanh":    {"(dst, src []float32)", "sets dst = tanh src"},
	"sigmoid": {"(dst, src []float32)", "sets dst = 1/(1 + e^−src)"},
	"add":     {"(dst, a, b []float32)", "sets dst = a + b"},
	"mul":     {"(dst, a, b []float32)", "sets dst = a·b, element by element"},
	"axpy":    {"(alpha float32, x, y []float32)", "adds alpha·x to y"},
	"affine":  {"(alpha, beta float32, x []float32)", "sets x = alpha·x + beta"},

	"dot":        {"(x, y []float32) float32", "returns Σ x·y, summed in float32"},
	"sum":        {"(x []float32) float64", "returns Σ x, summed in float64"},
	"sumSquares": {"(x []float32) float64", "returns Σ x², summed in float64"},
	"max":        {"(x []float32) float32", "returns the greatest number of x, skipping NaN"},
	"maxPlus":    {"(dst, x, m []float32)", "sets dst[j] to the greatest x[i] + m[i,j], skipping NaN; m has rows of dst's length"},
	"expSum":     {"(shift float32, x []float32) float64", "sets x = e^(x − shift) and returns Σ x"},
	"sumExp":     {"(shift float32, x []float32) float64", "returns Σ e^(x − shift) and leaves x unchanged"},

	"lstmForward":  {"(h int, gates, c0, c1, tc, hOut []float32)", "computes an LSTM " + rowForward},
	"lstmBackward": {"(h int, gates, c0, tc, dh, dc []float32)", "differentiates an LSTM " + rowBackward},
	"gruForward":   {"(h int, gx, gh, h0, h1 []float32)", "computes a GRU " + rowForward},
	"gruBackward":  {"(h int, gx, gh, h0, dh []float32)", "differentiates a GRU " + rowBackward},

	"adam":     {"(s *adamStep, w, g, m, v []float32)", "makes one Adam update of w"},
	"drift":    {"(s *AdamDrift, w, m, v []float32)", "makes the updates of w in which it had no gradient"},
	"momentum": {"(w, g, v []float32, rate, momentum, scale, keep float32)", "makes one update of w with momentum"},
}

// argument is a parameter or result of a function, at an offset in bytes from the frame pointer.
type argument struct {
	name, kind string
	offset     int
}

// function is an assembly function of one machine.
type function struct {
	kernel
	name  string
	args  []argument // parameters, then the result
	size  int        // bytes of the arguments
	sets  []string   // instruction sets
	start int        // where its text begins in its file
}

// newFunction returns the function called name on a machine.
func newFunction(name string, m *machine) *function {
	k, ok := kernels[name]
	if !ok {
		panic("gen: " + name + " is not described in kernels")
	}
	fn := &function{kernel: k, name: name + m.suffix, sets: []string{m.set}}
	expr, err := parser.ParseExpr("func" + k.signature)
	if err != nil {
		panic(fmt.Sprintf("gen: signature of %s: %v", name, err))
	}
	signature := expr.(*ast.FuncType)
	for _, field := range signature.Params.List {
		for _, n := range field.Names {
			fn.argument(n.Name, types.ExprString(field.Type))
		}
	}
	if signature.Results != nil {
		fn.align(8)
		fn.argument("ret", types.ExprString(signature.Results.List[0].Type))
	}
	if signature.Results == nil {
		fn.align(8)
	}
	return fn
}

// argument adds an argument at the next offset that suits its type.
func (fn *function) argument(name, kind string) {
	size, unit := 8, 8
	switch {
	case kind == "float32":
		size, unit = 4, 4
	case kind == "[]float32":
		size = 24
	case kind != "int" && kind != "float64" && kind[0] != '*':
		panic("gen: argument " + name + " of type " + kind)
	}
	fn.align(unit)
	fn.args = append(fn.args, argument{name, kind, fn.size})
	fn.size += size
}

func (fn *function) align(unit int) { fn.size = (fn.size + unit - 1) / unit * unit }

// slices returns the arguments that are slices, in order.
func (fn *function) slices() []argument {
	return slices.DeleteFunc(slices.Clone(fn.args), func(a argument) bool { return a.kind != "[]float32" })
}

// comment returns the function's contract as comment lines.
func (fn *function) comment() string {
	return fmt.Sprintf("// %s %s.\n// Instruction sets: %s.\n", fn.name, fn.does, strings.Join(fn.sets, ", "))
}

// declarations returns a Go file that declares functions.
func declarations(files []*file) []byte {
	var b bytes.Buffer
	b.WriteString("// Code generated by gen. DO NOT EDIT.\n\npackage kernel\n")
	shapes(&b)
	for _, f := range files {
		fmt.Fprintf(&b, "\n// The functions of %s.\n", f.path)
		for _, fn := range f.functions {
			b.WriteString("\n" + fn.comment())
			if strings.ContainsAny(fn.signature, "*[") {
				b.WriteString("//\n//go:noescape\n")
			}
			fmt.Fprintf(&b, "func %s%s\n", fn.name, fn.signature)
		}
	}
	return formatted(b.Bytes())
}

func formatted(source []byte) []byte {
	out, err := format.Source(source)
	if err != nil {
		panic(fmt.Sprintf("gen: %v", err))
	}
	return out
}
