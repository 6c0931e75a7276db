package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/retell-rnn/retell/internal/quote"
	"github.com/retell-rnn/retell/metric"
)

// checkUsage makes every verb's errors about arguments name the wrong argument and the accepted ones.
func checkUsage(cmd *cobra.Command) {
	check := cmd.Args
	if check == nil {
		check = cobra.ArbitraryArgs
	}
	if cmd.Runnable() {
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			err := argsError(cmd, args)
			if err == nil && check(cmd, args) != nil {
				err = fmt.Errorf("%s: want %s", counted(len(args), "argument"), usageOf(cmd))
			}
			return err
		}
	}
	for _, sub := range cmd.Commands() {
		checkUsage(sub)
	}
}

// usageOf returns a verb's line of usage.
func usageOf(cmd *cobra.Command) string { return strings.TrimSuffix(cmd.UseLine(), " [flags]") }

func counted(n int, noun string) string {
	switch n {
	case 0:
		return "no " + noun
	case 1:
		return "1 " + noun
	default:
		return fmt.Sprintf("%d %ss", n, noun)
	}
}

// argsError recognizes common mistakes in a verb's arguments: an unknown verb, a setting for a verb that reads none, a
// model without -m.
func argsError(cmd *cobra.Command, args []string) error {
	if cmd.HasSubCommands() && len(args) > 0 {
		return fmt.Errorf("unknown command %s for %q%s", quote.Text(args[0]), cmd.CommandPath(), didYouMean(nearestVerb(cmd, args[0])))
	}
	if takesSettings(cmd) {
		return settingsArgs(cmd, args)
	}
	model := cmd.Flags().Lookup("model")
	for _, arg := range args {
		key, value, isSetting := cutSetting(arg)
		_, err := os.Stat(arg)
		switch isFile := err == nil; {
		case isSetting && !isFile:
			hint := "retell train sets them"
			if flag := nearestFlag(cmd, key); flag != "" {
				hint = fmt.Sprintf("did you mean --%s %s?", flag, value)
			}
			return fmt.Errorf("argument %s: %s takes no KEY=VALUE: %s", quote.Text(arg), cmd.CommandPath(), hint)
		case isFile && model != nil && !model.Changed && len(model.Annotations[cobra.BashCompOneRequiredFlag]) > 0 && filepath.Ext(arg) == ".retell":
			return fmt.Errorf("argument %s: want -m before a model: -m %s", quote.Text(arg), arg)
		}
	}
	return nil
}

// takesSettings reports whether a verb reads KEY=VALUE arguments.
func takesSettings(cmd *cobra.Command) bool { return strings.Contains(cmd.Use, "KEY=VALUE") }

var settingForm = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*=`)

// cutSetting splits a KEY=VALUE argument. An argument with a folder before its first "=", such as ./a=b.yaml, is the
// name of a file.
func cutSetting(arg string) (key, value string, ok bool) {
	if !settingForm.MatchString(arg) {
		return "", "", false
	}
	return strings.Cut(arg, "=")
}

// requiredFlags returns an error that names the missing required flags.
func requiredFlags(cmd *cobra.Command) error {
	var missing []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if len(f.Annotations[cobra.BashCompOneRequiredFlag]) == 0 || f.Changed {
			return
		}
		name := "--" + f.Name
		if f.Shorthand != "" {
			name = "-" + f.Shorthand
		}
		missing = append(missing, name)
	})
	if missing == nil {
		return nil
	}
	return fmt.Errorf("no %s: want %s", strings.Join(missing, " and no "), usageOf(cmd))
}

// groupErrors maps cobra's errors about groups of flags to this command's words; names are the flags of the group.
var groupErrors = []struct {
	form *regexp.Regexp
	text func(names, found []string) string
}{
	{regexp.MustCompile(`^at least one of the flags in the group \[(.*)\] is required()$`), func(names, _ []string) string {
		return "want --" + strings.Join(names, " or --")
	}},
	{regexp.MustCompile(`^if any flags in the group \[(.*)\] are set they must all be set; missing \[(.*)\]$`), func(names, missing []string) string {
		return fmt.Sprintf("no --%s: want --%s together", strings.Join(missing, " and no --"), strings.Join(names, " and --"))
	}},
	{regexp.MustCompile(`^if any flags in the group \[(.*)\] are set none of the others can be; \[(.*)\] were all set$`), func(_, set []string) string {
		return fmt.Sprintf("--%s: want one of them", strings.Join(set, " beside --"))
	}},
}

// groupError rewords cobra's error about a group of flags.
func groupError(err error) error {
	for _, g := range groupErrors {
		if m := g.form.FindStringSubmatch(err.Error()); m != nil {
			return errors.New(g.text(strings.Fields(m[1]), strings.Fields(m[2])))
		}
	}
	return err
}

// flagError describes an error of a command line's flags. For an unknown flag it suggests the nearest flag or setting;
// for a bad value it names the accepted values.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var invalid *pflag.InvalidValueError
	var missing *pflag.ValueRequiredError
	switch {
	case errors.As(err, &unknown):
		name := unknown.GetSpecifiedName()
		given := "--" + name
		if cluster := unknown.GetSpecifiedShortnames(); cluster != "" {
			given, name = "-"+name, cluster // -source means --source
		}
		return fmt.Errorf("unknown flag %s%s", given, flagHint(cmd, name))
	case errors.As(err, &invalid):
		f := invalid.GetFlag()
		reason := "want " + wantOf(f)
		if cause := invalid.Unwrap(); errors.Is(cause, strconv.ErrRange) {
			reason = "want a smaller number"
		} else if strings.HasPrefix(cause.Error(), "given twice") {
			reason = cause.Error()
		}
		return fmt.Errorf("--%s is %s: %s", f.Name, quote.Text(invalid.GetValue()), reason)
	case errors.As(err, &missing):
		f := missing.GetFlag()
		return fmt.Errorf("--%s has no value: want %s", f.Name, wantOf(f))
	default:
		return err
	}
}

// wantOf describes the accepted values of a flag.
func wantOf(f *pflag.Flag) string {
	switch f.Value.Type() {
	case "int", "int64", "int32":
		return "a whole number"
	case "uint", "uint64":
		return "a whole number, 0 or more"
	case "float64", "float32":
		return "a number"
	case "bool":
		return "true or false"
	case "uintSlice":
		return "whole numbers, 0 or more, with commas between them"
	case "duration":
		return "a time, such as 500ms or 2m"
	default:
		_, usage := pflag.UnquoteUsage(f)
		return usage
	}
}

// flagHint returns the end of an error text: a suggestion of the flag or setting that an unknown flag probably means.
func flagHint(cmd *cobra.Command, name string) string {
	if flag := nearestFlag(cmd, name); flag != "" {
		return ": did you mean --" + flag + "?"
	}
	if takesSettings(cmd) {
		if key := settingOf(settingsOf(cmd), name); key != "" {
			return ": want " + key + "=VALUE"
		}
	}
	others, flag := []string{}, ""
	eachVerb(cmd.Root(), func(verb *cobra.Command) {
		if found := sameFlag(verb, name); verb != cmd.Root() && found != "" && (flag == "" || flag == found) {
			flag = found
			others = append(others, strings.TrimPrefix(verb.CommandPath(), cmd.Root().Name()+" "))
		}
	})
	if flag != "" {
		return fmt.Sprintf(": --%s is a flag of %s", flag, strings.Join(others, ", "))
	}
	if takesSettings(cmd) {
		if key := nearestSetting(settingsOf(cmd), name); key != "" {
			return ": want " + key + "=VALUE"
		}
	}
	return ""
}

// sameFlag returns the name of cmd's flag that equals name or begins it, as beam begins beam-size; "" if there is none.
func sameFlag(cmd *cobra.Command, name string) string {
	name = strings.ReplaceAll(name, "_", "-")
	same := ""
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Name == name || same == "" && strings.HasPrefix(name, f.Name+"-") {
			same = f.Name
		}
	})
	return same
}

// nearestFlag returns the name of cmd's flag that name probably misspells, or "".
func nearestFlag(cmd *cobra.Command, name string) string {
	if same := sameFlag(cmd, name); same != "" {
		return same
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	})
	return nearest(name, names)
}

// nearestVerb returns the verb below cmd that name probably misspells, with the path from cmd, or "".
func nearestVerb(cmd *cobra.Command, name string) string {
	var names, paths []string
	for _, sub := range cmd.Commands() {
		if !sub.Hidden {
			names = append(names, sub.Name())
		}
	}
	if verb := nearest(name, names); verb != "" {
		return verb
	}
	eachVerb(cmd.Root(), func(verb *cobra.Command) {
		if verb.Name() == name {
			paths = append(paths, verb.CommandPath())
		}
	})
	return strings.Join(paths, " or ")
}

// nearest returns the word that name probably misspells: the word at the fewest edits, at most a third of the letters;
// "" if there is none.
func nearest(name string, words []string) string {
	best, least := "", max(2, len(name)/3)+1
	for _, word := range slices.Sorted(slices.Values(words)) {
		d := metric.EditDistance([]rune(word), []rune(name))
		if d < least && d < len(word) && d < len(name) {
			best, least = word, d
		}
	}
	return best
}

func didYouMean(what string) string {
	if what == "" {
		return ""
	}
	return ": did you mean " + what + "?"
}

// eachVerb calls f for cmd and every command below it.
func eachVerb(cmd *cobra.Command, f func(*cobra.Command)) {
	f(cmd)
	for _, sub := range cmd.Commands() {
		eachVerb(sub, f)
	}
}
