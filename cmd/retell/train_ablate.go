package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/internal/lock"
	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/seqae"
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
		Short: "Train all combinations of some settings and compare them",
		Long: `Train one model for each combination of settings and each seed, one after the other. Write a table of means over
the seeds, the best combination first by train.validate_by. A training that diverges counts as failed.

The folder receives the models, their logs for 'retell plot', and results.jsonl with a line for each model. Models
that are already there are not trained again, so the same command continues where it stopped.`,
		Example: `  retell ablate --recipe captions train.epochs=4 -o ablation --seeds 1,2,3 \
    --grid model.bottleneck.pool=last,mean,max --grid autoencoder.noise.drop=0,0.1
  retell plot ablation/*_seed=1.jsonl -o ablation.svg`,
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.recipe, "recipe", "", "recipe to start from ('retell recipe list')")
	flags.StringArrayVar(&f.text, "text", nil, "text to train autoencoders on, one sentence a line (data.text)")
	flags.StringArrayVar(&f.validText, "valid-text", nil, "text to validate them on (data.valid_text; default: some lines of --text)")
	f.settings.add(cmd)
	flags.StringArrayVar(&f.grid, "grid", nil, "setting with its values; may be repeated")
	flags.UintSliceVar(&f.seeds, "seeds", []uint{1}, "seeds of each combination")
	flags.StringVarP(&f.folder, "output", "o", "", "folder of models, logs and results")
	flags.BoolVar(&f.json, "json", false, "write one JSON object a line for each combination instead of a table")
	required(cmd, "grid", "output")
	return cmd
}

func (f *ablateFlags) run(cmd *cobra.Command, args []string) error {
	combinations, err := expand(f.grid)
	if err != nil {
		return err
	}
	if err := checkNames(combinations); err != nil {
		return err
	}
	if err := os.MkdirAll(f.folder, 0o777); err != nil {
		return err
	}
	unlock, err := lock.Path(f.folder)
	if errors.Is(err, lock.ErrHeld) {
		err = fmt.Errorf("%w, an ablation in this folder: want another -o, or the end of that ablation", err)
	}
	if err != nil {
		return err
	}
	defer unlock()
	results := filepath.Join(f.folder, "results.jsonl")
	done, err := readTrials(results)
	if err != nil {
		return err
	}
	trials, err := f.trials(cmd, args, combinations)
	if err != nil {
		return err
	}
	if err := checkBases(newScreen(cmd).logger(), trials, done, results); err != nil {
		return err
	}
	for i, t := range trials {
		if !slices.ContainsFunc(done, t.same) {
			newScreen(cmd).logger().Info("training", "settings", strings.Join(t.Settings, " "), "seed", t.Seed, "trial", i+1, "of", len(trials))
			if err := t.train(cmd); err != nil {
				return err
			}
			if err := appendTrial(results, t.trial); err != nil {
				return err
			}
			done = append(done, t.trial)
		}
		if err := os.Remove(t.config.Output.state()); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	all := summarize(combinations, done)
	return writeOutput(cmd, "", func(w *bufio.Writer) error {
		if !f.json {
			return writeAblation(w, all)
		}
		for _, c := range all {
			if err := writeJSON(w, c); err != nil {
				return err
			}
		}
		return nil
	})
}

// plannedTrial is a trial with all its settings.
type plannedTrial struct {
	trial
	config runConfig
	about  string // the settings as YAML
}

// trials returns all trials of the ablation.
func (f *ablateFlags) trials(cmd *cobra.Command, args []string, combinations [][]string) ([]plannedTrial, error) {
	var all []plannedTrial
	contents := map[string]string{} // hashes of files
	for _, settings := range combinations {
		for _, seed := range f.seeds {
			t := plannedTrial{trial: trial{Settings: settings, Seed: uint64(seed)}}
			name := filepath.Join(f.folder, fmt.Sprintf("%s_seed=%d", trialName(settings), seed))
			t.Model = name + ".retell"
			f.output, f.log = t.Model, name+".jsonl"
			c, err := f.config(cmd, slices.Concat(args, settings, []string{fmt.Sprintf("train.seed=%d", seed)}))
			if err != nil {
				return nil, err
			}
			c.Output = outputConfig{Model: t.Model, Log: f.log}
			about, err := settingsText(c)
			if err != nil {
				return nil, err
			}
			t.config, t.about = c, about
			c.Output = outputConfig{}
			if t.Base, err = fingerprint(c, contents); err != nil {
				return nil, err
			}
			all = append(all, t)
		}
	}
	return all, nil
}

// trialName is the base name of the files of a combination of settings.
func trialName(settings []string) string {
	return strings.NewReplacer("/", "-", " ", "").Replace(strings.Join(settings, "_"))
}

// checkNames refuses combinations whose files would have equal names.
func checkNames(combinations [][]string) error {
	named := map[string][]string{}
	for _, settings := range combinations {
		name := trialName(settings)
		if other, ok := named[name]; ok {
			return misusef("--grid: the models of %s and of %s would both be %s: want values that differ in more than spaces and slashes",
				strings.Join(other, " "), strings.Join(settings, " "), name)
		}
		named[name] = settings
	}
	return nil
}

// settingsText returns settings as YAML. Results hold its hash and states hold it, so its order is that of earlier
// versions: train.save_every and train.save_seconds precede train.on_divergence.
func settingsText(c runConfig) (string, error) {
	text, err := yaml.Marshal(c)
	saves := string(savesText.Find(text))
	rest := strings.Replace(string(text), saves, "", 1)
	return strings.Replace(rest, "  on_divergence:", saves+"  on_divergence:", 1), err
}

var savesText = regexp.MustCompile(`(?m)^  save_every: .*\n  save_seconds: .*\n`)

// fingerprint hashes settings and the data that they name. contents caches the hashes of files.
func fingerprint(c runConfig, contents map[string]string) (string, error) {
	text, err := settingsText(c)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	io.WriteString(h, text)
	for _, file := range append(c.Data.files(), c.Train.From) {
		info, err := os.Stat(file)
		if err != nil || !info.Mode().IsRegular() {
			continue // reading it reports the error
		}
		if contents[file] == "" {
			f, err := os.Open(file)
			if err != nil {
				return "", err
			}
			of := sha256.New()
			_, err = io.Copy(of, f)
			if err = errors.Join(err, f.Close()); err != nil {
				return "", err
			}
			contents[file] = string(of.Sum(nil))
		}
		io.WriteString(h, contents[file])
	}
	return hex.EncodeToString(h.Sum(nil)[:8]), nil
}

// checkBases refuses trials, done or begun, whose settings or data differ from the present ones: one table cannot hold
// both.
func checkBases(log *slog.Logger, trials []plannedTrial, done []trial, results string) error {
	unknown := 0
	for _, t := range trials {
		name := fmt.Sprintf("%s with seed %d", strings.Join(t.Settings, " "), t.Seed)
		if i := slices.IndexFunc(done, t.same); i >= 0 {
			switch done[i].Base {
			case t.Base:
			case "":
				unknown++
			default:
				return misusef("%s has %s under other settings outside the grid, or on other data: want the same as now, or another -o", results, name)
			}
			continue
		}
		state, err := seq2seq.ReadState(t.config.Output.state())
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return err
		case state.About != "" && state.About != t.about:
			return misusef("%s was begun with other settings outside the grid: want the same ones, or another -o", t.Model)
		}
	}
	if unknown > 0 {
		log.Warn("results of an older version do not record their settings and data", "results", results, "trials", unknown)
	}
	return nil
}

// train trains the model, or continues its training, and measures it.
func (t *plannedTrial) train(cmd *cobra.Command) error {
	c := &t.config
	if _, err := os.Stat(c.Output.state()); errors.Is(err, fs.ErrNotExist) {
		// A torn line of results leaves a model without result and state: it is trained again.
		for _, file := range []string{t.Model, c.Output.Log} {
			if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	opts := c.options()
	opts.Checkpoint.About = t.about
	var j *job
	err := runJob(cmd, c.Output, opts, false, func(cmd *cobra.Command, screen *screen) (_ *job, err error) {
		if j, err = c.begin(cmd, screen); err == nil && len(j.valid) == 0 {
			err = misusef("data: no validation data: want some to compare the trainings by")
		}
		return j, err
	})
	if errors.Is(err, seq2seq.ErrDiverged) {
		t.Failed = err.Error()
		newScreen(cmd).logger().Warn("the trial failed", "error", err)
		return nil
	}
	if err != nil {
		return err
	}
	v, err := j.model.Validate(cmd.Context(), j.valid, &c.Train) // begin has settled c.Train
	if err != nil {
		return err
	}
	t.Loss, t.Accuracy, t.Vector = v.Loss, v.Accuracy, v.Figures.Groups()["vector"]
	if v.Score != nil {
		t.Metric, t.Score = c.Train.ValidateBy, &v.Score.Value
	}
	if c.Kind != kindSeqAE || c.Autoencoder.Next {
		return nil
	}
	m, err := seqae.Load(t.Model)
	if err != nil {
		return err
	}
	r, err := m.Rewrite(cmd.Context(), lines(j.valid))
	if err != nil {
		return err
	}
	t.Exact = &r.Exact
	return nil
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
