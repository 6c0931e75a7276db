package main

import (
	"encoding"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/retell-rnn/retell/metric"
)

// keysOf returns the YAML keys of a struct type and the fields that they stand for. It is nil for every other type, and
// for structs that decode themselves. A field without a YAML tag is no setting.
func keysOf(t reflect.Type) map[string][]int {
	if t.Kind() != reflect.Struct || decodesItself(t) {
		return nil
	}
	keys := make(map[string][]int)
	for i := range t.NumField() {
		field := t.Field(i)
		name, options, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		switch {
		case options == "inline":
			for key, index := range keysOf(field.Type) {
				keys[key] = append([]int{i}, index...)
			}
		case name != "" && name != "-":
			keys[name] = []int{i}
		}
	}
	return keys
}

// isName reports whether a setting of type t is a name from a list that its type checks.
func isName(t reflect.Type) bool {
	return t.Kind() == reflect.String && reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

// decodesItself reports whether a setting of type t has a YAML form of its own. Names have none: they are plain text.
func decodesItself(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return !isName(t) && (p.Implements(reflect.TypeFor[yaml.BytesUnmarshaler]()) ||
		p.Implements(reflect.TypeFor[yaml.InterfaceUnmarshaler]()) ||
		p.Implements(reflect.TypeFor[encoding.TextUnmarshaler]()))
}

// allKeys returns the dotted paths of all settings below t, parents before children, sorted.
func allKeys(t reflect.Type, path string) []string {
	var all []string
	known := keysOf(t)
	for _, name := range slices.Sorted(maps.Keys(known)) {
		at := joinPath(path, name)
		all = append(all, at)
		all = append(all, allKeys(t.FieldByIndex(known[name]).Type, at)...)
	}
	return all
}

// nearestKey suggests the key of root that path probably misspells: the nearest in the same section, else a key of the
// same name in another section. If the section does not exist, the nearest path comes first.
func nearestKey(root reflect.Type, path string) string {
	section, name := splitPath(path)
	best, least := "", max(2, len(name)/3)+1
	elsewhere := ""
	var siblings []string
	for _, key := range allKeys(root, "") {
		s, n := splitPath(key)
		if s == section {
			siblings = append(siblings, n)
			if d := metric.EditDistance([]rune(n), []rune(name)); d < least {
				best, least = key, d
			}
		}
		if n == name && elsewhere == "" {
			elsewhere = key
		}
	}
	if len(siblings) == 0 {
		for _, key := range allKeys(root, "") {
			if d := metric.EditDistance([]rune(key), []rune(path)); d < least {
				best, least = key, d
			}
		}
	}
	switch {
	case best != "":
		return fmt.Sprintf("did you mean %q?", best)
	case elsewhere != "":
		return fmt.Sprintf("did you mean %q?", elsewhere)
	case len(siblings) == 0:
		return section + " has no keys below it"
	default:
		return "want one of " + strings.Join(siblings, ", ")
	}
}

func joinPath(section, name string) string {
	if section == "" {
		return name
	}
	return section + "." + name
}

func splitPath(path string) (section, name string) {
	if i := strings.LastIndexByte(path, '.'); i >= 0 {
		return path[:i], path[i+1:]
	}
	return "", path
}
