package main

import (
	"path/filepath"
	"strings"

	"github.com/retell-rnn/retell/corpora"
)

// fileList is a list of files that are read one after the other, as one. In YAML it is a name or a list of names; a
// name may be a folder or a pattern, see [corpora.Expand].
type fileList []string

// UnmarshalYAML implements yaml.InterfaceUnmarshaler.
func (l *fileList) UnmarshalYAML(decode func(any) error) error {
	var one string
	if decode(&one) == nil {
		l.setText(one)
		return nil
	}
	return decode((*[]string)(l))
}

// MarshalYAML implements yaml.InterfaceMarshaler.
func (l fileList) MarshalYAML() (any, error) {
	switch len(l) {
	case 0:
		return "", nil
	case 1:
		return l[0], nil
	}
	return []string(l), nil
}

// setText implements textSetter.
func (l *fileList) setText(name string) {
	*l = nil
	if name != "" {
		*l = fileList{name}
	}
}

func (l fileList) String() string { return strings.Join(l, " ") }

// under expands the list into names of files; relative names start from the folder root.
func (l fileList) under(root string) ([]string, error) {
	var all []string
	for _, name := range l {
		if name != "-" && !filepath.IsAbs(name) {
			name = filepath.Join(root, name)
		}
		files, err := corpora.Expand(name)
		if err != nil {
			return nil, err
		}
		all = append(all, files...)
	}
	return all, nil
}
