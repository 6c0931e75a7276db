package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/internal/quote"
)

// maxConfig bounds a configuration file, in bytes.
const maxConfig = 1 << 20

// settingsArgs recognizes common mistakes in the arguments of a verb that reads settings: spaces around "=", a key
// without a value, a text in place of a configuration.
func settingsArgs(cmd *cobra.Command, args []string) error {
	root := settingsOf(cmd)
	keys := allKeys(root, "")
	for i, arg := range args {
		var before, after string
		if i > 0 {
			before = args[i-1]
		}
		if i+1 < len(args) {
			after = args[i+1]
		}
		_, err := os.Stat(arg)
		key, value, isSetting := cutSetting(arg)
		switch {
		case strings.HasPrefix(arg, "=") && before != "":
			value = strings.TrimPrefix(arg, "=")
			if value == "" {
				value = after
			}
			return fmt.Errorf("argument %s stands apart: want %s without spaces", quote.Text(arg), before+"="+value)
		case isSetting && value == "" && after != "" && !strings.Contains(after, "=") && !isYAML(after):
			return fmt.Errorf("argument %s has no value: want %s without spaces", quote.Text(arg), key+"="+after)
		case isSetting:
		case err == nil:
			if err := configFault(cmd, arg); err != nil {
				return err
			}
		case slices.Contains(keys, arg) && after != "=" && !strings.HasPrefix(after, "="):
			return fmt.Errorf("argument %s is a setting without a value: want %s=VALUE", quote.Text(arg), arg)
		case !slices.Contains(keys, arg) && !takesConfig(cmd):
			return fmt.Errorf("argument %s: want KEY=VALUE", quote.Text(arg))
		}
	}
	return nil
}

// takesConfig reports whether a verb reads a YAML file.
func takesConfig(cmd *cobra.Command) bool { return strings.Contains(cmd.Use, "CONFIG.yaml") }

func isYAML(name string) bool {
	ext := filepath.Ext(name)
	return ext == ".yaml" || ext == ".yml"
}

// configFault explains why an existing file is no configuration, and names the flag that it was probably meant for.
func configFault(cmd *cobra.Command, path string) error {
	info, err := os.Stat(path)
	if takesConfig(cmd) && (isYAML(path) || err == nil && !info.Mode().IsRegular() && !info.IsDir()) {
		return nil // the reader of the configuration reports the faults; a pipe can be read only once
	}
	text, err := readConfig(path)
	switch {
	case takesConfig(cmd) && err == nil && isConfig(text):
		return nil
	case filepath.Ext(path) == ".retell":
		return fmt.Errorf("argument %s is a model: want train.from=%s to begin with it", quote.Text(path), path)
	}
	if pairs := cmd.Flags().Lookup("pairs"); pairs != nil && pairs.Changed {
		return fmt.Errorf("argument %s: want --pairs once for each file, such as --pairs %s", quote.Text(path), path)
	}
	var flags []string
	for _, name := range []string{"text", "source", "data"} {
		if flag := cmd.Flags().Lookup(name); flag != nil && !flag.Changed {
			flags = append(flags, fmt.Sprintf("--%s %s", name, path))
		}
	}
	want := "KEY=VALUE"
	if takesConfig(cmd) {
		want = "a YAML file"
	}
	if len(flags) > 0 {
		want += ", or " + strings.Join(flags, ", or ")
	}
	return fmt.Errorf("argument %s is no configuration: want %s", quote.Text(path), want)
}

// isConfig reports whether a text is YAML with a section of settings.
func isConfig(text []byte) bool {
	node, err := parseYAML(text)
	mapping, ok := node.(ast.MapNode)
	if err != nil || !ok {
		return false
	}
	for entries := mapping.MapRange(); entries.Next(); {
		switch entries.Key().GetToken().Value {
		case "kind", "model", "autoencoder", "data", "train", "output":
			return true
		}
	}
	return false
}

// configFile is a configuration that has been read; the zero value is none.
type configFile struct {
	name string
	text []byte
}

// read reads the named file, "" for none. It reads a file once, since the file may be a pipe.
func (c *configFile) read(name string) error {
	if name == c.name {
		return nil
	}
	text, err := readConfig(name)
	if err == nil {
		*c = configFile{name, text}
	}
	return err
}

// readConfig reads a configuration file. It refuses a file that is too large before reading it.
func readConfig(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		if at, ok := errors.AsType[*fs.PathError](err); ok {
			err = at.Err
		}
		return nil, fmt.Errorf("configuration %s: %w", path, err)
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxConfig+1))
	if err != nil {
		if at, ok := errors.AsType[*fs.PathError](err); ok {
			err = at.Err
		}
		return nil, fmt.Errorf("configuration %s: %w", path, err)
	}
	if len(text) > maxConfig {
		return nil, misusef("configuration %s: more than %d bytes: want YAML of settings", path, maxConfig)
	}
	return bytes.TrimPrefix(text, []byte("\ufeff")), nil
}
