package probe

import (
	"testing"

	"github.com/retell-rnn/retell/corpora"
)

func TestReport(t *testing.T) {
	good, bad := fake{"good.retell", letters}, fake{"bad.retell", func(line string) []float32 { return []float32{float32(len(line)), 1} }}
	subjects := []Subject{{good, []Embedder{fake{"word vectors", bad.f}}}, {bad, []Embedder{fake{"word vectors", good.f}}}}
	judged := []corpora.Judged{{A: "a", B: "aa", Score: 5}, {A: "a", B: "b", Score: 1}, {A: "a", B: "ab", Score: 3}}
	tasks := []Task{
		SimilarityTask("judged.csv", judged),
		RetrieveTask("paraphrases", []string{"ab", "c"}, []string{"b", "cccc"}),
	}
	var r Report
	for result, err := range Compare(t.Context(), tasks, subjects, &TFIDF{}) {
		if err != nil {
			t.Fatal(err)
		}
		r = append(r, result)
	}
	r[1].Models[0].Figures = r[1].Models[0].Figures[:1] // drop the other measures
	const want = `task                   measure   vectors       good.retell  bad.retell
judged.csv (3 pairs)   pearson   model         97.26        -86.60
                                 word vectors  -86.60       97.26 *
                                 TF-IDF        0.00         0.00 *
                       spearman  model         100.00       -86.60
                                 word vectors  -86.60       100.00 *
                                 TF-IDF        0.00         0.00 *
paraphrases (2 pairs)  recall@1  model         100.00       0.00
                                 word vectors  0.00         100.00 *
                                 TF-IDF        0.00         0.00

* better than the model:
  judged.csv: word vectors against bad.retell (pearson, spearman)
  judged.csv: TF-IDF against bad.retell (pearson, spearman)
  paraphrases: word vectors against bad.retell (recall@1, mrr)
`
	if got := r.String(); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}
