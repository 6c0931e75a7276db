package main

import (
	"fmt"
	"iter"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/seqae/probe"
)

// embeddingFlags name the models of eval-embeddings, and what they are compared with.
type embeddingFlags struct {
	models, seen, baselines []string
	embed                   seq2seq.EmbedOptions
	sizes                   []int
	samples                 int
	seed                    uint64
}

// The values of --baseline.
const (
	baselineWords      = "words"
	baselineUntrained  = "untrained"
	baselineTFIDF      = "tfidf"
	baselineChars      = "tfidf-chars"
	baselineProjection = "projection"
	baselineRandom     = "random"
	baselineNone       = "none"
)

func baselineNames() []string {
	return []string{baselineWords, baselineUntrained, baselineTFIDF, baselineChars, baselineProjection, baselineRandom}
}

func (f *embeddingFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringArrayVarP(&f.models, "model", "m", nil, "model file, as train writes it; may be repeated")
	required(cmd, "model")
	flags.StringVar((*string)(&f.embed.Pool), "pool", "", "pooling: bottleneck, mean, max, min, unit, first, last or words, or several joined by + (default: bottleneck, or mean without one)")
	flags.IntSliceVar(&f.sizes, "size", nil, "measure the first N numbers of the vectors too; N,N... for several sizes")
	flags.StringSliceVar(&f.baselines, "baseline", baselineNames(), "baselines, or none")
	flags.StringArrayVar(&f.seen, "seen", nil, "file of training data to search for the tasks' texts; may be repeated")
	flags.IntVar(&f.samples, "samples", 1000, "number of samples of the bootstrap (0 = no intervals and no tests)")
	flags.Uint64Var(&f.seed, "seed", 0, "seed of the bootstrap, of the folds of cross-validation and of random vectors")
}

// check checks the values of flags.
func (f *embeddingFlags) check() error {
	for _, name := range f.baselines {
		if name != baselineNone && !slices.Contains(baselineNames(), name) {
			return fmt.Errorf("--baseline is %q: want %s or %s", name, strings.Join(baselineNames(), ", "), baselineNone)
		}
	}
	if slices.Contains(f.baselines, baselineNone) && len(f.baselines) > 1 {
		return fmt.Errorf("--baseline is %s: want %s alone", strings.Join(f.baselines, ","), baselineNone)
	}
	if f.samples < 0 {
		return fmt.Errorf("--samples is %d: want 0 or more", f.samples)
	}
	return nil
}

// embeddingSubject is a loaded model.
type embeddingSubject struct {
	path, name string
	network    *seq2seq.Network
	size       int // length of its vectors
}

// load loads the models and names them after their files, without folders and extension if that keeps the names
// distinct.
func (f *embeddingFlags) load() ([]embeddingSubject, error) {
	names, used := make([]string, len(f.models)), make(map[string]int)
	for i, path := range f.models {
		names[i] = strings.TrimSuffix(filepath.Base(path), ".retell")
		used[names[i]]++
	}
	var subjects []embeddingSubject
	for i, path := range f.models {
		if used[names[i]] > 1 {
			names[i] = path
		}
		n, err := seq2seq.LoadKind(path, seq2seq.AnyKind)
		if err != nil {
			return nil, err
		}
		size, err := n.EmbeddingSize(&f.embed)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		for _, n := range f.sizes {
			if n < 1 || n > size {
				return nil, fmt.Errorf("%s: --size is %d: want 1 to %d, the size of its vectors", path, n, size)
			}
		}
		subjects = append(subjects, embeddingSubject{path, names[i], n, size})
	}
	return subjects, nil
}

// subjects returns the models with their own baselines, and the baselines of all models.
func (f *embeddingFlags) subjects(loaded []embeddingSubject) (subjects []probe.Subject, common []probe.Embedder, err error) {
	asked := func(name string) bool { return slices.Contains(f.baselines, name) }
	oneSize := !slices.ContainsFunc(loaded, func(s embeddingSubject) bool { return s.size != loaded[0].size })
	sized := func(size int) (list []probe.Embedder) {
		if asked(baselineProjection) {
			list = append(list, &probe.Projection{Size: size, Seed: f.seed})
		}
		if asked(baselineRandom) {
			list = append(list, &probe.Projection{Size: size, Seed: f.seed, Equal: true})
		}
		return list
	}
	for _, l := range loaded {
		s := probe.Subject{Model: probe.Model(l.name, l.network, &f.embed), Sizes: f.sizes}
		if part := contrastedPart(l.network, f.embed.Pool); part > 0 && part < l.size && len(f.sizes) == 0 {
			s.Sizes = []int{part}
		}
		if asked(baselineWords) {
			if words, ok := probe.WordVectors(l.network, &f.embed); ok {
				s.Baselines = append(s.Baselines, words)
			}
		}
		if asked(baselineUntrained) {
			untrained, err := probe.Untrained(l.network, &f.embed)
			if err != nil {
				return nil, nil, fmt.Errorf("%s: %w", l.path, err)
			}
			s.Baselines = append(s.Baselines, untrained)
		}
		if !oneSize {
			s.Baselines = append(s.Baselines, sized(l.size)...)
		}
		subjects = append(subjects, s)
	}
	if asked(baselineTFIDF) {
		common = append(common, &probe.TFIDF{})
	}
	if asked(baselineChars) {
		common = append(common, &probe.TFIDF{Min: 3, Max: 5})
	}
	if oneSize && len(loaded) > 0 {
		common = append(common, sized(loaded[0].size)...)
	}
	return subjects, common, nil
}

// compare measures the models on tasks.
func (f *embeddingFlags) compare(cmd *cobra.Command, tasks []probe.Task, loaded []embeddingSubject) (*embeddingReport, error) {
	out := new(embeddingReport)
	if len(tasks) == 0 {
		return out, nil
	}
	subjects, common, err := f.subjects(loaded)
	if err != nil {
		return nil, err
	}
	opts := &probe.CompareOptions{Baselines: common, Samples: f.samples, Seed: f.seed}
	if f.samples == 0 {
		opts.Samples = -1
	}
	files, err := expandAll(f.seen)
	if err != nil {
		return nil, err
	}
	if len(files) > 0 {
		if opts.Overlaps, err = probe.FindOverlaps(cmd.Context(), tasks, seenTexts(cmd, files)); err != nil {
			return nil, err
		}
		logger(cmd).Info("searched training data for the tasks' texts", "files", len(files))
	}
	out.Training = trainingOf(loaded, files)
	for r, err := range probe.Compare(cmd.Context(), tasks, subjects, opts) {
		if err != nil {
			return nil, err
		}
		logger(cmd).Info("measured", "task", r.Task)
		out.Tasks = append(out.Tasks, r)
	}
	return out, nil
}

// expandAll returns the files of paths, which may be patterns and folders.
func expandAll(paths []string) (files []string, err error) {
	for _, path := range paths {
		list, err := corpora.Expand(path)
		if err != nil {
			return nil, err
		}
		files = append(files, list...)
	}
	return files, nil
}

// seenTexts streams the texts of files. It leaves out lines that cannot be read, and says how many.
func seenTexts(cmd *cobra.Command, files []string) iter.Seq2[string, error] {
	opts := readOptions(cmd)
	opts.Latin1 = true // TREC
	return func(yield func(string, error) bool) {
		for _, file := range files {
			bad := 0
			for text, err := range corpora.Texts(file, opts) {
				if corpora.IsLineError(err) {
					bad++
					continue
				}
				if !yield(text, err) {
					return
				}
			}
			if bad > 0 {
				logger(cmd).Warn("left out lines of training data that cannot be read", "file", file, "lines", bad)
			}
		}
	}
}

// trainingOf returns the training data of the models that name it; seen are the files that were searched.
func trainingOf(loaded []embeddingSubject, seen []string) (all []trainedOn) {
	given := baseNames(seen)
	for _, l := range loaded {
		run := l.network.Summary().Run
		if run == nil || len(run.Data) == 0 {
			continue
		}
		t := trainedOn{Model: l.name, Data: run.Data}
		for _, name := range run.Data {
			if !strings.HasPrefix(name, madeUp) && !slices.Contains(given, name) && !slices.Contains(t.NotGiven, name) {
				t.NotGiven = append(t.NotGiven, name)
			}
		}
		all = append(all, t)
	}
	return all
}

// sentence says which training data was not searched; empty for none.
func (t *trainedOn) sentence() string {
	if len(t.NotGiven) == 0 {
		return ""
	}
	return fmt.Sprintf("seen in training: unknown for %s, which was trained on %s: give its files with --seen\n", t.Model, strings.Join(t.NotGiven, ", "))
}

// madeUp begins the names of training data that have no file.
const madeUp = "made-up "
