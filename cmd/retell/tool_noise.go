package main

import (
	"bufio"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/corpora/noise"
	"github.com/retell-rnn/retell/internal/atomicfile"
)

func newNoise() *cobra.Command {
	return group("noise", "Put errors into clean text", newNoiseApply(), newNoiseFit())
}

// noiseFlags are the flags of noise apply.
type noiseFlags struct {
	kinds, learned, lexicon, out string
	rate                         float64
	seed                         uint64
	pairs                        bool
}

func newNoiseApply() *cobra.Command {
	var f noiseFlags
	cmd := &cobra.Command{
		Use:   "apply --kind KINDS [FILE]",
		Short: "Write lines with errors",
		Long: `Write the lines of FILE (default: standard input) with errors. The kinds apply in their order:

  typos        neighboring keys (layout=us, de, fr, es or tr); letters transposed, doubled, left out, inserted
  words        confusable words and endings of English, close words of --lexicon
  phonetic     spelling by sound, for English
  accents      letters without diacritics
  case         lower case
  flip         words in another case
  punctuation  , . ? ! : ; … ¿ ¡ left out
  spaces       spaces left out; at a rate below 1, words are broken too
  ocr          what a machine misreads: rn and m, l and 1, long s and f
  learned      errors of a file of 'retell noise fit'
  clean        no errors: its rate is the share of clean lines (default 0.1; 0 with learned)

A kind may have settings: typos:rate=0.05:lines=0.5:layout=de. rate is the mean share of the places that change in a
line; each line draws its own. lines is the share of the lines that get such errors. --rate sets the rate of all kinds
without one. The errors of a line depend on --seed and the line's number alone.`,
		Example: `  retell noise apply --kind typos,accents --rate 0.1 clean.txt > dirty.txt
  retell noise apply --kind case,punctuation --pairs clean.txt > pairs.tsv
  retell noise apply --kind clean:rate=0.2,words,typos:layout=fr --lexicon words.txt --seed 7 clean.txt
  retell noise apply --kind learned --learned errors.json --pairs clean.txt`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, inputFile(args)) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.kinds, "kind", "", "kinds of errors, separated by commas; "+strings.Join(noise.Kinds(), ", ")+" or clean")
	flags.Float64Var(&f.rate, "rate", 0, "rate of the kinds without one, 0 to 1 (default: that of the kind)")
	flags.StringVar(&f.learned, "learned", "", "file of 'retell noise fit', for the kind learned")
	flags.StringVar(&f.lexicon, "lexicon", "", "file of text or words, for the kind words")
	flags.Uint64Var(&f.seed, "seed", 1, "seed of the errors")
	flags.BoolVar(&f.pairs, "pairs", false, "write each line with errors, a tab, and the clean line")
	flags.StringVarP(&f.out, "output", "o", "", "output file (default: standard output)")
	required(cmd, "kind")
	return cmd
}

// spec returns the steps that the flags describe.
func (f *noiseFlags) spec(cmd *cobra.Command) (noise.Spec, error) {
	if cmd.Flags().Changed("rate") && !(f.rate > 0 && f.rate <= 1) {
		return nil, misusef("--rate is %v: want above 0 and at most 1", f.rate)
	}
	kinds := f.kinds
	if f.learned != "" { // the file first, as the kind needs one
		steps := strings.Split(kinds, ",")
		found := false
		for i, step := range steps {
			if name, _, _ := strings.Cut(strings.TrimSpace(step), ":"); name == noise.Learned {
				steps[i], found = step+":learned="+f.learned, true
			}
		}
		if !found {
			return nil, misusef("--learned %s: want the kind learned in --kind", f.learned)
		}
		kinds = strings.Join(steps, ",")
	}
	spec, err := noise.ParseSpec(kinds)
	if err != nil {
		return nil, misusef("--kind: %s", strings.TrimPrefix(err.Error(), "noise: "))
	}
	for i := range spec {
		if spec[i].Rate == 0 && spec[i].Kind != noise.Clean {
			spec[i].Rate = f.rate
		}
	}
	return spec, nil
}

func (f *noiseFlags) run(cmd *cobra.Command, name string) error {
	spec, err := f.spec(cmd)
	if err != nil {
		return err
	}
	if err := checkOutputs(f.out); err != nil {
		return err
	}
	if f.lexicon != "" && !spec.NeedsLexicon() {
		return misusef("--lexicon %s: want the kind words in --kind", f.lexicon)
	}
	lexicon := corpora.Lines(f.lexicon, readOptions(cmd))
	if f.lexicon == "" {
		lexicon = nil
	}
	made, err := noise.New(spec, lexicon)
	if err != nil {
		return err
	}
	const most = 1000 // lines at a time
	pairs := made.Examples(f.seed, corpora.Lines(name, readOptions(cmd)))
	return writeOutput(cmd, f.out, func(w *bufio.Writer) error {
		for batch, err := range corpora.Batches(cmd.Context(), pairs, most, maxWait(cmd, name)) {
			if err != nil {
				return err
			}
			for _, pair := range batch {
				if err := f.write(w, pair); err != nil {
					return err
				}
			}
			if err := w.Flush(); err != nil {
				return err
			}
		}
		return nil
	})
}

// write writes one line.
func (f *noiseFlags) write(w *bufio.Writer, pair corpora.Example) error {
	switch {
	case f.pairs:
		if strings.ContainsRune(pair.Targets[0], '\t') {
			return fmt.Errorf("line %q has a tab: want none with --pairs", pair.Targets[0])
		}
		_, err := w.WriteString(pair.Source + "\t" + pair.Targets[0] + "\n")
		return err
	default:
		_, err := w.WriteString(pair.Source + "\n")
		return err
	}
}

func newNoiseFit() *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "fit -o FILE [PAIRS]",
		Short: "Learn errors from pairs of lines",
		Long: `Learn errors from the lines of PAIRS (default: standard input): a line with errors, a tab, the clean line. It aligns
both, counts what each run of up to three characters became and between which characters, and the words that were
misspelled alike at least twice. The kind learned of 'retell noise apply' makes such errors, at the rate of PAIRS or at
another.`,
		Example: `  retell noise fit ocr.tsv -o ocr.json
  retell noise apply --kind learned --learned ocr.json clean.txt`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkFiles(out); err != nil {
				return err
			}
			c, err := noise.Fit(corpora.Format{Type: corpora.TypeTSV}.Read(inputFile(args), readOptions(cmd)))
			if err != nil {
				return err
			}
			if c.Errors == 0 {
				return errors.New(inputFile(args) + ": no line differs from its clean line: want pairs with errors")
			}
			logger(cmd).Info("learned", "edits", len(c.Edits), "words", len(c.Words), "lines with errors", fmt.Sprintf("%.3g", c.Lines),
				"errors per character", fmt.Sprintf("%.3g", c.Errors))
			return atomicfile.Write(out, c.Write)
		},
	}
	cmd.Flags().StringVarP(&out, "output", "o", "", "file to write")
	required(cmd, "output")
	return cmd
}
