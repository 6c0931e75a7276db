package seq2seq

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/tokenize"
)

func TestScheduledShares(t *testing.T) {
	for _, c := range []struct {
		s    ScheduledSampling
		step int
		want float64
	}{
		{ScheduledSampling{}, 1000, 1},
		{ScheduledSampling{Kind: "linear", K: 200}, 50, 0.75},
		{ScheduledSampling{Kind: "linear", K: 200, Least: 0.1}, 1000, 0.1},
		{ScheduledSampling{Kind: "exponential", K: 0.99}, 100, 0.36603234127322950},
		{ScheduledSampling{Kind: "inverse_sigmoid", K: 100}, 0, 100.0 / 101},
		{ScheduledSampling{Kind: "inverse_sigmoid", K: 100}, 461, 0.4987925488},
		{ScheduledSampling{Kind: "inverse_sigmoid", K: 1, Least: 0.3}, 1 << 30, 0.3},
	} {
		if err := c.s.Validate(); err != nil {
			t.Error(err)
		}
		if got := c.s.reference(c.step); math.Abs(got-c.want) > 1e-6 {
			t.Errorf("%+v: share %v after %d steps: want %v", c.s, got, c.step, c.want)
		}
	}
	for _, s := range []ScheduledSampling{{K: 3}, {Kind: "linear"}, {Kind: "exponential", K: 1}, {Kind: "sigmoid"}, {Kind: "linear", K: 5, Least: 2}} {
		if s.Validate() == nil {
			t.Errorf("%+v is valid", s)
		}
	}
}

// TestMix holds that a share of 1 reads only reference tokens, that other shares are met, and that draws follow the
// model's distribution for their position.
func TestMix(t *testing.T) {
	data := collect(t, corpora.Task("copy", 1, 200))
	m := newModel(t, smallConfig(), data, 1)
	train(t, m, data, nil, &TrainOptions{Epochs: 2})
	pairs := m.encodePairs(data, true, nil)
	rng := rand.New(rand.NewPCG(1, 2))
	read, err := m.mix(t.Context(), pairs, 1, rng)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range pairs {
		if !slices.Equal(read[i], p.tgt) {
			t.Fatalf("pair %d reads %v: want %v", i, read[i], p.tgt)
		}
	}
	// The first draws of many equal pairs follow the model's distribution of the first token.
	const n = 4000
	same := make([]pair, n)
	for i := range same {
		same[i] = pairs[0]
	}
	if read, err = m.mix(t.Context(), same, 0.4, rng); err != nil {
		t.Fatal(err)
	}
	f := m.inference(1)
	mem := new(rnn.Buffers)
	logits, err := f.decode(mem, f.encode(mem, sources(pairs[:1])), 0).Step([]int32{tokenize.BOS})
	if err != nil {
		t.Fatal(err)
	}
	want, sum := make([]float64, len(logits)), 0.0
	for id, x := range logits {
		if id != tokenize.Pad && id != tokenize.BOS && id != tokenize.EOS {
			want[id] = math.Exp(float64(x))
			sum += want[id]
		}
	}
	got := make([]float64, len(logits))
	for _, r := range read {
		got[r[0]]++
	}
	for id := range want {
		share := 0.6 * want[id] / sum
		if int32(id) == pairs[0].tgt[0] {
			share += 0.4
		}
		if sd := math.Sqrt(share * (1 - share) / n); math.Abs(got[id]/n-share) > 5*sd {
			t.Errorf("token %q is read in %.4f of the pairs: want %.4f", m.target.Vocab().Token(int32(id)), got[id]/n, share)
		}
	}
}

// TestScheduledSamplingLearns holds that a model learns a task with scheduled sampling.
func TestScheduledSamplingLearns(t *testing.T) {
	data := collect(t, corpora.Task("reverse", 5, 8))
	m := newModel(t, smallConfig(), data, 1)
	steps := train(t, m, data, nil, &TrainOptions{
		Epochs: 300, Schedule: rnn.Schedule{Rate: 0.01}, ScheduledSampling: ScheduledSampling{Kind: "linear", K: 100, Least: 0.5},
	})
	if loss := steps[len(steps)-1].Loss; loss > 0.02 {
		t.Errorf("loss %g after %d steps: want less than 0.02", loss, len(steps))
	}
}
