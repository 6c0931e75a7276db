package seq2seq

// Recorder records the steps of a training. A step's record reaches the disk before a state that covers the step, so a
// training that goes on from its state misses no record.
type Recorder interface {
	Record(p Progress) error // called after each step, before the state is saved
	Sync() error             // called before a state is written; puts the records so far on disk
}

// record records a step, if there is a recorder.
func (t *trainer) record(p Progress) error {
	if t.o.Recorder == nil {
		return nil
	}
	return t.o.Recorder.Record(p)
}

// syncRecords puts the records on disk.
func (t *trainer) syncRecords() error {
	if t.o.Recorder == nil {
		return nil
	}
	return t.o.Recorder.Sync()
}
