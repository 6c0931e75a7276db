package metric

import (
	"bufio"
	"compress/gzip"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/retell-rnn/retell/internal/corporatest"
)

// TestRepairScores compares scores with counts by hand.
func TestRepairScores(t *testing.T) {
	var c RepairCounts
	c.Add("i seen teh cat alot", "I saw the cat alot", "I saw the cat a lot") // 3 of 4 edits
	c.Add("all is well here", "all was well here", "all is well here")        // clean: 1 of 4 tokens
	c.Add("Thecat", "The cat", "The cat")
	got := c.Scores()
	want := RepairScores{
		Lines: 3, Words: 100 * 9.0 / 12, Sentences: 100.0 / 3, Corrected: 100 * 4.0 / 5,
		Precision: 100 * 4.0 / 5, Recall: 100 * 4.0 / 5, F05: 80,
		CER: 100 * 3.0 / 42, WER: 100 * 3.0 / 12, Capitals: 100, Spaces: 100 * 2 * 8.0 / (8 + 9),
		CleanWords: 4, Falsely: 250,
	}
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) < 1e-9 })); diff != "" {
		t.Error(diff)
	}
}

// TestRepairOfNothing checks that scores of no lines, and of empty ones, are numbers.
func TestRepairOfNothing(t *testing.T) {
	var c RepairCounts
	if got := c.Scores(); got != (RepairScores{}) {
		t.Errorf("%+v: want zeros", got)
	}
	c.Add("", "", "")
	if got := c.Scores(); got.Sentences != 100 || got.F05 != 0 {
		t.Errorf("%+v", got)
	}
}

func TestAlignRuns(t *testing.T) {
	for _, test := range []struct{ a, b, want string }{
		{"a b c", "a x c", "=a ~b/x =c"},
		{"a b c", "a b c", "=a b c"},
		{"a c", "a b c", "=a ~/b =c"},
		{"a x y d", "a b d", "=a ~x y/b =d"},
		{"", "a", "~/a"},
		{"", "", ""},
	} {
		var parts []string
		for _, r := range alignRuns(strings.Fields(test.a), strings.Fields(test.b)) {
			if r.same {
				parts = append(parts, "="+strings.Join(r.a, " "))
			} else {
				parts = append(parts, "~"+strings.Join(r.a, " ")+"/"+strings.Join(r.b, " "))
			}
		}
		if got := strings.Join(parts, " "); got != test.want {
			t.Errorf("%q and %q: %s: want %s", test.a, test.b, got, test.want)
		}
	}
}

// TestRepairOfCopies compares the scores of unrepaired French text with published counts of the same lines.
func TestRepairOfCopies(t *testing.T) {
	if testing.Short() {
		t.Skip("reads a corpus")
	}
	f, err := os.Open(corporatest.Path(t, "repair/diacritics-fr.test.tsv.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	text, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var c RepairCounts
	for lines := bufio.NewScanner(text); lines.Scan(); {
		dirty, clean, _ := strings.Cut(lines.Text(), "\t")
		c.Add(dirty, dirty, clean)
	}
	if got := c.Scores(); math.Abs(got.Words-86.7) > 0.05 || math.Abs(got.Sentences-40.9) > 0.05 {
		t.Errorf("%+v: want 86.7 and 40.9", got)
	}
}
