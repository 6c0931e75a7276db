package main

import (
	"bufio"
	"fmt"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/seqae/probe"
)

func newEvalEmbeddings() *cobra.Command {
	var models []string
	var tasks embeddingTasks
	var embed seq2seq.EmbedOptions
	var search seq2seq.SearchOptions
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "eval-embeddings -m MODEL... TASK...",
		Short: "Measure sentence vectors against baselines",
		Long: `Measure the sentence vectors of one or more models on tasks with known answers. The baselines are the mean of the
model's own word vectors, the same model before training, and TF-IDF fitted to the task's lines. An asterisk marks a
figure that a baseline exceeds; lines below the table name the baseline.

  --sts, --sick      correlation of cosines with human judgments
  --labeled, --trec  accuracy of a logistic regression on the vectors: 10-fold cross-validation, or a second TREC file
  --pairs            rank of each line's partner among all lines
  --reconstruct      similarity of lines to their reconstructions, by length (autoencoders)`,
		Example: `  retell eval-embeddings -m plain.retell -m denoising.retell --sts sts-dev.csv --sick SICK_train.txt
  retell eval-embeddings -m ae.retell --labeled reviews=mr.pos,mr.neg --trec trec.train,trec.test --json
  retell eval-embeddings -m ae.retell --pairs captions.1,captions.2 --reconstruct val.en.gz
  retell eval-embeddings -m translator.retell --pool max --sts sts-dev.csv`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := search.Validate(); err != nil {
				return misuse{err}
			}
			list, err := tasks.load(cmd)
			if err != nil {
				return err
			}
			subjects, loaded, err := loadSubjects(models, &embed)
			if err != nil {
				return err
			}
			var out embeddingReport
			for r, err := range probe.Compare(cmd.Context(), list, subjects, &probe.TFIDF{}) {
				if err != nil {
					return err
				}
				logger(cmd).Info("measured", "task", r.Task)
				out.Tasks = append(out.Tasks, r)
			}
			if tasks.reconstruct != "" {
				lines, err := corpora.Collect(corpora.Lines(tasks.reconstruct, readOptions(cmd)))
				if err != nil {
					return err
				}
				for i, m := range loaded {
					r, err := reconstructed(cmd, m, lines, &search)
					if err != nil {
						return fmt.Errorf("%s: %w", models[i], err)
					}
					out.Reconstruction = append(out.Reconstruction, modelRewriting{subjects[i].Model.Name(), r})
				}
			}
			return writeOutput(cmd, "", func(w *bufio.Writer) error {
				if asJSON {
					out.versioned = version1()
					return writeJSON(w, out)
				}
				return out.write(w)
			})
		},
	}
	f := cmd.Flags()
	f.StringArrayVarP(&models, "model", "m", nil, "model file, as train writes it; may be repeated")
	required(cmd, "model")
	f.StringVar((*string)(&embed.Pool), "pool", "", "pooling: bottleneck, mean, max, last or words (default: bottleneck, or mean without one)")
	f.StringArrayVar(&tasks.sts, "sts", nil, "file of the STS Benchmark; may be repeated")
	f.StringArrayVar(&tasks.sick, "sick", nil, "file of SICK; may be repeated")
	f.StringArrayVar(&tasks.labeled, "labeled", nil, "NAME=FILE,FILE..., a file for each class, or NAME=FILE of label TAB text; may be repeated")
	f.StringArrayVar(&tasks.trec, "trec", nil, "TRAIN or TRAIN,TEST: files of TREC question types; may be repeated")
	f.StringArrayVar(&tasks.pairs, "pairs", nil, "FILE,FILE of partners, line by line; may be repeated")
	f.StringVar(&tasks.reconstruct, "reconstruct", "", "file of lines for an autoencoder to reconstruct")
	f.IntVar(&search.Beam, "beam", 1, "beam width of --reconstruct (1 = greedy search)")
	f.Uint64Var(&tasks.seed, "seed", 0, "seed of the folds of cross-validation")
	f.BoolVar(&asJSON, "json", false, "write one JSON object instead of tables")
	cmd.MarkFlagsOneRequired("sts", "sick", "labeled", "trec", "pairs", "reconstruct")
	return cmd
}

// loadSubjects loads models and names them after their files, without folders and extension if that keeps the names
// distinct.
func loadSubjects(paths []string, embed *seq2seq.EmbedOptions) ([]probe.Subject, []*seq2seq.Network, error) {
	names, used := make([]string, len(paths)), make(map[string]int)
	for i, path := range paths {
		names[i] = strings.TrimSuffix(filepath.Base(path), ".retell")
		used[names[i]]++
	}
	var subjects []probe.Subject
	var models []*seq2seq.Network
	for i, path := range paths {
		if used[names[i]] > 1 {
			names[i] = path
		}
		m, err := seq2seq.LoadKind(path, seq2seq.AnyKind)
		if err != nil {
			return nil, nil, err
		}
		if _, err := m.EmbeddingSize(embed); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", path, err)
		}
		s, err := probe.ModelSubject(names[i], m, embed)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", path, err)
		}
		subjects, models = append(subjects, s), append(models, m)
	}
	return subjects, models, nil
}

// embeddingTasks names the files that vectors are measured on.
type embeddingTasks struct {
	sts, sick, labeled, trec, pairs []string
	reconstruct                     string
	seed                            uint64
}

// load reads the files.
func (t *embeddingTasks) load(cmd *cobra.Command) ([]probe.Task, error) {
	var tasks []probe.Task
	for _, list := range []struct {
		values []string
		load   func(cmd *cobra.Command, value string) (probe.Task, error)
	}{{t.sts, loadSTS}, {t.sick, loadSICK}, {t.labeled, t.loadLabeled}, {t.trec, t.loadTREC}, {t.pairs, loadPairs}} {
		for _, value := range list.values {
			task, err := list.load(cmd, value)
			if err != nil {
				return nil, err
			}
			tasks = append(tasks, task)
		}
	}
	return tasks, nil
}

func loadSTS(cmd *cobra.Command, file string) (probe.Task, error) {
	pairs, err := corpora.Collect(corpora.STS(file, readOptions(cmd)))
	return probe.SimilarityTask(filepath.Base(file), pairs), err
}

func loadSICK(cmd *cobra.Command, file string) (probe.Task, error) {
	pairs, err := corpora.Collect(corpora.SICK(file, readOptions(cmd)))
	return probe.SimilarityTask(filepath.Base(file), pairs), err
}

func (t *embeddingTasks) loadLabeled(cmd *cobra.Command, value string) (probe.Task, error) {
	name, files, ok := strings.Cut(value, "=")
	if !ok || name == "" || files == "" {
		return probe.Task{}, misusef("--labeled is %q: want NAME=FILE or NAME=FILE,FILE", value)
	}
	stream := corpora.LabeledTSV(files, readOptions(cmd))
	if list := strings.Split(files, ","); len(list) > 1 {
		stream = corpora.Classes(list, readOptions(cmd))
	}
	lines, err := corpora.Collect(stream)
	return probe.ClassifyTask(name, lines, nil, &probe.ClassifyOptions{Seed: t.seed}), err
}

func (t *embeddingTasks) loadTREC(cmd *cobra.Command, value string) (probe.Task, error) {
	train, test, split := strings.Cut(value, ",")
	lines, err := corpora.Collect(corpora.TREC(train, readOptions(cmd)))
	if err != nil || !split {
		return probe.ClassifyTask(filepath.Base(train), lines, nil, &probe.ClassifyOptions{Seed: t.seed}), err
	}
	unseen, err := corpora.Collect(corpora.TREC(test, readOptions(cmd)))
	return probe.ClassifyTask(filepath.Base(test), lines, unseen, nil), err
}

func loadPairs(cmd *cobra.Command, value string) (probe.Task, error) {
	from, to, ok := strings.Cut(value, ",")
	if !ok || from == "" || to == "" {
		return probe.Task{}, misusef("--pairs is %q: want FILE,FILE", value)
	}
	texts, err := readTexts(cmd, []string{from, to})
	if err != nil {
		return probe.Task{}, err
	}
	return probe.RetrieveTask(filepath.Base(from), texts[0], texts[1]), nil
}

// reconstructed measures how well an autoencoder writes lines back. The lines are normalized as the model's target.
func reconstructed(cmd *cobra.Command, n *seq2seq.Network, lines []string, search *seq2seq.SearchOptions) ([]probe.Rewriting, error) {
	m, err := seq2seq.VectorModelOf(n)
	if err != nil {
		return nil, fmt.Errorf("--reconstruct: the model has no bottleneck: want an autoencoder")
	}
	var wanted, written []string
	for t, err := range m.Translate(cmd.Context(), corpora.Stream(lines), search) {
		if err != nil {
			return nil, err
		}
		wanted, written = append(wanted, m.Target().Normalize(t.Source)), append(written, t.Text)
	}
	return probe.Rewritings(wanted, written)
}

func (r *embeddingReport) write(w *bufio.Writer) error {
	text := r.Tasks.String()
	if text != "" && len(r.Reconstruction) > 0 {
		text += "\n"
	}
	if _, err := w.WriteString(text); err != nil || len(r.Reconstruction) == 0 {
		return err
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "reconstruction\twords\tlines\texact\ttoken accuracy\tBLEU\tedits a line")
	for _, m := range r.Reconstruction {
		for _, l := range m.Lengths {
			words := fmt.Sprintf("%d-%d", l.From, l.To)
			switch {
			case l.To == 0 && l.From == 1:
				words = "all"
			case l.To == 0:
				words = fmt.Sprintf("%d-", l.From)
			}
			fmt.Fprintf(table, "%s\t%s\t%d\t%.2f %%\t%.2f %%\t%.2f\t%.2f\n",
				m.Model, words, l.Lines, 100*l.Exact, 100*l.Accuracy, l.BLEU, l.Edits)
		}
	}
	return table.Flush()
}
