// Package setting provides the common parts of all settings: names from a list, and violations with their paths.
package setting

import (
	"fmt"
	"slices"
	"strings"
)

// OneOf returns an error that lists the names, or nil if value is one of them.
func OneOf[T ~string](value T, names ...T) error {
	if slices.Contains(names, value) {
		return nil
	}
	return fmt.Errorf("%q: want %s", string(value), List(names...))
}

// Marshal returns the text of a setting: one of the names, or nothing, which means the default.
func Marshal[T ~string](value T, names ...T) ([]byte, error) {
	if value == "" {
		return []byte{}, nil
	}
	return []byte(value), OneOf(value, names...)
}

// Unmarshal sets a setting from its text: one of the names, or nothing, which means the default.
func Unmarshal[T ~string](to *T, text []byte, names ...T) error {
	if value := T(text); value == "" || OneOf(value, names...) == nil {
		*to = value
		return nil
	}
	return OneOf(T(text), names...)
}

// List writes names as "a, b or c".
func List[T ~string](names ...T) string {
	words := make([]string, len(names))
	for i, name := range names {
		words[i] = string(name)
	}
	if n := len(words) - 1; n > 0 {
		return strings.Join(words[:n], ", ") + " or " + words[n]
	}
	return strings.Join(words, "")
}
