package corpora

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const sickHeader = "pair_ID\tsentence_A\tsentence_B\trelatedness_score\tentailment_judgment\n"

func text(content string) *ReadOptions { return &ReadOptions{Stdin: strings.NewReader(content)} }

func TestJudged(t *testing.T) {
	got, err := Collect(STS("-", text("g\tf\ty\t1\t4.250\tA \"b\" c\td's\r\ng\tf\ty\t2\t0\ta\tb\torigin\torigin\n")))
	if err != nil {
		t.Fatal(err)
	}
	want := []Judged{{`A "b" c`, "d's", 4.25, "g", "f"}, {"a", "b", 0, "g", "f"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}

	// SICK's other edition has its columns in another order.
	for _, content := range []string{
		sickHeader + "1\ta b\tc\t4.5\tNEUTRAL\n",
		"pair_ID\tsentence_A\tsentence_B\tentailment_label\trelatedness_score\n1\ta b\tc\tNEUTRAL\t4.5\n",
	} {
		got, err := Collect(SICK("-", text(content)))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]Judged{{A: "a b", B: "c", Score: 4.5}}, got); diff != "" {
			t.Error(diff)
		}
	}
}

func TestJudgedErrors(t *testing.T) {
	for _, test := range []struct {
		read    func(content string) error
		content string
		want    string // after "corpora: standard input:"
	}{
		{readSTS, "", " file is empty: want at least one example"},
		{readSTS, "\n", "1: line is empty: want 7 or 9 columns, separated by tabs"},
		{readSTS, "a\tb\n", "1: line has 2 columns: want 7 or 9, separated by tabs"},
		{readSTS, "g\tf\ty\t1\t5.1\ta\tb\n", `1: score is "5.1": want a number from 0 to 5`},
		{readSTS, "g\tf\ty\t1\tNaN\ta\tb\n", `1: score is "NaN": want a number from 0 to 5`},
		{readSTS, "g\tf\ty\t1\t1\ta\tb\ng\tf\ty\t2\t1\t \tb\n", "2: first sentence is empty: want text"},
		{readSTS, "g\tf\ty\t1\t1\ta\t\n", "1: second sentence is empty: want text"},
		{readSICK, sickHeader, " file has 1 line and no example: want at least one"},
		{readSICK, "1\ta\tb\t3\tNEUTRAL\n", "1: header has no column sentence_A: want the names of the columns, separated by tabs"},
		{readSICK, sickHeader + "1\ta\tb\t3\n", "2: line has 4 columns: want 5, as the header has"},
		{readSICK, sickHeader + "1\ta\tb\t0.9\tN\n", `2: score is "0.9": want a number from 1 to 5`},
	} {
		if got := message(test.read(test.content)); got != "corpora: standard input:"+test.want {
			t.Errorf("%q: %s; want %s", test.content, got, test.want)
		}
	}
}

func readSTS(content string) error  { _, err := Collect(STS("-", text(content))); return err }
func readSICK(content string) error { _, err := Collect(SICK("-", text(content))); return err }

func FuzzJudged(f *testing.F) {
	f.Add([]byte("g\tf\ty\t1\t4.250\tA \"b\" c\td's\r\n"))
	f.Add([]byte(sickHeader + "1\ta b\tc\t4.5\tNEUTRAL\n"))
	f.Add([]byte("sentence_A\trelatedness_score\tsentence_B\n\t+Inf\t\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		options := func() *ReadOptions {
			return &ReadOptions{Stdin: bytes.NewReader(data), MaxLineBytes: fuzzLimit}
		}
		for _, stream := range []struct {
			low, high float64
			pairs     func(func(Judged, error) bool)
		}{{0, 5, STS("-", options())}, {1, 5, SICK("-", options())}} {
			n := 0
			for pair, err := range stream.pairs {
				checkError(t, err, 0)
				if n++; err != nil {
					break
				}
				if isBlank(pair.A) || isBlank(pair.B) || strings.Contains(pair.A+pair.B, "\t") {
					t.Fatalf("%+v: want two sentences", pair)
				}
				if math.IsNaN(pair.Score) || pair.Score < stream.low || pair.Score > stream.high {
					t.Fatalf("%+v: want a score from %v to %v", pair, stream.low, stream.high)
				}
			}
			if n == 0 {
				t.Fatal("no pair and no error")
			}
		}
	})
}
