package main

import (
	"bufio"
	"cmp"
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
	var tasks embeddingTasks
	var with embeddingFlags
	var search seq2seq.SearchOptions
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "eval-embeddings -m MODEL... TASK...",
		Short: "Measure sentence vectors against baselines",
		Long: `Measure the sentence vectors of one or more models on tasks with known answers:

  --sts, --sick, --judged
                     Spearman's and Pearson's correlation of cosines with human judgments, and Spearman's by genre (STS)
  --labeled, --trec  accuracy of a logistic regression on the vectors: 10-fold cross-validation, or a second TREC file
  --pairs            rank of each line's partner among all lines, and back: error, recall at 5 and 10, mean reciprocal rank
  --reconstruct      similarity of lines to their reconstructions, by length (autoencoders)

beside baselines, which --baseline chooses:

  words              mean of the model's own word vectors, unless its vectors are that mean
  untrained          same model before training
  tfidf              TF-IDF of words, fitted to the task's lines
  tfidf-chars        TF-IDF of character 3- to 5-grams within words
  projection         TF-IDF of words in as many numbers as the model's vectors, by random projection
  random             mean of random word vectors of the model's size

An asterisk marks a figure that a baseline exceeds. The main figures have 95 % confidence intervals by bootstrap.
Sentences below a table test the model against the best of its own baselines and the best of the others, by a paired
bootstrap or McNemar's test.

--seen names training data, in any format. The report then says how many texts of a task are equal to a training text
(in lower case and without punctuation) or near to one (content words with a Jaccard index of 0.7 or more), and measures
the main figures without them.`,
		Example: `  retell eval-embeddings -m plain.retell -m denoising.retell --sts sts-dev.csv --sick SICK_train.txt
  retell eval-embeddings -m vectors.retell --sts sts-dev.csv --seen captions.tsv.gz --seen tatoeba.tsv.gz --size 64,128
  retell eval-embeddings -m ae.retell --labeled reviews=mr.pos,mr.neg --trec trec.train,trec.test --with-tfidf --json
  retell eval-embeddings -m ae.retell --pairs test.en,test.fr --reconstruct val.en.gz --baseline words,tfidf
  retell eval-embeddings -m translator.retell --pool max --sts sts-dev.csv`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := cmp.Or(search.Validate(), with.check()); err != nil {
				return misuse{err}
			}
			list, err := tasks.load(cmd, with.seed)
			if err != nil {
				return err
			}
			subjects, err := with.load()
			if err != nil {
				return err
			}
			out, err := with.compare(cmd, list, subjects)
			if err != nil {
				return err
			}
			if tasks.reconstruct != "" {
				if out.Reconstruction, err = reconstruct(cmd, tasks.reconstruct, subjects, &search); err != nil {
					return err
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
	with.add(cmd)
	tasks.add(cmd)
	f.IntVar(&search.Beam, "beam", 1, "beam width of --reconstruct (1 = greedy search)")
	f.BoolVar(&asJSON, "json", false, "write one JSON object instead of tables")
	return cmd
}

// embeddingTasks names the files that vectors are measured on.
type embeddingTasks struct {
	sts, sick, judged, labeled, trec, pairs []string
	words                                   bool
	reconstruct                             string
	seed                                    uint64
}

func (t *embeddingTasks) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringArrayVar(&t.sts, "sts", nil, "file of the STS Benchmark; may be repeated")
	f.StringArrayVar(&t.sick, "sick", nil, "file of SICK; may be repeated")
	f.StringArrayVar(&t.judged, "judged", nil, "file of pairs of your own: score TAB a TAB b, of any scale; may be repeated")
	f.StringArrayVar(&t.labeled, "labeled", nil, "NAME=FILE,FILE..., a file for each class, or NAME=FILE of label TAB text; may be repeated")
	f.StringArrayVar(&t.trec, "trec", nil, "TRAIN or TRAIN,TEST: files of TREC question types; may be repeated")
	f.StringArrayVar(&t.pairs, "pairs", nil, "FILE,FILE of partners, line by line; may be repeated")
	f.BoolVar(&t.words, "with-tfidf", false, "measure classifiers also on the vectors with TF-IDF of words beside")
	f.StringVar(&t.reconstruct, "reconstruct", "", "file of lines for an autoencoder to reconstruct")
	cmd.MarkFlagsOneRequired("sts", "sick", "judged", "labeled", "trec", "pairs", "reconstruct")
}

// load reads the files. The seed is that of the folds.
func (t *embeddingTasks) load(cmd *cobra.Command, seed uint64) ([]probe.Task, error) {
	t.seed = seed
	var tasks []probe.Task
	for _, list := range []struct {
		values []string
		load   func(cmd *cobra.Command, value string) (probe.Task, error)
	}{{t.sts, loadSTS}, {t.sick, loadSICK}, {t.judged, loadJudged}, {t.labeled, t.loadLabeled}, {t.trec, t.loadTREC}, {t.pairs, loadPairs}} {
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

// anyScore is the greatest score of --judged.
const anyScore = 1e6

func loadJudged(cmd *cobra.Command, file string) (probe.Task, error) {
	format := corpora.Format{Type: corpora.TypeJudged, MinScore: -anyScore, MaxScore: anyScore} // rescaling changes no correlation
	examples, err := corpora.Collect(format.Read(file, readOptions(cmd)))
	pairs := make([]corpora.Judged, len(examples))
	for i, e := range examples {
		pairs[i] = corpora.Judged{A: e.Source, B: e.Targets[0], Score: *e.Judged}
	}
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
	return probe.ClassifyTask(name, lines, nil, t.classify()), err
}

func (t *embeddingTasks) loadTREC(cmd *cobra.Command, value string) (probe.Task, error) {
	train, test, split := strings.Cut(value, ",")
	lines, err := corpora.Collect(corpora.TREC(train, readOptions(cmd)))
	if err != nil || !split {
		return probe.ClassifyTask(filepath.Base(train), lines, nil, t.classify()), err
	}
	unseen, err := corpora.Collect(corpora.TREC(test, readOptions(cmd)))
	return probe.ClassifyTask(filepath.Base(test), lines, unseen, t.classify()), err
}

func (t *embeddingTasks) classify() *probe.ClassifyOptions {
	return &probe.ClassifyOptions{Seed: t.seed, Words: t.words}
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

// reconstruct measures how well autoencoders write the lines of a file back.
func reconstruct(cmd *cobra.Command, file string, subjects []embeddingSubject, search *seq2seq.SearchOptions) ([]modelRewriting, error) {
	lines, err := corpora.Collect(corpora.Lines(file, readOptions(cmd)))
	if err != nil {
		return nil, err
	}
	var all []modelRewriting
	for _, s := range subjects {
		r, err := reconstructed(cmd, s.network, lines, search)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.path, err)
		}
		all = append(all, modelRewriting{s.name, r})
	}
	return all, nil
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
	unknown := ""
	for _, t := range r.Training {
		unknown += t.sentence()
	}
	if unknown != "" {
		text += "\n" + unknown
	}
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
