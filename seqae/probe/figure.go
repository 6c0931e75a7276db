package probe

import (
	"math"
	"slices"
)

// Figure is a measured value.
type Figure struct {
	Measure  string      `json:"measure"`                   // name of the measure
	Part     string      `json:"part,omitempty"`            // part of the task, such as a genre or a direction; absent for the whole task
	Size     int         `json:"size"`                      // number of examples of the part
	Value    float64     `json:"value"`                     // -1 to 1 for correlations, 0 to 1 for others
	Lower    bool        `json:"lower_is_better,omitempty"` // whether lower values are better, as for errors
	Interval *Confidence `json:"interval,omitempty"`        // confidence interval of the value; absent if no interval was asked for

	of    statistic // the value of a sample; nil means that there are neither intervals nor tests
	whole bool      // whether all examples of the task count
}

// Confidence is a 95 % confidence interval: the 2.5 % and 97.5 % percentiles of a bootstrap.
type Confidence struct {
	Low  float64 `json:"low"`  // lower end
	High float64 `json:"high"` // upper end
}

// Name returns the measure and the part.
func (f Figure) Name() string {
	if f.Part == "" {
		return f.Measure
	}
	return f.Measure + " " + f.Part
}

// over returns how much better a value is than another.
func (f Figure) over(value, other float64) float64 {
	if f.Lower {
		return other - value
	}
	return value - other
}

// find returns the figure with the measure and the part of another.
func find(figures []Figure, like Figure) (Figure, bool) {
	i := slices.IndexFunc(figures, func(f Figure) bool { return f.Measure == like.Measure && f.Part == like.Part })
	if i < 0 {
		return Figure{}, false
	}
	return figures[i], true
}

// newFigure returns the figure of a statistic over all n examples of a task.
func newFigure(measure, part string, s statistic, n int, w *workspace) Figure {
	return Figure{Measure: measure, Part: part, Size: s.size(), Value: s.value(ones(n), w), of: s, whole: s.size() == n}
}

// unseen returns the figure over the examples that are not seen.
func (f Figure) unseen(seen []bool, w *workspace) Figure {
	s := f.of.within(func(i int) bool { return !seen[i] })
	part := "unseen"
	if f.Part != "" {
		part = f.Part + " unseen"
	}
	return Figure{Measure: f.Measure, Part: part, Size: s.size(), Value: s.value(ones(len(seen)), w), Lower: f.Lower, of: s}
}

// statistic is a figure as a function of a sample of a task's examples.
type statistic interface {
	// value returns the figure over counts[i] copies of each example i.
	value(counts []int32, w *workspace) float64

	// within returns the statistic over the examples for which keep is true.
	within(keep func(i int) bool) statistic

	// size returns the number of examples that count.
	size() int
}

// workspace is the scratch memory of statistics.
type workspace struct {
	counts [2][]int32   // [groups] of each series
	ranks  [2][]float64 // [groups] of each series
}

// groups returns memory for n groups of each series. The counts are zeros.
func (w *workspace) groups(k, n int) ([]int32, []float64) {
	if cap(w.counts[k]) < n {
		w.counts[k], w.ranks[k] = make([]int32, n), make([]float64, n)
	}
	counts := w.counts[k][:n]
	clear(counts)
	return counts, w.ranks[k][:n]
}

// mean is the mean of a value of each example.
type mean struct {
	rows   []int32   // examples that count
	values []float64 // value of each of rows
}

func newMean(values []float64) *mean { return &mean{allRows(len(values)), values} }

func (m *mean) value(counts []int32, _ *workspace) float64 {
	sum, n := 0.0, 0
	for k, row := range m.rows {
		c := counts[row]
		sum += float64(c) * m.values[k]
		n += int(c)
	}
	if n == 0 {
		return 0
	}
	return sum / float64(n)
}

func (m *mean) within(keep func(i int) bool) statistic {
	p := new(mean)
	for k, row := range m.rows {
		if keep(int(row)) {
			p.rows, p.values = append(p.rows, row), append(p.values, m.values[k])
		}
	}
	return p
}

func (m *mean) size() int { return len(m.rows) }

// isBinary reports whether each example is right or wrong.
func (m *mean) isBinary() bool {
	return !slices.ContainsFunc(m.values, func(x float64) bool { return x != 0 && x != 1 })
}

// correlation is Pearson's correlation of two series, or Spearman's. A constant series has the correlation 0.
type correlation struct {
	rows   []int32      // examples that count
	series [2][]float64 // values of each of rows
	groups [2][]int32   // of Spearman's: number of each value among the distinct values, ascending; otherwise nil
	count  [2]int       // number of distinct values
}

func newPearson(x, y []float64) *correlation {
	return &correlation{rows: allRows(len(x)), series: [2][]float64{x, y}}
}

func newSpearman(x, y []float64) *correlation {
	c := newPearson(x, y)
	c.group()
	return c
}

// group sorts the values once, so that the ranks in each sample take linear time.
func (c *correlation) group() {
	for k, values := range c.series {
		order := allRows(len(values))
		slices.SortFunc(order, func(a, b int32) int {
			switch {
			case values[a] < values[b]:
				return -1
			case values[a] > values[b]:
				return 1
			}
			return 0
		})
		c.groups[k] = make([]int32, len(values))
		for i, row := range order {
			if i == 0 || values[row] != values[order[i-1]] {
				c.count[k]++
			}
			c.groups[k][row] = int32(c.count[k] - 1)
		}
	}
}

func (c *correlation) size() int { return len(c.rows) }

func (c *correlation) within(keep func(i int) bool) statistic {
	p := new(correlation)
	for k, row := range c.rows {
		if keep(int(row)) {
			p.rows = append(p.rows, row)
			p.series[0], p.series[1] = append(p.series[0], c.series[0][k]), append(p.series[1], c.series[1][k])
		}
	}
	if c.groups[0] != nil {
		p.group()
	}
	return p
}

func (c *correlation) value(counts []int32, w *workspace) float64 {
	if c.groups[0] == nil {
		return c.pearson(counts)
	}
	return c.spearman(counts, w)
}

// pearson computes the correlation of the values.
func (c *correlation) pearson(counts []int32) float64 {
	x, y := c.series[0], c.series[1]
	var n, mx, my float64
	for k, row := range c.rows {
		m := float64(counts[row])
		n += m
		mx += m * x[k]
		my += m * y[k]
	}
	if n == 0 {
		return 0
	}
	mx, my = mx/n, my/n
	var xx, yy, xy float64
	for k, row := range c.rows {
		m, dx, dy := float64(counts[row]), x[k]-mx, y[k]-my
		xx += m * dx * dx
		yy += m * dy * dy
		xy += m * dx * dy
	}
	return ratio(xy, xx, yy)
}

// spearman computes the correlation of the ranks. Equal values share their average rank.
func (c *correlation) spearman(counts []int32, w *workspace) float64 {
	var ranks [2][]float64
	var squares [2]float64
	for k, groups := range c.groups {
		in, rank := w.groups(k, c.count[k])
		total := 0
		for i, row := range c.rows {
			in[groups[i]] += counts[row]
			total += int(counts[row])
		}
		below, middle := 0, float64(total+1)/2
		for g, n := range in {
			rank[g] = float64(below) + float64(n+1)/2 - middle
			squares[k] += float64(n) * rank[g] * rank[g]
			below += int(n)
		}
		ranks[k] = rank
	}
	xy := 0.0
	for i, row := range c.rows {
		xy += float64(counts[row]) * ranks[0][c.groups[0][i]] * ranks[1][c.groups[1][i]]
	}
	return ratio(xy, squares[0], squares[1])
}

// ratio returns a correlation from sums of products, or 0 for a constant series.
func ratio(xy, xx, yy float64) float64 {
	if !(xx > 0) || !(yy > 0) {
		return 0
	}
	return max(-1, min(1, xy/math.Sqrt(xx*yy)))
}

func allRows(n int) []int32 {
	rows := make([]int32, n)
	for i := range rows {
		rows[i] = int32(i)
	}
	return rows
}

func ones(n int) []int32 { return slices.Repeat([]int32{1}, n) }
