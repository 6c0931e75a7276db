package quote

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
)

// JSON says what encoding/json found wrong, in the words of JSON rather than of Go's types.
func JSON(err error) string {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, &syntax) && strings.HasPrefix(syntax.Error(), "unexpected end"):
		return "not JSON: it ends too early"
	case errors.As(err, &syntax):
		fault, _, _ := strings.Cut(syntax.Error(), " in literal ") // what Go was about to read
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

// jsonKind is what a Go type is in JSON.
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
