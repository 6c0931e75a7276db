package noise

import "strings"

// replacement is a text and another in its place.
type replacement struct{ from, to string }

// parseReplacements reads replacements, such as rn>m, that white space separates. _ stands for a space.
func parseReplacements(text string) []replacement {
	var all []replacement
	for _, part := range strings.Fields(text) {
		from, to, _ := strings.Cut(strings.ReplaceAll(part, "_", " "), ">")
		all = append(all, replacement{from, to})
	}
	return all
}
