package main

import (
	"bufio"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/internal/buildinfo"
	"github.com/retell-rnn/retell/internal/kernel"
)

// versionLine returns the output of --version.
func versionLine() string {
	i := buildinfo.Read()
	parts := []string{i.Go, i.Platform, kernel.Path()}
	if i.Commit != "" {
		parts = append([]string{"commit " + i.Commit[:min(12, len(i.Commit))]}, parts...)
	}
	return fmt.Sprintf("retell %s (%s)", i.Version, strings.Join(parts, ", "))
}

func newVersion() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version, the commit and the instruction set in use",
		Example: `  retell version
  retell version --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			i := versionInfo{buildinfo.Read(), kernel.Path(), version1()}
			return writeOutput(cmd, "", func(w *bufio.Writer) error {
				if asJSON {
					return writeJSON(w, i)
				}
				table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
				fmt.Fprintf(table, "version\t%s\n", i.Version)
				if i.Commit != "" {
					modified := ""
					if i.Modified {
						modified = ", modified"
					}
					fmt.Fprintf(table, "commit\t%s, %s%s\n", i.Commit, i.Time, modified)
				}
				fmt.Fprintf(table, "Go\t%s, %s\n", i.Go, i.Platform)
				fmt.Fprintf(table, "arithmetic\t%s\n", i.Arithmetic)
				return table.Flush()
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "write one JSON object")
	return cmd
}
