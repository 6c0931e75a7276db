package rnn

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"
)

// Init sets the first values of a new parameter.
type Init func(p *Param, rng *rand.Rand)

// Zero leaves all values at 0.
func Zero() Init { return func(*Param, *rand.Rand) {} }

// Constant sets all values to v.
func Constant(v float32) Init {
	return func(p *Param, _ *rand.Rand) {
		for i := range p.W {
			p.W[i] = v
		}
	}
}

// Uniform draws from [-limit, limit).
func Uniform(limit float64) Init {
	return func(p *Param, rng *rand.Rand) {
		for i := range p.W {
			p.W[i] = float32(limit * (2*rng.Float64() - 1))
		}
	}
}

// Glorot draws uniformly from ±√(6/(in+out)). The parameter is a stack of equal blocks, such as the gates of a
// recurrent layer; in and out are the sizes of one block.
//
// Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks, 2010.
func Glorot(blocks int) Init {
	return func(p *Param, rng *rand.Rand) {
		out, in := p.Shape[0]/blocks, p.Columns()
		Uniform(math.Sqrt(6/float64(in+out)))(p, rng)
	}
}

// Orthogonal makes each of a parameter's stacked blocks a random orthogonal matrix. A block that is not square has
// orthonormal rows or columns, whichever are fewer.
//
// Saxe, McClelland and Ganguli, Exact solutions to the nonlinear dynamics of learning in deep linear neural networks,
// 2014.
func Orthogonal(blocks int) Init {
	return func(p *Param, rng *rand.Rand) {
		rows, cols := p.Shape[0]/blocks, p.Columns()
		for b := range blocks {
			orthogonal(p.W[b*rows*cols:(b+1)*rows*cols], rows, cols, rng)
		}
	}
}

// orthogonal fills w [rows, cols] with Q of the QR decomposition of a random normal matrix. Its signs make Q uniformly
// distributed.
func orthogonal(w []float32, rows, cols int, rng *rand.Rand) {
	long, short := max(rows, cols), min(rows, cols)
	normal := mat.NewDense(long, short, nil)
	for i := range long {
		for j := range short {
			normal.Set(i, j, rng.NormFloat64())
		}
	}
	var qr mat.QR
	qr.Factorize(normal)
	var q, r mat.Dense
	qr.QTo(&q)
	qr.RTo(&r)
	for i := range rows {
		for j := range cols {
			a, b := i, j
			if rows < cols {
				a, b = j, i
			}
			w[i*cols+j] = float32(math.Copysign(1, r.At(b, b)) * q.At(a, b))
		}
	}
}

// Inits sets the first values of a layer's parameters. Biases not named here start at 0, and gains at 1.
type Inits struct {
	Matrix     func(blocks int) Init // for matrices; blocks as in Glorot. Nil means Uniform(0.1).
	Recurrent  func(blocks int) Init // for recurrent matrices; nil means Matrix
	ForgetBias float32               // bias of an LSTM's forget gate
}

func (in Inits) matrix(blocks int) Init {
	if in.Matrix == nil {
		return Uniform(0.1)
	}
	return in.Matrix(blocks)
}

func (in Inits) recurrent(blocks int) Init {
	if in.Recurrent == nil {
		return in.matrix(blocks)
	}
	return in.Recurrent(blocks)
}
