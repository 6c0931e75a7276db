package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func newDemo() *cobra.Command {
	var seed uint64
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Watch two small networks learn: a translator and an autoencoder",
		Long: `Watch two small networks learn. The first translates dates, as people write them in English and Spanish, to
ISO 8601. The second turns sentences into vectors and vectors into sentences. All examples are generated: nothing is
downloaded. At a terminal, you can then try your own dates.`,
		Example: "  retell demo",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			dates, scenes := usualDatesDemo(), usualScenesDemo()
			dates.seed, scenes.seed = seed, seed
			if err := dates.run(cmd); err != nil {
				return err
			}
			if _, err := fmt.Fprintln(cmd.OutOrStdout()); err != nil {
				return err
			}
			if err := scenes.run(cmd); err != nil {
				return err
			}
			if isTerminal(cmd.InOrStdin()) {
				return dates.answer(cmd)
			}
			return nil
		},
	}
	cmd.Flags().Uint64Var(&seed, "seed", 1, "seed; fixes the examples and every bit of the models")
	return cmd
}
