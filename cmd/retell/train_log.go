package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/retell-rnn/retell/internal/atomicfile"
	"github.com/retell-rnn/retell/internal/tfevent"
	"github.com/retell-rnn/retell/seq2seq"
)

// recordSteps is how many steps a record of a run is about, if no validation and no save comes before.
const recordSteps = 10

// runRecord is some steps of a training, and the validation after them if there was one, as a run's log has them.
type runRecord struct {
	Step            int     `json:"step"` // the last
	Epoch           int     `json:"epoch"`
	Steps           int     `json:"steps,omitempty"`  // how many; 0 in logs of old versions
	Tokens          int     `json:"tokens,omitempty"` // of the steps; 0 in logs of old versions
	Seconds         float64 `json:"seconds"`          // of training, whatever stops there were
	Loss            float64 `json:"loss"`             // mean over the steps' tokens, in nats
	Rate            float64 `json:"rate"`             // of the last step
	GradNorm        float64 `json:"grad_norm"`        // mean over the steps; of the last one in logs of old versions
	TokensPerSecond float64 `json:"tokens_per_second"`

	ValidLoss     *float64 `json:"valid_loss,omitempty"`
	ValidAccuracy *float64 `json:"valid_accuracy,omitempty"` // 0 to 1
	ValidScore    *float64 `json:"valid_score,omitempty"`    // by train.validate_by
	Best          bool     `json:"best,omitempty"`
}

// runLog writes what becomes of a training to a file of JSON lines and to TensorBoard's event files. The zero value
// writes nothing. It is a [seq2seq.Recorder].
type runLog struct {
	path, folder string // empty: none
	now          func() time.Time

	begun  bool
	file   *os.File
	events *tfevent.Writer
	close  []*os.File

	since  time.Time
	before float64 // seconds of the trainings that this one goes on from

	next  runRecord // of the steps since the last record: sums in place of means
	drawn runRecord // of the steps since TensorBoard was told of any, likewise
}

// check refuses, before any work is done, what could not be written or is no log.
func (l *runLog) check() error {
	if l.path != "" && atomicfile.IsStream(l.path) {
		if err := atomicfile.Check(l.path); err != nil {
			return err
		}
	} else if l.path != "" {
		err := readRunLog(l.path, func([]byte, runRecord) {})
		if errors.Is(err, fs.ErrNotExist) {
			var f *os.File
			if f, err = os.OpenFile(l.path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666); err == nil {
				err = errors.Join(f.Close(), os.Remove(l.path))
			}
		}
		if err != nil {
			return err
		}
	}
	if l.folder != "" {
		return os.MkdirAll(l.folder, 0o777)
	}
	return nil
}

// Record takes note of a step.
func (l *runLog) Record(p seq2seq.Progress) error {
	if l.path == "" && l.folder == "" {
		return nil
	}
	if !l.begun {
		if err := l.begin(p.Step); err != nil {
			return err
		}
	}
	r := &l.next
	r.add(runRecord{Step: p.Step, Steps: 1, Tokens: p.Tokens, Loss: p.Loss * float64(p.Tokens), GradNorm: p.GradNorm})
	r.Epoch, r.Rate, r.TokensPerSecond = p.Epoch, p.Rate, p.Speed
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

// add adds the sums of further steps.
func (r *runRecord) add(o runRecord) {
	r.Step, r.Epoch, r.Seconds, r.Rate, r.TokensPerSecond = o.Step, o.Epoch, o.Seconds, o.Rate, o.TokensPerSecond
	r.Steps += o.Steps
	r.Tokens += o.Tokens
	r.Loss += o.Loss
	r.GradNorm += o.GradNorm
}

// means returns the record of sums with means in their places.
func (r runRecord) means() runRecord {
	r.Loss /= float64(r.Tokens)
	r.GradNorm /= float64(r.Steps)
	return r
}

// Sync writes what is not yet written and waits until it is on disk.
func (l *runLog) Sync() error {
	if l.next.Steps > 0 {
		if err := l.write(); err != nil {
			return err
		}
	}
	var err error
	for _, f := range l.close {
		if e := f.Sync(); e != nil && !errors.Is(e, errors.ErrUnsupported) && !errors.Is(e, syscall.EINVAL) { // a pipe has no disk
			err = errors.Join(err, e)
		}
	}
	return err
}

// end writes what is not yet written and closes the files.
func (l *runLog) end() error {
	var err error
	if l.next.Steps > 0 {
		err = l.write()
	}
	for _, f := range l.close {
		err = errors.Join(err, f.Close())
	}
	return err
}

func (l *runLog) write() error {
	sums := l.next
	l.next = runRecord{}
	if l.file != nil {
		if err := writeJSON(l.file, sums.means()); err != nil {
			return err
		}
	}
	if l.events == nil {
		return nil
	}
	return l.draw(sums)
}

// draw tells TensorBoard of a record. Means over few steps, as those before a validation may be, wait for more: they
// would stand out.
func (l *runLog) draw(r runRecord) error {
	var scalars []tfevent.Scalar
	if l.drawn.add(r); l.drawn.Steps >= recordSteps {
		m := l.drawn.means()
		l.drawn = runRecord{}
		scalars = []tfevent.Scalar{
			{Tag: "train/loss", Value: m.Loss},
			{Tag: "train/rate", Value: m.Rate},
			{Tag: "train/grad_norm", Value: m.GradNorm},
			{Tag: "train/tokens_per_second", Value: m.TokensPerSecond},
		}
	}
	if r.ValidLoss != nil {
		scalars = append(scalars, tfevent.Scalar{Tag: "valid/loss", Value: *r.ValidLoss}, tfevent.Scalar{Tag: "valid/accuracy", Value: *r.ValidAccuracy})
	}
	if r.ValidScore != nil {
		scalars = append(scalars, tfevent.Scalar{Tag: "valid/score", Value: *r.ValidScore})
	}
	if len(scalars) == 0 {
		return nil
	}
	return l.events.Scalars(r.Step, scalars...)
}

// forget takes out of a log what it says of a step and later ones, which a kill has undone. A pipe or device has
// nothing to be read.
func (l *runLog) forget(step int) error {
	if atomicfile.IsStream(l.path) {
		return nil
	}
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
	return atomicfile.Write(l.path, func(w io.Writer) error { _, err := kept.WriteTo(w); return err })
}

// begin opens the files for a training whose first step is step.
func (l *runLog) begin(step int) error {
	l.begun, l.since = true, l.now()
	if l.path != "" {
		if err := l.forget(step); err != nil {
			return err
		}
		var err error
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

// maxRecord bounds a line of a run's log, in bytes.
const maxRecord = 1 << 16

// readRunLog calls f with the lines of a run's log, each until the next. A last line that a kill cut off is left out.
func readRunLog(path string, f func(line []byte, r runRecord)) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	in := bufio.NewReaderSize(file, maxRecord)
	for n := 1; ; n++ {
		line, err := in.ReadSlice('\n') // bounded, as a file of another kind may have no lines
		if err == io.EOF {
			return nil
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
		line = bytes.TrimSuffix(line, []byte("\n"))
		r := runRecord{Loss: math.NaN(), GradNorm: math.NaN()} // what null, in place of a number that is not finite, leaves
		if err := json.Unmarshal(line, &r); err != nil || r.Step == 0 {
			return fmt.Errorf("%s:%d: want a record of a training, as output.log has them", path, n)
		}
		f(line, r)
	}
}
