package vectors_test

import (
	"context"
	"fmt"
	"log"
	"math"
	"os"
	"path/filepath"
	"strings"

	"github.com/retell-rnn/retell/seqae/vectors"
)

// A Writer makes a file row by row, and Read streams its rows. If the Writer was stopped or its process was killed,
// Resume continues after the last complete row.
func ExampleWriter() {
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
	for range 2 { // the first run stops after one row; the second run writes the other
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

// An index finds the rows nearest to a vector.
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

// The name of a cluster consists of its most distinctive words.
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

// A file holds an index. An approximate index measures its recall against exact search while it is built.
func ExampleIndex() {
	ctx := context.Background()
	rows := &vectors.Matrix{Width: 2}
	for i := range 1000 { // points on a circle
		angle := 2 * math.Pi * float64(i) / 1000
		rows.Texts = append(rows.Texts, fmt.Sprintf("%.0f°", angle*180/math.Pi))
		rows.Data = append(rows.Data, float32(math.Cos(angle)), float32(math.Sin(angle)))
	}
	built, err := vectors.NewIndex(ctx, rows, &vectors.IndexOptions{Approximate: true, Recall: 0.95})
	if err != nil {
		log.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "circle.index")
	if err := built.Save(path); err != nil {
		log.Fatal(err)
	}
	index, err := vectors.LoadIndex(path)
	if err != nil {
		log.Fatal(err)
	}
	a := index.Approximation()
	fmt.Println(index.Rows(), "rows in", a.Cells, "cells, recall of 0.95 reached:", a.Recall >= 0.95)
	query := &vectors.Matrix{Texts: []string{"north"}, Width: 2, Data: []float32{0, 5}}
	for result, err := range index.Search(ctx, query.All(), &vectors.SearchOptions{K: 1}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(result.Query, "is", result.Neighbors[0].Text)
	}
	// Output:
	// 1000 rows in 32 cells, recall of 0.95 reached: true
	// north is 90°
}

// A row is dropped if it nearly repeats an earlier one.
func ExampleDedupe() {
	rows := &vectors.Matrix{
		Texts: []string{"A dog runs.", "A cat sleeps.", "A dog is running."},
		Width: 2,
		Data:  []float32{1, 0, 0, 1, 1, 0.1},
	}
	for row, err := range vectors.Dedupe(context.Background(), rows.All(), &vectors.DedupeOptions{Threshold: 0.98}) {
		switch {
		case err != nil:
			log.Fatal(err)
		case row.Of < 0:
			fmt.Println("keep", row.Text)
		default:
			fmt.Printf("drop %s It repeats %s\n", row.Text, row.OfText)
		}
	}
	// Output:
	// keep A dog runs.
	// keep A cat sleeps.
	// drop A dog is running. It repeats A dog runs.
}

// A map places rows in the plane and can be drawn as SVG, PNG or HTML.
func ExampleNewMap() {
	ctx := context.Background()
	rows := &vectors.Matrix{
		Texts: []string{"A dog runs.", "A dog barks.", "A cat sleeps.", "A cat purrs."},
		Width: 3,
		Data:  []float32{1, 0, 0, 1, 0.1, 0, 0, 0, 1, 0, 0.1, 1},
	}
	clusters, err := vectors.NewClustering(ctx, rows, &vectors.ClusterOptions{K: 2})
	if err != nil {
		log.Fatal(err)
	}
	m, err := vectors.NewMap(ctx, rows, clusters, &vectors.MapOptions{Method: vectors.PCA})
	if err != nil {
		log.Fatal(err)
	}
	var svg strings.Builder
	if err := m.WriteSVG(&svg); err != nil {
		log.Fatal(err)
	}
	for _, p := range m.Points {
		side := "left"
		if p.X > 0 {
			side = "right"
		}
		fmt.Println(p.Text, "cluster", p.Cluster, side)
	}
	fmt.Println("SVG:", strings.Contains(svg.String(), "<svg"))
	// Output:
	// A dog runs. cluster 0 right
	// A dog barks. cluster 0 right
	// A cat sleeps. cluster 1 left
	// A cat purrs. cluster 1 left
	// SVG: true
}

// Write streams rows, for example to a pipe.
func ExampleWrite() {
	rows := &vectors.Matrix{Texts: []string{"A dog runs.", "A cat sleeps."}, Width: 2, Data: []float32{1, 0.5, -1, 0.25}}
	n, err := vectors.Write(os.Stdout, vectors.JSONL, rows.All())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(n, "rows")
	// Output:
	// {"text":"A dog runs.","vector":[1,0.5]}
	// {"text":"A cat sleeps.","vector":[-1,0.25]}
	// 2 rows
}
