package probe_test

import (
	"context"
	"fmt"
	"log"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/seqae/probe"
)

// lengths is an embedder: any source of vectors can be measured.
type lengths struct{}

func (lengths) Name() string { return "lengths" }

func (lengths) Embed(_ context.Context, lines []string) (probe.Vectors, error) {
	data := make([]float32, 0, 2*len(lines))
	for _, line := range lines {
		data = append(data, float32(len(line)), 10)
	}
	return probe.NewDense(2, data)
}

func ExampleCompare() {
	tasks := []probe.Task{probe.SimilarityTask("judged", []corpora.Judged{
		{A: "A dog runs.", B: "A dog runs on a beach.", Score: 4.8},
		{A: "A dog runs.", B: "A cat sleeps.", Score: 2.4},
		{A: "A dog runs.", B: "The stock market fell sharply on Monday.", Score: 0},
	})}
	var report probe.Report
	for result, err := range probe.Compare(context.Background(), tasks, []probe.Subject{{Model: lengths{}}}, &probe.TFIDF{}) {
		if err != nil {
			log.Fatal(err)
		}
		report = append(report, result)
	}
	fmt.Print(report)
	// Output:
	// task              measure   vectors  lengths
	// judged (3 pairs)  pearson   model    60.86
	//                             TF-IDF   96.45 *
	//                   spearman  model    50.00
	//                             TF-IDF   100.00 *
	//
	// * better than the model:
	//   judged: TF-IDF against lengths (pearson, spearman)
}
