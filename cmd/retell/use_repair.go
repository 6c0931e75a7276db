package main

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/corpora/markup"
	"github.com/retell-rnn/retell/seqae/repair"
)

// repairFlags are the flags of repair.
type repairFlags struct {
	path      string
	int8      bool
	diff      bool
	check     bool
	json      bool
	jsonInput bool
	inPlace   bool
	lsp       bool
	resume    bool
	output    string
	markup    []string
	threshold float64
	bound     float64
	lexicon   string // a file
	lines     answerFlags
	options   repair.Options
}

func newRepair() *cobra.Command {
	var f repairFlags
	cmd := &cobra.Command{
		Use:   "repair -m MODEL [FILE]...",
		Short: "Repair lines of text",
		Long: `Repair the lines of FILE (default: standard input) in order: as many lines come out as went in. White space at the ends
of a line stays. Lines are answered as soon as the input pauses.

An edit that is less probable than --threshold is not made. A line that would change more than --bound allows stays as
it is, with a message: the model has probably not understood it.

--markup names what is not text, beside the text of the lines: xml (tags and entities, also of HTML), markdown (code,
addresses, marks of headings, lists and tables) and tabs (each column is a text of its own). It never changes. Inline
markup does not interrupt a text.

  --in-place   rewrites files that change, each as a whole: a kill leaves the previous file
  --diff       writes a difference in the unified format
  --check      writes FILE:LINE:COLUMN of each change, or with --diff the difference; the exit status is 1 if a line
               would change
  --suggest N  writes FILE:LINE:COLUMN and the likeliest N forms of each word that is not certain, with probabilities
  --json       writes a JSON object for each line; see 'retell help json'
  --lsp        answers an editor on standard input and output, in the Language Server Protocol: changes are shown, and
               offered as quick fixes

With -o, the repaired lines go to a file that appears when it is complete. After a signal or a kill, OUTPUT.partial holds
the finished part, and the same command with --resume continues.

` + onErrorHelp,
		Example: `  retell repair -m fix.retell dirty.txt > repaired.txt
  retell repair -m fix.retell --diff --markup markdown README.md
  retell repair -m fix.retell --check --threshold 0.9 --markup markdown docs/*.md
  retell repair -m fix.retell --in-place notes.txt
  retell repair -m fix.retell million.txt.gz -o repaired.txt
  echo '{"text": "teh cat"}' | retell repair -m fix.retell --json-input --json`,
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args) },
	}
	addModelFlag(cmd, &f.path)
	f.lines.add(cmd)
	flags := cmd.Flags()
	flags.BoolVar(&f.int8, "int8", false, "multiply in int8: faster and almost as accurate")
	flags.BoolVar(&f.diff, "diff", false, "write a unified diff in place of the lines")
	flags.BoolVar(&f.check, "check", false, "write what would change; the exit status is 1 if a line would")
	flags.BoolVar(&f.json, "json", false, "write one JSON object a line")
	flags.BoolVar(&f.jsonInput, "json-input", false, `read one JSON object a line, such as {"text": "teh cat"}`)
	flags.BoolVarP(&f.inPlace, "in-place", "i", false, "rewrite the files that change")
	flags.BoolVar(&f.lsp, "lsp", false, "serve an editor on standard input and output")
	flags.StringVarP(&f.output, "output", "o", "", "output file (default: standard output)")
	flags.BoolVar(&f.resume, "resume", false, "continue where an earlier run with -o stopped")
	flags.StringSliceVar(&f.markup, "markup", nil, "what is not text: xml, markdown or tabs, or several separated by commas")
	flags.Float64Var(&f.threshold, "threshold", 0, "least probability of an edit, 0 to 1 (default: that of the model)")
	flags.Float64Var(&f.bound, "bound", 0, "greatest share of a line's characters that may change, 0 to 1 (default: that of the model)")
	flags.StringVar(&f.lexicon, "lexicon", "", "words to know beside the model's: one a line, with a tab and a count or without, or a .dic file of Hunspell")
	flags.IntVar(&f.options.Suggest, "suggest", 0, "number of forms to suggest for each word that is not certain")
	flags.IntVar(&f.options.Batch, "batch", 0, "number of lines repaired at a time (0 = 64); does not change results")
	cmd.MarkFlagsMutuallyExclusive("lsp", "in-place", "output", "check")
	cmd.MarkFlagsMutuallyExclusive("lsp", "in-place", "output", "diff")
	cmd.MarkFlagsMutuallyExclusive("lsp", "in-place", "json", "diff")
	cmd.MarkFlagsMutuallyExclusive("check", "json")
	cmd.MarkFlagsMutuallyExclusive("lsp", "in-place", "json-input", "diff")
	return cmd
}

// settle checks the flags and fills the options.
func (f *repairFlags) settle(cmd *cobra.Command, files []string) error {
	if err := cmp.Or(f.lines.check(), checkOutputs(f.output)); err != nil {
		return err
	}
	if f.resume && isStdout(f.output) {
		return misusef("--resume without -o: want the file to continue")
	}
	if f.inPlace && len(files) == 0 {
		return misusef("--in-place: want files to rewrite")
	}
	if f.lsp && len(files) > 0 {
		return misusef("--lsp: want no file: the editor sends the text")
	}
	if len(files) > 1 && !f.inPlace && !f.check && !f.diff {
		return misusef("%d files: want one, or --in-place, --check or --diff", len(files))
	}
	if f.options.Suggest > 0 && (f.inPlace || f.diff || f.check) {
		return misusef("--suggest %d: want it without --in-place, --diff and --check", f.options.Suggest)
	}
	for _, share := range []struct {
		name  string
		given float64
		to    *float64
	}{{"threshold", f.threshold, &f.options.Threshold}, {"bound", f.bound, &f.options.Bound}} {
		switch changed := cmd.Flags().Changed(share.name); {
		case changed && !(share.given >= 0 && share.given <= 1):
			return misusef("--%s is %v: want 0 to 1", share.name, share.given)
		case changed && share.given == 0:
			*share.to = -1 // none
		default:
			*share.to = share.given
		}
	}
	if _, err := markup.NewReader(f.markup...); err != nil {
		return misusef("--markup: %v", errors.Unwrap(err))
	}
	if err := f.options.Validate(); err != nil {
		return misuse{err}
	}
	return nil
}

func (f *repairFlags) run(cmd *cobra.Command, files []string) error {
	if err := f.settle(cmd, files); err != nil {
		return err
	}
	model, err := repair.Load(f.path)
	if err != nil {
		return err
	}
	if f.int8 {
		if model, err = model.Quantize(); err != nil {
			return err
		}
	}
	if model, err = informed(model, f.lexicon); err != nil {
		return err
	}
	switch {
	case f.lsp:
		return f.serve(cmd, model)
	case f.inPlace:
		return f.rewrite(cmd, model, files)
	case !isStdout(f.output):
		return f.toFile(cmd, model, inputFile(files))
	case len(files) == 0:
		files = []string{"-"}
	}
	return f.print(cmd, model, files)
}

// informed returns a model that knows the words of a file, too; "" means none.
func informed(model *repair.Repairer, file string) (*repair.Repairer, error) {
	if file == "" {
		return model, nil
	}
	words, counts, err := repair.ReadLexicon(file)
	if err != nil {
		return nil, err
	}
	return model.WithLexicon(words, counts)
}

// read streams the lines of an input. Those that cannot be read are counted, and blank.
func (f *repairFlags) read(cmd *cobra.Command, numbers *lineNumbers, name string) lineStream {
	lines := corpora.Lines(name, readOptions(cmd))
	if f.jsonInput {
		lines = objectTexts(lines)
	}
	return numbers.blanks(lines)
}

// repaired streams the repairs of lines.
func (f *repairFlags) repaired(cmd *cobra.Command, model *repair.Repairer, name string, numbers *lineNumbers, lines lineStream) (*lineRepairs, error) {
	reader, err := markup.NewReader(f.markup...)
	if err != nil {
		return nil, err
	}
	options := f.options
	options.MaxWait = maxWait(cmd, name)
	return &lineRepairs{model: model, reader: reader, lines: lines, numbers: numbers, options: &options}, nil
}

// tally counts the lines of a run.
type tally struct{ lines, changed, flagged int }

// add counts a repaired line, and reports one that was left as it is.
func (t *tally) add(cmd *cobra.Command, name string, number int, r answeredLine) {
	t.lines++
	if r.Changed() {
		t.changed++
	}
	if r.Flagged {
		t.flagged++
		logger(cmd).Warn("line would change more than --bound allows, and stays as it is", "file", name, "line", number)
	}
}

// log logs the counts.
func (t *tally) log(cmd *cobra.Command) {
	logger(cmd).Info("repaired", "lines", t.lines, "changed", t.changed, "left as they are", t.flagged)
}

// verdict returns the error of --check.
func (t *tally) verdict() error {
	if t.changed == 0 {
		return nil
	}
	return fmt.Errorf("%d of %s would change", t.changed, counted(t.lines, "line"))
}
