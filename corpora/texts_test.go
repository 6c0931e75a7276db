package corpora

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTexts(t *testing.T) {
	const file = "one line\n\n \t \na\tb c\t5\n" + `{"source":"x","target":["y","z"],"n":1,"more":{"deep":"w"}}` + "\n{no json\nDESC:manner How so ?\n10:30 now\n"
	got, err := Collect(Texts("-", text(file)))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"one line", "a", "b c", "5", "w", "x", "y", "z", "{no json", "DESC:manner How so ?", "How so ?", "10:30 now"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	bad := 0
	for _, err := range Texts("-", text("a\nb\xff\nc\n")) {
		if IsLineError(err) {
			bad++
		}
	}
	if bad != 1 {
		t.Errorf("%d errors about lines, want 1", bad)
	}
}
