package seq2seq

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/retell-rnn/retell/internal/kernel"
)

// TestJoinedPoolings holds that joined poolings stand side by side, and checks each of lines of one and two tokens.
func TestJoinedPoolings(t *testing.T) {
	m, _, _ := bottlenecked(t, func(*Config) {}, TrainOptions{MaxSteps: 1})
	lines := []string{"1", "2", "1 2", "", "3 1 4 1 5"}
	var joined EmbedPooling
	parts := map[EmbedPooling][][]float32{}
	for _, kind := range EmbedPoolings() {
		parts[kind] = embeddings(t, m, &EmbedOptions{Pool: kind}, lines...)
		joined += "+" + kind
	}
	joined = joined[1:]
	for i, v := range embeddings(t, m, &EmbedOptions{Pool: joined, BatchSentences: 2}, lines...) {
		var want []float32
		for _, kind := range EmbedPoolings() {
			want = append(want, parts[kind][i]...)
		}
		if !slices.Equal(v, want) {
			t.Errorf("%q: %s is not its parts side by side", lines[i], joined)
		}
	}
	if got, err := m.EmbeddingSize(&EmbedOptions{Pool: joined}); err != nil || got != len(embeddings(t, m, &EmbedOptions{Pool: joined}, "1")[0]) {
		t.Errorf("size %d (%v)", got, err)
	}
	for d, mean := range parts[EmbedMean][0] {
		if first := parts[EmbedFirst][0][d]; first != mean/2 || parts[EmbedMax][0][d] != mean || parts[EmbedMin][0][d] != mean {
			t.Fatalf("one token: first %v, max %v, min %v of %v", first, parts[EmbedMax][0][d], parts[EmbedMin][0][d], mean)
		}
	}
	if n := kernel.SumSquares(parts[EmbedUnit][0]); math.Abs(n-1) > 1e-6 {
		t.Errorf("unit of one token has the squared length %v: want 1", n)
	}
	for d, mean := range parts[EmbedMean][2] {
		if sum := parts[EmbedMax][2][d] + parts[EmbedMin][2][d]; math.Abs(float64(sum-2*mean)) > 1e-6 {
			t.Fatalf("two tokens: max + min is %v: want twice the mean, %v", sum, mean)
		}
	}
	for pool, want := range map[EmbedPooling]string{
		"mean+median": `pool: "mean+median": want bottleneck, mean, max, min, unit, first, last or words, or several joined by +`,
		"max+max":     `pool: "max+max": max twice: want it once`,
	} {
		if _, err := m.EmbeddingSize(&EmbedOptions{Pool: pool}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v: want %s", pool, err, want)
		}
	}
}
