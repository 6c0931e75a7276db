package corpora

import (
	"slices"
	"strings"
	"testing"
	"unicode"
)

func TestMadeUpStems(t *testing.T) {
	lines := []string{"spielen\tgespielt\tV;V.PTCP;PST", "Haus\tHäuser\tN;NOM;PL", "gut\tbesser\tADJ;CMPR", "re-use\tre-used\tV;PST"}
	made, err := MadeUpStems(lines, 200, 1)
	if err != nil {
		t.Fatal(err)
	}
	stems := map[string]bool{}
	for _, line := range made {
		if _, err := parseSIGMORPHON(line, false); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		columns := strings.Split(line, "\t")
		switch columns[2] {
		case "V;V.PTCP;PST": // spiel is the stem
			stem, ok := strings.CutSuffix(columns[0], "en")
			if !ok || len([]rune(stem)) != 5 || !strings.HasSuffix(stem, "iel") || columns[1] != "ge"+stem+"t" {
				t.Errorf("made of spielen: %q", line)
			}
			stems[stem] = true
		case "V;PST": // re-use: the hyphen and the last three letters stay
			if !strings.HasSuffix(columns[0], "-use") || columns[1] != columns[0]+"d" {
				t.Errorf("made of re-use: %q", line)
			}
		default:
			t.Errorf("made of a line without a stem of more than three letters: %q", line)
		}
		for _, r := range columns[0] {
			if unicode.IsUpper(r) {
				t.Errorf("upper case comes from nowhere: %q", line)
			}
		}
	}
	if len(stems) < 40 {
		t.Errorf("%d different stems among 100", len(stems))
	}
	again, err := MadeUpStems(lines, 200, 1)
	if err != nil || !slices.Equal(made, again) {
		t.Errorf("the same seed gives other lines (%v)", err)
	}
}

func TestMadeUpStemsKeepCase(t *testing.T) {
	made, err := MadeUpStems([]string{"Garten\tGartens\tN;GEN;SG"}, 20, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range made {
		for i, r := range []rune(strings.Split(line, "\t")[0]) {
			if unicode.IsUpper(r) != (i == 0) {
				t.Errorf("%q: want a capital and small letters", line)
			}
		}
	}
}

func TestMadeUpStemsErrors(t *testing.T) {
	for _, test := range []struct {
		lines []string
		n     int
		want  string
	}{
		{[]string{"gehen\tging\tV;PST", "gehen"}, 1, "line 2: line has 1 column"},
		{[]string{"gut\tbesser\tADJ;CMPR"}, 1, "more than three letters in common"},
		{[]string{"spielen\tspielt\tV"}, -1, "want 0 or more"},
	} {
		if _, err := MadeUpStems(test.lines, test.n, 1); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: error is %v: want %q", test.lines, err, test.want)
		}
	}
}

func TestLongestCommonRun(t *testing.T) {
	for _, test := range []struct {
		a, b             string
		inA, inB, length int
	}{
		{"spielen", "gespielt", 0, 2, 5},
		{"abcab", "xab", 0, 1, 2},
		{"", "a", 0, 0, 0},
		{"aaa", "aa", 0, 0, 2},
		{"über", "drüber", 0, 2, 4},
	} {
		inA, inB, length := longestCommonRun([]rune(test.a), []rune(test.b))
		if inA != test.inA || inB != test.inB || length != test.length {
			t.Errorf("%q, %q: %d, %d, %d: want %d, %d, %d", test.a, test.b, inA, inB, length, test.inA, test.inB, test.length)
		}
	}
}
