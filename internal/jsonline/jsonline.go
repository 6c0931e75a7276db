// Package jsonline writes values as lines of JSON.
package jsonline

import (
	"bytes"
	"cmp"
	"encoding"
	"encoding/json"
	"errors"
	"io"
	"math"
	"reflect"
	"slices"
	"strings"
)

// Write writes v as one line. Numbers that are not finite, which JSON lacks, become null.
func Write(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	if _, ok := errors.AsType[*json.UnsupportedValueError](err); ok {
		return enc.Encode(nullable(reflect.ValueOf(v)))
	}
	return err
}

// nullable returns a value that encoding/json encodes like v, but with null for numbers that are not finite.
func nullable(v reflect.Value) any {
	if !v.IsValid() {
		return nil
	}
	switch v.Interface().(type) {
	case json.Marshaler, encoding.TextMarshaler:
		return v.Interface()
	}
	switch v.Kind() {
	case reflect.Float32, reflect.Float64:
		if x := v.Float(); math.IsNaN(x) || math.IsInf(x, 0) {
			return nil
		}
	case reflect.Pointer, reflect.Interface:
		return nullable(v.Elem())
	case reflect.Struct:
		return members(v)
	case reflect.Map:
		if v.IsNil() || v.Type().Key().Kind() != reflect.String {
			break
		}
		out := object{}
		for k, x := range v.Seq2() {
			out = append(out, member{k.String(), nullable(x)})
		}
		slices.SortFunc(out, func(a, b member) int { return strings.Compare(a.name, b.name) })
		return out
	case reflect.Slice, reflect.Array:
		if v.Kind() == reflect.Slice && (v.IsNil() || v.Type().Elem().Kind() == reflect.Uint8) {
			break // null, or base64
		}
		out := make([]any, v.Len())
		for i := range out {
			out[i] = nullable(v.Index(i))
		}
		return out
	}
	return v.Interface()
}

// object is a JSON object with ordered members.
type object []member

type member struct {
	name  string
	value any
}

// MarshalJSON implements json.Marshaler.
func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	for i, m := range o {
		b.WriteByte("{,"[min(i, 1)])
		if err := enc.Encode(m.name); err != nil {
			return nil, err
		}
		b.WriteByte(':')
		if err := enc.Encode(m.value); err != nil {
			return nil, err
		}
	}
	if len(o) == 0 {
		b.WriteByte('{')
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// members returns the fields of a struct, by the rules of encoding/json.
func members(v reflect.Value) object {
	var out object
	for i := range v.NumField() {
		f, x := v.Type().Field(i), v.Field(i)
		tag := f.Tag.Get("json")
		name, options, _ := strings.Cut(tag, ",")
		if f.Anonymous && name == "" && reflect.Indirect(x).Kind() == reflect.Struct {
			out = append(out, members(reflect.Indirect(x))...)
			continue
		}
		hollow := x.IsZero() && x.Kind() != reflect.Struct || (x.Kind() == reflect.Slice || x.Kind() == reflect.Map) && x.Len() == 0
		left := strings.Contains(options, "omitempty") && hollow || strings.Contains(options, "omitzero") && x.IsZero()
		if !f.IsExported() || tag == "-" || left {
			continue
		}
		out = append(out, member{cmp.Or(name, f.Name), nullable(x)})
	}
	return out
}
