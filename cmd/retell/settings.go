package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/retell-rnn/retell/internal/quote"
)

// decodeSettings reads one YAML document into the struct that into points to. Keys absent from the document keep their
// values. Every unknown key is reported with its line and the nearest known key. name is the document's name in errors.
func decodeSettings(name string, document []byte, into any) error {
	at := func(line int) string { return fmt.Sprintf("%s:%d", name, line) }
	if err := checkText(document); err != nil {
		return misusef("%s: %w", name, err)
	}
	node, err := parseYAML(bytes.TrimPrefix(document, []byte("\ufeff"))) // skips a byte order mark
	if err != nil {
		return misuse{yamlError(at, err)}
	}
	if node == nil {
		return nil
	}
	root := reflect.TypeOf(into).Elem()
	if errs := checkSettings(at, "", node, root, root); len(errs) > 0 {
		return misuse{errors.Join(errs...)}
	}
	if err := yaml.NodeToValue(node, into, yaml.Strict()); err != nil {
		return misuse{yamlError(at, err)}
	}
	return nil
}

// checkText refuses a document that is not text, such as UTF-16.
func checkText(document []byte) error {
	switch {
	case bytes.HasPrefix(document, []byte("\xff\xfe")), bytes.HasPrefix(document, []byte("\xfe\xff")):
		return errors.New("file starts with the byte order mark of UTF-16: want YAML in UTF-8")
	case bytes.IndexByte(document, 0) >= 0:
		return errors.New("file holds NUL bytes, as UTF-16 does: want YAML in UTF-8")
	case !utf8.Valid(document):
		return errors.New("file is not UTF-8: want YAML in UTF-8")
	}
	return nil
}

// overrideSetting sets one setting of the struct that into points to, from "dotted.path=value". The value is YAML,
// except that text needs no quotes and a list of words no brackets.
func overrideSetting(into any, setting string) error {
	path, text, ok := strings.Cut(setting, "=")
	if !ok {
		return misusef("argument %s: want KEY=VALUE", quote.Text(setting))
	}
	root := reflect.ValueOf(into).Elem()
	v := root
	for _, name := range strings.Split(path, ".") {
		index, ok := keysOf(v.Type())[name]
		if !ok {
			return misusef("argument %s: unknown key %s: %s", quote.Text(setting), quote.Text(path), nearestKey(root.Type(), path))
		}
		v = v.FieldByIndex(index)
	}
	if names, ok := v.Addr().Interface().(textSetter); ok && !(strings.HasPrefix(text, "[") && strings.HasSuffix(text, "]")) {
		names.setText(text)
		return nil
	}
	if v.Kind() == reflect.String && !decodesItself(v.Type()) {
		v.SetString(text)
		return nil
	}
	if words, ok := v.Addr().Interface().(*[]string); ok && !strings.HasPrefix(text, "[") {
		*words = strings.Split(text, ",")
		return nil
	}
	at := func(int) string { return "argument " + quote.Text(setting) }
	node, err := parseYAML([]byte(text))
	switch {
	case err != nil:
		return misuse{yamlError(at, err)}
	case node == nil:
		return misusef("%s: no value: want %s", at(1), kindName(v.Type()))
	}
	if errs := checkSettings(at, path, node, v.Type(), root.Type()); len(errs) > 0 {
		return misuse{errors.Join(errs...)}
	}
	if err := yaml.NodeToValue(node, v.Addr().Interface(), yaml.Strict()); err != nil {
		return misuse{yamlError(at, err)}
	}
	return nil
}

// textSetter is a setting that accepts plain text as well as a YAML list.
type textSetter interface{ setText(string) }

// parseYAML returns the body of the only document in text, nil if it is empty.
func parseYAML(text []byte) (ast.Node, error) {
	file, err := parser.ParseBytes(text, 0)
	switch {
	case err != nil:
		return nil, err
	case len(file.Docs) == 0:
		return nil, nil
	case len(file.Docs) > 1:
		return nil, fmt.Errorf("%d YAML documents: want one", len(file.Docs))
	default:
		return file.Docs[0].Body, nil
	}
}

// checkSettings reports faults that the YAML library accepts or reports one at a time: unknown keys, values in place of
// sections and the reverse, fractions in place of whole numbers, and unknown names. path leads from root to node; at
// names a line of the document.
func checkSettings(at func(line int) string, path string, node ast.Node, t, root reflect.Type) []error {
	wrong := func(found any) []error {
		where := at(node.GetToken().Position.Line)
		return []error{fmt.Errorf("%s: %s is %v: want %s", where, cmp.Or(path, "the document"), found, kindName(t))}
	}
	keys := keysOf(t)
	mapping, isMapping := node.(ast.MapNode)
	number, isNumber := node.(*ast.FloatNode)
	switch {
	case node.Type() == ast.NullType:
		return nil
	case node.Type() == ast.AnchorType || node.Type() == ast.AliasType:
		return wrong("an anchor or alias")
	case keys == nil && isMapping && t.Kind() < reflect.Array:
		return wrong("a section of keys")
	case keys == nil && isNumber && isWhole(t) && number.Value != math.Trunc(number.Value):
		return wrong(number.Value)
	case t.Kind() == reflect.Slice && !decodesItself(t) && node.Type() != ast.SequenceType:
		return wrong(quote.Text(node.GetToken().Value))
	case isName(t):
		if err := yaml.NodeToValue(node, reflect.New(t).Interface()); err != nil {
			return []error{fmt.Errorf("%s: %s: %s", at(node.GetToken().Position.Line), path, yamlMessage(err))}
		}
		return nil
	case keys == nil:
		return nil
	case !isMapping:
		return wrong(quote.Text(node.GetToken().Value))
	}
	var errs []error
	for entries := mapping.MapRange(); entries.Next(); {
		key := entries.Key().GetToken()
		inner := joinPath(path, key.Value)
		if index, ok := keys[key.Value]; ok {
			errs = append(errs, checkSettings(at, inner, entries.Value(), t.FieldByIndex(index).Type, root)...)
		} else {
			errs = append(errs, fmt.Errorf("%s: unknown key %s: %s", at(key.Position.Line), quote.Text(inner), nearestKey(root, inner)))
		}
	}
	return errs
}

// yamlError describes the YAML library's error in one line that begins with its place.
func yamlError(at func(line int) string, err error) error {
	line := 1
	if e, ok := errors.AsType[yaml.Error](err); ok && e.GetToken() != nil {
		line = e.GetToken().Position.Line
	}
	return fmt.Errorf("%s: %s", at(line), yamlMessage(err))
}

// yamlMessage returns the YAML library's message as one line, without its excerpt of the source.
func yamlMessage(err error) string {
	var wrong *yaml.TypeError
	var over *yaml.OverflowError
	var at yaml.Error
	switch {
	case errors.As(err, &wrong):
		return fmt.Sprintf("%s is a %s: want %s", quote.Text(wrong.Token.Value), wrong.SrcType, kindName(wrong.DstType))
	case errors.As(err, &over):
		return fmt.Sprintf("%s does not fit: want %s", over.SrcNum, kindName(over.DstType))
	case errors.As(err, &at):
		return at.GetMessage()
	default:
		return oneLine(err)
	}
}

func isWhole(t reflect.Type) bool { return reflect.Int <= t.Kind() && t.Kind() <= reflect.Uint64 }

// kindName names the kind of values that a setting of type t takes.
func kindName(t reflect.Type) string {
	switch k := t.Kind(); {
	case isWhole(t) && k >= reflect.Uint:
		return "a whole number, 0 or more"
	case isWhole(t):
		return "a whole number"
	case k == reflect.Float32 || k == reflect.Float64:
		return "a number"
	case k == reflect.Bool:
		return "true or false"
	case k == reflect.Struct || k == reflect.Map:
		return "a section of keys"
	case k == reflect.Slice && isWhole(t.Elem()):
		return "a list, such as [1, 2]"
	case k == reflect.Slice:
		return "a list"
	default:
		return "text"
	}
}
