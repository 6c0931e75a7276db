package corpora

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// parseJSON reads an example from an object: its source is a string, its target a string or an array of strings, none with a
// line break.
func parseJSON(line, source, target string, sourceOnly bool) (Example, error) {
	var object map[string]json.RawMessage
	err := json.Unmarshal([]byte(line), &object)
	var syntax *json.SyntaxError
	switch {
	case isBlank(line):
		return Example{}, errors.New("line is empty: want a JSON object")
	case errors.As(err, &syntax):
		return Example{}, fmt.Errorf("line is not JSON: %w (byte %d of the line): want an object", err, syntax.Offset)
	case err != nil || object == nil:
		return Example{}, fmt.Errorf("line is a JSON %s: want an object", kindOf(json.RawMessage(line)))
	}
	from, err := jsonTexts(object, source, false)
	if err != nil {
		return Example{}, err
	}
	e := Example{Source: from[0]}
	if !sourceOnly {
		e.Targets, err = jsonTexts(object, target, true)
	}
	return e, err
}

// jsonTexts returns the text, or where many is true also the array of texts, that is the object's field of that name.
func jsonTexts(object map[string]json.RawMessage, name string, many bool) ([]string, error) {
	raw, ok := object[name]
	if !ok {
		return nil, fmt.Errorf("object has no field %q: want a string in it", name)
	}
	want := "a string"
	texts := make([]string, 1)
	kind := kindOf(raw)
	switch {
	case kind == "string":
		if err := json.Unmarshal(raw, &texts[0]); err != nil {
			return nil, fmt.Errorf("field %q: %w", name, err)
		}
	case many && kind == "array":
		var items []json.RawMessage
		if err := json.Unmarshal(raw, &items); err != nil {
			return nil, fmt.Errorf("field %q: %w", name, err)
		}
		if len(items) == 0 {
			return nil, fmt.Errorf("field %q is an empty array: want at least one string", name)
		}
		texts = make([]string, len(items))
		for i, item := range items {
			if kind := kindOf(item); kind != "string" {
				return nil, fmt.Errorf("item %d of field %q is a JSON %s: want a string", i+1, name, kind)
			}
			if err := json.Unmarshal(item, &texts[i]); err != nil {
				return nil, fmt.Errorf("item %d of field %q: %w", i+1, name, err)
			}
		}
	default:
		if many {
			want += " or an array of strings"
		}
		return nil, fmt.Errorf("field %q is a JSON %s: want %s", name, kind, want)
	}
	for _, text := range texts {
		if strings.ContainsRune(text, '\n') {
			return nil, fmt.Errorf("field %q holds a line break: want one line", name)
		}
	}
	return texts, nil
}

// kindOf names the type of a valid JSON value.
func kindOf(value json.RawMessage) string {
	switch strings.TrimLeft(string(value), " \t\r\n")[0] {
	case '{':
		return "object"
	case '[':
		return "array"
	case '"':
		return "string"
	case 't', 'f':
		return "boolean"
	case 'n':
		return "null"
	}
	return "number"
}
