package seq2seq

// Recorder records the steps of a training. A step's record is on disk before any state that includes the step, so that
// a resumed training misses no record.
type Recorder interface {
	Record(p Progress) error // called after each step, before the state is saved
	Sync() error             // writes the records so far to disk; called before a state is written
}

// record records a step, if there is a recorder.
func (t *trainer) record(p Progress) error {
	if t.o.Recorder == nil {
		return nil
	}
	return t.o.Recorder.Record(p)
}

// syncRecords writes the records to disk, if there is a recorder.
func (t *trainer) syncRecords() error {
	if t.o.Recorder == nil {
		return nil
	}
	return t.o.Recorder.Sync()
}
