package vectors_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/retell-rnn/retell/seqae/vectors"
)

// A file is written row by row and read row by row. A Writer that was stopped, or whose process was killed, is resumed
// behind the last whole row.
func ExampleCreate() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "captions.npy")

	rows := []vectors.Row{
		{Text: "A dog runs.", Vector: []float32{1, 0.5}},
		{Text: "A cat sleeps.", Vector: []float32{-1, 0.25}},
	}
	for range 2 { // the first run writes one row, the second one the rest
		w, err := vectors.Create(path, &vectors.CreateOptions{Resume: true})
		if err != nil {
			log.Fatal(err)
		}
		if err := w.Write(rows[w.Rows()]); err != nil {
			log.Fatal(err)
		}
		if w.Rows() < len(rows) {
			err = w.Stop()
		} else {
			err = w.Close()
		}
		if err != nil {
			log.Fatal(err)
		}
	}
	for row, err := range vectors.Read(path, nil) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(row.Text, row.Vector)
	}
	// Output:
	// A dog runs. [1 0.5]
	// A cat sleeps. [-1 0.25]
}

// An index finds the nearest rows of any vector.
func ExampleIndex_Search() {
	ctx := context.Background()
	rows := &vectors.Matrix{
		Texts: []string{"A dog runs.", "A dog barks.", "A cat sleeps."},
		Width: 2,
		Data:  []float32{1, 0, 1, 0.5, 0, 1},
	}
	index, err := vectors.NewIndex(ctx, rows, nil)
	if err != nil {
		log.Fatal(err)
	}
	query := &vectors.Matrix{Texts: []string{"dogs"}, Width: 2, Data: []float32{3, 0.1}}
	for result, err := range index.Search(ctx, query.All(), &vectors.SearchOptions{K: 2}) {
		if err != nil {
			log.Fatal(err)
		}
		for _, n := range result.Neighbors {
			fmt.Printf("%s: %s (%.2f)\n", result.Query, n.Text, n.Similarity)
		}
	}
	// Output:
	// dogs: A dog runs. (1.00)
	// dogs: A dog barks. (0.91)
}

// Clusters are named by the words that tell them apart.
func ExampleNewClustering() {
	rows := &vectors.Matrix{
		Texts: []string{"A dog runs.", "A cat sleeps.", "A dog barks.", "The cat purrs.", "The dog is here."},
		Width: 2,
		Data:  []float32{1, 0, 0, 1, 1, 0.2, 0.2, 1, 1, -0.1},
	}
	c, err := vectors.NewClustering(context.Background(), rows, &vectors.ClusterOptions{K: 2, Words: 1})
	if err != nil {
		log.Fatal(err)
	}
	for i, text := range rows.Texts {
		fmt.Printf("%s: %s\n", c.Clusters[c.Of[i]].Name, text)
	}
	// Output:
	// dog: A dog runs.
	// cat: A cat sleeps.
	// dog: A dog barks.
	// cat: The cat purrs.
	// dog: The dog is here.
}
