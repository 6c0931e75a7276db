package kernel_test

import (
	"fmt"

	"github.com/retell-rnn/retell/internal/kernel"
)

func ExampleGemm() {
	a := []float32{1, 2, 3, 4, 5, 6} // [2,3]
	b := []float32{1, 0, 0, 1, 1, 1} // [3,2]
	c := make([]float32, 4)          // [2,2]
	kernel.Gemm(false, false, 2, 2, 3, 1, a, 3, b, 2, 0, c, 2)
	fmt.Println(c)
	// Output: [4 5 10 11]
}

// Weights are packed once and multiplied often.
func ExamplePacked() {
	weights := []float32{1, 2, 3, 4, 5, 6} // [3 outputs, 2 inputs], the transpose of op(B)
	var p kernel.Packed
	p.Pack(true, 2, 3, weights, 2)
	y := make([]float32, 3)
	p.Mul(1, []float32{1, 10}, 2, 0, y, 3)
	fmt.Println(p.K(), p.N(), y)
	// Output: 2 3 [21 43 65]
}

func ExampleLSTMForward() {
	gates := []float32{100, -100, 100, 100} // i = 1, f = 0, g = 1, o = 1
	c, tc, h := []float32{7}, make([]float32, 1), make([]float32, 1)
	kernel.LSTMForward(1, 1, gates, c, c, tc, h)
	fmt.Printf("%.3f %.3f\n", c, h)
	// Output: [1.000] [0.762]
}

func ExampleCrossEntropy() {
	logits := []float32{0, 0, 0, 0}
	nll, _, hit := kernel.CrossEntropy(logits, 1, 0, 1)
	fmt.Printf("%.3f %v %v\n", nll, hit, logits)
	// Output: 1.386 false [0.25 -0.75 0.25 0.25]
}

func ExampleAdam_Update() {
	w, g := []float32{1}, []float32{0.5}
	m, v := make([]float32, 1), make([]float32, 1)
	for step := 1; step <= 3; step++ {
		adam := kernel.Adam{Rate: 0.1, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8, Step: step, Scale: 1}
		adam.Update(w, g, m, v)
	}
	fmt.Printf("%.2f\n", w[0])
	// Output: 0.70
}

func ExampleParallel() {
	squares := make([]int, 8)
	kernel.Parallel(len(squares), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			squares[i] = i * i
		}
	})
	fmt.Println(squares)
	// Output: [0 1 4 9 16 25 36 49]
}
