package main

import (
	"bufio"
	"cmp"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/seqae/vectors"
)

// clusterFlags say into how many clusters rows are divided.
type clusterFlags struct {
	auto    bool
	options vectors.ClusterOptions
}

func addClusterFlags(cmd *cobra.Command) *clusterFlags {
	f := new(clusterFlags)
	flags := cmd.Flags()
	flags.IntVarP(&f.options.K, "k", "k", 0, "clusters")
	flags.BoolVar(&f.auto, "auto", false, "as many clusters as the silhouette says, from 2 to --max")
	flags.IntVar(&f.options.MaxK, "max", 0, "with --auto: clusters at most; 0 is 20")
	flags.IntVar(&f.options.Starts, "starts", 0, "k-means begins so often and keeps the best; 0 is 5")
	flags.IntVar(&f.options.Words, "words", 0, "words in the name of a cluster; 0 is 3")
	flags.Uint64Var(&f.options.Seed, "seed", 0, "of k-means")
	cmd.MarkFlagsMutuallyExclusive("k", "auto")
	cmd.MarkFlagsMutuallyExclusive("k", "max")
	return f
}

// check refuses what is out of range. The flag -k, where it is given, is at least 1.
func (f *clusterFlags) check(cmd *cobra.Command) error {
	if cmd.Flags().Changed("k") && f.options.K < 1 {
		return misusef("-k is %d: want at least 1", f.options.K)
	}
	if err := f.options.Validate(); err != nil {
		return misuse{err}
	}
	return nil
}

// divide divides rows and logs how well that went.
func (f *clusterFlags) divide(cmd *cobra.Command, m *vectors.Matrix) (*vectors.Clustering, error) {
	c, err := vectors.NewClustering(cmd.Context(), m, &f.options)
	if err == nil {
		logger(cmd).Info("clustered", "rows", m.Rows(), "clusters", len(c.Clusters), "silhouette", fmt.Sprintf("%.4f", c.Silhouette))
	}
	return c, err
}

func newCluster() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "cluster FILE -k N | --auto",
		Short: "Divide rows into clusters with readable names",
		Long: `Divide the rows of FILE by the directions of their vectors, with k-means from several starts, and write for each row, in order, the
number of its cluster, the largest being 1, the cluster's name, and its text, with tabs between them. A name is the words that tell
a cluster's texts from the others. A blank row has the number 0 and no name.

With --auto, the number of clusters is that of the greatest silhouette, which says how much nearer rows are to their own
cluster than to the next: 1 is far nearer, 0 is not at all. With --json, it writes a summary instead of the rows.

` + rowsHelp,
		Example: `  retell cluster captions.npy -k 12
  retell cluster -m autoencoder.retell captions.txt --auto --json`,
		Args: cobra.ExactArgs(1),
	}
	from, f := addRowFlags(cmd), addClusterFlags(cmd)
	cmd.MarkFlagsOneRequired("k", "auto")
	cmd.Flags().BoolVar(&asJSON, "json", false, "a summary as JSON: the clusters' names, words and sizes, the silhouette")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := f.check(cmd); err != nil {
			return err
		}
		m, err := from.matrix(cmd, args[0])
		if err != nil {
			return err
		}
		c, err := f.divide(cmd, m)
		if err != nil {
			return err
		}
		err = writeOutput(cmd, "", func(w *bufio.Writer) error {
			if asJSON {
				return writeJSON(w, clustering{*c, version1()})
			}
			for i, of := range c.Of {
				name := ""
				if of >= 0 {
					name = c.Clusters[of].Name
				}
				if _, err := fmt.Fprintf(w, "%d\t%s\t%s\n", of+1, name, m.Texts[i]); err != nil {
					return err
				}
			}
			return nil
		})
		return cmp.Or(err, from.end())
	}
	return cmd
}
