package quote

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestJSON(t *testing.T) {
	type inner struct {
		Names []string `json:"names"`
		Count int      `json:"count"`
	}
	tests := map[string]string{
		`the dog`:                       "not JSON at byte 2: invalid character 'h'",
		`{"text": 3}`:                   `"text" is a JSON number: want a string`,
		`{"inner": {"names": "a"}}`:     `"inner.names" is a JSON string: want an array`,
		`{"inner": {"count": 1.5}}`:     `"inner.count" is a JSON number 1.5: want a whole number`,
		`{"inner": [1]}`:                `"inner" is a JSON array: want an object`,
		`[1]`:                           "the value is a JSON array: want an object",
		`{"text": "a"`:                  "not JSON: it ends too early",
		`{"text": "a", "unknown": "b"}`: `unknown field "unknown"`,
	}
	for text, want := range tests {
		var v struct {
			Text  string `json:"text"`
			Inner inner  `json:"inner"`
		}
		d := json.NewDecoder(strings.NewReader(text))
		d.DisallowUnknownFields()
		err := d.Decode(&v)
		if err == nil {
			t.Fatalf("%s: no error", text)
		}
		if got := JSON(err); got != want {
			t.Errorf("%s: %s: want %s", text, got, want)
		}
	}
}
