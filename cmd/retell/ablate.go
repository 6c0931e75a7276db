package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/seq2seq"
)

// ablateFlags are the flags of ablate.
type ablateFlags struct {
	trainFlags
	grid   []string
	seeds  []uint
	folder string
}

func newAblate() *cobra.Command {
	var f ablateFlags
	cmd := &cobra.Command{
		Use:   "ablate [CONFIG.yaml] [KEY=VALUE...] --grid KEY=V1,V2... -o FOLDER",
		Short: "Train every combination of some settings and compare them",
		Long: `Train a model for every combination of the values of some settings and for every seed, one after the other, and write a table of their
means. The models, and a line of results.jsonl for each, stand in the folder; what stands there already is not trained again, so that
the same command goes on where it was stopped.`,
		Example: `  retell ablate --recipe captions train.epochs=4 -o ablation --seeds 1,2,3 \
    --grid model.bottleneck.pool=last,mean,max --grid autoencoder.noise.drop=0,0.1`,
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.recipe, "recipe", "", "start from this recipe")
	flags.StringArrayVar(&f.text, "text", nil, "train autoencoders on these lines (data.text)")
	flags.StringArrayVar(&f.validText, "valid-text", nil, "lines to validate them on (data.valid_text)")
	f.settings.add(cmd)
	flags.StringArrayVar(&f.grid, "grid", nil, "a setting and its values; may be repeated")
	flags.UintSliceVar(&f.seeds, "seeds", []uint{1}, "seeds of each combination")
	flags.StringVarP(&f.folder, "output", "o", "", "folder of the models and the results")
	required(cmd, "grid", "output")
	return cmd
}

// trial is one training of an ablation, as it stands in results.jsonl.
type trial struct {
	Settings []string             `json:"settings"`
	Seed     uint64               `json:"seed"`
	Model    string               `json:"model"`
	Loss     float64              `json:"valid_loss"`
	Accuracy float64              `json:"valid_accuracy"`
	Exact    *float64             `json:"exact_match,omitempty"` // of autoencoders, as while they are trained
	Vector   *seq2seq.VectorStats `json:"vector,omitempty"`
}

func (f *ablateFlags) run(cmd *cobra.Command, args []string) error {
	combinations, err := expand(f.grid)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(f.folder, 0o777); err != nil {
		return err
	}
	log := filepath.Join(f.folder, "results.jsonl")
	done, err := readTrials(log)
	if err != nil {
		return err
	}
	ctx, stop := untilSignal(cmd.Context())
	defer stop()
	for _, settings := range combinations {
		for _, seed := range f.seeds {
			if slices.ContainsFunc(done, func(t trial) bool { return t.Seed == uint64(seed) && slices.Equal(t.Settings, settings) }) {
				continue
			}
			t, err := f.trial(ctx, cmd, args, settings, uint64(seed))
			if err != nil {
				return interrupted(ctx, err, "the same command goes on from there")
			}
			if err := appendTrial(log, t); err != nil {
				return err
			}
			done = append(done, t)
		}
	}
	return writeOutput(cmd, "", func(w *bufio.Writer) error { return writeAblation(w, combinations, done) })
}

// trial trains one model.
func (f *ablateFlags) trial(ctx context.Context, cmd *cobra.Command, args, settings []string, seed uint64) (trial, error) {
	name := strings.NewReplacer("/", "-", " ", "").Replace(strings.Join(settings, "_"))
	t := trial{Settings: settings, Seed: seed, Model: filepath.Join(f.folder, fmt.Sprintf("%s_seed=%d.retell", name, seed))}
	f.output = t.Model
	c, err := f.config(cmd, slices.Concat(args, settings, []string{fmt.Sprintf("train.seed=%d", seed)}))
	if err != nil {
		return t, err
	}
	screen := newScreen(cmd)
	log := screen.logger()
	log.Info("training", "settings", strings.Join(settings, " "), "seed", seed)
	j, err := c.begin(cmd, log)
	if err != nil {
		return t, err
	}
	if len(j.valid) == 0 {
		return t, misusef("data: nothing to validate on: want something to compare by")
	}
	opts := c.Train
	opts.Model, opts.State, opts.Log = t.Model, c.Output.state(), log
	progress := newTrainProgress(cmd, screen, false)
	defer screen.endBar()
	for p, err := range j.run(ctx, &opts) {
		if err == nil {
			err = progress.show(p)
		}
		if err != nil {
			return t, err
		}
		if v := p.Validation; v != nil && v.Best {
			t.Loss, t.Accuracy, t.Vector = v.Loss, v.Accuracy, v.Vector
			if p.Rewritten != nil {
				t.Exact = &p.Rewritten.Exact
			}
		}
	}
	return t, os.Remove(opts.State)
}

// expand returns every combination of the values of a grid, as KEY=VALUE settings.
func expand(grid []string) ([][]string, error) {
	all := [][]string{nil}
	for _, g := range grid {
		key, values, ok := strings.Cut(g, "=")
		if !ok || key == "" || values == "" {
			return nil, misusef("--grid %q: want KEY=V1,V2...", g)
		}
		var next [][]string
		for _, settings := range all {
			for v := range strings.SplitSeq(values, ",") {
				next = append(next, append(slices.Clone(settings), key+"="+v))
			}
		}
		all = next
	}
	return all, nil
}

// readTrials reads what an ablation has done so far.
func readTrials(path string) ([]trial, error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var done []trial
	for d := json.NewDecoder(file); ; {
		var t trial
		if err := d.Decode(&t); err == io.EOF {
			return done, nil
		} else if err != nil {
			return nil, fmt.Errorf("%s: result %d: %w", path, len(done)+1, err)
		}
		done = append(done, t)
	}
}

func appendTrial(path string, t trial) error {
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	return errors.Join(writeJSON(file, t), file.Close())
}

// writeAblation writes a line for each combination: means over the seeds, with standard deviations where there are several.
func writeAblation(w io.Writer, combinations [][]string, done []trial) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "settings\tseeds\tloss\taccuracy\texact\tgain")
	for _, settings := range combinations {
		var loss, accuracy, exact, gain []float64
		for _, t := range done {
			if !slices.Equal(t.Settings, settings) {
				continue
			}
			loss, accuracy = append(loss, t.Loss), append(accuracy, 100*t.Accuracy)
			if t.Exact != nil {
				exact = append(exact, 100**t.Exact)
			}
			if t.Vector != nil {
				gain = append(gain, t.Vector.Gain)
			}
		}
		fmt.Fprintf(table, "%s\t%d\t%s\t%s\t%s\t%s\n", strings.Join(settings, " "), len(loss), spread(loss, 3), spread(accuracy, 2), spread(exact, 1), spread(gain, 2))
	}
	return table.Flush()
}

// spread is the mean of numbers and, of several, their standard deviation.
func spread(x []float64, digits int) string {
	if len(x) == 0 {
		return ""
	}
	var sum, squares float64
	for _, v := range x {
		sum += v
	}
	mean := sum / float64(len(x))
	for _, v := range x {
		squares += (v - mean) * (v - mean)
	}
	text := fmt.Sprintf("%.*f", digits, mean)
	if len(x) > 1 {
		text += fmt.Sprintf(" ± %.*f", digits, math.Sqrt(squares/float64(len(x)-1)))
	}
	return text
}
