// Package house checks the rules that docs/design.md states about the source of this module: the imports of packages,
// the length of functions, files and comment lines, the arguments of library functions, the names in documents.
package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

const (
	module = "github.com/retell-rnn/retell"
	root   = "../.."

	maxFunction = 80  // lines
	maxFile     = 500 // lines
	maxComment  = 120 // columns
)

// source is one Go file of the module.
type source struct {
	path      string // from the root, with slashes
	lines     []string
	generated bool
	tree      *ast.File
	files     *token.FileSet
}

// sources parses every Go file of the module. Folders with a go.mod of their own are other modules.
func sources(t *testing.T) []source {
	t.Helper()
	var out []source
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			_, notModule := os.Stat(filepath.Join(name, "go.mod"))
			if d.Name() == "testdata" || d.Name() == ".git" || name != root && notModule == nil {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		s := source{path: filepath.ToSlash(rel), lines: strings.Split(string(text), "\n"), files: token.NewFileSet()}
		if s.tree, err = parser.ParseFile(s.files, name, text, parser.ParseComments); err != nil {
			return err
		}
		s.generated = ast.IsGenerated(s.tree)
		out = append(out, s)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) < 100 {
		t.Fatalf("found %d Go files: want those of the whole module", len(out))
	}
	return out
}

func TestFunctionsAreShort(t *testing.T) {
	for _, s := range sources(t) {
		for _, d := range s.tree.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || s.generated {
				continue
			}
			from, to := s.files.Position(f.Pos()).Line, s.files.Position(f.End()).Line
			if n := to - from + 1; n > maxFunction {
				t.Errorf("%s:%d: %s has %d lines: want at most %d", s.path, from, f.Name.Name, n, maxFunction)
			}
		}
	}
}

func TestFilesAreShort(t *testing.T) {
	for _, s := range sources(t) {
		if n := len(s.lines) - 1; n > maxFile && !s.generated {
			t.Errorf("%s: %d lines: want at most %d", s.path, n, maxFile)
		}
	}
}

func TestCommentsAreNarrow(t *testing.T) {
	for _, s := range sources(t) {
		for _, group := range s.tree.Comments {
			for _, c := range group.List {
				at := s.files.Position(c.Pos())
				for i, line := range strings.Split(c.Text, "\n") {
					n := utf8.RuneCountInString(line)
					if i == 0 && at.Column > 1 && strings.TrimSpace(s.lines[at.Line-1][:at.Column-1]) == "" {
						n += at.Column - 1 // tabs; code before a comment is gofumpt's to align
					}
					if n > maxComment && !strings.HasPrefix(c.Text, "//\t") { // preformatted text is not wrapped
						t.Errorf("%s:%d: a comment of %d columns: want at most %d", s.path, at.Line+i, n, maxComment)
					}
				}
			}
		}
	}
}

// TestLibrariesTakeArguments checks that packages other than programs have no init function, read no clock, draw from
// no shared source of random numbers, and write to no standard stream and no default logger. Only names of temporary
// files are drawn at random.
func TestLibrariesTakeArguments(t *testing.T) {
	forbidden := regexp.MustCompile(`^(time\.(Now|Since)\(|fmt\.Print|os\.Std(out|err)|slog\.(Debug|Info|Warn|Error|Log|Default)\(|rand\.[A-Z])`)
	allowed := regexp.MustCompile(`^rand\.(New|NewPCG|PCG|Rand|Source)\b`)
	for _, s := range sources(t) {
		if s.tree.Name.Name == "main" || s.path == "internal/atomicfile/atomicfile.go" || strings.HasSuffix(s.path, "_test.go") {
			continue
		}
		for _, i := range s.tree.Imports {
			if i.Path.Value == `"log"` || i.Path.Value == `"math/rand"` {
				t.Errorf("%s imports %s: want log/slog and math/rand/v2", s.path, i.Path.Value)
			}
		}
		ast.Inspect(s.tree, func(n ast.Node) bool {
			var use string
			switch n := n.(type) {
			case *ast.FuncDecl:
				if n.Recv == nil && n.Name.Name == "init" {
					t.Errorf("%s:%d: a function init", s.path, s.files.Position(n.Pos()).Line)
				}
			case *ast.CallExpr:
				use = selected(n.Fun) + "("
			case *ast.SelectorExpr:
				use = selected(n)
			}
			if forbidden.MatchString(use) && !allowed.MatchString(use) {
				t.Errorf("%s:%d: %s: want an argument", s.path, s.files.Position(n.Pos()).Line, strings.TrimSuffix(use, "("))
			}
			return true
		})
	}
}

// selected returns a selector on a plain name, such as time.Now, and "" for other expressions.
func selected(e ast.Expr) string {
	s, ok := e.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	if x, ok := s.X.(*ast.Ident); ok {
		return x.Name + "." + s.Sel.Name
	}
	return ""
}

// TestImports compares the imports of every package with the table in docs/design.md.
func TestImports(t *testing.T) {
	allowed := drawn(t)
	found := map[string][]string{}
	for _, s := range sources(t) {
		pkg := path.Dir(s.path)
		if strings.HasSuffix(s.path, "_test.go") {
			continue
		}
		if _, ok := found[pkg]; !ok {
			found[pkg] = nil
		}
		for _, i := range s.tree.Imports {
			name, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if of, ok := strings.CutPrefix(name, module+"/"); ok && !slices.Contains(found[pkg], of) {
				found[pkg] = append(found[pkg], of)
			}
		}
	}
	for pkg, imports := range found {
		may, ok := allowed[pkg]
		if !ok {
			t.Errorf("package %s is missing in the table of docs/design.md", pkg)
		}
		for _, i := range imports {
			if !slices.ContainsFunc(may, func(pattern string) bool { return matches(pattern, i) }) {
				t.Errorf("package %s imports %s: docs/design.md allows %s", pkg, i, strings.Join(may, ", "))
			}
		}
	}
	for pkg := range allowed {
		if _, ok := found[pkg]; !ok {
			t.Errorf("docs/design.md draws package %s, which does not exist", pkg)
		}
	}
}

// matches reports whether a pattern of the table covers a package: the package's path, or a path that ends in /... and
// covers all packages below it.
func matches(pattern, pkg string) bool {
	if below, ok := strings.CutSuffix(pattern, "/..."); ok {
		return strings.HasPrefix(pkg, below+"/")
	}
	return pattern == pkg
}

// drawn returns the table of docs/design.md between the comments "imports" and "/imports": a package and what it may
// import.
func drawn(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "docs", "design.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, table, ok := strings.Cut(string(text), "<!-- imports -->")
	table, _, closed := strings.Cut(table, "<!-- /imports -->")
	if !ok || !closed {
		t.Fatal("docs/design.md has no table of imports between its comments")
	}
	out := map[string][]string{}
	for line := range strings.Lines(table) {
		cells := strings.Split(line, "|")
		if len(cells) < 4 || !strings.Contains(cells[1], "`") {
			continue
		}
		out[codes(cells[1])[0]] = codes(cells[2])
	}
	return out
}

// codes returns the texts between backquotes in a text.
func codes(text string) []string {
	var out []string
	for i, part := range strings.Split(text, "`") {
		if i%2 == 1 {
			out = append(out, part)
		}
	}
	return out
}
