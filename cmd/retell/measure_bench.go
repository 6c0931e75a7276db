package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/cmd/retell/internal/bench"
)

func newBench() *cobra.Command {
	var names []string
	var asJSON bool
	opts := &bench.Options{}
	cmd := &cobra.Command{
		Use:   "bench [--config NAME]...",
		Short: "Time training and decoding on this machine",
		Long: `Time training steps (forward, loss, backward, clipping, Adam) and decoding on generated data. Times are medians. They
are compared with the float32 multiply-add limit of one core, measured in the same run. Run nothing else meanwhile.`,
		Example: `  retell bench --config lstm --config attn-feed --threads 1
  retell bench --mixed --train-only --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if opts.Steps < 1 || opts.Beam < 0 {
				return misusef("--steps %d and --beam %d: want at least 1, and 0 or more", opts.Steps, opts.Beam)
			}
			if _, err := opts.Precision.MarshalText(); err != nil {
				return misusef("--precision: %w", err)
			}
			var cases []bench.Case
			for _, name := range names {
				c, err := bench.Find(name)
				if err != nil {
					return misusef("%w", err)
				}
				cases = append(cases, c)
			}
			if len(names) == 0 {
				cases = bench.Cases()
			}
			return measure(cmd, cases, opts, asJSON)
		},
	}
	cmd.Flags().StringSliceVar(&names, "config", nil, "configuration; may be repeated (default: all)")
	cmd.Flags().IntVar(&opts.Steps, "steps", 12, "number of training steps to time")
	cmd.Flags().StringVar((*string)(&opts.Precision), "precision", "float32", "precision of the products in training: float32 or bf16")
	cmd.Flags().BoolVar(&opts.Mixed, "mixed", false, "use sentences of mixed lengths")
	cmd.Flags().BoolVar(&opts.TrainOnly, "train-only", false, "time training only")
	cmd.Flags().BoolVar(&opts.Int8, "int8", false, "decode with weights in int8")
	cmd.Flags().IntVar(&opts.Beam, "beam", 0, "width of a beam search to time as well (0 = none)")
	cmd.Flags().BoolVar(&asJSON, "json", false, "write one JSON object a line")
	return cmd
}

func measure(cmd *cobra.Command, cases []bench.Case, opts *bench.Options, asJSON bool) error {
	out := cmd.OutOrStdout()
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	if !asJSON {
		fmt.Fprintln(table, "config\tparameters\ttokens/s\tstep ms\tof limit\tgreedy/s\tone ms\tbeam/s\tresident MiB\t")
	}
	for _, c := range cases {
		r, err := c.Run(cmd.Context(), opts)
		if err != nil {
			return err
		}
		row := benchRow{Result: r, Threads: runtime.GOMAXPROCS(0), Resident: resident()}
		row.Share = r.GFlops / (r.Limit * float64(row.Threads))
		if asJSON {
			if err := writeJSON(out, row); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(table, "%s\t%d\t%.0f\t%.1f\t%.0f %%\t%.0f\t%.2f\t%.0f\t%.0f\t\n",
			r.Config, r.Parameters, r.TrainTokS, r.StepMS, 100*row.Share, r.GreedyS, r.GreedyOne, r.BeamS, row.Resident)
		if err := table.Flush(); err != nil {
			return err
		}
	}
	return nil
}

// resident returns the peak memory of the process in MiB; 0 if the system does not report it.
func resident() float64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, _ := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 64)
			return kib / 1024
		}
	}
	return 0
}
