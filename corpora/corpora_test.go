package corpora_test

import (
	"errors"
	"iter"
	"strings"
	"testing"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/corporatest"
)

// count returns the numbers of examples and of their targets.
func count(t *testing.T, examples iter.Seq2[corpora.Example, error]) (n, targets int) {
	t.Helper()
	for e, err := range examples {
		if err != nil {
			t.Fatal(err)
		}
		n++
		targets += len(e.Targets)
	}
	return n, targets
}

func TestMulti30k(t *testing.T) {
	for name, want := range map[string]int{"train": 29_000, "val": 1014, "test_2016_flickr": 1000} {
		for _, other := range []string{"de", "fr"} {
			n, _ := count(t, corpora.Pairs(
				corporatest.Path(t, "multi30k/"+name+".en.gz"),
				corporatest.Path(t, "multi30k/"+name+"."+other+".gz"), nil))
			if n != want {
				t.Errorf("%s: %d pairs, want %d", name, n, want)
			}
		}
	}
	err := failure(corpora.Pairs(corporatest.Path(t, "multi30k/val.en.gz"), corporatest.Path(t, "multi30k/train.de.gz"), nil))
	if err == nil || !strings.Contains(err.Error(), "file has 29000 lines: want 1014, as many as ") {
		t.Errorf("unequal files: %v", err)
	}
}

// failure returns the first error of a stream.
func failure[T any](stream iter.Seq2[T, error]) error {
	for _, err := range stream {
		if err != nil {
			return err
		}
	}
	return nil
}

func TestTatoeba(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 158,669 lines twice")
	}
	tsv := corpora.Format{Type: corpora.TypeTSV}
	path := corporatest.Path(t, "tatoeba/eng-fra.tsv.gz")
	if n, _ := count(t, tsv.Read(path, nil)); n != 158_669 {
		t.Errorf("%d examples, want 158669", n)
	}
	var report corpora.Report
	if n, _ := count(t, corpora.Dedup(tsv.Read(path, nil), nil, &report)); n != 110_855 || report.Read != 158_669 || report.Kept != n {
		t.Errorf("%d distinct sources, report %v", n, &report)
	}
}

func TestCMUdict(t *testing.T) {
	for _, test := range []struct {
		name         string
		words, lines int
	}{{"train", 113_195, 121_409}, {"dev", 6367, 6836}} {
		path := corporatest.Path(t, "cmudict/"+test.name+".dict.gz")
		words, phonemes := map[string]bool{}, map[string]bool{}
		n := 0
		for e, err := range (corpora.Format{Type: corpora.TypeCMUdict}).Read(path, nil) {
			if err != nil {
				t.Fatal(err)
			}
			n++
			words[e.Source] = true
			for _, target := range e.Targets {
				for p := range strings.SplitSeq(target, " ") {
					phonemes[p] = true
				}
			}
		}
		if n != test.words || len(words) != n {
			t.Errorf("%s: %d words, %d distinct: want %d", test.name, n, len(words), test.words)
		}
		if len(phonemes) != 39 { // CMUdict's ARPABET
			t.Errorf("%s: %d phonemes, want 39", test.name, len(phonemes))
		}
		lines := 0
		for _, err := range corpora.Lines(path, nil) {
			if err != nil {
				t.Fatal(err)
			}
			lines++
		}
		if lines != test.lines {
			t.Errorf("%s: %d lines, want %d", test.name, lines, test.lines)
		}
	}
}

func TestSIGMORPHON(t *testing.T) {
	format := corpora.Format{Type: corpora.TypeSIGMORPHON}
	for _, language := range []string{"spanish", "german", "turkish", "finnish"} {
		for name, want := range map[string]int{"train-high": 10_000, "train-medium": 1000, "train-low": 100, "dev": 1000} {
			path := corporatest.Path(t, "sigmorphon2017/"+language+"-"+name)
			if n, targets := count(t, format.Read(path, nil)); n != want || targets != want {
				t.Errorf("%s-%s: %d examples with %d targets, want %d", language, name, n, targets, want)
			}
			if n, targets := count(t, format.Read(path, &corpora.ReadOptions{SourceOnly: true})); n != want || targets != 0 {
				t.Errorf("%s-%s, sources alone: %d examples with %d targets", language, name, n, targets)
			}
		}
	}
}

func TestJudgedAndLabeled(t *testing.T) {
	path := func(name string) string { return corporatest.Path(t, name) }
	sizes := []struct {
		name      string
		got, want int
	}{
		{"sts-train.csv", size(t, corpora.STS(path("sts/sts-train.csv"), nil)), 5749},
		{"sts-dev.csv", size(t, corpora.STS(path("sts/sts-dev.csv"), nil)), 1500},
		{"SICK_train.txt", size(t, corpora.SICK(path("sick/SICK_train.txt"), nil)), 4500},
		{"trec.train", size(t, corpora.TREC(path("classify/trec.train"), nil)), 5452},
		{"trec.test", size(t, corpora.TREC(path("classify/trec.test"), nil)), 500},
		{"mr", size(t, corpora.Classes([]string{path("classify/mr.pos"), path("classify/mr.neg")}, nil)), 10662},
	}
	for _, s := range sizes {
		if s.got != s.want {
			t.Errorf("%s: %d records, want %d", s.name, s.got, s.want)
		}
	}
	err := failure(corpora.Lines(path("classify/trec.train"), nil)) // Latin-1
	var e *corpora.Error
	if !errors.As(err, &e) || e.Line == 0 || !strings.HasSuffix(e.Msg, "want UTF-8") {
		t.Errorf("Latin-1: %v", err)
	}
}

func size[T any](t *testing.T, stream iter.Seq2[T, error]) int {
	t.Helper()
	records, err := corpora.Collect(stream)
	if err != nil {
		t.Fatal(err)
	}
	return len(records)
}
