package search

import (
	"math/rand/v2"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestRanking checks the partial selection against a full sort, with many ties and with sums that rounding makes equal.
func TestRanking(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := ranking{size: rapid.IntRange(1, 12).Draw(t, "size")}
		scale := rapid.SampledFrom([]float32{1, 1e-9, 1e-20, 1e9}).Draw(t, "scale")
		start := rapid.SampledFrom([]float64{0, -1.5, -1e4}).Draw(t, "start")
		var all []candidate
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		values := rapid.SampledFrom([]int{1, 7, 1000}).Draw(t, "values")
		shift := values * rapid.IntRange(0, 2).Draw(t, "shift") / 2
		peaks := rapid.Bool().Draw(t, "peaks")
		for parent := range rapid.IntRange(1, 4).Draw(t, "parents") {
			row := make([]float32, rapid.SampledFrom([]int{5, 20, 300, 700}).Draw(t, "vocabulary"))
			for i := range row {
				row[i] = scale * float32(rng.IntN(values)-shift)
				if peaks && (i+1)%256 < 2 { // at the edges of blocks
					row[i] += scale * float32(values)
				}
				all = append(all, candidate{parent, int32(i), row[i], start + float64(row[i])})
			}
			r.add(parent, start, row)
		}
		slices.SortStableFunc(all, candidate.order)
		if diff := gocmp.Diff(all[:min(r.size, len(all))], r.list, gocmp.AllowUnexported(candidate{})); diff != "" {
			t.Fatal(diff)
		}
	})
}
