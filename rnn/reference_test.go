package rnn

import (
	"math"
	"slices"
)

// refModel is a plain float64 encoder-decoder that shares no arithmetic with the package. Tests compare the package's
// gradients with central differences of its loss.
type refModel struct {
	*testModel
	w map[string][]float64
}

func (m *refModel) mat(p *Param, x []float64) []float64 {
	return times(m.w[p.Name], x[:p.Columns()])
}

// times returns the product of a matrix and a vector.
func times(w, x []float64) []float64 {
	in := len(x)
	out := make([]float64, len(w)/in)
	for i := range out {
		for j := range in {
			out[i] += w[i*in+j] * x[j]
		}
	}
	return out
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

func plus(a ...[]float64) []float64 {
	out := make([]float64, len(a[0]))
	for _, v := range a {
		for i := range out {
			out[i] += v[i]
		}
	}
	return out
}

// refCell computes the state after a token from gx = W x + b and gh = U h + b'. norm normalizes a memory.
type refCell struct {
	groups []int // numbers of gates that are normalized together
	step   func(gx, gh, h, c []float64, norm func(c []float64) []float64) (h1, c1 []float64)
	peeps  func(gx, gh, p, c []float64) (h1, c1 []float64) // in place of step for a cell with a parameter p of its own
}

var refCells = map[Cell]refCell{
	LSTM:     {groups: []int{4}, step: refLSTM},
	GRU:      {groups: []int{2, 1}, step: refGRU},
	MGU:      {groups: []int{1, 1}, step: refMGU},
	Peephole: {groups: []int{4}, peeps: refPeephole},
}

func refLSTM(gx, gh, h, c []float64, norm func([]float64) []float64) (h1, c1 []float64) {
	n := len(h)
	h1, c1 = make([]float64, n), make([]float64, n)
	for i := range n {
		in, f := sigmoid(gx[i]+gh[i]), sigmoid(gx[n+i]+gh[n+i])
		c1[i] = f*c[i] + in*math.Tanh(gx[2*n+i]+gh[2*n+i])
	}
	for i, v := range norm(c1) {
		h1[i] = sigmoid(gx[3*n+i]+gh[3*n+i]) * math.Tanh(v)
	}
	return h1, c1
}

func refPeephole(gx, gh, p, c []float64) (h1, c1 []float64) {
	n := len(c)
	h1, c1 = make([]float64, n), make([]float64, n)
	for i := range n {
		in, f := sigmoid(gx[i]+gh[i]+p[i]*c[i]), sigmoid(gx[n+i]+gh[n+i]+p[n+i]*c[i])
		c1[i] = f*c[i] + in*math.Tanh(gx[2*n+i]+gh[2*n+i])
		h1[i] = sigmoid(gx[3*n+i]+gh[3*n+i]+p[2*n+i]*c1[i]) * math.Tanh(c1[i])
	}
	return h1, c1
}

func refGRU(gx, gh, h, _ []float64, _ func([]float64) []float64) (h1, c1 []float64) {
	n := len(h)
	h1, c1 = make([]float64, n), make([]float64, n)
	for i := range n {
		r, z := sigmoid(gx[i]+gh[i]), sigmoid(gx[n+i]+gh[n+i])
		cand := math.Tanh(gx[2*n+i] + r*gh[2*n+i])
		h1[i] = (1-z)*cand + z*h[i]
	}
	return h1, c1
}

func refMGU(gx, gh, h, _ []float64, _ func([]float64) []float64) (h1, c1 []float64) {
	n := len(h)
	h1, c1 = make([]float64, n), make([]float64, n)
	for i := range n {
		f := sigmoid(gx[i] + gh[i])
		h1[i] = (1-f)*h[i] + f*math.Tanh(gx[n+i]+f*gh[n+i])
	}
	return h1, c1
}

func (m *refModel) cell(kind Cell, w weights, x, h, c []float64) (h1, c1 []float64) {
	ref := refCells[kind]
	gx, gh := m.mat(w.wx, x), m.mat(w.wh, h)
	norm := func(c []float64) []float64 { return c }
	if w.norm != nil {
		var sizes []int
		for _, gates := range ref.groups {
			sizes = append(sizes, gates*w.hidden)
		}
		gx, gh = m.norm(gx, w.norm.gx, sizes), m.norm(gh, w.norm.gh, sizes)
		norm = func(c []float64) []float64 { // only LSTM calls it
			return plus(m.norm(c, w.norm.gc, []int{len(c)}), m.w[w.norm.bc.Name])
		}
	}
	gx, gh = plus(gx, m.w[w.bx.Name]), plus(gh, m.w[w.bh.Name])
	if ref.peeps != nil {
		return ref.peeps(gx, gh, m.w[w.own.Name], c)
	}
	return ref.step(gx, gh, h, c, norm)
}

// norm returns groups of x after layer normalization with a gain.
func (m *refModel) norm(x []float64, gain *Param, sizes []int) []float64 {
	var out []float64
	for _, n := range sizes {
		mean, variance := 0.0, 0.0
		for _, v := range x[len(out):][:n] {
			mean += v / float64(n)
		}
		for _, v := range x[len(out):][:n] {
			variance += (v - mean) * (v - mean) / float64(n)
		}
		for _, v := range x[len(out):][:n] {
			out = append(out, (v-mean)/math.Sqrt(variance+1e-5)*m.w[gain.Name][len(out)])
		}
	}
	return out
}

func (m *refModel) embed(e *Embedding, id int32) []float64 {
	return m.w[e.Weight.Name][int(id)*e.Size:][:e.Size]
}

func (m *refModel) linear(l *Linear, x []float64) []float64 {
	y := plus(m.mat(l.Weight, x), m.w[l.Bias.Name])
	if l.Tanh {
		for i := range y {
			y[i] = math.Tanh(y[i])
		}
	}
	return y
}

// refState is a layer's state.
type refState struct{ h, c []float64 }

// encode returns the top layer's states of a source, and the last state of each layer.
func (m *refModel) encode(src []int32) (xs [][]float64, last []refState) {
	for _, id := range src {
		x := slices.Clone(m.embed(m.srcEmb, id))
		if m.factor != nil {
			x = append(x, m.embed(m.factor, id)...)
		}
		xs = append(xs, x)
	}
	for k, l := range m.encoder {
		out := make([][]float64, len(xs))
		var s refState
		for d, w := range l.dirs {
			h, c := make([]float64, w.hidden), make([]float64, w.hidden)
			for k := range xs {
				t := k
				if d == 1 {
					t = len(xs) - 1 - k
				}
				h, c = m.cell(m.testConfig.cell, w, xs[t], h, c)
				out[t] = append(out[t], h...)
			}
			s.h, s.c = append(s.h, h...), append(s.c, c...)
		}
		if m.residual && k > 0 {
			for t := range out {
				out[t] = plus(out[t], xs[t])
			}
		}
		xs = out
		last = append(last, s)
	}
	return xs, last
}

// bridged returns the decoder's first states.
func (m *refModel) bridged(last []refState) []refState {
	states := make([]refState, m.decoder.Layers)
	for l, bl := range m.bridge.layers {
		s := last[bl.from]
		for i, linear := range bl.maps {
			switch i {
			case 0:
				s.h = m.linear(linear, s.h)
			case 1:
				s.c = m.linear(linear, s.c)
			}
		}
		if m.testConfig.cell.cell().states < 2 || m.decCell.cell().states < 2 {
			s.c = make([]float64, len(s.h))
		}
		states[l] = s
	}
	return states
}

// sentence returns the loss of one pair.
func (m *refModel) sentence(src, tgt []int32) float64 {
	xs, last := m.encode(src)
	d, states := m.decoder, m.bridged(last)
	feed := make([]float64, d.Out)
	total := 0.0
	cov := make([]float64, len(src))
	var alpha []float64
	prev := int32(2)
	for t, next := range tgt {
		x := append([]float64(nil), m.embed(m.tgtEmb, prev)...)
		if d.InputFeeding {
			x = append(x, feed...)
		}
		if d.Condition > 0 {
			x = append(x, last[len(last)-1].h...)
		}
		for l, w := range d.layers {
			states[l].h, states[l].c = m.cell(m.decCell, w, x, states[l].h, states[l].c)
			if d.Residual && l > 0 {
				x = plus(states[l].h, x)
			} else {
				x = states[l].h
			}
		}
		if d.att != nil {
			x, alpha = m.attend(x, xs, cov)
			for i, a := range alpha {
				total += m.repeated * min(a, cov[i])
				cov[i] += a
			}
			for _, s := range m.wanted(src, t) {
				total -= m.guided * float64(m.wantedWeight(t)) / float64(len(m.wanted(src, t))) * math.Log(alpha[s])
			}
			feed = x
		}
		total += m.token(x, alpha, src, next)
		if prev = next; m.copier != nil && int(next) >= m.output.Vocab {
			prev = 1
		}
	}
	return total
}

// token returns the loss of a target token from the decoder's output x and its attention alpha.
func (m *refModel) token(x, alpha []float64, src []int32, next int32) float64 {
	logits := plus(m.mat(m.output.Weight, x), m.w[m.output.Bias.Name])
	lse := 0.0
	for _, v := range logits {
		lse += math.Exp(v)
	}
	lse = math.Log(lse)
	loss := 0.0
	if m.copier == nil {
		for i, v := range logits {
			q := m.eps / float64(len(logits))
			if int32(i) == next {
				q += 1 - m.eps
			}
			loss -= q * (v - lse)
		}
		return loss
	}
	g := sigmoid(m.mat(m.copier.Gate, x)[0] + m.w[m.copier.GateBias.Name][0])
	p := 0.0
	if int(next) < len(logits) {
		p = g * math.Exp(logits[next]-lse)
	}
	for i, id := range m.copies(src).ids {
		if id == next {
			p += (1 - g) * alpha[i]
		}
	}
	loss -= (1 - m.eps) * math.Log(p)
	for _, v := range logits {
		loss -= m.eps / float64(len(logits)) * (v - lse)
	}
	return loss
}

// attend returns the attentional vector and the weights.
func (m *refModel) attend(h []float64, memory [][]float64, cov []float64) (out, alpha []float64) {
	d, w := m.decoder, func(name string) []float64 { return m.w["decoder.attention."+name] }
	scores := make([]float64, len(memory))
	sum := 0.0
	for s, mem := range memory {
		switch d.Attention {
		case Dot:
			scores[s] = dot(h, mem)
		case ScaledDot:
			scores[s] = dot(h, mem) / math.Sqrt(float64(len(h)))
		case General:
			scores[s] = dot(h, times(w("memory.weight"), mem))
		case Concat, Bahdanau:
			k := plus(times(w("memory.weight"), mem), times(w("query.weight"), h))
			if d.Attention == Bahdanau {
				k = plus(k, w("query.bias"))
			}
			for i := range k {
				if d.Coverage {
					k[i] += cov[s] * w("coverage.weight")[i]
				}
				k[i] = math.Tanh(k[i])
			}
			scores[s] = dot(w("v"), k)
		}
		scores[s] = math.Exp(scores[s])
		sum += scores[s]
	}
	ctx := make([]float64, d.Memory)
	for s, mem := range memory {
		for i := range ctx {
			ctx[i] += scores[s] / sum * mem[i]
		}
	}
	for s := range scores {
		scores[s] /= sum
	}
	out = times(w("output.weight"), append(ctx, h...))
	for i := range out {
		out[i] = math.Tanh(out[i])
	}
	return out, scores
}

func dot(a, b []float64) float64 {
	s := 0.0
	for i := range a {
		s += a[i] * b[i]
	}
	return s
}
