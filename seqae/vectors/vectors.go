package vectors

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/retell-rnn/retell/corpora"
)

// Row is a sentence and its vector. The vector of a blank sentence is all zeros. The Embed methods of models stream the
// same type, so [Collect], [Write], [Index.Search] and [Dedupe] take their output directly.
type Row = corpora.Embedding

// Limits of a row. A file that exceeds them is damaged.
const (
	maxText  = 16 << 20 // bytes
	maxWidth = 1 << 20  // numbers
)

// checkRow returns an error for a row that no file can hold. width is the length that the vector must have; 0 allows
// any.
func checkRow(r Row, width int) error {
	if err := checkVector(r.Vector, width); err != nil {
		return err
	}
	switch {
	case len(r.Text) > maxText:
		return fmt.Errorf("text has %d bytes: want at most %d", len(r.Text), maxText)
	case !utf8.ValidString(r.Text):
		return fmt.Errorf("text %.40q is not UTF-8", r.Text)
	case strings.Contains(r.Text, "\n"):
		return fmt.Errorf("text %.40q holds a line break: want one line", r.Text)
	}
	return nil
}

// checkVector returns an error for a vector of another length than width, unless width is 0, and for a vector with NaN
// or infinite numbers.
func checkVector(v []float32, width int) error {
	switch {
	case len(v) == 0:
		return errors.New("vector is empty: want at least 1 number")
	case width > 0 && len(v) != width:
		return fmt.Errorf("vector has %d numbers: want %d", len(v), width)
	case len(v) > maxWidth:
		return fmt.Errorf("vector has %d numbers: want at most %d", len(v), maxWidth)
	}
	for i, x := range v {
		const exponent = 0xff << 23 // of NaN and infinities
		if math.Float32bits(x)&exponent == exponent {
			return fmt.Errorf("number %d of the vector is %v: want a finite number", i+1, x)
		}
	}
	return nil
}
