package probe_test

import (
	"iter"
	"math"
	"testing"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/corporatest"
	"github.com/retell-rnn/retell/seqae/probe"
)

// TestTFIDFOnCorpora pins the results of the TF-IDF baseline.
func TestTFIDFOnCorpora(t *testing.T) {
	path := func(name string) string { return corporatest.Path(t, name) }
	for _, test := range []struct {
		name              string
		pairs             iter.Seq2[corpora.Judged, error]
		pearson, spearman float64
	}{
		{"STS-B dev", corpora.STS(path("sts/sts-dev.csv"), nil), 0.7475, 0.7489},
		{"SICK train", corpora.SICK(path("sick/SICK_train.txt"), nil), 0.6199, 0.5842},
	} {
		got, err := probe.Similarity(t.Context(), &probe.TFIDF{}, collect(t, test.pairs))
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(got.Pearson-test.pearson) > 1e-4 || math.Abs(got.Spearman-test.spearman) > 1e-4 {
			t.Errorf("%s: %+v, want Pearson %v, Spearman %v", test.name, got, test.pearson, test.spearman)
		}
	}
	if testing.Short() {
		return
	}
	train, test := collect(t, corpora.TREC(path("classify/trec.train"), nil)), collect(t, corpora.TREC(path("classify/trec.test"), nil))
	got, err := probe.ClassifyOn(t.Context(), &probe.TFIDF{}, train, test)
	if err != nil {
		t.Fatal(err)
	}
	if want := 0.868; math.Abs(got.Accuracy-want) > 0.005 || got.Classes != 6 || got.Lines != 500 {
		t.Errorf("TREC: %+v, want accuracy %v", got, want)
	}
	reviews := collect(t, corpora.Classes([]string{path("classify/mr.pos"), path("classify/mr.neg")}, nil))
	if got, err = probe.Classify(t.Context(), &probe.TFIDF{}, reviews, nil); err != nil {
		t.Fatal(err)
	}
	if want := 0.773; math.Abs(got.Accuracy-want) > 0.005 || got.Majority != 0.5 || got.Lines != 10662 {
		t.Errorf("movie reviews: %+v, want accuracy %v", got, want)
	}
}

func collect[T any](t *testing.T, stream iter.Seq2[T, error]) []T {
	t.Helper()
	all, err := corpora.Collect(stream)
	if err != nil {
		t.Fatal(err)
	}
	return all
}
