package probe

import (
	"context"
	"fmt"
	"slices"

	"github.com/retell-rnn/retell/internal/kernel"
)

// Retrieval measures how near the partners of lines are, in both directions.
type Retrieval struct {
	Pairs    int     `json:"pairs"`    // number of pairs
	Forward  Ranking `json:"forward"`  // from lines to partners
	Backward Ranking `json:"backward"` // from partners to lines
}

// Ranking measures the ranks of partners by cosine. The nearest text has rank 1.
type Ranking struct {
	Error    float64 `json:"error"`     // share of texts whose partner is not the nearest, 0 to 1
	Recall1  float64 `json:"recall_1"`  // share of texts whose partner is the nearest, 0 to 1
	Recall5  float64 `json:"recall_5"`  // share of texts whose partner is among the 5 nearest, 0 to 1
	Recall10 float64 `json:"recall_10"` // share of texts whose partner is among the 10 nearest, 0 to 1
	MRR      float64 `json:"mrr"`       // mean reciprocal rank of the partner, 0 to 1
}

// Retrieve ranks all partners by their cosine with lines[i], and all lines by their cosine with partners[i]. The search
// is exact and among distinct texts. Every partner of an equal line is right. A wrong text that is equally near ranks
// before the right one.
func Retrieve(ctx context.Context, e Embedder, lines, partners []string) (Retrieval, error) {
	r := Retrieval{Pairs: len(lines)}
	ranks, err := rankPartners(ctx, e, lines, partners)
	if err != nil {
		return r, err
	}
	for k, to := range []*Ranking{&r.Forward, &r.Backward} {
		m := rankMeasures(ranks[k], "")
		to.Error, to.Recall1, to.Recall5, to.Recall10, to.MRR = m[0].Value, m[1].Value, m[2].Value, m[3].Value, m[4].Value
	}
	return r, nil
}

// RetrieveTask is [Retrieve] on line-aligned texts. The parts are the directions, a→b and b→a.
func RetrieveTask(name string, lines, partners []string) Task {
	t := Task{Name: name, Of: "pairs", Size: len(lines)}
	for i := range min(len(lines), len(partners)) {
		t.Texts = append(t.Texts, []string{lines[i], partners[i]})
	}
	t.Measure = func(ctx context.Context, e Embedder) ([]Figure, error) {
		ranks, err := rankPartners(ctx, e, lines, partners)
		if err != nil {
			return nil, err
		}
		return append(rankMeasures(ranks[0], "a→b"), rankMeasures(ranks[1], "b→a")...), nil
	}
	return t
}

// rankMeasures returns the error, the recalls and the mean reciprocal rank.
func rankMeasures(ranks []int, part string) []Figure {
	share := func(measure string, of func(rank int) float64) Figure {
		values := make([]float64, len(ranks))
		for i, rank := range ranks {
			values[i] = of(rank)
		}
		return newFigure(measure, part, newMean(values), len(ranks), nil)
	}
	within := func(limit int) func(rank int) float64 {
		return func(rank int) float64 {
			if rank <= limit {
				return 1
			}
			return 0
		}
	}
	wrong := share("error", func(rank int) float64 { return 1 - within(1)(rank) })
	wrong.Lower = true
	return []Figure{
		wrong, share("recall@1", within(1)), share("recall@5", within(5)), share("recall@10", within(10)),
		share("mrr", func(rank int) float64 { return 1 / float64(rank) }),
	}
}

// rankPartners returns the rank of each pair's partner from the line to the partner and back.
func rankPartners(ctx context.Context, e Embedder, lines, partners []string) (ranks [2][]int, err error) {
	n := len(lines)
	if n != len(partners) || n < 2 {
		return ranks, fmt.Errorf("probe: %d lines and %d partners: want equal numbers, and at least 2", n, len(partners))
	}
	a, ofA := distinct(lines)
	b, ofB := distinct(partners)
	v, err := embed(ctx, e, slices.Concat(a, b))
	if err != nil {
		return ranks, err
	}
	v = v.Unit()
	sides := [2]Vectors{v.Slice(0, len(a)), v.Slice(len(a), v.Len())}
	right := newRightPairs(sides, ofA, ofB)
	if err := sides[1].blocks(ctx, sides[0], right.count); err != nil {
		return ranks, err
	}
	right.settle()
	for k, of := range [2][]int32{ofA, ofB} {
		ranks[k] = make([]int, n)
		for i, text := range of {
			ranks[k][i] = 1 + int(right.nearer[k][text])
		}
	}
	return ranks, nil
}

// distinct returns the distinct texts, and the number of each text among them.
func distinct(texts []string) (all []string, numbers []int32) {
	found := make(map[string]int32, len(texts))
	for _, text := range texts {
		number, ok := found[text]
		if !ok {
			number = int32(len(all))
			found[text] = number
			all = append(all, text)
		}
		numbers = append(numbers, number)
	}
	return all, numbers
}

// rightPairs counts, for each text of two sides, the texts of the other side that are nearer than its nearest partner.
type rightPairs struct {
	pairs   [][2]int32   // distinct pairs of partners, by number
	cosines []float32    // cosine of each pair
	best    [2][]float32 // cosine of each text's nearest partner
	nearer  [2][]int32   // number of texts at least as near: until settle, with partners
}

func newRightPairs(sides [2]Vectors, ofA, ofB []int32) *rightPairs {
	r := new(rightPairs)
	found := make(map[[2]int32]bool, len(ofA))
	for i := range ofA {
		if pair := [2]int32{ofA[i], ofB[i]}; !found[pair] {
			found[pair] = true
			r.pairs = append(r.pairs, pair)
		}
	}
	for k, side := range sides {
		r.best[k], r.nearer[k] = slices.Repeat([]float32{-2}, side.Len()), make([]int32, side.Len())
	}
	r.cosines = make([]float32, len(r.pairs))
	kernel.Parallel(len(r.pairs), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			r.cosines[i] = sides[1].product(int(r.pairs[i][1]), sides[0], int(r.pairs[i][0]))
		}
	})
	for i, pair := range r.pairs {
		for k, text := range pair {
			r.best[k][text] = max(r.best[k][text], r.cosines[i])
		}
	}
	return r
}

// count counts the cosines c, [rows, columns], of texts of the first side from row and of the second from column.
func (r *rightPairs) count(row, column, rows, columns int, c []float32) {
	kernel.Parallel(rows, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			own, n := r.best[0][row+i], int32(0)
			for _, x := range c[i*columns:][:columns] {
				if x >= own {
					n++
				}
			}
			r.nearer[0][row+i] += n
		}
	})
	kernel.Parallel(columns, func(lo, hi int) {
		best, nearer := r.best[1][column+lo:column+hi], r.nearer[1][column+lo:column+hi]
		for i := range rows {
			for j, x := range c[i*columns+lo : i*columns+hi] {
				if x >= best[j] {
					nearer[j]++
				}
			}
		}
	})
}

// settle takes the partners out of the counts.
func (r *rightPairs) settle() {
	for i, pair := range r.pairs {
		for k, text := range pair {
			if r.cosines[i] >= r.best[k][text] {
				r.nearer[k][text]--
			}
		}
	}
}
