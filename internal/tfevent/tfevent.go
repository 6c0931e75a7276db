// Package tfevent writes the event files that TensorBoard reads: named numbers over the steps of a training run. A
// [Writer] writes one file, whose name [FileName] gives.
//
// A file is a series of TFRecords, each a little-endian 64-bit length, the masked CRC-32C of the length, the data and
// the masked CRC-32C of the data. The data is one protocol buffer of type tensorflow.Event:
//
//	double wall_time = 1; int64 step = 2;
//	string file_version = 3;                                    // in the first event
//	Summary summary = 5;     // repeated Value value = 1, each with string tag = 1 and float simple_value = 2
//	SessionLog session_log = 7;                                 // Status status = 1, where START is 1
//
// At a START, TensorBoard discards the events of that step and later ones. A run that resumes from an earlier step thus
// draws no curve twice.
package tfevent

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"time"
)

// Scalar is a named number.
type Scalar struct {
	Tag   string
	Value float64
}

// FileName returns a name that TensorBoard recognizes as an event file. TensorBoard orders the files of a folder by the
// time; writer distinguishes files of the same second.
func FileName(at time.Time, writer int) string {
	return fmt.Sprintf("events.out.tfevents.%010d.%d.retell", at.Unix(), writer)
}

// Writer writes one event file. Each call of Scalars writes one event with one call of the underlying Write.
type Writer struct {
	w   io.Writer
	now func() time.Time
}

// NewWriter begins a file. step is the step of the first call of Scalars; now is the clock of the events.
func NewWriter(w io.Writer, step int, now func() time.Time) (*Writer, error) {
	f := &Writer{w, now}
	const version = "brain.Event:2"
	if err := f.write(0, appendBytes(nil, 3, []byte(version))); err != nil {
		return nil, err
	}
	start := appendVarint(nil, 1, 1)
	return f, f.write(step, appendBytes(nil, 7, start))
}

// Scalars writes the numbers of a step.
func (f *Writer) Scalars(step int, scalars ...Scalar) error {
	var summary []byte
	for _, s := range scalars {
		value := appendBytes(nil, 1, []byte(s.Tag))
		value = append(value, 2<<3|wireFixed32)
		value = binary.LittleEndian.AppendUint32(value, math.Float32bits(float32(s.Value)))
		summary = appendBytes(summary, 1, value)
	}
	return f.write(step, appendBytes(nil, 5, summary))
}

// write writes an event of the given fields after its time and step.
func (f *Writer) write(step int, fields []byte) error {
	now := f.now()
	event := []byte{1<<3 | wireFixed64}
	event = binary.LittleEndian.AppendUint64(event, math.Float64bits(float64(now.UnixNano())/1e9))
	event = appendVarint(event, 2, uint64(step))
	event = append(event, fields...)

	record := binary.LittleEndian.AppendUint64(nil, uint64(len(event)))
	record = binary.LittleEndian.AppendUint32(record, masked(record))
	record = append(record, event...)
	record = binary.LittleEndian.AppendUint32(record, masked(event))
	_, err := f.w.Write(record)
	return err
}

// Wire types of protocol buffers.
const (
	wireVarint  = 0
	wireFixed64 = 1
	wireBytes   = 2
	wireFixed32 = 5
)

func appendVarint(b []byte, field int, v uint64) []byte {
	return binary.AppendUvarint(append(b, byte(field<<3|wireVarint)), v)
}

func appendBytes(b []byte, field int, data []byte) []byte {
	b = binary.AppendUvarint(append(b, byte(field<<3|wireBytes)), uint64(len(data)))
	return append(b, data...)
}

// masked returns the masked CRC-32C of data that TFRecords use: rotated, plus a constant.
func masked(data []byte) uint32 {
	c := crc32.Checksum(data, crc32.MakeTable(crc32.Castagnoli))
	return (c>>15 | c<<17) + 0xa282ead8
}
