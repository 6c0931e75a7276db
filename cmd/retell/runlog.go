package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/retell-rnn/retell/internal/atomicfile"
	"github.com/retell-rnn/retell/internal/tfevent"
	"github.com/retell-rnn/retell/seq2seq"
)

// recordSteps is how many steps a record of a run is about, if no validation comes before.
const recordSteps = 10

// runRecord is some steps of a training, and the validation after them if there was one, as a run's log has them.
type runRecord struct {
	Step            int     `json:"step"` // the last
	Epoch           int     `json:"epoch"`
	Seconds         float64 `json:"seconds"` // of training, whatever stops there were
	Loss            float64 `json:"loss"`    // mean over the steps' tokens, in nats
	Rate            float64 `json:"rate"`
	GradNorm        float64 `json:"grad_norm"` // of the last step
	TokensPerSecond float64 `json:"tokens_per_second"`

	ValidLoss     *float64 `json:"valid_loss,omitempty"`
	ValidAccuracy *float64 `json:"valid_accuracy,omitempty"` // 0 to 1
	ValidScore    *float64 `json:"valid_score,omitempty"`    // by train.validate_by
	Best          bool     `json:"best,omitempty"`
}

// runLog writes what becomes of a training to a file of JSON lines and to TensorBoard's event files. The zero value writes
// nothing.
type runLog struct {
	path, folder string // empty: none
	now          func() time.Time

	begun  bool
	file   *os.File
	events *tfevent.Writer
	close  []io.Closer

	since  time.Time
	before float64 // seconds of the trainings that this one goes on from

	// Of the steps since the last record.
	next   runRecord
	tokens int
}

// note takes note of a step.
func (l *runLog) note(p seq2seq.Progress) error {
	if l.path == "" && l.folder == "" {
		return nil
	}
	if !l.begun {
		if err := l.begin(p.Step); err != nil {
			return err
		}
	}
	r := &l.next
	r.Loss += p.Loss * float64(p.Tokens)
	l.tokens += p.Tokens
	r.Step, r.Epoch, r.Rate, r.GradNorm, r.TokensPerSecond = p.Step, p.Epoch, p.Rate, p.GradNorm, p.Speed
	r.Seconds = l.before + l.now().Sub(l.since).Seconds()
	if v := p.Validation; v != nil {
		r.ValidLoss, r.ValidAccuracy, r.Best = &v.Loss, &v.Accuracy, v.Best
		if v.Score != nil {
			r.ValidScore = &v.Score.Value
		}
	}
	if p.Step%recordSteps == 0 || p.Validation != nil || p.End != "" {
		return l.write()
	}
	return nil
}

// end writes what is not yet written and closes the files.
func (l *runLog) end() error {
	var err error
	if l.tokens > 0 {
		err = l.write()
	}
	for _, c := range l.close {
		err = errors.Join(err, c.Close())
	}
	return err
}

func (l *runLog) write() error {
	r := l.next
	r.Loss /= float64(l.tokens)
	l.next, l.tokens = runRecord{}, 0
	if l.file != nil {
		if err := writeJSON(l.file, r); err != nil {
			return err
		}
	}
	if l.events == nil {
		return nil
	}
	scalars := []tfevent.Scalar{
		{Tag: "train/loss", Value: r.Loss},
		{Tag: "train/rate", Value: r.Rate},
		{Tag: "train/grad_norm", Value: r.GradNorm},
		{Tag: "train/tokens_per_second", Value: r.TokensPerSecond},
	}
	if r.ValidLoss != nil {
		scalars = append(scalars, tfevent.Scalar{Tag: "valid/loss", Value: *r.ValidLoss}, tfevent.Scalar{Tag: "valid/accuracy", Value: *r.ValidAccuracy})
	}
	if r.ValidScore != nil {
		scalars = append(scalars, tfevent.Scalar{Tag: "valid/score", Value: *r.ValidScore})
	}
	return l.events.Scalars(r.Step, scalars...)
}

// begin opens the files for a training whose first step is step: what a log already says of that step and later ones, which a
// kill has undone, is taken out of it.
func (l *runLog) begin(step int) error {
	l.begun, l.since = true, l.now()
	if l.path != "" {
		var kept bytes.Buffer
		err := readRunLog(l.path, func(line []byte, r runRecord) {
			if r.Step < step {
				kept.Write(append(line, '\n'))
				l.before = r.Seconds
			}
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err := atomicfile.Write(l.path, func(w io.Writer) error { _, err := kept.WriteTo(w); return err }); err != nil {
			return err
		}
		if l.file, err = os.OpenFile(l.path, os.O_APPEND|os.O_WRONLY, 0); err != nil {
			return err
		}
		l.close = append(l.close, l.file)
	}
	if l.folder == "" {
		return nil
	}
	if err := os.MkdirAll(l.folder, 0o777); err != nil {
		return err
	}
	f, err := os.Create(filepath.Join(l.folder, tfevent.FileName(l.since, os.Getpid())))
	if err != nil {
		return err
	}
	l.close = append(l.close, f)
	l.events, err = tfevent.NewWriter(f, step, l.now)
	return err
}

// readRunLog calls f with the lines of a run's log. A last line that a kill cut off is left out.
func readRunLog(path string, f func(line []byte, r runRecord)) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	in := bufio.NewReader(file)
	for n := 1; ; n++ {
		line, err := in.ReadBytes('\n')
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		line = bytes.TrimSuffix(line, []byte("\n"))
		var r runRecord
		if err := json.Unmarshal(line, &r); err != nil || r.Step == 0 {
			return fmt.Errorf("%s:%d: want a record of a training, as output.log has them", path, n)
		}
		f(line, r)
	}
}
