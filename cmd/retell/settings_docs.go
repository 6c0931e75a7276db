package main

import (
	"bufio"
	_ "embed"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/internal/quote"
)

// settingsJSON holds the comments of the settings' fields. TestSettingDocs writes it, and docs/settings.md.
//
//go:generate go test -run TestSettingDocs -update .
//go:embed settings.json
var settingsJSON []byte

// settingDoc explains a setting or a section of settings; a section has no type.
type settingDoc struct {
	Key     string `json:"key"`               // key of the setting, such as train.epochs
	Type    string `json:"type,omitempty"`    // type of the value; absent from a section of settings
	Default string `json:"default,omitempty"` // default as YAML; absent for an empty one

	// AutoencoderDefault is the default with kind: seqae, if it differs.
	AutoencoderDefault string `json:"autoencoder_default,omitempty"`

	// EmbedderDefault is the default with kind: embedder, if it differs from Default.
	EmbedderDefault string `json:"embedder_default,omitempty"`

	Values string `json:"values,omitempty"` // values that are allowed: a range, or a list of words
	Doc    string `json:"doc"`              // explanation
}

// settingDocs returns all explanations, a section before its settings.
func settingDocs() []settingDoc {
	var all []settingDoc
	if err := json.Unmarshal(settingsJSON, &all); err != nil {
		panic(err) // a test decodes it
	}
	return all
}

// facts returns the type, the values and the defaults of a setting.
func (d settingDoc) facts() string {
	facts := []string{d.Type}
	if d.Values != "" {
		facts = []string{d.Values}
		if !d.isList() && d.Type != "text" && !strings.HasPrefix(d.Values, "a number") {
			facts = []string{d.Type + ": " + d.Values}
		}
	}
	if d.Default != "" {
		facts = append(facts, "default "+d.Default)
	}
	if d.AutoencoderDefault != "" {
		facts = append(facts, d.AutoencoderDefault+" for autoencoders")
	}
	if d.EmbedderDefault != "" {
		facts = append(facts, d.EmbedderDefault+" for embedders")
	}
	return strings.Join(facts, "; ")
}

func (d settingDoc) isList() bool { return d.choices() != nil }

// choices returns the words that a setting accepts, nil if it accepts anything else.
func (d settingDoc) choices() []string {
	if d.Type == "true or false" {
		return []string{"true", "false"}
	}
	if d.Type != "text" || d.Values == "" {
		return nil
	}
	words := strings.Split(strings.ReplaceAll(strings.TrimPrefix(d.Values, "one of "), " or ", ", "), ", ")
	for _, word := range words {
		if strings.Contains(word, " ") {
			return nil
		}
	}
	return words
}

// matches reports whether the key or the explanation contains the searched text.
func (d settingDoc) matches(search string) bool {
	search = strings.ToLower(search)
	return strings.Contains(d.Key, search) || strings.Contains(strings.ToLower(d.Doc), search)
}

func newKeys() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "keys [SEARCH]",
		Short: "Explain the settings of a training",
		Long: `List the settings of a training with their defaults. With SEARCH, explain the settings whose key or
explanation contains it: their meaning, their values and their default.

A setting is a key in a YAML file or a KEY=VALUE argument; see 'retell help config'.`,
		Example: `  retell keys
  retell keys dropout
  retell keys train.schedule
  retell keys --json`,
		Args: cobra.MaximumNArgs(1),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			var keys []string
			for _, d := range settingDocs() {
				keys = append(keys, cobra.CompletionWithDesc(d.Key, summaryOf(d.Doc)))
			}
			return keys, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			var found []settingDoc
			for _, d := range settingDocs() {
				if len(args) == 0 || d.matches(args[0]) {
					found = append(found, d)
				}
			}
			if found == nil {
				return fmt.Errorf("no setting mentions %s%s", quote.Text(args[0]), didYouMean(nearestSetting(settingsOf(cmd), args[0])))
			}
			return writeOutput(cmd, "", func(w *bufio.Writer) error {
				switch {
				case asJSON:
					return writeJSON(w, found)
				case len(args) == 0:
					return listSettings(w, found)
				default:
					explainSettings(w, found)
					return nil
				}
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "write one JSON array of objects")
	return cmd
}

// listSettings writes a line for each setting.
func listSettings(w *bufio.Writer, all []settingDoc) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, d := range all {
		if d.Type != "" {
			fmt.Fprintf(table, "%s\t%s\n", d.Key, d.facts())
		}
	}
	return table.Flush()
}

// explainSettings writes a paragraph for each setting.
func explainSettings(w *bufio.Writer, all []settingDoc) {
	for i, d := range all {
		if i > 0 {
			fmt.Fprintln(w)
		}
		facts := d.facts()
		if d.Type == "" {
			facts = "a section of settings"
		}
		fmt.Fprintf(w, "%s (%s)\n", d.Key, facts)
		for line := range strings.Lines(d.Doc) {
			for _, part := range wrap(strings.TrimSuffix(line, "\n"), 100) {
				fmt.Fprintf(w, "    %s\n", part)
			}
		}
	}
}

// wrap breaks a line at spaces into lines of up to width bytes. An indented line stays as it is.
func wrap(line string, width int) []string {
	if strings.HasPrefix(line, " ") {
		return []string{line}
	}
	var lines []string
	for len(line) > width {
		at := strings.LastIndexByte(line[:width+1], ' ')
		if at < 0 {
			break
		}
		lines, line = append(lines, line[:at]), line[at+1:]
	}
	return append(lines, line)
}

// sentenceEnd is the end of a sentence before another: "et al. 2016" is none.
var sentenceEnd = regexp.MustCompile(`\. \p{Lu}`)

// summaryOf returns the first sentence of a setting's explanation.
func summaryOf(doc string) string {
	line, _, _ := strings.Cut(doc, "\n")
	if end := sentenceEnd.FindStringIndex(line); end != nil {
		line = line[:end[0]]
	}
	return strings.TrimSuffix(line, ".")
}
