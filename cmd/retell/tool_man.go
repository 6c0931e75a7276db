package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/retell-rnn/retell/internal/buildinfo"
)

func newMan() *cobra.Command {
	return &cobra.Command{
		Use:   "man FOLDER",
		Short: "Write manual pages",
		Long: `Write a manual page for each command and help topic to FOLDER, which is created if needed: retell.1, retell-train.1
and so on. man finds them in a folder man1 on its path.`,
		Example: `  retell man ~/.local/share/man/man1
  man retell-train`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o777); err != nil {
				return err
			}
			pages := 0
			var failed error
			eachVerb(cmd.Root(), func(verb *cobra.Command) {
				if verb.Hidden || failed != nil {
					return
				}
				pages++
				failed = writeOutput(cmd, filepath.Join(args[0], manName(verb)+".1"), func(w *bufio.Writer) error {
					writeManual(w, verb)
					return nil
				})
			})
			if failed == nil {
				logger(cmd).Info("wrote", "folder", args[0], "pages", pages)
			}
			return failed
		},
	}
}

func manName(cmd *cobra.Command) string { return strings.ReplaceAll(cmd.CommandPath(), " ", "-") }

// roff escapes text for a page: backslashes and hyphens, and dots and apostrophes where a line begins with them.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text)
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			lines[i] = `\&` + line
		}
	}
	return strings.Join(lines, "\n")
}

// writeManual writes the page of a command in man's macros (man 7 man).
func writeManual(w *bufio.Writer, cmd *cobra.Command) {
	fmt.Fprintf(w, ".TH %q 1 \"\" %q \"Retell\"\n", strings.ToUpper(manName(cmd)), "retell "+buildinfo.Read().Version)
	fmt.Fprintf(w, ".SH NAME\n%s \\- %s\n", roff(manName(cmd)), roff(cmd.Short))
	if cmd.Runnable() {
		fmt.Fprintf(w, ".SH SYNOPSIS\n.B %s\n", roff(cmd.UseLine()))
	}
	if cmd.Long != "" {
		fmt.Fprint(w, ".SH DESCRIPTION\n")
		writeParagraphs(w, cmd.Long)
	}
	writeCommands(w, cmd)
	for _, section := range []struct {
		title string
		flags *pflag.FlagSet
	}{{"OPTIONS", cmd.NonInheritedFlags()}, {"OPTIONS OF EVERY COMMAND", cmd.InheritedFlags()}} {
		if section.flags.HasAvailableFlags() {
			fmt.Fprintf(w, ".SH %s\n", section.title)
			section.flags.VisitAll(func(f *pflag.Flag) { writeOption(w, f) })
		}
	}
	if cmd.Example != "" {
		fmt.Fprintf(w, ".SH EXAMPLES\n.nf\n%s\n.fi\n", roff(cmd.Example))
	}
	var also []string
	if cmd.HasParent() {
		also = append(also, manName(cmd.Parent()))
	}
	for _, sub := range cmd.Commands() {
		if !sub.Hidden {
			also = append(also, manName(sub))
		}
	}
	for i, name := range also {
		also[i] = fmt.Sprintf(`\fB%s\fP(1)`, roff(name))
	}
	fmt.Fprintf(w, ".SH SEE ALSO\n%s\n", strings.Join(also, ", "))
}

// writeCommands writes the commands below cmd in their groups, as help does.
func writeCommands(w *bufio.Writer, cmd *cobra.Command) {
	if !cmd.HasAvailableSubCommands() {
		return
	}
	fmt.Fprint(w, ".SH COMMANDS\n")
	groups := cmd.Groups()
	if len(groups) == 0 {
		groups = []*cobra.Group{{}} // all in one
	}
	for _, g := range groups {
		if g.Title != "" {
			fmt.Fprintf(w, ".SS %s\n", roff(strings.TrimSuffix(g.Title, ":")))
		}
		for _, sub := range cmd.Commands() {
			if sub.GroupID == g.ID && sub.IsAvailableCommand() {
				fmt.Fprintf(w, ".TP\n\\fB%s\\fP(1)\n%s\n", roff(manName(sub)), roff(sub.Short))
			}
		}
	}
}

// writeParagraphs writes text. Indented lines, which are tables and examples, keep their form.
func writeParagraphs(w *bufio.Writer, text string) {
	for paragraph := range strings.SplitSeq(text, "\n\n") {
		if strings.HasPrefix(paragraph, " ") {
			fmt.Fprintf(w, ".PP\n.nf\n%s\n.fi\n", roff(paragraph))
		} else {
			fmt.Fprintf(w, ".PP\n%s\n", roff(paragraph))
		}
	}
}

func writeOption(w *bufio.Writer, f *pflag.Flag) {
	if f.Hidden {
		return
	}
	value, usage := pflag.UnquoteUsage(f)
	name := `\fB` + roff("--"+f.Name) + `\fP`
	if f.Shorthand != "" {
		name = `\fB` + roff("-"+f.Shorthand) + `\fP, ` + name
	}
	if value != "" {
		name += ` \fI` + roff(value) + `\fP`
	}
	fmt.Fprintf(w, ".TP\n%s\n%s\n", name, roff(usage))
}
