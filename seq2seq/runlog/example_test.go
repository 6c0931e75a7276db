package runlog_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/seq2seq/runlog"
)

// Model.Train calls Record and Sync if TrainOptions.Recorder is the log.
func Example() {
	dir, err := os.MkdirTemp("", "runlog")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "run.jsonl")
	run, err := runlog.New(&runlog.Options{Path: path})
	if err != nil {
		log.Fatal(err)
	}
	for step := 1; step <= 20; step++ {
		if err := run.Record(seq2seq.Progress{Step: step, Epoch: 1, Loss: 1, Tokens: 50}); err != nil {
			log.Fatal(err)
		}
	}
	if err := run.Close(); err != nil {
		log.Fatal(err)
	}
	records, err := runlog.Read(path)
	if err != nil {
		log.Fatal(err)
	}
	for _, r := range records {
		fmt.Println(r.Step, r.Tokens, r.Loss)
	}
	// Output:
	// 10 500 1
	// 20 500 1
}
