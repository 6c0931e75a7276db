package probe_test

import (
	"context"
	"fmt"
	"log"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/seqae/probe"
)

// lengths is an embedder whose vectors depend only on the length of a line.
type lengths struct{}

func (lengths) Name() string { return "lengths" }

func (lengths) Embed(_ context.Context, lines []string) (probe.Vectors, error) {
	data := make([]float32, 0, 2*len(lines))
	for _, line := range lines {
		data = append(data, float32(len(line)), 10)
	}
	return probe.NewDense(2, data)
}

// Any embedder can be compared with baselines.
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

// The cosines of TF-IDF vectors agree with human judgments as far as similar sentences share words.
func ExampleSimilarity() {
	pairs := []corpora.Judged{
		{A: "A dog runs.", B: "A dog runs on a beach.", Score: 4.8},
		{A: "A dog runs.", B: "A cat sleeps.", Score: 2.4},
		{A: "A dog runs.", B: "The stock market fell sharply on Monday.", Score: 0},
	}
	r, err := probe.Similarity(context.Background(), &probe.TFIDF{}, pairs)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("Pearson %.2f, Spearman %.2f\n", r.Pearson, r.Spearman)
	// Output:
	// Pearson 0.96, Spearman 1.00
}

// A logistic regression on the vectors predicts the class of lines that it has not seen.
func ExampleClassifyOn() {
	var train []corpora.Labeled
	for _, animal := range []string{"dog", "cat", "bird", "cow", "horse"} {
		train = append(train, corpora.Labeled{Text: "a " + animal + " runs", Label: "statement"})
		train = append(train, corpora.Labeled{Text: "does a " + animal + " run?", Label: "question"})
	}
	test := []corpora.Labeled{{Text: "a fish runs", Label: "statement"}, {Text: "does a fish run?", Label: "question"}}
	r, err := probe.ClassifyOn(context.Background(), &probe.TFIDF{}, train, test)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("accuracy", r.Accuracy, "majority", r.Majority)
	// Output:
	// accuracy 1 majority 0.5
}

// Retrieve ranks all partners for each line; here the partner of each line is the nearest.
func ExampleRetrieve() {
	lines := []string{"a dog runs", "a cat sleeps", "two birds sing"}
	partners := []string{"the dog is running, it runs", "there sleeps the cat", "birds can sing"}
	r, err := probe.Retrieve(context.Background(), &probe.TFIDF{}, lines, partners)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("recall at 1:", r.Recall1, "mean reciprocal rank:", r.MRR)
	// Output:
	// recall at 1: 1 mean reciprocal rank: 1
}

// Rewritings measures reconstructions by the length of the lines.
func ExampleRewritings() {
	lines := []string{"a dog runs", "a dog runs on a wide sunny beach"}
	reconstructions := []string{"a dog runs", "a dog runs on a wide sandy beach"}
	rows, err := probe.Rewritings(lines, reconstructions)
	if err != nil {
		log.Fatal(err)
	}
	for _, r := range rows {
		fmt.Printf("%d to %d words: exact %.2f, edits %.1f\n", r.From, r.To, r.Exact, r.Edits)
	}
	// Output:
	// 1 to 5 words: exact 1.00, edits 0.0
	// 6 to 10 words: exact 0.00, edits 1.0
	// 1 to 0 words: exact 0.50, edits 0.5
}
