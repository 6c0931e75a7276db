package kernel

import (
	"sync"
	"sync/atomic"
	"testing"
)

func TestParallel(t *testing.T) {
	for _, cores := range []int{1, 2, 3, 8} {
		procs(t, cores)
		for _, n := range []int{-1, 0, 1, 2, 3, 7, 100, 1001} {
			seen := make([]atomic.Int32, max(n, 0))
			var chunks atomic.Int32
			Parallel(n, func(lo, hi int) {
				chunks.Add(1)
				if lo >= hi {
					t.Errorf("n=%d: empty chunk [%d,%d)", n, lo, hi)
				}
				for i := lo; i < hi; i++ {
					seen[i].Add(1)
				}
			})
			if int(chunks.Load()) > cores {
				t.Errorf("n=%d on %d cores: %d chunks", n, cores, chunks.Load())
			}
			tasks := make([]atomic.Int32, max(n, 0))
			Tasks(n, func(i int) { tasks[i].Add(1) })
			for i := range seen {
				if seen[i].Load() != 1 || tasks[i].Load() != 1 {
					t.Fatalf("n=%d on %d cores: index %d done %d and %d times", n, cores, i, seen[i].Load(), tasks[i].Load())
				}
			}
		}
	}
}

// TestPoolNested: nested calls from many goroutines all return.
func TestPoolNested(t *testing.T) {
	procs(t, 4)
	var done atomic.Int64
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for range 20 {
				Tasks(5, func(int) {
					Parallel(9, func(lo, hi int) {
						Tasks(hi-lo, func(int) { done.Add(1) })
					})
				})
			}
		})
	}
	wg.Wait()
	if want := int64(16 * 20 * 5 * 9); done.Load() != want {
		t.Errorf("%d tasks done: want %d", done.Load(), want)
	}
}

// TestPoolWrites: the writes of tasks are visible after the call.
func TestPoolWrites(t *testing.T) {
	procs(t, 4)
	x := make([]int, 1000)
	for round := 1; round <= 200; round++ {
		Parallel(len(x), func(lo, hi int) {
			for i := lo; i < hi; i++ {
				x[i]++
			}
		})
		for i, v := range x {
			if v != round {
				t.Fatalf("round %d: element %d is %d", round, i, v)
			}
		}
	}
}

// BenchmarkTasks measures the cost of handing out two empty tasks.
func BenchmarkTasks(b *testing.B) {
	body := func(int) {}
	b.ReportAllocs()
	for b.Loop() {
		Tasks(2, body)
	}
}
