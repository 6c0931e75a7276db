package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/buildinfo"
	"github.com/retell-rnn/retell/seq2seq"
)

// TestSettingDocs checks that docs/settings.md, docs/json.md and settings.json agree with the fields' comments. With
// -update it writes them.
func TestSettingDocs(t *testing.T) {
	g := newSettingDocGenerator(t)
	g.name(reflect.TypeFor[runConfig](), "")
	docs := g.section(reflect.TypeFor[runConfig](), "")
	for _, of := range []struct {
		settings reflect.Type
		verb     string
	}{{reflect.TypeFor[classifyConfig](), "classify"}, {reflect.TypeFor[labelConfig](), "label"}} {
		for _, d := range g.section(of.settings, "") {
			if !slices.ContainsFunc(docs, func(other settingDoc) bool { return other.Key == d.Key }) {
				d.Doc += " Only for 'retell " + of.verb + " train'."
				docs = append(docs, d)
			}
		}
	}
	text, err := json.MarshalIndent(docs, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"settings.json": string(text) + "\n", "../../docs/settings.md": settingsPage(docs), "../../docs/json.md": jsonPage(t)} {
		if *update {
			if err := os.WriteFile(path, []byte(want), 0o666); err != nil {
				t.Fatal(err)
			}
			continue
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		gotLines, wantLines := strings.Split(string(got), "\n"), strings.Split(want, "\n")
		for i, line := range wantLines {
			if i >= len(gotLines) || gotLines[i] != line {
				t.Errorf("%s:%d is not what the fields' comments say, %q: run go generate ./cmd/retell", path, i+1, line)
				break
			}
		}
	}
	for _, d := range docs {
		if d.Doc == "" {
			t.Errorf("%s: its field has no comment: want one that explains it", d.Key)
		}
		if strings.ContainsAny(d.Doc, "[]") || regexp.MustCompile(`\b[a-z]+[A-Z][a-z]`).MatchString(d.Doc) {
			t.Errorf("%s: %q speaks Go: want words that users of the command know", d.Key, d.Doc)
		}
	}
}

// settingDocGenerator makes the explanations of settings from the comments of the fields that hold them.
type settingDocGenerator struct {
	t        *testing.T
	structs  map[reflect.Type]*ast.StructType
	comments map[reflect.Type]string // of the types
	keys     map[string]string       // "Type.Field" to the first setting that it holds
}

func newSettingDocGenerator(t *testing.T) settingDocGenerator {
	return settingDocGenerator{t: t, structs: map[reflect.Type]*ast.StructType{}, comments: map[reflect.Type]string{}, keys: map[string]string{}}
}

// name records the settings that the fields of t hold; t is the section at path.
func (g *settingDocGenerator) name(t reflect.Type, path string) {
	for name, index := range keysOf(t) {
		field := t.FieldByIndex(index)
		holder := t
		if last := len(index) - 1; last > 0 {
			holder = t.FieldByIndex(index[:last]).Type // inline
		}
		if at := holder.Name() + "." + field.Name; g.keys[at] == "" || len(g.keys[at]) > len(joinPath(path, name)) {
			g.keys[at] = joinPath(path, name)
		}
		if keysOf(field.Type) != nil {
			g.name(field.Type, joinPath(path, name))
		}
	}
}

// section returns the explanations of a section's settings, in the order of its fields, subsections last.
func (g *settingDocGenerator) section(t reflect.Type, path string) []settingDoc {
	var docs, sections []settingDoc
	node := g.parse(t)
	shared := "" // comment of a group of fields without blank lines in between
	line := 0
	for _, field := range node.Fields.List {
		comment := strings.TrimSpace(field.Doc.Text() + field.Comment.Text())
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
		for _, ident := range field.Names {
			f, _ := t.FieldByName(ident.Name)
			name, options, _ := strings.Cut(f.Tag.Get("yaml"), ",")
			if options == "inline" {
				docs = append(docs, g.section(f.Type, path)...)
				continue
			}
			if name == "" || name == "-" {
				continue
			}
			key := joinPath(path, name)
			below := keysOf(f.Type)
			if below != nil {
				g.parse(f.Type)
				if comment == "" {
					comment = g.comments[f.Type]
				}
			}
			d := settingDoc{Key: key, Doc: g.text(t, ident.Name, comment)}
			if below == nil {
				g.facts(&d, f.Type)
				docs = append(docs, d)
			} else {
				sections = append(append(sections, d), g.section(f.Type, key)...)
			}
		}
	}
	return append(docs, sections...)
}

// files holds the positions of the parsed sources.
var files = token.NewFileSet()

func position(t *testing.T, p token.Pos) int {
	t.Helper()
	return files.Position(p).Line
}

// parse finds the source of a struct type.
func (g *settingDocGenerator) parse(t reflect.Type) *ast.StructType {
	if g.structs[t] != nil {
		return g.structs[t]
	}
	dir := "."
	if pkg, ok := strings.CutPrefix(t.PkgPath(), buildinfo.Module+"/"); ok {
		dir = filepath.Join("../..", pkg)
	}
	sources, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		g.t.Fatal(err)
	}
	for _, source := range sources {
		file, err := parser.ParseFile(files, source, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			g.t.Fatal(err)
		}
		for _, decl := range file.Decls {
			gen, ok := decl.(*ast.GenDecl)
			if !ok || gen.Tok != token.TYPE {
				continue
			}
			for _, spec := range gen.Specs {
				if spec := spec.(*ast.TypeSpec); spec.Name.Name == t.Name() {
					g.structs[t], g.comments[t] = spec.Type.(*ast.StructType), gen.Doc.Text()
					return g.structs[t]
				}
			}
		}
	}
	g.t.Fatalf("no source of %v", t)
	return nil
}

var (
	defaults = regexp.MustCompile(` \((""|the\sdefault|"", the default)\)|[;.]\s[Tt]he\sdefault\sis\s[^.;\n]*(\.\d)?`)
	link     = regexp.MustCompile(`\[(\w+)\]\.(\w+)`)
	exported = regexp.MustCompile(`, \[[A-Z]\w*\]|\s\(see \[[A-Z][\w.]*\]\)`) // what only users of the library see
	capital  = regexp.MustCompile(`\b[A-Z]\w*`)
)

// text returns a comment in the words of the command's users: keys in place of fields, a line for each paragraph.
func (g *settingDocGenerator) text(t reflect.Type, field, comment string) string {
	comment = link.ReplaceAllStringFunc(comment, func(s string) string {
		m := link.FindStringSubmatch(s)
		key := g.keys[m[1]+"."+m[2]]
		if key == "" {
			g.t.Errorf("%v.%s: comment: %s holds no setting", t, field, s)
		}
		return key
	})
	comment = exported.ReplaceAllString(comment, "")
	if rest, ok := strings.CutPrefix(comment, field+" is "); ok {
		comment = rest
	} else if rest, ok := strings.CutPrefix(comment, field+" "); ok && !strings.HasPrefix(rest, "and ") && !strings.HasPrefix(rest, "of ") {
		comment = rest
	}
	comment = strings.Replace(defaults.ReplaceAllString(comment, ""), "(the default; ", "(", 1)
	comment = capital.ReplaceAllStringFunc(comment, func(word string) string {
		if f, ok := t.FieldByName(word); ok {
			if name, _, _ := strings.Cut(f.Tag.Get("yaml"), ","); name != "" && name != "-" && (name != strings.ToLower(word) || word[1:] == name[1:]) {
				return name // except TensorBoard
			}
		}
		return word
	})
	var b strings.Builder
	joined := false
	for line := range strings.Lines(comment) {
		line = strings.TrimSuffix(line, "\n")
		switch indented := strings.HasPrefix(line, "\t"); {
		case indented:
			b.WriteString("\n  " + strings.ReplaceAll(line, "\t", ""))
			joined = false
		case line == "":
			joined = false
		case joined:
			b.WriteString(" " + line)
		default:
			b.WriteString("\n" + line)
			joined = true
		}
	}
	text := strings.TrimPrefix(b.String(), "\n")
	if text == "" {
		return ""
	}
	if !strings.HasSuffix(text, ".") {
		text += "."
	}
	if name, _, _ := strings.Cut(text, " "); strings.Contains(name, "_") {
		return text // a key
	}
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}

// facts sets the type, the defaults and the allowed values of a setting.
func (g *settingDocGenerator) facts(d *settingDoc, t reflect.Type) {
	d.Type = strings.TrimPrefix(kindName(t), "a ")
	if isWhole(t) {
		d.Type = "whole number"
	}
	switch {
	case t == reflect.TypeFor[fileList]():
		d.Type = "file or list of files"
	case decodesItself(t):
		d.Type = "size"
	}
	if t == reflect.TypeFor[seq2seq.Extension]() {
		d.Type = "number or word"
	}
	plain, autoencoder, embedder := resolvedDefaults(kindSeq2Seq), resolvedDefaults(kindSeqAE), resolvedDefaults(kindEmbedder)
	if !slices.Contains(allKeys(reflect.TypeFor[runConfig](), ""), d.Key) {
		classifier := defaultClassifyConfig()
		d.Default = g.valueOf(&classifier, d.Key)
		return
	}
	d.Default = g.valueOf(&plain, d.Key)
	if other := g.valueOf(&autoencoder, d.Key); other != d.Default {
		d.AutoencoderDefault = other
	}
	if other := g.valueOf(&embedder, d.Key); other != d.Default && !strings.HasPrefix(d.Key, "model.decoder.") {
		d.EmbedderDefault = other
	}
	for _, base := range []runConfig{plain, autoencoder} {
		if want := allowed(base, d.Key, t); want != "" {
			d.Values = want
			break
		}
	}
}

// valueOf returns a setting's value as YAML; "" for an empty text or list.
func (g *settingDocGenerator) valueOf(c any, key string) string {
	v := reflect.ValueOf(c).Elem()
	for name := range strings.SplitSeq(key, ".") {
		v = v.FieldByIndex(keysOf(v.Type())[name])
	}
	if v.Kind() == reflect.String && v.String() == "" || v.Kind() == reflect.Slice && v.Len() == 0 {
		return ""
	}
	text, err := yaml.Marshal(v.Interface())
	if err != nil {
		g.t.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}

// allowed returns the values that the validation accepts for a setting, read from its error for a nonsensical value; ""
// if there is no such error.
func allowed(c runConfig, key string, t reflect.Type) string {
	v := reflect.ValueOf(&c).Elem()
	for name := range strings.SplitSeq(key, ".") {
		v = v.FieldByIndex(keysOf(v.Type())[name])
	}
	switch {
	case decodesItself(t) || t.Kind() == reflect.Bool:
		return ""
	case v.CanInt():
		v.SetInt(-1 << 40)
	case v.CanFloat():
		v.SetFloat(-1e12)
	case v.Kind() == reflect.String:
		v.SetString("?")
	}
	found, _ := errors.AsType[seq2seq.Violations](c.validate())
	form := regexp.MustCompile(`^(-1e\+12|-1099511627776|"\?"): want (.*)$`)
	for _, violation := range found {
		if m := form.FindStringSubmatch(violation.Problem); m != nil && violation.Path == key {
			return strings.NewReplacer(" (the default)", "", " (no limit)", "").Replace(m[2])
		}
	}
	return ""
}

// settingsPage returns docs/settings.md.
func settingsPage(docs []settingDoc) string {
	var b strings.Builder
	b.WriteString(`# Settings

These are all settings of a training. A setting is a key of a YAML file or an argument ` + "`KEY=VALUE`" + `; a few have flags as short forms:

    retell train mine.yaml model.encoder.hidden=256 train.epochs=30 -o m.retell

` + "`retell keys SEARCH`" + ` explains settings in the terminal. ` + "`go generate ./cmd/retell`" + ` writes this page from the same comments.
`)
	for _, d := range docs {
		if d.Type == "" {
			fmt.Fprintf(&b, "\n## %s\n\n%s\n", d.Key, d.Doc)
			continue
		}
		fmt.Fprintf(&b, "\n**`%s`** (%s)  \n", d.Key, d.facts())
		code := false
		for line := range strings.Lines(d.Doc) {
			if indented := strings.HasPrefix(line, "  "); indented && !code {
				code = true
				b.WriteString("\n")
			} else if !indented && code {
				code = false
				b.WriteString("\n")
			}
			if code {
				line = "    " + strings.TrimPrefix(line, "  ")
			}
			b.WriteString(strings.ReplaceAll(line, "<unk>", "`<unk>`"))
		}
		b.WriteString("\n")
	}
	b.WriteString("\n## Environment\n\n" + strings.ReplaceAll(environmentTopic, "\n  ", "\n    ") + "\n")
	return b.String()
}

// TestChoices checks that the validation accepts every choice that completion offers.
func TestChoices(t *testing.T) {
	docs := map[string]settingDoc{}
	for _, d := range settingDocs() {
		docs[d.Key] = d
	}
	for key, want := range map[string][]string{
		"model.encoder.cell":     {"lstm", "gru", "mgu", "peephole"},
		"train.optimizer.kind":   {"adam", "adamw", "sgd"},
		"train.schedule.kind":    {"constant", "inverse_sqrt", "cosine", "one_cycle", "plateau"},
		"data.format.type":       corpora.Types(),
		"model.shared_vocab":     {"true", "false"},
		"train.epochs":           nil,
		"data.train":             nil,
		"model.source.normalize": {"nfc", "nfkc", "none"},
	} {
		if diff := cmp.Diff(want, docs[key].choices()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", key, diff)
		}
	}
}
