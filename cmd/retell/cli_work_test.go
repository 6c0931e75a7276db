package main

import (
	"bytes"
	"regexp"
	"testing"
	"time"
)

// TestWork holds that what goes on is a line of the log at every tick where there is no terminal, and nothing between
// them.
func TestWork(t *testing.T) {
	var out bytes.Buffer
	w := &work{screen: &screen{w: &out}, what: "reading"}
	ticks, stop, ended := make(chan time.Time), make(chan struct{}), make(chan struct{})
	go func() {
		w.show(ticks, stop)
		close(ended)
	}()
	ticks <- time.Time{}
	ticks <- time.Time{} // the first is shown
	w.watch("encoding", 2000, 5000)
	ticks <- time.Time{}
	close(stop)
	<-ended
	want := regexp.MustCompile(`^(time=\S+ level=INFO msg=reading seconds=\d+
){1,2}(time=\S+ level=INFO msg=encoding seconds=\d+ done=2000 of=5000
){1,2}$`)
	if !want.MatchString(out.String()) {
		t.Errorf("shown:\n%s", out.String())
	}
}

// TestWorkEnds holds that a work may end twice and shows nothing if it was short.
func TestWorkEnds(t *testing.T) {
	var out bytes.Buffer
	w := (&screen{w: &out}).startWork("reading")
	w.watch("reading", 1, 0)
	w.end()
	w.end()
	if out.Len() > 0 {
		t.Errorf("shown: %s", out.String())
	}
}
