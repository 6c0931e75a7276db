package seq2seq

import (
	"context"
	"math"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/rnn"
)

func TestByteSize(t *testing.T) {
	for text, want := range map[string]ByteSize{
		"2GiB": 2 << 30, "512 MiB": 512 << 20, "1.5kB": 1500, "7": 7, "3B": 3, "0.5KiB": 512,
	} {
		var b ByteSize
		if err := b.UnmarshalText([]byte(text)); err != nil || b != want {
			t.Errorf("%q is %d, error %v: want %d", text, b, err, want)
		}
	}
	for _, text := range []string{"", "GiB", "-1MiB", "2 gigs", "NaN", "1e30GiB"} {
		var b ByteSize
		if err := b.UnmarshalText([]byte(text)); err == nil || !strings.Contains(err.Error(), "want a number of bytes") {
			t.Errorf("%q: error %v: want one about bytes", text, err)
		}
	}
	if s := ByteSize(3 << 29).String(); s != "1.5 GiB" {
		t.Errorf("3<<29 prints %q", s)
	}
}

// TestPlan holds that a plan changes nothing and predicts the number of steps and, by a simulated clock, their time.
func TestPlan(t *testing.T) {
	data := collect(t, corpora.Task("copy", 1, 300))
	learn, valid := data[:250], data[250:]
	m := newModel(t, smallConfig(), learn, 1)
	before, summary := weights(m), m.Summary()
	state := filepath.Join(t.TempDir(), "state")
	clock := time.Unix(0, 0)
	o := TrainOptions{Epochs: 3, BatchSentences: 10, Checkpoint: Checkpoint{State: state}, Now: func() time.Time {
		clock = clock.Add(time.Second)
		return clock
	}}
	p, err := m.Plan(context.Background(), learn, valid, &o)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(weights(m), before) || m.Summary() != summary {
		t.Error("the model has changed")
	}
	if files, _ := filepath.Glob(state + "*"); files != nil {
		t.Error("files were written:", files)
	}
	if p.EpochSteps != 25 || p.Steps != 75 || p.Pairs != 250 || p.Parameters != m.Parameters() || p.BatchSentences != 10 || p.BatchTokens != 0 {
		t.Errorf("plan %+v: want 75 steps, 25 an epoch, of batches of 10 of 250 pairs", p)
	}
	// A step takes a second of that clock, and so does a validation.
	if math.Abs(p.Epoch-26) > 5 || math.Abs(p.All-3*p.Epoch) > 1e-9 {
		t.Errorf("an epoch of %g s, %g s in all: want about 26 and 78", p.Epoch, p.All)
	}
	size, rows := ByteSize(4*m.Parameters()), 0
	for q := range m.net.params.All() {
		rows += len(q.W) / q.Columns()
	}
	if p.Memory.Weights != size || p.Memory.Gradients != size || p.Memory.Optimizer != 2*size+ByteSize(4*rows) {
		t.Errorf("memory %+v: want %d of weights and gradients, and twice as much of moments with a number for each of %d rows", p.Memory, size, rows)
	}
}

// TestPlanData holds that a plan counts the data: twice the examples take twice the memory, and the peak includes it.
func TestPlanData(t *testing.T) {
	data := collect(t, corpora.Task("copy", 1, 400))
	var held []ByteSize
	for _, n := range []int{200, 400} {
		p, err := newModel(t, smallConfig(), data, 1).Plan(t.Context(), data[:n], nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		if p.Peak < p.Data+p.Memory.Total() {
			t.Errorf("%d examples: a peak of %v: want %v of data and %v of the model or more", n, p.Peak, p.Data, p.Memory.Total())
		}
		held = append(held, p.Data)
	}
	text := 0
	for _, e := range data {
		text += len(e.Source) + len(e.Targets[0])
	}
	if ratio := float64(held[1]) / float64(held[0]); ratio < 1.9 || ratio > 2.1 || int(held[1]) < text {
		t.Errorf("200 examples hold %v, 400 with %d bytes of text hold %v", held[0], text, held[1])
	}
}

// TestEncodePairsWatched holds that encoding reports its progress.
func TestEncodePairsWatched(t *testing.T) {
	data := collect(t, corpora.Task("numbers", 1, watchEvery+5))
	var seen []int
	pairs := newModel(t, smallConfig(), data, 1).encodePairs(data, true, func(work string, done, total int) {
		if work != "encoding" || total != len(data) {
			t.Errorf("%s, %d of %d: want encoding of %d", work, done, total, len(data))
		}
		seen = append(seen, done)
	})
	if len(pairs) != len(data) || !slices.Equal(seen, []int{0, watchEvery}) {
		t.Errorf("%d pairs, told of %v", len(pairs), seen)
	}
}

// TestMemory holds that the batches for a memory bound stay below it and nearly fill it, whatever the number of cores.
func TestMemory(t *testing.T) {
	data := collect(t, corpora.Task("numbers", 1, 2000))
	for _, attention := range []rnn.Attention{rnn.General, rnn.Bahdanau, rnn.NoAttention} {
		c := smallConfig()
		c.Dropout = 0.1
		c.Decoder.Attention, c.Decoder.InputFeeding = attention, attention != rnn.NoAttention
		var found []int
		for _, procs := range []int{1, 3} {
			func() {
				defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
				o := TrainOptions{Memory: 8 << 20}
				p, err := newModel(t, c, data, 1).Plan(context.Background(), data, nil, &o)
				if err != nil {
					t.Fatal(err)
				}
				found = append(found, p.BatchTokens)
				if total := p.Memory.Total(); total > o.Memory || total < o.Memory*7/10 {
					t.Errorf("%s: batches of %d tokens hold %v: want nearly %v", attention, p.BatchTokens, total, o.Memory)
				}
			}()
		}
		if found[0] != found[1] {
			t.Errorf("%s: one core finds %d tokens, three %d", attention, found[0], found[1])
		}
	}
	m := newModel(t, smallConfig(), data, 1)
	for _, err := range m.Train(context.Background(), data, nil, &TrainOptions{Memory: 1 << 10}) {
		if err == nil || !strings.Contains(err.Error(), "memory 1.0 KiB: want ") {
			t.Errorf("error %v: want one about the memory", err)
		}
	}
}
