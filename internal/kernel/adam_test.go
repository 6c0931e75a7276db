package kernel

import (
	"math"
	"math/rand/v2"
	"runtime"
	"testing"
)

func TestAdam(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 1))
		for _, n := range lengths() {
			start := random(r, n)
			w, checkW := guarded(t, start)
			m, checkM := guarded(t, make([]float32, n))
			v, checkV := guarded(t, make([]float32, n))
			w64, m64, v64 := make([]float64, n), make([]float64, n), make([]float64, n)
			for i, x := range start {
				w64[i] = float64(x)
			}
			a := Adam{Rate: 0.01, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8, Scale: 0.5, Decay: float32(n%2) * 0.1}
			for step := 1; step <= 3; step++ {
				g := random(r, n)
				a.Step = step
				a.Update(w, g, m, v)
				for i := range n {
					gi := float64(g[i]) * float64(a.Scale)
					b1, b2 := float64(a.Beta1), float64(a.Beta2)
					m64[i] = b1*m64[i] + (1-b1)*gi
					v64[i] = b2*v64[i] + (1-b2)*gi*gi
					mh, vh := m64[i]/(1-math.Pow(b1, float64(step))), v64[i]/(1-math.Pow(b2, float64(step)))
					w64[i] -= float64(a.Rate) * (mh/(math.Sqrt(vh)+float64(a.Epsilon)) + float64(a.Decay)*w64[i])
					near(t, "w", w[i], w64[i], 1e-6, 1e-7)
					near(t, "m", m[i], m64[i], 1e-6, 1e-7)
					near(t, "v", v[i], v64[i], 1e-6, 1e-10)
				}
			}
			checkW()
			checkM()
			checkV()
		}
	})
}

func TestMomentum(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(2, 2))
		for _, n := range lengths() {
			start, g, v0 := random(r, n), random(r, n), random(r, n)
			const rate, momentum, scale, decay = 0.1, 0.9, 0.5, 0.01
			w, checkW := guarded(t, start)
			v, checkV := guarded(t, v0)
			Momentum(w, g, v, rate, momentum, scale, decay)
			checkW()
			checkV()
			plain, check := guarded(t, start)
			Momentum(plain, g, nil, rate, 0, scale, decay)
			check()
			for i := range n {
				vi := momentum*float64(v0[i]) + scale*float64(g[i])
				near(t, "v", v[i], vi, 1e-6, 1e-7)
				near(t, "w", w[i], float64(start[i])*(1-rate*decay)-rate*vi, 1e-6, 2e-7)
				near(t, "plain w", plain[i], float64(start[i])*(1-rate*decay)-rate*scale*float64(g[i]), 1e-6, 2e-7)
			}
		}
	})
}

// TestAdamDrift checks that every path gives the bits of the definition, each operation rounded.
func TestAdamDrift(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(3, 3))
		for _, n := range lengths() {
			a := AdamDrift{Factor: 0.03, Epsilon: 1e-8, Keep: 0.99, Fall1: 0.8, Fall2: 0.995}
			w0, m0, v0 := random(r, n), random(r, n), random(r, n)
			for i, x := range v0 {
				v0[i] = x * x
			}
			w, checkW := guarded(t, w0)
			m, checkM := guarded(t, m0)
			v, checkV := guarded(t, v0)
			a.Update(w, m, v)
			checkW()
			checkM()
			checkV()
			for i := range n {
				move := float32(a.Factor*m0[i]) / float32(float32(math.Sqrt(float64(v0[i])))+a.Epsilon)
				want := [3]float32{float32(a.Keep*w0[i]) - move, a.Fall1 * m0[i], a.Fall2 * v0[i]}
				if got := [3]float32{w[i], m[i], v[i]}; runtime.GOARCH == "amd64" && got != want {
					t.Fatalf("w, m and v are %v: want %v", got, want)
				}
				near(t, "w", w[i], float64(want[0]), 1e-6, 1e-7)
			}
		}
	})
}
