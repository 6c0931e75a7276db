package main

import (
	"bufio"
	"cmp"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/seqae/vectors"
)

func newIndex() *cobra.Command {
	return group("index", "Build an index of vectors and search it", newIndexBuild(), newIndexSearch())
}

func newIndexBuild() *cobra.Command {
	var o vectors.IndexOptions
	var output string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "build FILE -o INDEX",
		Short: "Build an index of the rows of a file",
		Long: `Build an index that 'retell index search' finds the nearest rows in, by the cosine of their vectors. Its searches compare with every row,
in blocks of matrix products. With --approximate, they look only into the nearest of the cells that k-means divides the rows into:
as many as are needed to find the part --recall of the 10 nearest rows, which is measured against the exact search, printed, and
kept in the index.

` + rowsHelp,
		Example: `  retell index build captions.npy -o captions.index
  retell index build -m autoencoder.retell captions.txt -o captions.index --approximate --recall 0.99`,
		Args: cobra.ExactArgs(1),
	}
	from := addRowFlags(cmd)
	cmd.Flags().StringVarP(&output, "output", "o", "", "file of the index")
	cmd.Flags().BoolVar(&o.Approximate, "approximate", false, "an index whose searches look at a part of the rows")
	cmd.Flags().IntVar(&o.Cells, "cells", 0, "with --approximate: parts of the rows; 0 is the square root of their number")
	cmd.Flags().Float64Var(&o.Recall, "recall", 0, "with --approximate: the part of the 10 nearest rows that is to be found; 0 is 0.95")
	cmd.Flags().Uint64Var(&o.Seed, "seed", 0, "of the cells and of the sample that recall is measured with")
	cmd.Flags().BoolVar(&asJSON, "json", false, "say as JSON what the index is")
	required(cmd, "output")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := o.Validate(); err != nil {
			return misuse{err}
		}
		if err := checkFiles(output); err != nil {
			return err
		}
		m, err := from.matrix(cmd, args[0])
		if err != nil {
			return err
		}
		x, err := vectors.NewIndex(cmd.Context(), m, &o)
		if err != nil {
			return err
		}
		if err := x.Save(output); err != nil {
			return err
		}
		return cmp.Or(describeIndex(cmd, x, asJSON), from.end())
	}
	return cmd
}

// describeIndex says what an index is.
func describeIndex(cmd *cobra.Command, x *vectors.Index, asJSON bool) error {
	return writeOutput(cmd, "", func(w *bufio.Writer) error {
		a := x.Approximation()
		if asJSON {
			return writeJSON(w, indexInfo{x.Rows(), x.Width(), a, version1()})
		}
		fmt.Fprintf(w, "rows    %d\nwidth   %d\n", x.Rows(), x.Width()) // an error stays in w
		if a == nil {
			_, err := w.WriteString("search  exact\n")
			return err
		}
		_, err := fmt.Fprintf(w, "search  approximate, %d of %d cells\nrecall  %.1f %% of the 10 nearest, over %d sample rows\n", a.Probes, a.Cells, 100*a.Recall, a.Samples)
		return err
	})
}

func newIndexSearch() *cobra.Command {
	var f searchIndexFlags
	cmd := &cobra.Command{
		Use:   "search INDEX [QUERIES]",
		Short: "Find the rows that are nearest to each query",
		Long: `Find, for each row of QUERIES (standard input if absent), the rows of an index whose vectors are nearest by the cosine. Each line is the
query's number, the similarity, the number of the row that was found, and its text, with tabs between them; a blank query finds
nothing. An approximate index says what it misses.

` + rowsHelp,
		Example: `  echo 'a dog runs' | retell index search captions.index -m autoencoder.retell -k 5
  retell index search captions.index queries.npy --json`,
		Args: cobra.RangeArgs(1, 2),
	}
	f.add(cmd)
	cmd.Flags().BoolVar(&f.options.Exact, "exact", false, "look at every row, in an approximate index too")
	cmd.Flags().IntVar(&f.options.Probes, "probes", 0, "cells of an approximate index to look into; 0 is as many as its recall was measured with")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return f.run(cmd, args[1:], func() (*vectors.Index, error) { return vectors.LoadIndex(args[0]) })
	}
	return cmd
}

func newNearest() *cobra.Command {
	var f searchIndexFlags
	cmd := &cobra.Command{
		Use:   "nearest FILE [QUERIES]",
		Short: "Find the rows of a file that are nearest to each query, without an index",
		Long: `Find, for each row of QUERIES (standard input if absent), the rows of FILE whose vectors are nearest by the cosine. What it writes is what
'retell index search' writes.

` + rowsHelp,
		Example: `  echo 'a dog runs' | retell nearest captions.txt -m autoencoder.retell -k 5
  retell nearest captions.npy queries.npy`,
		Args: cobra.RangeArgs(1, 2),
	}
	f.add(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return f.run(cmd, args[1:], func() (*vectors.Index, error) {
			m, err := f.from.matrix(cmd, args[0])
			if err != nil {
				return nil, err
			}
			return vectors.NewIndex(cmd.Context(), m, nil)
		})
	}
	return cmd
}

// searchIndexFlags are the flags of verbs that look for the nearest rows.
type searchIndexFlags struct {
	from    *rowFlags
	options vectors.SearchOptions
	asJSON  bool
}

func (f *searchIndexFlags) add(cmd *cobra.Command) {
	f.from = addRowFlags(cmd)
	cmd.Flags().IntVar(&f.options.Batch, "batch", 256, "queries answered at a time; does not change the answers")
	cmd.Flags().IntVarP(&f.options.K, "k", "k", 10, "rows to find for each query")
	cmd.Flags().BoolVar(&f.asJSON, "json", false, "one JSON object for each query")
}

// run answers the queries of the file that args names, or of standard input.
func (f *searchIndexFlags) run(cmd *cobra.Command, args []string, open func() (*vectors.Index, error)) error {
	if f.options.K < 1 {
		return misusef("-k is %d: want at least 1", f.options.K)
	}
	if err := f.from.lines.check(); err != nil {
		return err
	}
	if err := f.options.Validate(); err != nil {
		return misuse{err}
	}
	x, err := open()
	if err != nil {
		return err
	}
	if a := x.Approximation(); a != nil && !f.options.Exact {
		if f.options.Probes == 0 || f.options.Probes == a.Probes {
			logger(cmd).Info("approximate", "probes", a.Probes, "cells", a.Cells, "recall@10", a.Recall)
		} else {
			logger(cmd).Info("approximate", "probes", f.options.Probes, "cells", a.Cells, "recall@10", fmt.Sprintf("not measured; %v with %d probes", a.Recall, a.Probes))
		}
	}
	name := inputFile(args)
	f.from.options.MaxWait = maxWait(cmd, name)
	f.options.MaxWait = f.from.options.MaxWait
	queries, err := f.from.queries(cmd, name, x.Width())
	if err != nil {
		return err
	}
	err = writeAnswers(cmd, &f.from.lines, name, f.asJSON, x.Search(cmd.Context(), queries, &f.options), f.write)
	return cmp.Or(err, f.from.end())
}

func (f *searchIndexFlags) write(w *bufio.Writer, number int, r vectors.Result) error {
	found := make([]foundRow, len(r.Neighbors))
	for i, n := range r.Neighbors {
		found[i] = foundRow{n.Row + 1, n.Similarity, n.Text}
	}
	if f.asJSON {
		return writeJSON(w, foundRows{r.Query, found})
	}
	for _, n := range found {
		fmt.Fprintf(w, "%d\t%.4f\t%d\t%s\n", number, n.Similarity, n.Row, n.Text) // an error stays in w
	}
	return nil
}
