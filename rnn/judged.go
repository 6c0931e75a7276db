package rnn

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/internal/setting"
	"gorgonia.org/gorgonia"
)

// JudgedKind names a loss that fits cosines to given similarities. Empty means [CoSENT].
type JudgedKind string

const (
	// CoSENT ranks: log(1 + Σ e^((cos j − cos i)/temperature)) over all i and j of a batch where i's similarity is the
	// greater one. Only the order of the similarities counts. Su, CoSENT: A More Efficient Sentence Vector Scheme than
	// Sentence-BERT, 2022.
	CoSENT JudgedKind = "cosent"
	// Regression is the squared difference of the cosine and the similarity. Reimers and Gurevych, Sentence-BERT, 2019.
	Regression JudgedKind = "regression"
)

// JudgedKinds returns all kinds of loss of judged pairs.
func JudgedKinds() []JudgedKind { return []JudgedKind{CoSENT, Regression} }

// MarshalText implements [encoding.TextMarshaler]. A kind outside [JudgedKinds] is an error.
func (k JudgedKind) MarshalText() ([]byte, error) { return setting.Marshal(k, JudgedKinds()...) }

// UnmarshalText implements [encoding.TextUnmarshaler]. A text outside [JudgedKinds] is an error.
func (k *JudgedKind) UnmarshalText(text []byte) error {
	return setting.Unmarshal(k, text, JudgedKinds()...)
}

// JudgedLoss fits the cosines of pairs of vectors to their similarities. A vector of zeros has the cosine 0 and no
// gradient.
type JudgedLoss struct {
	Kind        JudgedKind
	Temperature float64 // of CoSENT, above 0; 0 means 0.05
	Sizes       []int   // as [ContrastLoss.Sizes]
}

// JudgedRows names the pairs of a batch: rows A[i] and B[i] of z, of a similarity from 0 to 1.
type JudgedRows struct {
	A, B       []int32
	Similarity []float32
}

// JudgedStats are sums over the pairs of a batch.
type JudgedStats struct {
	Pairs  int
	Loss   float64
	Cosine float64 // by the last of Sizes
}

// Add adds the sums of another batch.
func (s *JudgedStats) Add(o JudgedStats) {
	s.Pairs += o.Pairs
	s.Loss += o.Loss
	s.Cosine += o.Cosine
}

// Forward returns the loss, summed over pairs, as a scalar; CoSENT counts its logarithm once for each pair. z is [rows,
// size]. stats, if not nil, is set when the graph runs. Every run reads rows anew.
func (l JudgedLoss) Forward(p *Pass, z *gorgonia.Node, rows JudgedRows, stats *JudgedStats) *gorgonia.Node {
	if !p.matrix("judged pairs", z, -1, -1) {
		return nil
	}
	s := shapeOf(z)
	if err := l.check(s, rows); err != nil {
		p.fail(err)
		return nil
	}
	var dz []float32
	f := &fused{name: "judged", outs: []shape{{}}}
	f.forward = func(in, out [][]float32) {
		if err := l.check(s, rows); err != nil {
			p.reject(err)
			return
		}
		dz = p.mem.zeros(s.len())
		var sums JudgedStats
		f.early(func() { sums = l.run(&p.mem, in[0], s.columns, rows, dz) })
		if stats != nil {
			*stats = sums
		}
		out[0] = []float32{float32(sums.Loss)}
	}
	f.backward = func(gout, gin [][]float32) {
		f.late(gout[0][0], dz)
		gin[0] = dz
	}
	return p.apply(f, z)[0]
}

// Gradient is [JudgedLoss.Forward] with no graph. It sets dz, of z's length, to the loss's gradient with respect to z,
// [rows, size].
func (l JudgedLoss) Gradient(z []float32, size int, rows JudgedRows, dz []float32) (JudgedStats, error) {
	if size < 1 || len(z)%size != 0 || len(dz) != len(z) {
		return JudgedStats{}, fmt.Errorf("rnn: judged pairs: %d values and %d gradients of size %d: want rows of that size", len(z), len(dz), size)
	}
	if err := l.check(shape{len(z) / size, size}, rows); err != nil {
		return JudgedStats{}, err
	}
	clear(dz)
	var mem Buffers
	return l.run(&mem, z, size, rows, dz), nil
}

// check returns an error if settings are outside their ranges or rows are not rows of z.
func (l JudgedLoss) check(z shape, rows JudgedRows) error {
	if err := setting.OneOf(cmp.Or(l.Kind, CoSENT), JudgedKinds()...); err != nil {
		return fmt.Errorf("rnn: judged pairs: kind %w", err)
	}
	if !(l.Temperature >= 0) {
		return fmt.Errorf("rnn: judged pairs: temperature %g: want above 0", l.Temperature)
	}
	if err := checkSizes("judged pairs", l.Sizes, z.columns); err != nil {
		return err
	}
	if n := len(rows.A); n == 0 || len(rows.B) != n || len(rows.Similarity) != n {
		return fmt.Errorf("rnn: judged pairs: %d and %d rows and %d similarities: want one of each a pair, and at least one pair", n, len(rows.B), len(rows.Similarity))
	}
	for _, s := range rows.Similarity {
		if !(s >= 0 && s <= 1) {
			return fmt.Errorf("rnn: judged pairs: similarity %g: want 0 to 1", s)
		}
	}
	return checkRows("judged pairs", z.rows, rows.A, rows.B)
}

// run computes the loss and adds its gradient to dz.
func (l JudgedLoss) run(mem *Buffers, z []float32, size int, rows JudgedRows, dz []float32) JudgedStats {
	n := len(rows.A)
	sums := JudgedStats{Pairs: n}
	sizes := prefixes(l.Sizes, size)
	share := 1 / float64(len(sizes))
	cosines, dcosines := make([]float64, n), make([]float64, n)
	for _, k := range sizes {
		a, b := newUnits(mem, z, size, k, rows.A), newUnits(mem, z, size, k, rows.B)
		sums.Cosine = 0
		for i := range cosines {
			cosines[i] = float64(kernel.Dot(a.row(a.y, i), b.row(b.y, i)))
			sums.Cosine += cosines[i]
		}
		if cmp.Or(l.Kind, CoSENT) == CoSENT {
			sums.Loss += share * rank(cosines, rows.Similarity, cmp.Or(l.Temperature, defaultTemperature), dcosines)
		} else {
			sums.Loss += share * regress(cosines, rows.Similarity, dcosines)
		}
		da, db := mem.zeros(len(a.y)), mem.zeros(len(b.y))
		for i, d := range dcosines {
			kernel.Axpy(float32(share*d), b.row(b.y, i), a.row(da, i))
			kernel.Axpy(float32(share*d), a.row(a.y, i), b.row(db, i))
		}
		a.add(da, dz)
		b.add(db, dz)
	}
	return sums
}

// regress returns the loss of [Regression] and sets d to its gradients.
func regress(cosines []float64, similarity []float32, d []float64) (loss float64) {
	for i, c := range cosines {
		diff := c - float64(similarity[i])
		loss += diff * diff
		d[i] = 2 * diff
	}
	return loss
}

// rank returns the loss of [CoSENT] times the number of pairs and sets d to its gradients. The sum over all i and j is
// one pass over the pairs in order of similarity, which keeps log Σ e^(cos j/temperature) over the lesser j.
func rank(cosines []float64, similarity []float32, temperature float64, d []float64) float64 {
	n := len(cosines)
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(similarity[i], similarity[j]) })
	ties := func(f func(group []int)) { // in ascending order
		for lo, hi := 0, 0; lo < n; lo = hi {
			for hi < n && similarity[order[hi]] == similarity[order[lo]] {
				hi++
			}
			f(order[lo:hi])
		}
	}
	lesser, greater := make([]float64, n), make([]float64, n) // logarithms of the sums of both sides
	total, sum := 0.0, math.Inf(-1)                           // the 1 in the loss; e^(cos j/temperature) so far
	ties(func(group []int) {
		for _, i := range group {
			lesser[i] = sum - cosines[i]/temperature
			total = addLogs(total, lesser[i])
		}
		for _, i := range group {
			sum = addLogs(sum, cosines[i]/temperature)
		}
	})
	slices.Reverse(order)
	sum = math.Inf(-1)
	ties(func(group []int) {
		for _, i := range group {
			greater[i] = sum + cosines[i]/temperature
		}
		for _, i := range group {
			sum = addLogs(sum, -cosines[i]/temperature)
		}
	})
	for i := range d {
		d[i] = float64(n) / temperature * (math.Exp(greater[i]-total) - math.Exp(lesser[i]-total))
	}
	return float64(n) * total
}

// addLogs returns log(e^a + e^b).
func addLogs(a, b float64) float64 {
	if b > a {
		a, b = b, a
	}
	if math.IsInf(b, -1) {
		return a
	}
	return a + math.Log1p(math.Exp(b-a))
}
