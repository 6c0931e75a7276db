package tfevent_test

import (
	"bytes"
	"fmt"
	"time"

	"github.com/retell-rnn/retell/internal/tfevent"
)

func ExampleWriter() {
	start := time.Unix(1_700_000_000, 0)
	var file bytes.Buffer
	w, err := tfevent.NewWriter(&file, 1, func() time.Time { return start })
	if err != nil {
		fmt.Println(err)
		return
	}
	for step := 1; step <= 2; step++ {
		if err := w.Scalars(step, tfevent.Scalar{Tag: "train/loss", Value: 1 / float64(step)}); err != nil {
			fmt.Println(err)
			return
		}
	}
	fmt.Println(tfevent.FileName(start, 1), file.Len() > 0)
	// Output: events.out.tfevents.1700000000.1.retell true
}
