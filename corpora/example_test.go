package corpora_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/retell-rnn/retell/corpora"
)

// A format names the columns of source and target.
func ExampleFormat_Read() {
	tsv := corpora.Format{Type: corpora.TypeTSV, SourceColumn: 2, TargetColumn: 1}
	in := strings.NewReader("eins\tone\nzwei\ttwo\nthree\n")
	for e, err := range tsv.Read("-", &corpora.ReadOptions{Stdin: in}) {
		if err != nil {
			fmt.Println(err)
			break
		}
		fmt.Println(e.Source, "->", e.Targets[0])
	}
	// Output:
	// one -> eins
	// two -> zwei
	// corpora: standard input:3: line has 1 column: want at least 2, separated by tabs
}

// The pronunciations of a word are the targets of one example.
func ExampleFormat_Read_cmudict() {
	cmudict := corpora.Format{Type: corpora.TypeCMUdict}
	in := strings.NewReader("tomato T AH0 M EY1 T OW2\ntomato(2) T AH0 M AA1 T OW2\n")
	for e, err := range cmudict.Read("-", &corpora.ReadOptions{Stdin: in}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s: %s\n", e.Source, strings.Join(e.Targets, ", "))
	}
	// Output:
	// t o m a t o: T AH M EY T OW, T AH M AA T OW
}

// Source and Display convert between lines for people and the symbols of a model.
func ExampleFormat_Source() {
	sigmorphon := corpora.Format{Type: corpora.TypeSIGMORPHON}
	source, err := sigmorphon.Source("abholen\tV;IND;PST;1;SG")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(source)
	fmt.Println(sigmorphon.Display("h o l t e ␣ a b"))
	// Output:
	// +V +IND +PST +1 +SG a b h o l e n
	// holte ab
}

// The parts of a made-up task share no source.
func ExampleTaskSplit() {
	parts, err := corpora.TaskSplit(corpora.TaskDates, 7, 3, 1)
	if err != nil {
		log.Fatal(err)
	}
	for i, name := range []string{"train", "test"} {
		for _, e := range parts[i] {
			fmt.Printf("%s: %s = %s\n", name, e.Source, e.Targets[0])
		}
	}
	// Output:
	// train: 1983.01.01 = 1983-01-01
	// train: 10/07/2022 = 2022-07-10
	// train: mar, 2 feb 1915 = 1915-02-02
	// test: 27th October 1994 = 1994-10-27
}

// Filters compose as streams and count the dropped examples by reason.
func ExampleFilter_Apply() {
	examples := corpora.Stream([]corpora.Example{
		{Source: "a little house", Targets: []string{"ein kleines Haus"}},
		{Source: "house", Targets: []string{"das ist ein Haus"}},
		{Source: "a little house", Targets: []string{"ein kleines Haus"}},
	})
	var filtered, deduped corpora.Report
	clean := corpora.Dedup(corpora.Filter{MaxRatio: 3}.Apply(examples, &filtered), corpora.ByPair, &deduped)
	if _, err := corpora.WriteTSV(os.Stdout, clean); err != nil {
		log.Fatal(err)
	}
	fmt.Println(filtered.Dropped, deduped.Dropped)
	// Output:
	// a little house	ein kleines Haus
	// [{length ratio over 3 1}] [{duplicate 1}]
}

// A split keeps all examples of a key in one part.
func ExampleSplitByKey() {
	examples := corpora.Task(corpora.TaskNumbers, 1, 1000)
	parts, report, err := corpora.SplitByKey(examples, corpora.BySource, 1, 0.9, 0.1)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(parts[0]), "to train on,", len(parts[1]), "to test with")
	fmt.Print(report)
	// Output:
	// 886 to train on, 114 to test with
	//   part  examples  keys
	//      0       886   886
	//      1       114   114
}

// Measure counts lines and tokens.
func ExampleMeasure() {
	lines := corpora.Stream([]string{"one two", "one two three", "one"})
	stats, err := corpora.Measure(lines, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(stats.Lines, "lines,", stats.Tokens, "tokens,", stats.DistinctTokens, "distinct, median", stats.Median)
	// Output:
	// 3 lines, 6 tokens, 3 distinct, median 2
}

// A stream continues after an error about one line.
func ExampleIsLineError() {
	lines := corpora.Lines("-", &corpora.ReadOptions{Stdin: strings.NewReader("one\ntw\xf6\nthree\n")})
	for line, err := range lines {
		switch {
		case corpora.IsLineError(err):
			fmt.Println("skipped:", err)
		case err != nil:
			log.Fatal(err)
		default:
			fmt.Println(line)
		}
	}
	// Output:
	// one
	// skipped: corpora: standard input:2: byte 3 of the line is 0xf6 (offset 6 in the file): want UTF-8
	// three
}

// Pairs reads two files side by side; either may be standard input.
func ExamplePairs() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	target := filepath.Join(dir, "target")
	if err := os.WriteFile(target, []byte("one\ntwo\n"), 0o600); err != nil {
		log.Fatal(err)
	}
	for e, err := range corpora.Pairs("-", target, &corpora.ReadOptions{Stdin: strings.NewReader("eins\nzwei\n")}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(e.Source, "->", e.Targets[0])
	}
	// Output:
	// eins -> one
	// zwei -> two
}

// Skip reads a file despite bad lines, and counts them.
func ExampleSkip() {
	var skipped corpora.Skipped
	lines := corpora.Lines("-", &corpora.ReadOptions{Stdin: strings.NewReader("a\n\xff\nb\n")})
	all, err := corpora.Collect(corpora.Skip(lines, &skipped))
	fmt.Println(all, err)
	fmt.Println(skipped.Lines(), skipped.First())
	// Output:
	// [a b] <nil>
	// 1 corpora: standard input:2: byte 1 of the line is 0xff (offset 2 in the file): want UTF-8
}

// Dedup keeps the first example of each key.
func ExampleDedup() {
	var report corpora.Report
	examples := corpora.Stream([]corpora.Example{{Source: "a"}, {Source: "b"}, {Source: "a"}})
	kept, err := corpora.Collect(corpora.Dedup(examples, corpora.BySource, &report))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(kept), report.Dropped)
	// Output: 2 [{duplicate 1}]
}

// TREC reads questions with their coarse types.
func ExampleTREC() {
	in := strings.NewReader("NUM:count How many legs has a spider ?\nLOC:city Where is it ?\n")
	for l, err := range corpora.TREC("-", &corpora.ReadOptions{Stdin: in}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(l.Label, "|", l.Text)
	}
	// Output:
	// NUM | How many legs has a spider ?
	// LOC | Where is it ?
}

// STS reads pairs of sentences with a similarity from 0 to 5.
func ExampleSTS() {
	in := strings.NewReader("genre\tfile\tyear\t1\t4.2\tA dog runs.\tThe dog is running.\n")
	for p, err := range corpora.STS("-", &corpora.ReadOptions{Stdin: in}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%.1f %q %q\n", p.Score, p.A, p.B)
	}
	// Output: 4.2 "A dog runs." "The dog is running."
}

// WordVectors reads only the vectors of wanted words.
func ExampleWordVectors() {
	in := strings.NewReader("2 3\ncat 1 0 0.5\ndog 0 1 0.5\n")
	want := func(word string) bool { return word == "dog" }
	for v, err := range corpora.WordVectors("-", want, &corpora.ReadOptions{Stdin: in}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(v.Word, v.Vector)
	}
	// Output: dog [0 1 0.5]
}

// An alignment links words of a source to words of a target.
func ExampleParseAlignment() {
	a, err := corpora.ParseAlignment("0-0 1-2 2-1")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(a[1].Source, a[1].Target, a.Within("das rote Haus", "the house red"))
	_, err = corpora.ParseAlignment("0-x")
	fmt.Println(err)
	// Output:
	// 1 2 <nil>
	// link is "0-x": want the numbers of a source word and a target word, from 0: 0-1
}

// Batches collects the items of a stream.
func ExampleBatches() {
	stream := corpora.Stream([]string{"a", "b", "c"})
	for batch, err := range corpora.Batches(context.Background(), stream, 2, 0) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(batch)
	}
	// Output:
	// [a b]
	// [c]
}

// Labeled sentences are tokens and labels, separated by tabs. Labels that mark spans become IOB2.
func ExampleFormat_Read_labels() {
	conll := corpora.Format{Type: corpora.TypeCoNLL, Labels: "3", Scheme: corpora.SchemeIOB1}
	in := strings.NewReader("Ana N I-PER\nleft V O\nNew N I-LOC\nYork N I-LOC\n")
	for e, err := range conll.Read("-", &corpora.ReadOptions{Stdin: in}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(corpora.SplitFields(e.Source), corpora.SplitFields(e.Targets[0]))
	}
	// Output: [Ana left New York] [B-PER O B-LOC I-LOC]
}

// Words keep their places in the line.
func ExampleSplitWords() {
	for _, token := range corpora.SplitWords("It's 3.5 km.") {
		fmt.Printf("%d-%d %s\n", token.Start, token.End, token.Text)
	}
	// Output:
	// 0-4 It's
	// 5-8 3.5
	// 9-11 km
	// 11-12 .
}
