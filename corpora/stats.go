package corpora

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
)

// Stats describes the lines of one side of a corpus.
type Stats struct {
	Lines          int `json:"lines"`           // number of lines
	EmptyLines     int `json:"empty_lines"`     // number of lines without tokens
	DistinctLines  int `json:"distinct_lines"`  // number of distinct lines
	Tokens         int `json:"tokens"`          // number of tokens
	DistinctTokens int `json:"distinct_tokens"` // number of distinct tokens

	// Lengths are in tokens. P95 is the smallest length that at least 95 % of lines do not exceed.
	Min    int     `json:"min"`    // minimum number of tokens of a line
	Mean   float64 `json:"mean"`   // mean number of tokens of a line
	Median int     `json:"median"` // median number of tokens of a line
	P95    int     `json:"p95"`    // number of tokens that 95 % of lines do not exceed
	P99    int     `json:"p99"`    // number of tokens that 99 % of lines do not exceed
	Max    int     `json:"max"`    // maximum number of tokens of a line

	// Histogram counts lines by length: 0, 1, 2, 3-4, 5-8, 9-16 and so on, up to the bin of Max.
	Histogram []Bin `json:"histogram,omitempty"`
}

// Bin counts the lines with From to To tokens.
type Bin struct {
	From  int `json:"from"`  // minimum number of tokens of its lines
	To    int `json:"to"`    // maximum number of tokens of its lines
	Lines int `json:"lines"` // number of lines
}

// Measure reads a stream of lines to its end. A nil tokens splits lines at white space. It keeps every distinct token
// and a digest of 16 bytes for every distinct line in memory.
func Measure(lines iter.Seq2[string, error], tokens func(line string) []string) (Stats, error) {
	if tokens == nil {
		tokens = strings.Fields
	}
	var s Stats
	distinctLines := make(map[[16]byte]struct{})
	distinctTokens := make(map[string]struct{})
	lengths := make(map[int]int) // length -> lines
	for line, err := range lines {
		if err != nil {
			return Stats{}, err
		}
		s.Lines++
		distinctLines[digest(line)] = struct{}{}
		toks := tokens(line)
		s.Tokens += len(toks)
		lengths[len(toks)]++
		for _, t := range toks {
			if _, ok := distinctTokens[t]; !ok {
				distinctTokens[strings.Clone(t)] = struct{}{} // a substring would keep the line in memory
			}
		}
	}
	s.EmptyLines = lengths[0]
	s.DistinctLines = len(distinctLines)
	s.DistinctTokens = len(distinctTokens)
	if s.Lines > 0 {
		s.Mean = float64(s.Tokens) / float64(s.Lines)
		s.describe(lengths)
	}
	return s, nil
}

// describe sets the fields that depend on the distribution of lengths, which is not empty.
func (s *Stats) describe(lengths map[int]int) {
	sorted := slices.Sorted(maps.Keys(lengths))
	s.Min, s.Max = sorted[0], sorted[len(sorted)-1]
	percentiles := [...]struct {
		to      *int
		percent int
	}{{&s.Median, 50}, {&s.P95, 95}, {&s.P99, 99}}
	bin, below, next := Bin{}, 0, 0 // below: lines counted so far; next: percentile to set
	for _, length := range sorted {
		for length > bin.To {
			s.Histogram = append(s.Histogram, bin)
			bin = Bin{From: bin.To + 1, To: max(1, 2*bin.To)}
		}
		bin.Lines += lengths[length]
		below += lengths[length]
		for next < len(percentiles) && 100*below >= percentiles[next].percent*s.Lines {
			*percentiles[next].to = length
			next++
		}
	}
	s.Histogram = append(s.Histogram, bin)
}

// String returns a table.
func (s Stats) String() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "lines\t%d\n", s.Lines)
	fmt.Fprintf(w, "  distinct\t%d\n", s.DistinctLines)
	fmt.Fprintf(w, "  empty\t%d\n", s.EmptyLines)
	fmt.Fprintf(w, "tokens\t%d\n", s.Tokens)
	fmt.Fprintf(w, "  distinct\t%d\n", s.DistinctTokens)
	fmt.Fprintf(w, "tokens in a line\tmean %.2f, median %d, 95 %% up to %d, 99 %% up to %d, %d to %d\n",
		s.Mean, s.Median, s.P95, s.P99, s.Min, s.Max)
	for _, bin := range s.Histogram {
		fmt.Fprintf(w, "  %d", bin.From)
		if bin.To > bin.From {
			fmt.Fprintf(w, "-%d", bin.To)
		}
		fmt.Fprintf(w, "\t%d\n", bin.Lines)
	}
	w.Flush()
	return b.String()
}
