package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"runtime"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/retell-rnn/retell/internal/kernel"
)

// run executes one command line and returns its exit status. An error is one line on stderr.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(stdin)
	out := &output{w: stdout}
	root.SetOut(out)
	root.SetErr(stderr)
	entered := false
	onEntry(root, func() { entered = true })
	refuseRepeats(root)
	checkUsage(root)

	verb, err := root.ExecuteContextC(ctx)
	err = cmp.Or(err, out.err) // cobra ignores errors of writing help
	if err == nil {
		return exitDone
	}
	if !entered && out.err == nil { // cobra refused the flags or the arguments
		err = misusef("%w (see '%s --help')", groupError(err), verb.CommandPath())
	}
	fmt.Fprintln(stderr, "retell: "+oneLine(err)+kindsOfModels(err))
	return exitCode(err)
}

// newRoot returns the whole tree of commands.
func newRoot() *cobra.Command {
	var threads int
	root := &cobra.Command{
		Use:   "retell",
		Short: "Train and use sequence-to-sequence recurrent networks",
		Long: `Retell trains recurrent networks on pairs of lines or on plain text, and uses them: to translate,
to repair and label text, to turn sentences into vectors and back, and to search, compare and draw those vectors.

Results go to standard output; progress, log lines and errors go to standard error.
Exit status: 0 done, 1 failed, 2 wrong flags, arguments or settings, 130 or 143 stopped by a signal.`,
		Example: `  retell demo
  retell train --source train.en --target train.de --valid-source val.en --valid-target val.de -o model.retell
  retell translate -m model.retell input.en > output.de`,
		Args:          cobra.NoArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		Version:       versionLine(),
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			if err := kernel.PathError(); err != nil {
				return misuse{err}
			}
			if threads < 0 {
				return misusef("--threads is %d: want 0 (all) or more", threads)
			}
			if threads > 0 {
				runtime.GOMAXPROCS(threads)
			}
			return requiredFlags(cmd)
		},
	}
	root.SetVersionTemplate("{{.Version}}\n")
	root.SetGlobalNormalizationFunc(americanFlag)
	root.SetFlagErrorFunc(flagError)
	root.PersistentFlags().IntVar(&threads, "threads", 0, "number of threads (0 = all); does not change results")
	root.PersistentFlags().BoolP("quiet", "q", false, "show warnings and errors only: no progress, no log lines")
	for _, g := range []struct {
		title string
		verbs []*cobra.Command
	}{
		{"Train", []*cobra.Command{newDemo(), newTrain(), newClassify(), newLabel(), newRecipe(), newKeys(), newAblate(), newAverage(), newPostprocess()}},
		{"Use a model", []*cobra.Command{
			newTranslate(), newExplain(), newRepair(), newReconstruct(), newInterpolate(), newAnalogy(), newSample(), newRescore(), newAnomaly(),
		}},
		{"Vectors", []*cobra.Command{newEmbed(), newDecode(), newIndex(), newNearest(), newSimilar(), newCluster(), newMap(), newDedupe()}},
		{"Measure", []*cobra.Command{newEval(), newScore(), newScorePairs(), newEvalEmbeddings(), newInfo(), newPlot(), newBench()}},
		{"Tools", []*cobra.Command{newCorpus(), newNoise(), newTokenizer(), newMan(), newVersion()}},
	} {
		root.AddGroup(&cobra.Group{ID: g.title, Title: g.title + ":"})
		for _, verb := range g.verbs {
			verb.GroupID = g.title
		}
		root.AddCommand(g.verbs...)
	}
	root.AddCommand(helpTopics()...)
	root.SetHelpCommand(newHelp())
	root.SetHelpCommandGroupID("Tools")
	root.SetCompletionCommandGroupID("Tools")
	root.InitDefaultCompletionCmd()
	completion := child(root, "completion")
	completion.Short, completion.Long = "Write a completion script for a shell", ""
	completion.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	completeVerbs(root)
	return root
}

// americanFlag returns the American name of a flag given by its British name, which still works.
func americanFlag(_ *pflag.FlagSet, name string) pflag.NormalizedName {
	switch name {
	case "neighbours":
		name = "neighbors"
	case "labelled":
		name = "labeled"
	}
	return pflag.NormalizedName(name)
}

// onEntry makes every verb of the tree call f before it runs.
func onEntry(cmd *cobra.Command, f func()) {
	if verb := cmd.RunE; verb != nil {
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			f()
			return verb(cmd, args)
		}
	}
	for _, sub := range cmd.Commands() {
		onEntry(sub, f)
	}
}

// group returns a command that only holds others.
func group(use, short string, subs ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{
		Use:   use,
		Short: short,
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(subs...)
	return cmd
}

// required marks flags that cmd does not run without.
func required(cmd *cobra.Command, flags ...string) {
	for _, flag := range flags {
		if err := cmd.MarkFlagRequired(flag); err != nil {
			panic(err) // cmd has no such flag
		}
	}
}
