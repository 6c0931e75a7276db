package main

import (
	"encoding"
	"encoding/json"
	"fmt"
	"go/ast"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/jsonline"
	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/seqae"
	"github.com/retell-rnn/retell/seqae/repair"
)

// embeddedLine is a line of embed --json and of a JSON Lines file of vectors.
type embeddedLine struct {
	Text   string    `json:"text"`   // line
	Vector []float32 `json:"vector"` // vector of the line, all zeros for an empty one
}

// exampleLine is a line of corpus make --json and of the files of corpus split --json.
type exampleLine struct {
	Source string `json:"source"`           // source
	Target string `json:"target,omitempty"` // target; an array of texts where there are several, absent where there is none
}

// form is the layout of the objects in an output.
type form string

const (
	document form = "A document: one object."
	lines_   form = "Lines: "
	array    form = "An array of objects."
)

// jsonOutput is what a verb writes as JSON.
type jsonOutput struct {
	verb    string // command line, without retell
	form    form
	what    string // subject of each line, for lines
	example any
}

// jsonPage is docs/json.md, which TestSettingDocs checks and writes.
func jsonPage(t *testing.T) string {
	g := &outputDocGenerator{settingDocGenerator: newSettingDocGenerator(t), named: map[string]reflect.Type{}}
	var b strings.Builder
	b.WriteString(jsonIntroduction)
	for _, o := range jsonOutputs() {
		fmt.Fprintf(&b, "\n## %s\n\n%s%s\n\n", o.verb, o.form, o.what)
		g.object(&b, elementOf(reflect.TypeOf(o.example)))
		b.WriteString("\n" + exampleOf(t, o))
	}
	b.WriteString("\n# Objects within objects\n")
	for i := 0; i < len(g.queue); i++ { // grows
		fmt.Fprintf(&b, "\n## %s\n\n", nameOf(g.queue[i]))
		g.object(&b, g.queue[i])
	}
	return b.String()
}

const jsonIntroduction = `# JSON

` + "This page lists the output of `--json`, verb by verb. `go generate ./cmd/retell` writes it from the comments of the fields." + `

One version covers all JSON of a program: the key ` + "`schema`" + ` of a document or, for lines and arrays, which have no such key, of
` + "`retell version --json`" + `. At present it is 1. Within a version no key changes its name, type, unit or place. New keys may appear, so
a reader should ignore unknown keys. Any other change raises the version and is listed in the changelog.

Numbers that are not finite are null. A key marked *optional* may be absent. Other files that a verb reads or writes have versions of their
own: see [format.md](format.md).
`

// elementOf returns the struct type of an output or, for an array, of its elements.
func elementOf(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Slice || t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

// exampleOf returns the example of an output as the verb writes it. A document is indented over several lines.
func exampleOf(t *testing.T, o jsonOutput) string {
	var text strings.Builder
	if err := jsonline.Write(&text, o.example); err != nil {
		t.Fatal(err)
	}
	out := text.String()
	if o.form == document {
		var v strings.Builder
		enc := json.NewEncoder(&v)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		if err := enc.Encode(json.RawMessage(out)); err != nil {
			t.Fatal(err)
		}
		out = v.String()
	}
	return "```json\n" + out + "```\n"
}

// outputDocGenerator makes tables of keys from the comments of the fields that hold them.
type outputDocGenerator struct {
	settingDocGenerator
	named map[string]reflect.Type
	queue []reflect.Type // structs within structs, in the order of their first mention
}

// object writes the table of a struct's keys.
func (g *outputDocGenerator) object(b *strings.Builder, t reflect.Type) {
	b.WriteString("| key | type | meaning |\n|---|---|---|\n")
	g.rows(b, t, t)
}

// rows writes the keys of t, a struct or one embedded in outer, but for those that a field of outer shadows.
func (g *outputDocGenerator) rows(b *strings.Builder, outer, t reflect.Type) {
	shared, line := "", 0
	for _, field := range g.parse(t).Fields.List {
		comment := strings.TrimSpace(field.Comment.Text())
		if at := position(g.t, field.Pos()); at != line+1 {
			shared = ""
		}
		line = position(g.t, field.End())
		if field.Doc != nil {
			shared = field.Doc.Text()
		}
		if comment == "" {
			comment = shared
		}
		if len(field.Names) == 0 {
			g.rows(b, outer, fieldOf(t, field.Type))
			continue
		}
		for _, ident := range field.Names {
			f, _ := t.FieldByName(ident.Name)
			key, options, _ := strings.Cut(f.Tag.Get("json"), ",")
			if seen, _ := outer.FieldByName(ident.Name); key == "-" || !f.IsExported() || seen.Type != f.Type {
				continue
			}
			if key == "" {
				g.t.Errorf("%v.%s has no key in JSON: want a tag", t, ident.Name)
			}
			kind := g.kind(f.Type, options == "")
			if options != "" {
				kind += ", *optional*"
			}
			fmt.Fprintf(b, "| `%s` | %s | %s |\n", key, kind, g.description(t, ident.Name, comment))
		}
	}
}

// fieldOf returns the type of an embedded field.
func fieldOf(t reflect.Type, e ast.Expr) reflect.Type {
	name := ""
	switch e := e.(type) {
	case *ast.Ident:
		name = e.Name
	case *ast.SelectorExpr:
		name = e.Sel.Name
	}
	f, _ := t.FieldByName(name)
	return f.Type
}

// kind returns the type of a value in words, as a link if it is an object.
func (g *outputDocGenerator) kind(t reflect.Type, canBeNull bool) string {
	if section, ok := settingsIn(t); ok {
		return fmt.Sprintf("object, see [settings](settings.md#%s)", section)
	}
	if t.Implements(reflect.TypeFor[encoding.TextMarshaler]()) {
		return "text"
	}
	switch t.Kind() {
	case reflect.String:
		return "text"
	case reflect.Bool:
		return "true or false"
	case reflect.Float32, reflect.Float64:
		return "number"
	case reflect.Int, reflect.Int64, reflect.Int32, reflect.Uint64:
		return "integer"
	case reflect.Slice:
		return "array of " + g.kind(t.Elem(), false)
	case reflect.Map:
		return "object of " + g.kind(t.Elem(), false)
	case reflect.Pointer:
		if canBeNull {
			return g.kind(t.Elem(), false) + " or null"
		}
		return g.kind(t.Elem(), false)
	case reflect.Struct:
		name := nameOf(t)
		if other, ok := g.named[name]; ok && other != t {
			g.t.Errorf("%v and %v are both called %q", other, t, name)
		} else if !ok {
			g.named[name] = t
			g.queue = append(g.queue, t)
		}
		return fmt.Sprintf("[%s](#%s)", name, strings.ReplaceAll(name, " ", "-"))
	}
	g.t.Errorf("%v has no form in JSON that this page knows", t)
	return ""
}

// settingsIn returns the section of docs/settings.md that explains a struct of settings.
func settingsIn(t reflect.Type) (string, bool) {
	switch t {
	case reflect.TypeFor[seq2seq.Config]():
		return "model", true
	case reflect.TypeFor[*seqae.Objective]():
		return "autoencoder", true
	case reflect.TypeFor[*repair.Task]():
		return "repair", true
	case reflect.TypeFor[*seq2seq.TrainOptions]():
		return "train", true
	case reflect.TypeFor[*corpora.Format]():
		return "dataformat", true
	}
	return "", false
}

// nameOf returns the name of a struct as words in lower case.
func nameOf(t reflect.Type) string {
	var b strings.Builder
	for i, r := range t.Name() {
		if unicode.IsUpper(r) && i > 0 && unicode.IsLower(rune(t.Name()[i-1])) {
			b.WriteByte(' ')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

var goName = regexp.MustCompile(`\b[a-z]+[A-Z][a-z]|[\[\]]`)

// description returns a field's comment with keys in place of field names.
func (g *outputDocGenerator) description(t reflect.Type, field, comment string) string {
	comment = strings.Join(strings.Fields(comment), " ")
	if comment == "" {
		g.t.Errorf("%v.%s has no comment: want one that says what it is, its unit and its range", t, field)
	}
	if rest, ok := strings.CutPrefix(comment, field+" is "); ok {
		comment = rest
	}
	comment = capital.ReplaceAllStringFunc(comment, func(word string) string {
		if f, ok := t.FieldByName(word); ok {
			if key, _, _ := strings.Cut(f.Tag.Get("json"), ","); key != "" && key != "-" {
				return "`" + key + "`"
			}
		}
		return word
	})
	if goName.MatchString(comment) {
		g.t.Errorf("%v.%s: %q speaks Go: want words that users of the command know", t, field, comment)
	}
	return strings.TrimSuffix(strings.NewReplacer("</s>", "`</s>`", "<unk>", "`<unk>`", "|", "\\|").Replace(comment), ".")
}

// TestJSONOutputs checks that docs/json.md describes every verb with --json and no other.
func TestJSONOutputs(t *testing.T) {
	documented := map[string]bool{}
	for _, o := range jsonOutputs() {
		documented[strings.TrimSpace(strings.Split(o.verb, " -")[0])] = true
	}
	eachVerb(newRoot(), func(cmd *cobra.Command) {
		verb := cmd.CommandPath()
		if cmd.Flags().Lookup("json") != nil && !documented[verb] {
			t.Errorf("%s --json is not in docs/json.md: want it among jsonOutputs", verb)
		}
	})
	for _, o := range jsonOutputs() {
		if elementOf(reflect.TypeOf(o.example)).Name() == "" {
			t.Errorf("%s: the type has no name", o.verb)
		}
		_, versions := elementOf(reflect.TypeOf(o.example)).FieldByName("Schema")
		if versions != (o.form == document) {
			t.Errorf("%s: a key schema: %v: want it in documents alone", o.verb, versions)
		}
	}
}
