package repair

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestReadLexicon(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("en.aff", "SET ISO8859-1\nNEEDAFFIX h\nSFX S Y 2\nSFX S y ies [^aeiou]y\nSFX S 0 s [^y]\nPFX U Y 1\nPFX U 0 un .\n")
	write("num.aff", "SET UTF-8\nFLAG num\nSFX 12 N 1\nSFX 12 0 e .\n")
	for _, c := range []struct{ path, want string }{
		{write("plain.txt", "tree\n\n café \ntree\n"), "café tree"},
		{write("en.dic", "4\ncity/S\ncaf\xe9/S\ntie/US po:noun\nghost/hU\n"), "café cafés cities city tie ties unghost untie unties"},
		{write("num.dic", "1\npetit/12,13\n"), "petit petite"},
		{write("stems.dic", "2\na/XY\nb\n"), "a b"},
	} {
		words, _, err := ReadLexicon(c.path)
		want := strings.Fields(c.want)
		slices.Sort(want)
		if err != nil || !slices.Equal(words, want) {
			t.Errorf("%s: %q, %v: want %q", filepath.Base(c.path), words, err, want)
		}
	}
	words, counts, err := ReadLexicon(write("counts.txt", "tree\nthe\t7\nThe\t2\nRome\t1\n"))
	if want := map[string]int{"the": 9, "Rome": 1}; err != nil || !slices.Equal(words, []string{"tree"}) || !maps.Equal(counts, want) {
		t.Errorf("words %q, counts %v, %v", words, counts, err)
	}
	write("bad.aff", "SET KLINGON\n")
	for path, part := range map[string]string{
		filepath.Join(dir, "none"): "no such file", write("empty.txt", "\n"): "has no words", write("latin.txt", "caf\xe9\n"): "not UTF-8",
		write("bad.dic", "1\na\n"): `encoding is "KLINGON"`, write("count.txt", "a\t2\nb\tx\n"): `line 2: count "x": want a whole number`,
	} {
		if _, _, err := ReadLexicon(path); err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%s: %v: want %q", filepath.Base(path), err, part)
		}
	}
}

func FuzzAffixes(f *testing.F) {
	f.Add("SFX S Y 1\nSFX S y ies [^aeiou]y\n", "1\ncity/S\n")
	f.Add("FLAG long\nPFX ab Y 1\nPFX ab 0 un [\n", "x/ab\n")
	f.Fuzz(func(t *testing.T, aff, dic string) {
		if a, err := parseAffixes(aff); err == nil {
			_, _ = a.words("dic", []byte(dic))
		}
	})
}
