package main

import (
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/metric"
)

// completeVerbs offers the values of flags and the settings of every verb of the tree to the shell.
func completeVerbs(cmd *cobra.Command) {
	eachVerb(cmd, func(verb *cobra.Command) {
		for name, values := range map[string][]cobra.Completion{
			"metric":      metric.Names(),
			"mbr":         metric.Names(),
			"length-norm": {"none", "average", "gnmt"},
			"precision":   {"float32", "bf16"},
			"on-error":    {onErrorSkip, onErrorStop},
			"markup":      {"xml", "placeholders", "xml,placeholders"},
			"method":      {"tsne", "pca"},
			"path":        {"line", "great-circle"},
			"by":          {"source", "target"},
			"horizontal":  {"steps", "minutes"},
			"vertical":    {"loss", "perplexity", "score", "accuracy", "rate", "gradient", "speed"},
		} {
			if verb.Flags().Lookup(name) != nil {
				complete(verb, name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
			}
		}
		if verb.HasParent() && verb.Parent().Name() == "label" {
			for name, values := range map[string][]cobra.Completion{
				"format": labelFormats(), "scheme": append(corpora.Schemes(), corpora.SchemeNone), "input": labelInputs(), "as": labelOutputs(),
			} {
				if verb.Flags().Lookup(name) != nil {
					complete(verb, name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
				}
			}
		}
		if verb.Flags().Lookup("model") != nil {
			complete(verb, "model", cobra.FixedCompletions([]string{"retell"}, cobra.ShellCompDirectiveFilterFileExt))
		}
		if verb.Flags().Lookup("recipe") != nil {
			complete(verb, "recipe", completeRecipes)
		}
		if verb.Flags().Lookup("grid") != nil {
			complete(verb, "grid", completeSettings)
		}
		if takesSettings(verb) {
			verb.ValidArgsFunction = completeSettings
		}
	})
}

func complete(cmd *cobra.Command, flag string, f cobra.CompletionFunc) {
	if err := cmd.RegisterFlagCompletionFunc(flag, f); err != nil {
		panic(err) // the flag does not exist or has a completion already
	}
}

// completeSettings completes a KEY=VALUE argument of a verb: the sections and keys that begin with the typed text or,
// after the equals sign, the values of the key. It also offers YAML files if the verb reads them.
func completeSettings(cmd *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	const noSpace = cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	docs := docsOf(settingsOf(cmd))
	if key, _, ok := cutSetting(typed); ok {
		var values []string
		for _, d := range docs {
			if d.Key == key {
				for _, choice := range d.choices() {
					values = append(values, key+"="+choice)
				}
			}
		}
		if values == nil {
			return nil, cobra.ShellCompDirectiveDefault // probably a file
		}
		return values, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	}
	var offers []string
	for _, d := range docs {
		if d.Type == "" || !strings.HasPrefix(d.Key, typed) {
			continue
		}
		offer := cobra.CompletionWithDesc(d.Key+"=", summaryOf(d.Doc))
		if dot := strings.IndexByte(d.Key[len(typed):], '.'); dot >= 0 {
			offer = d.Key[:len(typed)+dot+1]
		}
		if !slices.Contains(offers, offer) {
			offers = append(offers, offer)
		}
	}
	if takesConfig(cmd) {
		for _, pattern := range []string{"*.yaml", "*.yml"} {
			found, _ := filepath.Glob(typed + pattern) // a malformed pattern finds nothing
			offers = append(offers, found...)
		}
		if offers == nil {
			return []string{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt
		}
	}
	return offers, noSpace
}

// docsOf returns the explanations of the settings below a type.
func docsOf(root reflect.Type) []settingDoc {
	keys := allKeys(root, "")
	return slices.DeleteFunc(settingDocs(), func(d settingDoc) bool { return !slices.Contains(keys, d.Key) })
}
