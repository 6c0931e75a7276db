package main

import (
	"bytes"
	"regexp"
	"testing"
	"time"
)

// TestWork checks that a work without a terminal logs a line at every tick and nothing in between.
func TestWork(t *testing.T) {
	var out bytes.Buffer
	w := &work{screen: &screen{w: &out}, what: "reading"}
	ticks, stop, ended := make(chan time.Time), make(chan struct{}), make(chan struct{})
	go func() {
		w.show(ticks, stop)
		close(ended)
	}()
	ticks <- time.Time{}
	ticks <- time.Time{} // when this is received, the first has been shown
	w.watch("encoding", 2000, 5000)
	ticks <- time.Time{}
	close(stop)
	<-ended
	want := regexp.MustCompile(`^(time=\S+ level=INFO msg=reading seconds=\d+
){1,2}(time=\S+ level=INFO msg=encoding seconds=\d+ done=2000 of=5000 share="40 %"
){1,2}$`)
	if !want.MatchString(out.String()) {
		t.Errorf("shown:\n%s", out.String())
	}
}

// TestWorkEnds checks that a work may end twice and that a short one shows nothing.
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

func TestRemaining(t *testing.T) {
	for _, c := range []struct {
		since       time.Duration
		done, total int
		want        time.Duration
	}{
		{10 * time.Second, 200, 500, 15 * time.Second},
		{10 * time.Second, 500, 500, 0},
		{10 * time.Second, 0, 500, 0},
		{10 * time.Second, 10, 0, 0},
		{time.Millisecond, 10, 500, 0}, // too early to say
	} {
		if got := remaining(c.since, c.done, c.total); got != c.want {
			t.Errorf("%d of %d in %v: %v left: want %v", c.done, c.total, c.since, got, c.want)
		}
	}
}
