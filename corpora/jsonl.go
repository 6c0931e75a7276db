package corpora

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/retell-rnn/retell/internal/quote"
)

// parseJSON reads an example from an object. The source is a string, and the target a string or an array of strings,
// all without line breaks. The weight, if f names its field, is a number.
func (f Format) parseJSON(line string, sourceOnly bool) (Example, error) {
	d := f.withDefaults()
	object, err := jsonObject(line)
	if err != nil {
		return Example{}, err
	}
	from, err := jsonTexts(object, d.SourceField, false)
	if err != nil {
		return Example{}, err
	}
	e := Example{Source: from[0]}
	if !sourceOnly {
		if e.Targets, err = jsonTexts(object, d.TargetField, true); err != nil {
			return e, err
		}
	}
	if f.WeightField != "" {
		raw, ok := object[f.WeightField]
		if !ok {
			return e, fmt.Errorf("object has no field %q: want one with a number", f.WeightField)
		}
		e.Weight, err = weight(string(raw), 0)
	}
	return e, err
}

// jsonObject returns the fields of a line that is an object.
func jsonObject(line string) (map[string]json.RawMessage, error) {
	var object map[string]json.RawMessage
	err := json.Unmarshal([]byte(line), &object)
	var syntax *json.SyntaxError
	switch {
	case isBlank(line):
		return nil, errors.New("line is empty: want a JSON object")
	case errors.As(err, &syntax):
		return nil, fmt.Errorf("line is %s: want an object", quote.JSON(err))
	case err != nil || object == nil:
		return nil, fmt.Errorf("line is a JSON %s: want an object", kindOf(json.RawMessage(line)))
	}
	return object, nil
}

// jsonArray returns the tokens or labels in a field of an object.
func jsonArray(object map[string]json.RawMessage, name string) ([]string, error) {
	raw, ok := object[name]
	switch {
	case !ok:
		return nil, fmt.Errorf("object has no field %q: want one with an array of strings", name)
	case kindOf(raw) != "array":
		return nil, fmt.Errorf("field %q is a JSON %s: want an array of strings", name, kindOf(raw))
	}
	var items []json.RawMessage
	if err := json.Unmarshal(raw, &items); err != nil {
		return nil, fmt.Errorf("field %q: %w", name, err)
	}
	texts := make([]string, len(items))
	for i, item := range items {
		if kind := kindOf(item); kind != "string" {
			return nil, fmt.Errorf("item %d of field %q is a JSON %s: want a string", i+1, name, kind)
		}
		if err := json.Unmarshal(item, &texts[i]); err != nil {
			return nil, fmt.Errorf("item %d of field %q: %w", i+1, name, err)
		}
		if err := checkField(texts[i]); err != nil {
			return nil, fmt.Errorf("item %d of field %q %w", i+1, name, err)
		}
	}
	return texts, nil
}

// jsonTexts returns the string in a field of an object; if many is true, the field may hold an array of strings.
func jsonTexts(object map[string]json.RawMessage, name string, many bool) ([]string, error) {
	raw, ok := object[name]
	if !ok {
		return nil, fmt.Errorf("object has no field %q: want one with a string", name)
	}
	of, want := "", "a string"
	items := []json.RawMessage{raw}
	switch {
	case many && kindOf(raw) == "array":
		if err := json.Unmarshal(raw, &items); err != nil {
			return nil, fmt.Errorf("field %q: %w", name, err)
		}
		if len(items) == 0 {
			return nil, fmt.Errorf("field %q is an empty array: want at least one string", name)
		}
		of = "an item of "
	case many:
		want += " or an array of strings"
	}
	texts := make([]string, len(items))
	for i, item := range items {
		if kind := kindOf(item); kind != "string" {
			return nil, fmt.Errorf("%sfield %q is a JSON %s: want %s", of, name, kind, want)
		}
		if err := json.Unmarshal(item, &texts[i]); err != nil {
			return nil, fmt.Errorf("%sfield %q: %w", of, name, err)
		}
		if strings.Contains(texts[i], "\n") {
			return nil, fmt.Errorf("%sfield %q contains a line break: want one line", of, name)
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
