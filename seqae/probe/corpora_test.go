package probe_test

import (
	"iter"
	"math"
	"testing"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/corporatest"
	"github.com/retell-rnn/retell/seqae/probe"
)

// TestSimilarityOnCorpora pins the correlations of the TF-IDF baselines.
func TestSimilarityOnCorpora(t *testing.T) {
	path := func(name string) string { return corporatest.Path(t, name) }
	sts, sick := collect(t, corpora.STS(path("sts/sts-dev.csv"), nil)), collect(t, corpora.SICK(path("sick/SICK_train.txt"), nil))
	chars := &probe.TFIDF{Min: 3, Max: 5}
	for _, test := range []struct {
		name              string
		pairs             []corpora.Judged
		of                probe.Embedder
		pearson, spearman float64
	}{
		{"STS-B dev", sts, &probe.TFIDF{}, 0.7475, 0.7489},
		{"SICK train", sick, &probe.TFIDF{}, 0.6199, 0.5842},
		{"STS-B dev, characters", sts, chars, 0.7777, 0.7782},
		{"SICK train, characters", sick, chars, 0.6359, 0.5846},
	} {
		got, err := probe.Similarity(t.Context(), test.of, test.pairs)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(got.Pearson-test.pearson) > 1e-4 || math.Abs(got.Spearman-test.spearman) > 1e-4 {
			t.Errorf("%s: %+v, want Pearson %v, Spearman %v", test.name, got, test.pearson, test.spearman)
		}
	}
	got, err := probe.Similarity(t.Context(), chars, sts)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []probe.GenreCorrelations{
		{Genre: "MSRvid", Pairs: 250, Spearman: 0.814},
		{Genre: "images", Pairs: 250, Spearman: 0.788},
		{Genre: "track5.en-en", Pairs: 125, Spearman: 0.828},
		{Genre: "answers-forums", Pairs: 375, Spearman: 0.704},
		{Genre: "MSRpar", Pairs: 250, Spearman: 0.579},
		{Genre: "headlines", Pairs: 250, Spearman: 0.765},
	} {
		if g := got.Genres[i]; g.Genre != want.Genre || g.Pairs != want.Pairs || math.Abs(g.Spearman-want.Spearman) > 1e-3 {
			t.Errorf("%+v, want %+v", g, want)
		}
	}
}

// TestClassifyOnCorpora pins the accuracies of the TF-IDF baseline.
func TestClassifyOnCorpora(t *testing.T) {
	if testing.Short() {
		t.Skip("with -short, classifiers are left out")
	}
	path := func(name string) string { return corporatest.Path(t, name) }
	train, test := collect(t, corpora.TREC(path("classify/trec.train"), nil)), collect(t, corpora.TREC(path("classify/trec.test"), nil))
	got, err := probe.ClassifyOn(t.Context(), &probe.TFIDF{}, train, test, nil)
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
