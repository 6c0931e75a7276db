package kernel

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Parallel splits [0,n) into at most GOMAXPROCS contiguous chunks of nearly equal size. It calls body for each, on the
// calling goroutine and a pool of workers, and returns when all are done. Calls may be nested and concurrent.
func Parallel(n int, body func(lo, hi int)) {
	chunks := min(n, runtime.GOMAXPROCS(0))
	if chunks <= 1 {
		if n > 0 {
			body(0, n)
		}
		return
	}
	run(chunks, chunks, func(i int) { body(i*n/chunks, (i+1)*n/chunks) })
}

// Tasks calls body for every i in [0,n), on the calling goroutine and a pool of workers, and returns when all are done.
// It hands indices out one by one in ascending order. Calls may be nested and concurrent.
func Tasks(n int, body func(i int)) {
	run(n, runtime.GOMAXPROCS(0), body)
}

// job is one call of Tasks. Its creator and every worker that it was offered to hold a reference; the last to release
// it recycles it.
type job struct {
	body func(i int)
	n    int64
	next atomic.Int64  // the next index to hand out
	left atomic.Int64  // indices that are not done
	refs atomic.Int64  // the creator and open offers
	done chan struct{} // capacity 1; receives when a worker finishes the last index
}

// pool is the workers. They start when GOMAXPROCS first needs them and never end.
var pool struct {
	offers chan *job
	mu     sync.Mutex
	size   atomic.Int64
	jobs   sync.Pool
}

// spins bounds the polls of a worker or a waiting caller before it parks, about a millisecond in all. The products of a
// training step follow each other faster than a parked goroutine wakes.
const spins = 10_000

// run calls body for every i in [0,n) on at most procs goroutines.
func run(n, procs int, body func(i int)) {
	helpers := min(n, procs) - 1
	if helpers <= 0 {
		for i := range n {
			body(i)
		}
		return
	}
	startWorkers(helpers)
	j, _ := pool.jobs.Get().(*job)
	if j == nil {
		j = &job{done: make(chan struct{}, 1)}
	}
	j.body, j.n = body, int64(n)
	j.next.Store(0)
	j.left.Store(int64(n))
	j.refs.Store(int64(helpers) + 1)
offer:
	for i := range helpers {
		select {
		case pool.offers <- j:
		default: // the queue is full: every worker is busy
			j.refs.Add(int64(i - helpers))
			break offer
		}
	}
	if !j.work() {
		j.wait()
	}
	j.release()
}

// work runs indices until all are handed out. It reports whether it finished the last index of the job.
func (j *job) work() (last bool) {
	for {
		i := j.next.Add(1) - 1
		if i >= j.n {
			return last
		}
		j.body(int(i))
		last = j.left.Add(-1) == 0
	}
}

// wait waits until a worker has finished the last index.
func (j *job) wait() {
	for range spins {
		select {
		case <-j.done:
			return
		default:
			pause()
		}
	}
	<-j.done
}

// release drops a reference.
func (j *job) release() {
	if j.refs.Add(-1) == 0 {
		j.body = nil
		pool.jobs.Put(j)
	}
}

// startWorkers starts workers until n exist.
func startWorkers(n int) {
	if pool.size.Load() >= int64(n) {
		return
	}
	pool.mu.Lock()
	defer pool.mu.Unlock()
	if pool.offers == nil {
		pool.offers = make(chan *job, 256)
	}
	for pool.size.Load() < int64(n) {
		go worker(pool.offers)
		pool.size.Add(1)
	}
}

// worker takes part in every job that it is offered.
func worker(offers <-chan *job) {
	for {
		j := poll(offers)
		if j.work() {
			j.done <- struct{}{}
		}
		j.release()
	}
}

// poll returns the next offer; it spins before it parks.
func poll(offers <-chan *job) *job {
	for range spins {
		select {
		case j := <-offers:
			return j
		default:
			pause()
		}
	}
	return <-offers
}

// pause lets other goroutines run; it takes some tens of nanoseconds.
func pause() { runtime.Gosched() }
