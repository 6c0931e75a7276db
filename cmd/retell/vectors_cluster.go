package main

import (
	"bufio"
	"cmp"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/seqae/vectors"
)

// clusterFlags choose the number of clusters and how rows are divided into them.
type clusterFlags struct {
	auto    bool
	options vectors.ClusterOptions
}

func addClusterFlags(cmd *cobra.Command) *clusterFlags {
	f := new(clusterFlags)
	flags := cmd.Flags()
	flags.IntVarP(&f.options.K, "k", "k", 0, "number of clusters, 1 or more")
	flags.BoolVar(&f.auto, "auto", false, "choose the number of clusters by the silhouette, from 2 to --max")
	flags.IntVar(&f.options.MaxK, "max", 0, "with --auto: maximum number of clusters (0 = 20)")
	flags.IntVar(&f.options.Starts, "starts", 0, "number of starts of k-means, of which the best counts (0 = 5)")
	flags.IntVar(&f.options.Words, "words", 0, "number of words in the name of a cluster (0 = 3)")
	flags.Uint64Var(&f.options.Seed, "seed", 0, "seed of k-means")
	cmd.MarkFlagsMutuallyExclusive("k", "auto")
	cmd.MarkFlagsMutuallyExclusive("k", "max")
	return f
}

// check refuses values out of range. The flag -k, if given, is at least 1.
func (f *clusterFlags) check(cmd *cobra.Command) error {
	if cmd.Flags().Changed("k") && f.options.K < 1 {
		return misusef("-k is %d: want at least 1", f.options.K)
	}
	if err := f.options.Validate(); err != nil {
		return misuse{err}
	}
	return nil
}

// divide divides rows into clusters and logs the quality of the division.
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
		Long: `Cluster the rows of FILE by k-means on the directions of their vectors, keeping the best of several starts. Each
output line is the number of the row's cluster, the cluster's name and the row's text, separated by tabs. Cluster 1 is
the largest. A name consists of the words that distinguish the cluster's texts. A blank row has number 0 and no name.

With --auto, the number of clusters is the one with the highest silhouette, a measure from -1 to 1 of how much nearer
rows are to their own cluster than to the next.

` + rowsHelp,
		Example: `  retell cluster captions.npy -k 12
  retell cluster -m autoencoder.retell captions.txt --auto --json`,
		Args: cobra.ExactArgs(1),
	}
	from, f := addRowFlags(cmd), addClusterFlags(cmd)
	cmd.MarkFlagsOneRequired("k", "auto")
	cmd.Flags().BoolVar(&asJSON, "json", false, "write one JSON object instead: names, words and sizes of the clusters, and the silhouette")
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
