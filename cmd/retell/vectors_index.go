package main

import (
	"bufio"
	"cmp"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/seqae/vectors"
)

func newIndex() *cobra.Command {
	return group("index", "Build and search an index of vectors", newIndexBuild(), newIndexSearch())
}

func newIndexBuild() *cobra.Command {
	var o vectors.IndexOptions
	var output string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "build FILE -o INDEX",
		Short: "Build an index of vectors",
		Long: `Build an index of the rows of FILE for 'retell index search'. A search in an exact index compares the query with every
row.

With --approximate, k-means divides the rows into cells, and a search compares only the rows of the cells nearest to
the query. The number of cells searched is chosen to find the share --recall of the 10 nearest rows. The recall is
measured against exact search, printed, and stored in the index.

` + rowsHelp,
		Example: `  retell index build captions.npy -o captions.index
  retell index build -m autoencoder.retell captions.txt -o captions.index --approximate --recall 0.99`,
		Args: cobra.ExactArgs(1),
	}
	from := addRowFlags(cmd)
	cmd.Flags().StringVarP(&output, "output", "o", "", "file of the index")
	cmd.Flags().BoolVar(&o.Approximate, "approximate", false, "build an index whose searches compare only a part of the rows")
	cmd.Flags().IntVar(&o.Cells, "cells", 0, "with --approximate: number of cells (0 = square root of the number of rows)")
	cmd.Flags().Float64Var(&o.Recall, "recall", 0, "with --approximate: share of the 10 nearest rows to find, 0 to 1 (0 = 0.95)")
	cmd.Flags().Uint64Var(&o.Seed, "seed", 0, "seed of the cells and of the rows that measure recall")
	cmd.Flags().BoolVar(&asJSON, "json", false, "write one JSON object that describes the index")
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

// describeIndex writes the facts of an index.
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
		Short: "Find the rows nearest to each query",
		Long: `Find the rows of an index nearest to each row of QUERIES (default: standard input), by the cosine of their vectors.
Each output line is the number of the query, the similarity, the number of the row and its text, separated by tabs. A
blank query finds nothing. For an approximate index, the log shows its recall.

` + rowsHelp,
		Example: `  echo 'a dog runs' | retell index search captions.index -m autoencoder.retell -k 5
  retell index search captions.index queries.npy --json`,
		Args: cobra.RangeArgs(1, 2),
	}
	f.add(cmd)
	cmd.Flags().BoolVar(&f.options.Exact, "exact", false, "compare every row, even in an approximate index")
	cmd.Flags().IntVar(&f.options.Probes, "probes", 0, "number of cells to search in an approximate index (0 = as stored in the index)")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return f.run(cmd, args[1:], func() (*vectors.Index, error) { return vectors.LoadIndex(args[0]) })
	}
	return cmd
}

func newNearest() *cobra.Command {
	var f searchIndexFlags
	cmd := &cobra.Command{
		Use:   "nearest FILE [QUERIES]",
		Short: "Find the rows of a file nearest to each query, without an index",
		Long: `Find the rows of FILE nearest to each row of QUERIES (default: standard input), by the cosine of their vectors. The
output has the form of 'retell index search'.

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

// searchIndexFlags are the flags of verbs that search for the nearest rows.
type searchIndexFlags struct {
	from    *rowFlags
	options vectors.SearchOptions
	asJSON  bool
}

func (f *searchIndexFlags) add(cmd *cobra.Command) {
	f.from = addRowFlags(cmd)
	cmd.Flags().IntVar(&f.options.Batch, "batch", 256, "number of queries answered at once; does not change results")
	cmd.Flags().IntVarP(&f.options.K, "k", "k", 10, "number of rows to find for each query")
	cmd.Flags().BoolVar(&f.asJSON, "json", false, "write one JSON object a line for each query")
}

// run answers the queries in the file that args names, or in standard input.
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
