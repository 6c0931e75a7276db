package main

import (
	"bufio"
	"cmp"
	"fmt"
	"iter"
	"math"
	"slices"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/seqae/vectors"
)

// similarFlags are the flags of similar.
type similarFlags struct {
	from      *rowFlags
	top       int
	pairs     int
	aligned   bool
	matrix    bool
	mine      bool
	mining    vectors.MineOptions
	threshold float64
	bounded   bool // threshold is given
	numbers   bool
	asJSON    bool
	output    string
}

func newSimilar() *cobra.Command {
	var f similarFlags
	cmd := &cobra.Command{
		Use:   "similar A [B]",
		Short: "Compare the lines of two files, or find pairs that mean the same",
		Long: `Compare the lines of A with those of B by the cosine of their vectors. Without B, compare the lines of A with each
other. Each output line is a score, a line of A and a line of B, separated by tabs:

  --top K      the K most similar lines of B for each line of A, in the order of A (the default, with 1)
  --pairs N    the N most similar of all pairs
  --aligned    line n of A with line n of B
  --matrix     all cosines instead, a row for each line of A and a column for each line of B; with -o as a file
  --mine       pairs that mean the same, such as translations, by their margin scores

A margin score is the cosine divided by the mean cosine of both lines with their nearest neighbors in the other file, so
that a line near to everything does not win. A score above 1 says that the two are nearer to each other than to their
other neighbors. The output is the best pair of each line, the greatest score first; with --one-to-one, a line is in one
pair at most. Where to cut depends on the model: look at the pairs, and try --threshold 1.05 to 1.2.

The lines of B stay in memory; those of A do too with --mine and without B.

` + rowsHelp,
		Example: `  retell similar -m vectors.retell questions.txt answers.txt --top 3
  retell similar -m vectors.retell news.en news.de --mine --one-to-one --threshold 1.1 > pairs.tsv
  retell similar captions.npy --pairs 100 --json
  retell similar a.npy b.npy --matrix -o cosines.npy`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args) },
	}
	f.from = addRowFlags(cmd)
	flags := cmd.Flags()
	flags.IntVar(&f.top, "top", 1, "number of lines of B for each line of A")
	flags.IntVar(&f.pairs, "pairs", 0, "number of pairs, the most similar of all")
	flags.BoolVar(&f.aligned, "aligned", false, "compare line n of A with line n of B")
	flags.BoolVar(&f.matrix, "matrix", false, "write all cosines")
	flags.BoolVar(&f.mine, "mine", false, "find pairs that mean the same, by margin scores")
	flags.IntVar(&f.mining.K, "neighbors", 4, "with --mine: number of neighbors that a margin compares with, in each direction")
	flags.BoolVar(&f.mining.OneToOne, "one-to-one", false, "with --mine: let each line be in one pair at most")
	flags.Float64Var(&f.threshold, "threshold", 0, "minimum score of a pair (default: none)")
	flags.BoolVar(&f.numbers, "numbers", false, "write the numbers of lines, from 1, instead of their texts")
	flags.BoolVar(&f.asJSON, "json", false, "write one JSON object a line for each pair")
	flags.StringVarP(&f.output, "output", "o", "", "with --matrix: file of the cosines, in a format of embed")
	cmd.MarkFlagsMutuallyExclusive("top", "pairs", "aligned", "matrix", "mine")
	for _, flag := range []string{"threshold", "numbers", "json"} {
		cmd.MarkFlagsMutuallyExclusive("matrix", flag)
	}
	return cmd
}

// check refuses flags that contradict each other and values out of range.
func (f *similarFlags) check(cmd *cobra.Command, args []string) error {
	given := cmd.Flags().Changed
	f.bounded = given("threshold")
	switch {
	case f.top < 1:
		return misusef("--top is %d: want at least 1", f.top)
	case given("pairs") && f.pairs < 1:
		return misusef("--pairs is %d: want at least 1", f.pairs)
	case f.mining.K < 1:
		return misusef("--neighbors is %d: want at least 1", f.mining.K)
	case math.IsNaN(f.threshold):
		return misusef("--threshold is %v: want a number", f.threshold)
	case !f.mine && (given("neighbors") || f.mining.OneToOne):
		return misusef("--neighbors or --one-to-one without --mine: want --mine")
	case !f.matrix && f.output != "":
		return misusef("-o without --matrix: pairs go to standard output")
	case len(args) == 1 && (f.aligned || f.mine):
		return misusef("--aligned and --mine compare two files: want A and B")
	case len(args) == 2 && args[0] == "-" && args[1] == "-":
		return misusef(`both files are "-": want standard input for one at most`)
	}
	return cmp.Or(f.from.lines.check(), checkOutputs(f.output))
}

func (f *similarFlags) run(cmd *cobra.Command, args []string) error {
	if err := f.check(cmd, args); err != nil {
		return err
	}
	if f.aligned {
		return f.runAligned(cmd, args)
	}
	b, err := f.from.matrix(cmd, args[len(args)-1])
	if err != nil {
		return err
	}
	a := b.All()
	if len(args) == 2 {
		f.from.options.MaxWait = maxWait(cmd, args[0])
		if a, err = f.from.rows(cmd, args[0], b.Width); err != nil {
			return err
		}
	}
	if f.matrix {
		err = f.writeMatrix(cmd, vectors.Cosines(cmd.Context(), a, b))
	} else {
		err = f.write(cmd, f.find(cmd, a, b, len(args) == 1))
	}
	return cmp.Or(err, f.from.end())
}

// runAligned compares the lines of two files with the same number, in constant memory.
func (f *similarFlags) runAligned(cmd *cobra.Command, args []string) error {
	b, err := f.from.rows(cmd, args[1], 0)
	if err != nil {
		return err
	}
	a, err := f.from.rows(cmd, args[0], 0)
	if err != nil {
		return err
	}
	return cmp.Or(f.write(cmd, vectors.Aligned(a, b)), f.from.end())
}

// find streams the pairs. within says that a and b are the rows of one file.
func (f *similarFlags) find(cmd *cobra.Command, a iter.Seq2[vectors.Row, error], b *vectors.Matrix, within bool) iter.Seq2[vectors.Pair, error] {
	if !f.mine && f.pairs == 0 {
		return f.nearest(cmd, a, b, within)
	}
	return func(yield func(vectors.Pair, error) bool) {
		var pairs []vectors.Pair
		var err error
		switch {
		case f.mine:
			pairs, err = f.mined(cmd, a, b)
		case within:
			pairs, err = vectors.TopPairsWithin(cmd.Context(), b, f.pairs)
		default:
			pairs, err = vectors.TopPairs(cmd.Context(), a, b, f.pairs)
		}
		if err != nil {
			yield(vectors.Pair{}, err)
			return
		}
		for _, p := range pairs {
			if !yield(p, nil) {
				return
			}
		}
	}
}

// mined returns the pairs of --mine, and shows the progress.
func (f *similarFlags) mined(cmd *cobra.Command, a iter.Seq2[vectors.Row, error], b *vectors.Matrix) ([]vectors.Pair, error) {
	at := newScreen(cmd).startWork("reading")
	defer at.end()
	left, err := vectors.Collect(a)
	if err != nil {
		return nil, err
	}
	f.mining.Watch, f.mining.Threshold = at.watch, max(0, f.threshold)
	pairs, err := vectors.Mine(cmd.Context(), left, b, &f.mining)
	if err == nil {
		logger(cmd).Info("mined", "a", left.Rows(), "b", b.Rows(), "pairs", len(pairs))
	}
	return pairs, err
}

// nearest streams the pairs of each row of a and its nearest rows of b. Within a file, a row is not its own neighbor.
func (f *similarFlags) nearest(cmd *cobra.Command, a iter.Seq2[vectors.Row, error], b *vectors.Matrix, within bool) iter.Seq2[vectors.Pair, error] {
	return func(yield func(vectors.Pair, error) bool) {
		x, err := vectors.NewIndex(cmd.Context(), b, nil)
		if err != nil {
			yield(vectors.Pair{}, err)
			return
		}
		o := vectors.SearchOptions{K: f.top, MaxWait: f.from.options.MaxWait}
		if within {
			o.K++
		}
		n := -1
		for r, err := range x.Search(cmd.Context(), a, &o) {
			if n++; err != nil {
				yield(vectors.Pair{}, err)
				return
			}
			near := slices.DeleteFunc(r.Neighbors, func(h vectors.Neighbor) bool { return within && h.Row == n })
			for _, h := range near[:min(f.top, len(near))] {
				if !yield(vectors.Pair{A: n, B: h.Row, TextA: r.Query, TextB: h.Text, Similarity: h.Similarity, Score: float64(h.Similarity)}, nil) {
					return
				}
			}
		}
	}
}

// write writes the pairs that reach the threshold.
func (f *similarFlags) write(cmd *cobra.Command, pairs iter.Seq2[vectors.Pair, error]) error {
	return writeOutput(cmd, "", func(w *bufio.Writer) error {
		for p, err := range pairs {
			switch {
			case err != nil:
				return err
			case f.bounded && p.Score < f.threshold:
				continue
			case f.asJSON:
				err = writeJSON(w, similarPair{p.Score, p.Similarity, p.A + 1, p.TextA, p.B + 1, p.TextB})
			case f.numbers:
				_, err = fmt.Fprintf(w, "%.4f\t%d\t%d\n", p.Score, p.A+1, p.B+1)
			default:
				_, err = fmt.Fprintf(w, "%.4f\t%s\t%s\n", p.Score, p.TextA, p.TextB)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// writeMatrix writes rows of cosines to the file of -o or, with four digits, to standard output.
func (f *similarFlags) writeMatrix(cmd *cobra.Command, rows iter.Seq2[vectors.Row, error]) error {
	if !isStdout(f.output) {
		return writeRows(f.output, rows)
	}
	return writeOutput(cmd, "", func(w *bufio.Writer) error {
		for r, err := range rows {
			if err != nil {
				return err
			}
			for i, s := range r.Vector {
				if i > 0 {
					w.WriteByte('\t') // an error stays in w
				}
				fmt.Fprintf(w, "%.4f", s)
			}
			if err := w.WriteByte('\n'); err != nil {
				return err
			}
		}
		return nil
	})
}

// writeRows writes rows to a file, which appears when it is complete.
func writeRows(path string, rows iter.Seq2[vectors.Row, error]) error {
	file, err := vectors.Create(path, &vectors.CreateOptions{Anew: true})
	if err != nil {
		return err
	}
	for r, err := range rows {
		if err == nil {
			err = file.Write(r)
		}
		if err != nil {
			file.Discard() // err is the more useful error
			return err
		}
	}
	return file.Close()
}
