package main

import (
	"cmp"
	"fmt"
	"sync"
	"time"
)

// barInterval is how often the bar of a work moves.
const barInterval = 200 * time.Millisecond

// work shows the progress of a job before a training, such as reading: a bar at a terminal, else an occasional log
// line.
type work struct {
	screen *screen
	end    func() // ends the display; may be called again

	mu          sync.Mutex
	what        string
	since       time.Time // beginning of what goes on
	done, total int       // total is 0 if unknown
}

// startWork shows the job until end is called.
func (s *screen) startWork(what string) *work {
	interval := lineInterval
	if s.terminal {
		interval = barInterval
	}
	ticker := time.NewTicker(interval)
	w := &work{screen: s, what: what}
	stop := make(chan struct{})
	var shown sync.WaitGroup
	shown.Go(func() { w.show(ticker.C, stop) })
	w.end = sync.OnceFunc(func() {
		ticker.Stop()
		close(stop)
		shown.Wait()
	})
	return w
}

// watch updates the progress; it is a [seq2seq.Watch].
func (w *work) watch(what string, done, total int) {
	w.mu.Lock()
	if what != w.what || w.since.IsZero() {
		w.since = time.Now()
	}
	w.what, w.done, w.total = what, done, total
	w.mu.Unlock()
}

// show displays the progress at every tick.
func (w *work) show(ticks <-chan time.Time, stop <-chan struct{}) {
	defer w.screen.endBar()
	begun := time.Now()
	last := ""
	for {
		select {
		case <-stop:
			return
		case <-ticks:
		}
		w.mu.Lock()
		what, done, total, left := w.what, w.done, w.total, remaining(time.Since(w.since), w.done, w.total)
		w.mu.Unlock()
		if !w.screen.terminal {
			args := []any{"seconds", int(time.Since(begun).Seconds())}
			if done > 0 {
				args = append(args, "done", done)
			}
			if total > 0 {
				args = append(args, "of", total, "share", fmt.Sprintf("%d %%", 100*done/total))
			}
			if left > 0 {
				args = append(args, "left", left)
			}
			w.screen.logger().Info(what, args...)
			continue
		}
		if what != last {
			w.screen.endBar()
			w.screen.startBar(cmp.Or(total, -1))
			last = what
		}
		text := fmt.Sprintf("%s  %v", what, time.Since(begun).Round(time.Second))
		if left > 0 {
			text += fmt.Sprintf(", %v left", left)
		}
		w.screen.moveBar(done, text)
	}
}

// remaining estimates how long the rest of a stage takes, at the pace so far. It is 0 if that is unknown.
func remaining(since time.Duration, done, total int) time.Duration {
	if done <= 0 || total <= done || since < time.Second {
		return 0
	}
	return (since / time.Duration(done) * time.Duration(total-done)).Round(time.Second)
}
