package quote

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
)

// JSON returns the message of an error of encoding/json in terms of JSON, without Go types.
func JSON(err error) string {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, &syntax) && strings.HasPrefix(syntax.Error(), "unexpected end"):
		return "not JSON: it ends too early"
	case errors.As(err, &syntax):
		fault, _, _ := strings.Cut(syntax.Error(), " in literal ") // the literal that Go expected
		fault, _, _ = strings.Cut(fault, " looking for ")
		return fmt.Sprintf("not JSON at byte %d: %s", syntax.Offset, fault)
	case errors.As(err, &kind):
		where := "the value"
		if kind.Field != "" {
			where = fmt.Sprintf("%q", kind.Field)
		}
		return fmt.Sprintf("%s is a JSON %s: want %s", where, kind.Value, jsonKind(kind.Type))
	default:
		return strings.TrimPrefix(err.Error(), "json: ")
	}
}

// jsonKind returns the JSON kind of a Go type, with an article.
func jsonKind(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice, reflect.Array:
		return "an array"
	case reflect.Struct, reflect.Map:
		return "an object"
	case reflect.Pointer:
		return jsonKind(t.Elem())
	case reflect.Float32, reflect.Float64:
		return "a number"
	default:
		return "a whole number"
	}
}
