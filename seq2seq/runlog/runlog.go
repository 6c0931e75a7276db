// Package runlog records trainings as JSON lines, which package curves draws, and as TensorBoard event files.
//
//	log, err := runlog.New(&runlog.Options{Path: "run.jsonl"})
//	opts := &seq2seq.TrainOptions{Checkpoint: seq2seq.Checkpoint{State: "m.state"}, Recorder: log}
//	for p, err := range model.Train(ctx, train, valid, opts) { ... }
//	err = log.Close()
package runlog

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
	"github.com/retell-rnn/retell/internal/jsonline"
	"github.com/retell-rnn/retell/internal/tfevent"
	"github.com/retell-rnn/retell/seq2seq"
)

// RecordSteps is the number of steps in a record, unless a validation or a save ends it early.
const RecordSteps = 10

// Record is a line of a log: a few steps of a training, and the validation after them, if any.
type Record struct {
	Step            int     `json:"step"`              // last step of the record, from 1
	Epoch           int     `json:"epoch"`             // epoch of that step, from 1
	Steps           int     `json:"steps,omitempty"`   // number of steps; absent from logs of old versions
	Tokens          int     `json:"tokens,omitempty"`  // number of target tokens; absent from logs of old versions
	Seconds         float64 `json:"seconds"`           // time spent training so far, without the stops in between
	Loss            float64 `json:"loss"`              // mean over the target tokens, in nats
	Rate            float64 `json:"rate"`              // learning rate of the last step
	GradNorm        float64 `json:"grad_norm"`         // norm of the gradient before clipping: mean over the steps
	TokensPerSecond float64 `json:"tokens_per_second"` // target tokens a second, or sets of an embedder

	ValidLoss     *float64 `json:"valid_loss,omitempty"`     // loss of the validation, in nats a token
	ValidAccuracy *float64 `json:"valid_accuracy,omitempty"` // share of target tokens that were the likeliest, 0 to 1
	ValidScore    *float64 `json:"valid_score,omitempty"`    // score by the metric of train.validate_by
	Best          bool     `json:"best,omitempty"`           // whether the validation was the best so far
}

// Options say where a training is recorded.
type Options struct {
	Path        string           // file of JSON lines; "" means none
	TensorBoard string           // folder of event files; "" means none
	Now         func() time.Time // clock of [Record.Seconds] and of event files; nil means [time.Now]
}

// Log records a training. It is a [seq2seq.Recorder].
//
// A training that resumes from its state keeps the records up to that state and replaces later ones, whose steps a kill
// has undone. A new training replaces the file.
type Log struct {
	path, folder string
	now          func() time.Time

	begun  bool
	file   *os.File
	events *tfevent.Writer
	close  []*os.File

	since  time.Time // first step of this training
	before float64   // seconds of the trainings that this one resumes

	next  Record // sums over the steps since the last record
	drawn Record // sums over the steps that TensorBoard does not have yet
}

// New returns a log with the given options; nil means none. An output that cannot be written, or an existing file that
// is not a log, is an error. Nothing is written before the first step.
func New(opts *Options) (*Log, error) {
	if opts == nil {
		opts = &Options{}
	}
	l := &Log{path: opts.Path, folder: opts.TensorBoard, now: opts.Now}
	if l.now == nil {
		l.now = time.Now
	}
	return l, l.check()
}

func (l *Log) check() error {
	if l.path != "" && atomicfile.IsStream(l.path) {
		if err := atomicfile.Check(l.path); err != nil {
			return err
		}
	} else if l.path != "" {
		err := read(l.path, func([]byte, Record) {})
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

// Record adds a step. It writes a record after every [RecordSteps] steps, each validation and the last step.
func (l *Log) Record(p seq2seq.Progress) error {
	if l.path == "" && l.folder == "" {
		return nil
	}
	if !l.begun {
		if err := l.begin(p.Step); err != nil {
			return err
		}
	}
	r := &l.next
	r.add(Record{Step: p.Step, Steps: 1, Tokens: p.Tokens, Loss: p.Loss * float64(p.Tokens), GradNorm: p.GradNorm})
	r.Epoch, r.Rate, r.TokensPerSecond = p.Epoch, p.Rate, p.Speed
	r.Seconds = l.before + l.now().Sub(l.since).Seconds()
	if v := p.Validation; v != nil {
		r.ValidLoss, r.ValidAccuracy, r.Best = &v.Loss, &v.Accuracy, v.Best
		if v.Score != nil {
			r.ValidScore = &v.Score.Value
		}
	}
	if p.Step%RecordSteps == 0 || p.Validation != nil || p.End != "" {
		return l.write()
	}
	return nil
}

// add adds the steps of o. In both, Loss and GradNorm are sums over tokens and steps.
func (r *Record) add(o Record) {
	r.Step, r.Epoch, r.Seconds, r.Rate, r.TokensPerSecond = o.Step, o.Epoch, o.Seconds, o.Rate, o.TokensPerSecond
	r.Steps += o.Steps
	r.Tokens += o.Tokens
	r.Loss += o.Loss
	r.GradNorm += o.GradNorm
}

// means turns the sums of Loss and GradNorm into means.
func (r Record) means() Record {
	r.Loss /= float64(r.Tokens)
	r.GradNorm /= float64(r.Steps)
	return r
}

// Sync writes the steps recorded so far and waits until they are on disk.
func (l *Log) Sync() error {
	if l.next.Steps > 0 {
		if err := l.write(); err != nil {
			return err
		}
	}
	var err error
	for _, f := range l.close {
		if e := f.Sync(); e != nil && !errors.Is(e, errors.ErrUnsupported) && !errors.Is(e, syscall.EINVAL) { // a pipe or device cannot sync
			err = errors.Join(err, e)
		}
	}
	return err
}

// Close writes the last steps and closes the files.
func (l *Log) Close() error {
	var err error
	if l.next.Steps > 0 {
		err = l.write()
	}
	for _, f := range l.close {
		err = errors.Join(err, f.Close())
	}
	return err
}

func (l *Log) write() error {
	sums := l.next
	l.next = Record{}
	if l.file != nil {
		if err := jsonline.Write(l.file, sums.means()); err != nil {
			return err
		}
	}
	if l.events == nil {
		return nil
	}
	return l.draw(sums)
}

// draw sends a record to TensorBoard. It waits for [RecordSteps] steps, because a mean over fewer would stand out.
func (l *Log) draw(r Record) error {
	var scalars []tfevent.Scalar
	if l.drawn.add(r); l.drawn.Steps >= RecordSteps {
		m := l.drawn.means()
		l.drawn = Record{}
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

// forget removes the records from a step on, which a kill has undone. A pipe or device has no records to remove.
func (l *Log) forget(step int) error {
	if atomicfile.IsStream(l.path) {
		return nil
	}
	var kept bytes.Buffer
	err := read(l.path, func(line []byte, r Record) {
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
func (l *Log) begin(step int) error {
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

// maxRecord is the largest length of a log's line, in bytes.
const maxRecord = 1 << 16

// Read returns the records of a log. It skips a last line that a kill cut short. A number that was not finite is NaN.
func Read(path string) ([]Record, error) {
	var all []Record
	err := read(path, func(_ []byte, r Record) { all = append(all, r) })
	return all, err
}

// read calls f with each line of a log. A line is valid until the next call.
func read(path string, f func(line []byte, r Record)) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	in := bufio.NewReaderSize(file, maxRecord)
	for n := 1; ; n++ {
		line, err := in.ReadSlice('\n') // bounded: a file of another kind may have no lines
		if err == io.EOF {
			return nil
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
		line = bytes.TrimSuffix(line, []byte("\n"))
		r := Record{Loss: math.NaN(), GradNorm: math.NaN()} // null, a number that is not finite, leaves these unchanged
		if err := json.Unmarshal(line, &r); err != nil || r.Step == 0 {
			return fmt.Errorf("%s:%d: want a training record, as in output.log", path, n)
		}
		f(line, r)
	}
}
