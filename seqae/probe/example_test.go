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
	opts := &probe.CompareOptions{Baselines: []probe.Embedder{&probe.TFIDF{}}, Samples: -1}
	var report probe.Report
	for result, err := range probe.Compare(context.Background(), tasks, []probe.Subject{{Model: lengths{}}}, opts) {
		if err != nil {
			log.Fatal(err)
		}
		report = append(report, result)
	}
	fmt.Print(report)
	// Output:
	// judged (3 pairs)  spearman  pearson
	// lengths           50.0 *    60.9 *
	// TF-IDF            100.0     96.4
	//   lengths: a baseline is better in spearman (TF-IDF 100.0), pearson (TF-IDF 96.4)
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
	r, err := probe.ClassifyOn(context.Background(), &probe.TFIDF{}, train, test, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("accuracy", r.Accuracy, "majority", r.Majority)
	// Output:
	// accuracy 1 majority 0.5
}

// Retrieve ranks all partners for each line and all lines for each partner; here each is the nearest to its own.
func ExampleRetrieve() {
	lines := []string{"a dog runs", "a cat sleeps", "two birds sing"}
	partners := []string{"the dog is running, it runs", "there sleeps the cat", "birds can sing"}
	r, err := probe.Retrieve(context.Background(), &probe.TFIDF{}, lines, partners)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("forward:", r.Forward.Error, r.Forward.MRR, "backward:", r.Backward.Error, r.Backward.MRR)
	// Output:
	// forward: 0 1 backward: 0 1
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

// FindOverlaps finds the texts of a task in training data, whatever their case and punctuation. Of the
// five content words of the second text, a training text has four and no other.
func ExampleFindOverlaps() {
	tasks := []probe.Task{probe.SimilarityTask("judged", []corpora.Judged{
		{A: "A dog runs!", B: "A brown dog runs on the wide beach.", Score: 3.5},
		{A: "A cat sleeps.", B: "The stock market fell.", Score: 0},
	})}
	training := []string{"a dog runs", "The brown dog runs on the beach", "nothing else"}
	overlaps, err := probe.FindOverlaps(context.Background(), tasks, corpora.Stream(training))
	if err != nil {
		log.Fatal(err)
	}
	for _, o := range overlaps {
		fmt.Printf("of %d texts %d equal and %d near, in %d pairs\n", o.Texts, o.Equal, o.Near, o.Examples)
	}
	// Output:
	// of 4 texts 1 equal and 1 near, in 1 pairs
}
