package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/internal/quote"
)

const configTopic = `Settings describe the model, the data and the training. 'retell keys' lists them, 'retell keys SEARCH' explains
them, and docs/settings.md shows them as a page. They come from these places; later ones override earlier ones:

  1. the defaults
  2. a recipe:              --recipe NAME; 'retell recipe list' and 'retell recipe show NAME'
  3. a YAML file:           retell train mine.yaml
  4. KEY=VALUE arguments:   train.epochs=30 model.encoder.cell=gru
  5. flags:                 --epochs 30

In YAML each dot of a key is a level:

  model:
    encoder: {cell: gru, hidden: 256}
  data:
    train_source: train.en
    train_target: train.de
  train:
    epochs: 30

An argument has no spaces around its "=". Its value is YAML too: 'model.encoder={cell: gru, hidden: 256}'. A file
name that contains "=" needs its folder: ./a=b.yaml.

'retell info MODEL' prints the settings of a model as YAML that 'retell train' reads.`

const environmentTopic = `retell reads these environment variables:

  RETELL_CPU      instruction set: amx, avx512, avx2 or generic (unset = the best one that the processor has).
                  'retell version' shows it. Results may differ in the last digits.
  GOMAXPROCS      number of threads, as --threads (unset = all). Does not change results.
  GOGC            growth of the heap between garbage collections, in percent (unset = 15). A larger value is rarely
                  faster and takes more memory.
  GOMEMLIMIT      soft limit of the process's memory, such as 4GiB. For a training, the setting train.memory chooses
                  batches that fit.
  SOURCE_DATE_EPOCH
                  date of a model file, in seconds since 1970, so that equal trainings write equal files.

Tests of the source code read one more:

  RETELL_CORPORA  folder of corpora that are not in the repository (unset = ../shared/corpora). Tests that need it are
                  skipped where it is absent.`

// helpTopics are the topics of help that are not verbs.
func helpTopics() []*cobra.Command {
	return []*cobra.Command{
		{Use: "config", Short: "Write settings: YAML files, KEY=VALUE arguments, recipes", Long: configTopic},
		{Use: "environment", Short: "Set environment variables", Long: environmentTopic},
		{Use: "json", Short: "Read the output of --json: its forms and their version", Long: jsonTopic},
	}
}

func newHelp() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "help [COMMAND...]",
		Short: "Explain a command or a topic",
		Example: `  retell help train
  retell help classify predict
  retell help config`,
		Args: cobra.ArbitraryArgs,
		ValidArgsFunction: func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			var names []string
			if at, _, err := cmd.Root().Find(args); err == nil {
				for _, sub := range at.Commands() {
					if !sub.Hidden {
						names = append(names, cobra.CompletionWithDesc(sub.Name(), sub.Short))
					}
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			at := cmd.Root()
			for _, name := range args {
				next := child(at, name)
				if next == nil {
					return misusef("no help on %s%s", quote.Text(strings.Join(args, " ")), didYouMean(nearestVerb(at, name)))
				}
				at = next
			}
			at.InitDefaultHelpFlag()
			return at.Help()
		},
	}
	return cmd
}

// child returns cmd's direct subcommand of that name, nil if there is none.
func child(cmd *cobra.Command, name string) *cobra.Command {
	for _, sub := range cmd.Commands() {
		if sub.Name() == name || sub.HasAlias(name) {
			return sub
		}
	}
	return nil
}
