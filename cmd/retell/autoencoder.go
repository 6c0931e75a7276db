package main

import (
	"bufio"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/seqae"
)

// autoencoderFlags choose an autoencoder, and how it searches for what it writes.
type autoencoderFlags struct {
	path   string
	int8   bool
	search seq2seq.SearchOptions
}

// add adds the required -m, --int8 and --beam.
func (f *autoencoderFlags) add(cmd *cobra.Command) {
	addModelFlag(cmd, &f.path)
	cmd.Flags().BoolVar(&f.int8, "int8", false, "multiply in int8: faster, and nearly as good")
	cmd.Flags().IntVar(&f.search.Beam, "beam", 5, "hypotheses kept of each line; 1 is greedy search")
}

func (f *autoencoderFlags) load() (*seqae.Model, error) {
	if err := f.search.Validate(); err != nil {
		return nil, misuse{err}
	}
	m, err := seqae.Load(f.path)
	if err == nil && f.int8 {
		m = m.Quantize()
	}
	return m, err
}

func newReconstruct() *cobra.Command {
	var from autoencoderFlags
	var scores, diff, asJSON bool
	cmd := &cobra.Command{
		Use:   "reconstruct -m MODEL [FILE]",
		Short: "Write lines back as an autoencoder remembers them",
		Long: `Write the lines of FILE (standard input if absent) back, one for one, in order, each from its vector alone; empty lines stay empty.

With --scores, each line follows the edit distance in tokens, the log-probability in nats and a tab each. With --diff, what the model
left out stands as [-left out-] and what it put in as {+put in+}.`,
		Example: `  retell reconstruct -m autoencoder.retell --diff lines.txt
  echo 'A dog runs .' | retell reconstruct -m autoencoder.retell --scores`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			model, err := from.load()
			if err != nil {
				return err
			}
			return writeOutput(cmd, "", func(w *bufio.Writer) error {
				for r, err := range model.Reconstruct(cmd.Context(), corpora.Lines(inputFile(args), readOptions(cmd)), &from.search) {
					if err != nil {
						return err
					}
					if err := writeReconstruction(w, model, r, scores, diff, asJSON); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
	from.add(cmd)
	cmd.Flags().BoolVar(&scores, "scores", false, "write edit distance and log-probability before each line")
	cmd.Flags().BoolVar(&diff, "diff", false, "show what differs")
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line, with the log-probability of each token")
	return cmd
}

// reconstruction is a line of reconstruct --json.
type reconstruction struct {
	Source       string    `json:"source"`
	Text         string    `json:"text"`
	Exact        bool      `json:"exact"`
	Edits        int       `json:"edits"`
	SourceTokens int       `json:"source_tokens"`
	LogProb      float64   `json:"log_prob"`
	Tokens       []string  `json:"tokens"`
	LogProbs     []float32 `json:"log_probs"`
}

func writeReconstruction(w *bufio.Writer, m *seqae.Model, r seqae.Reconstruction, scores, diff, asJSON bool) error {
	var best seq2seq.Hypothesis // of an empty line: none
	if len(r.Hypotheses) > 0 {
		best = r.Hypotheses[0]
	}
	if asJSON {
		return writeJSON(w, reconstruction{r.Source, r.Text, r.Exact, r.Edits, len(r.Tokens), best.LogProb, best.Tokens, best.LogProbs})
	}
	text := r.Text
	if diff {
		text = marked(strings.Fields(m.Seq2Seq().Target().Normalize(r.Source)), strings.Fields(r.Text))
	}
	if scores {
		text = fmt.Sprintf("%d\t%.3f\t%s", r.Edits, best.LogProb, text)
	}
	_, err := w.WriteString(text + "\n")
	return err
}

// marked joins words, with marks around those of was that are gone and those of is that are new.
func marked(was, is []string) string {
	var parts []string
	mark := func(open, end string, tokens []string) {
		if len(tokens) > 0 {
			parts = append(parts, open+strings.Join(tokens, " ")+end)
		}
	}
	i, k := 0, 0
	for _, p := range append(common(was, is), [2]int{len(was), len(is)}) {
		mark("[-", "-]", was[i:p[0]])
		mark("{+", "+}", is[k:p[1]])
		if i, k = p[0], p[1]; i < len(was) {
			parts = append(parts, was[i])
		}
		i, k = i+1, k+1
	}
	return strings.Join(parts, " ")
}

// common returns the places of a longest common subsequence.
func common(a, b []string) [][2]int {
	length := make([][]int, len(a)+1) // of what is common from here on
	for i := range length {
		length[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for k := len(b) - 1; k >= 0; k-- {
			length[i][k] = max(length[i+1][k], length[i][k+1])
			if a[i] == b[k] {
				length[i][k] = length[i+1][k+1] + 1
			}
		}
	}
	var out [][2]int
	for i, k := 0, 0; i < len(a) && k < len(b); {
		switch {
		case a[i] == b[k]:
			out = append(out, [2]int{i, k})
			i, k = i+1, k+1
		case length[i+1][k] >= length[i][k+1]:
			i++
		default:
			k++
		}
	}
	return out
}

func newInterpolate() *cobra.Command {
	var from autoencoderFlags
	var steps int
	var path string
	cmd := &cobra.Command{
		Use:     "interpolate -m MODEL FROM TO",
		Short:   "Turn one sentence into another, by way of what lies between their vectors",
		Example: `  retell interpolate -m autoencoder.retell "a man rides a horse ." "two children play in the snow ." --steps 7`,
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if steps < 2 {
				return misusef("--steps is %d: want at least 2, the two ends", steps)
			}
			if p := seqae.Path(path); p != seqae.Line && p != seqae.GreatCircle {
				return misusef("--path is %q: want %s or %s", path, seqae.Line, seqae.GreatCircle)
			}
			model, err := from.load()
			if err != nil {
				return err
			}
			texts, err := model.Interpolate(cmd.Context(), args[0], args[1], steps, seqae.Path(path), &from.search)
			if err != nil {
				return err
			}
			return writeTexts(cmd, "", texts)
		},
	}
	from.add(cmd)
	cmd.Flags().IntVar(&steps, "steps", 7, "sentences to write, the two ends included")
	cmd.Flags().StringVar(&path, "path", string(seqae.Line), "way from vector to vector: line or great-circle")
	return cmd
}

func newAnalogy() *cobra.Command {
	var from autoencoderFlags
	cmd := &cobra.Command{
		Use:     "analogy -m MODEL A B C",
		Short:   "Write what is to C as B is to A",
		Example: `  retell analogy -m autoencoder.retell "a man is running ." "a woman is running ." "a man is sleeping ."`,
		Args:    cobra.ExactArgs(3),
		RunE: func(cmd *cobra.Command, args []string) error {
			model, err := from.load()
			if err != nil {
				return err
			}
			text, err := model.Analogy(cmd.Context(), args[0], args[1], args[2], &from.search)
			if err != nil {
				return err
			}
			return writeTexts(cmd, "", []string{text})
		},
	}
	from.add(cmd)
	return cmd
}

func newSample() *cobra.Command {
	var from autoencoderFlags
	var n int
	var temperature float64
	var seed uint64
	var fit string
	cmd := &cobra.Command{
		Use:   "sample -m MODEL",
		Short: "Write sentences from vectors drawn at random",
		Long: `Write sentences from vectors drawn at random: from the prior of a variational autoencoder or, with --fit, from a normal distribution
fitted to the vectors of the lines of a file.`,
		Example: `  retell sample -m variational.retell --n 20 --temperature 0.7
  retell sample -m autoencoder.retell --fit captions.txt`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case n < 1:
				return misusef("--n is %d: want at least 1", n)
			case !(temperature >= 0) || math.IsInf(temperature, 0):
				return misusef("--temperature is %v: want 0 or more", temperature)
			}
			model, err := from.load()
			if err != nil {
				return err
			}
			g, err := distribution(cmd, model, fit)
			if err != nil {
				return err
			}
			texts, err := model.Sample(cmd.Context(), g, n, temperature, rand.New(rand.NewPCG(seed, 0)), &from.search)
			if err != nil {
				return err
			}
			return writeTexts(cmd, "", texts)
		},
	}
	from.add(cmd)
	cmd.Flags().IntVar(&n, "n", 10, "sentences to write")
	cmd.Flags().Float64Var(&temperature, "temperature", 1, "distance of the vectors from the mean, as a factor")
	cmd.Flags().Uint64Var(&seed, "seed", 1, "what fixes the draws")
	cmd.Flags().StringVar(&fit, "fit", "", "file of lines to whose vectors a distribution is fitted")
	return cmd
}

// fitLines is how many lines a distribution is fitted to at most: enough for the covariance of any vector that is common.
const fitLines = 20_000

// distribution is what vectors are drawn from: the model's prior, or one fitted to the first lines of a file.
func distribution(cmd *cobra.Command, m *seqae.Model, file string) (*seqae.Gaussian, error) {
	if file == "" {
		g, err := m.Prior()
		if err != nil {
			return nil, misuse{fmt.Errorf("%w (--fit FILE)", err)}
		}
		return g, nil
	}
	var vectors [][]float32
	for e, err := range m.Embed(cmd.Context(), corpora.Lines(file, readOptions(cmd)), nil) {
		if err != nil {
			return nil, err
		}
		if e.Text != "" {
			vectors = append(vectors, e.Vector)
		}
		if len(vectors) == fitLines {
			break
		}
	}
	return seqae.Fit(vectors)
}
