package house

import (
	"go/ast"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// pages lists the documents that describe the present source, from the root. CHANGELOG.md also names what is gone.
func pages(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/guide/*.md", "internal/*/*.md"} {
		found, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern)))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			rel, err := filepath.Rel(root, f)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, filepath.ToSlash(rel))
		}
	}
	return out
}

// TestLinks follows every relative link of the documents, to the file and to the heading after the #.
func TestLinks(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)\s]+)\)`)
	for _, page := range pages(t) {
		for _, m := range link.FindAllStringSubmatch(read(t, page), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			name, heading, _ := strings.Cut(m[1], "#")
			target := page
			if name != "" {
				target = path.Join(path.Dir(page), name)
			}
			if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(target))); err != nil {
				t.Errorf("%s: the link %s points to no file", page, m[1])
			} else if heading != "" && !headings(read(t, target))[heading] {
				t.Errorf("%s: the link %s points to no heading", page, m[1])
			}
		}
	}
}

// read returns a file of the module.
func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// headings returns the anchors of a page's headings: lower case, hyphens for spaces, no punctuation.
func headings(page string) map[string]bool {
	out := map[string]bool{}
	punctuation := regexp.MustCompile(`[^\p{L}\p{N} _-]`)
	for line := range strings.Lines(page) {
		if level := len(line) - len(strings.TrimLeft(line, "#")); level > 0 && strings.HasPrefix(line[level:], " ") {
			text := punctuation.ReplaceAllString(strings.ToLower(strings.TrimSpace(line[level:])), "")
			out[strings.ReplaceAll(text, " ", "-")] = true
		}
	}
	return out
}

// TestNames checks that the files, tests, exported identifiers and settings that documents name between backquotes
// exist.
func TestNames(t *testing.T) {
	all := sources(t)
	known := declared(all)
	file := regexp.MustCompile(`^[\w./-]+\.(go|txtar|sh|s|py)$`)
	test := regexp.MustCompile(`^(Test|Benchmark|Fuzz|Example)[A-Z_]\w*$`)
	name := regexp.MustCompile(`^([a-z]\w*)\.([A-Z]\w*)(?:\.([A-Z]\w*))?`)
	camel := regexp.MustCompile(`^[A-Z][a-z]+[A-Z][a-z]\w*$`)
	member := regexp.MustCompile(`^([A-Z]\w*)\.([A-Z]\w*)`)
	setting := regexp.MustCompile(`^(?:model|autoencoder|data|train)(?:\.[a-z]\w*)+`)
	settings, files := read(t, "docs/settings.md"), fileNames(t)
	for _, page := range pages(t) {
		if page == "CHANGELOG.md" {
			continue
		}
		for _, code := range spans(read(t, page)) {
			switch base, _, _ := strings.Cut(code, "/"); {
			case file.MatchString(code):
				if !exists(files, path.Dir(page), code) {
					t.Errorf("%s: there is no file %s", page, code)
				}
			case test.MatchString(base):
				if !known["."+base] {
					t.Errorf("%s: there is no %s", page, base)
				}
			case camel.MatchString(code):
				if !known["."+code] {
					t.Errorf("%s: there is no %s", page, code)
				}
			case member.MatchString(code):
				if m := member.FindStringSubmatch(code); !known["."+m[1]] || !known["."+m[2]] {
					t.Errorf("%s: there is no %s", page, m[0])
				}
			case setting.MatchString(code):
				if m := setting.FindString(code); !strings.Contains(settings, "`"+m+"`") && !strings.Contains(settings, "`"+m+".") {
					t.Errorf("%s: there is no setting %s", page, m)
				}
			default:
				m := name.FindStringSubmatch(code)
				if m == nil || !known["package "+m[1]] {
					continue
				}
				if !known[m[1]+"."+m[2]] || m[3] != "" && !known[m[1]+"."+m[2]+"."+m[3]] {
					t.Errorf("%s: there is no %s", page, m[0])
				}
			}
		}
	}
}

// spans returns the code spans of a page, without its indented and fenced blocks.
func spans(page string) []string {
	var out []string
	fenced := false
	for line := range strings.Lines(page) {
		if strings.HasPrefix(line, "```") {
			fenced = !fenced
		} else if !fenced && !strings.HasPrefix(line, "    ") {
			out = append(out, codes(line)...)
		}
	}
	return out
}

// fileNames returns every file of the module, from the root.
func fileNames(t *testing.T) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(root, func(name string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && d.Name() == ".git" {
			return filepath.SkipDir
		}
		rel, err := filepath.Rel(root, name)
		out = append(out, filepath.ToSlash(rel))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// exists reports whether a name in a document of folder dir matches one of the files: as a path from the root, from dir
// or from testdata, or as the end of a path.
func exists(files []string, dir, name string) bool {
	for _, f := range files {
		if f == name || f == path.Join(dir, name) || strings.HasSuffix(f, "/"+name) {
			return true
		}
	}
	return false
}

// declared returns the names that the module declares: "package rnn", "rnn.Cell", "rnn.Param.Frozen", and the short
// forms ".Cell", ".Frozen" and ".TestImports". A promoted method has its short form alone.
func declared(all []source) map[string]bool {
	out := map[string]bool{}
	for _, s := range all {
		pkg := s.tree.Name.Name
		out["package "+pkg] = pkg != "main"
		for _, d := range s.tree.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				name := d.Name.Name
				out["."+name] = true
				if d.Recv != nil {
					name = receiver(d.Recv.List[0].Type) + "." + name
				}
				out[pkg+"."+name] = true
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					declare(out, pkg, spec)
				}
			}
		}
	}
	return out
}

// declare adds the names of a declaration.
func declare(out map[string]bool, pkg string, spec ast.Spec) {
	switch spec := spec.(type) {
	case *ast.ValueSpec:
		for _, n := range spec.Names {
			out[pkg+"."+n.Name], out["."+n.Name] = true, true
		}
	case *ast.TypeSpec:
		out[pkg+"."+spec.Name.Name], out["."+spec.Name.Name] = true, true
		var members *ast.FieldList
		switch kind := spec.Type.(type) {
		case *ast.StructType:
			members = kind.Fields
		case *ast.InterfaceType:
			members = kind.Methods
		default:
			return
		}
		for _, f := range members.List {
			for _, n := range f.Names {
				out[pkg+"."+spec.Name.Name+"."+n.Name], out["."+n.Name] = true, true
			}
		}
	}
}

// receiver returns the name of a method's type.
func receiver(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return receiver(e.X)
	case *ast.IndexExpr:
		return receiver(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}
