package vectors

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
)

// TestWriteAtOnce holds that a row reaches the writer before the stream yields another one, as a conversation needs.
func TestWriteAtOnce(t *testing.T) {
	in, out := io.Pipe()
	lines := bufio.NewScanner(in)
	n, err := Write(out, JSONL, func(yield func(Row, error) bool) {
		for _, text := range []string{"a", "b", "c"} {
			if !yield(Row{Text: text, Vector: []float32{1}}, nil) {
				return
			}
			if want := `{"text":"` + text + `","vector":[1]}`; !lines.Scan() || lines.Text() != want {
				t.Errorf("line %q, error %v: want %q", lines.Text(), lines.Err(), want)
			}
		}
	})
	if n != 3 || err != nil {
		t.Errorf("%d rows, error %v: want 3", n, err)
	}
}

// TestWriteMany holds that rows keep their order, that those before an error are written, and that an error of the
// writer ends the stream.
func TestWriteMany(t *testing.T) {
	rows := make([]Row, 3*mostLines+5)
	var want strings.Builder
	for i := range rows {
		rows[i].Vector = []float32{float32(i), 0.5}
		want.Write(appendRow(nil, TSV, rows[i]))
	}
	bad := errors.New("bad")
	for _, last := range []error{nil, bad} {
		var b bytes.Buffer
		n, err := Write(&b, TSV, func(yield func(Row, error) bool) {
			for _, r := range rows {
				if !yield(r, nil) {
					return
				}
			}
			if last != nil {
				yield(Row{}, last)
			}
		})
		if n != len(rows) || !errors.Is(err, last) || b.String() != want.String() {
			t.Errorf("%d rows, error %v, equal %v: want %d, %v and equal lines", n, err, b.String() == want.String(), len(rows), last)
		}
	}
	in, out := io.Pipe()
	in.CloseWithError(bad)
	yielded := 0
	_, err := Write(out, TSV, func(yield func(Row, error) bool) {
		for yield(rows[0], nil) {
			yielded++
		}
	})
	if !errors.Is(err, bad) {
		t.Errorf("error %v after %d rows: want %v", err, yielded, bad)
	}
}
