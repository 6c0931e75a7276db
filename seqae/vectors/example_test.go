package vectors_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/retell-rnn/retell/seqae/vectors"
)

// A file is written row by row and read row by row. A Writer that was stopped, or whose process was killed, is resumed behind the last
// whole row.
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
