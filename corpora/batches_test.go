package corpora

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// told is a stream of the items and errors that a test sends.
type told chan any // a string or an error

func (c told) stream() iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for v := range c {
			err, _ := v.(error)
			text, _ := v.(string)
			if !yield(text, err) {
				return
			}
		}
	}
}

func showBatches(ctx context.Context, stream iter.Seq2[string, error], size int, wait time.Duration) []string {
	var out []string
	for batch, err := range Batches(ctx, stream, size, wait) {
		if err != nil && batch != nil {
			out = append(out, "both")
		}
		out = append(out, fmt.Sprint(batch, err))
	}
	return out
}

func TestBatches(t *testing.T) {
	bad, broken := LineError(errors.New("bad")), errors.New("broken")
	for _, test := range []struct {
		name string
		in   []any
		want []string
	}{
		{"nothing", nil, nil},
		{"full ones and a rest", []any{"a", "b", "c", "d", "e"}, []string{"[a b] <nil>", "[c d] <nil>", "[e] <nil>"}},
		{"bad lines", []any{bad, "a", bad, "b", "c", "d", bad}, []string{"[] bad", "[a] <nil>", "[] bad", "[b c] <nil>", "[d] <nil>", "[] bad"}},
		{"broken", []any{"a", bad, "b", broken, "c"}, []string{"[a] <nil>", "[] bad", "[b] <nil>", "[] broken"}},
	} {
		for _, wait := range []time.Duration{0, time.Hour} {
			synctest.Test(t, func(t *testing.T) {
				c := make(told, len(test.in))
				for _, v := range test.in {
					c <- v
				}
				close(c)
				if diff := cmp.Diff(test.want, showBatches(t.Context(), c.stream(), 2, wait)); diff != "" {
					t.Errorf("%s, wait %v (-want +got):\n%s", test.name, wait, diff)
				}
			})
		}
	}
}

// TestBatchesDoNotWait holds that a partial batch is yielded when the stream pauses, and not before.
func TestBatchesDoNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := make(told)
		next, stop := iter.Pull2(Batches(t.Context(), c.stream(), 3, time.Second))
		defer stop()
		expect := func(want ...string) {
			t.Helper()
			if got, err, ok := next(); !cmp.Equal(got, want) || err != nil || !ok {
				t.Errorf("got %v, %v, %v: want %v", got, err, ok, want)
			}
		}
		go func() { c <- "a" }()
		expect("a") // before the test sends more
		go func() {
			c <- "b"
			time.Sleep(time.Second / 2) // in the bubble's time: shorter than a pause
			c <- "c"
			time.Sleep(time.Second / 2)
			c <- "d"
			c <- "e"
			close(c)
		}()
		expect("b", "c", "d")
		expect("e")
		if _, _, ok := next(); ok {
			t.Error("want the batches to end with the stream")
		}
	})
}

// TestBatchesStop holds that no goroutine of a stream is left when its batches end. A synctest bubble with a blocked
// goroutine fails.
func TestBatchesStop(t *testing.T) {
	endless := func(yield func(string, error) bool) {
		for yield("a", nil) {
		}
	}
	cause := errors.New("cause")
	for _, wait := range []time.Duration{0, time.Second} {
		synctest.Test(t, func(t *testing.T) {
			for range Batches(t.Context(), endless, 2, wait) {
				break
			}
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			n := 0
			for _, err := range Batches(ctx, endless, 2, wait) {
				if n++; n == 2 {
					cancel(cause)
				}
				if err != nil && !errors.Is(err, cause) || n > 3 {
					t.Fatalf("wait %v: batch %d has the error %v", wait, n, err)
				}
			}
			if ctx.Err() == nil {
				t.Errorf("wait %v: ended before the context", wait)
			}
		})
	}
	// A stream that waits for input does not delay the end, and its goroutine ends with the next item.
	synctest.Test(t, func(t *testing.T) {
		c := make(told)
		ctx, cancel := context.WithCancelCause(t.Context())
		go func() {
			c <- "a"
			time.Sleep(time.Minute)
			cancel(cause)
		}()
		if diff := cmp.Diff([]string{"[a] <nil>", "[] cause"}, showBatches(ctx, c.stream(), 2, time.Second)); diff != "" {
			t.Error(diff)
		}
		c <- "b"
	})
}
