package seq2seq

// Recorder writes down how a training goes, so that nothing is missing where the training goes on from its state,
// whatever ended it: what is recorded of a step reaches the disk before a state that covers the step.
type Recorder interface {
	Record(p Progress) error // of each step, before it is saved
	Sync() error             // before a state of the steps recorded so far is written
}

// record tells the recorder of a step.
func (t *trainer) record(p Progress) error {
	if t.o.Recorder == nil {
		return nil
	}
	return t.o.Recorder.Record(p)
}

// syncRecords puts on disk what was recorded.
func (t *trainer) syncRecords() error {
	if t.o.Recorder == nil {
		return nil
	}
	return t.o.Recorder.Sync()
}
