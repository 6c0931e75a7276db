package noise

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/retell-rnn/retell/internal/setting"
)

// Confusions are the errors that [Fit] found in pairs of lines. The probability of an edit is its count divided by the
// number of places that could have it.
type Confusions struct {
	Format string  `json:"format"` // confusionsFormat
	Errors float64 `json:"errors"` // errors per character of all lines
	Lines  float64 `json:"lines"`  // share of lines with errors
	// Rate is the rate at which lines that are corrupted until they have an error have as many as those of the data.
	Rate  float64 `json:"rate"`
	Edits []Edit  `json:"edits"` // of up to 3 characters
	Words []Word  `json:"words"` // of whole words that were misspelled alike at least twice
}

// confusionsFormat marks a file of confusions and its version.
const confusionsFormat = "retell-confusions-1"

// Edit is a run of characters and its replacement; an empty From is an insertion.
type Edit struct {
	From     string    `json:"from"`
	To       string    `json:"to"`
	Count    int       `json:"count"`    // times that From became To
	Of       int       `json:"of"`       // times that From occurred
	Contexts []Context `json:"contexts"` // those between certain characters; spaces stand for the ends of a line
}

// Context counts an edit between two characters.
type Context struct {
	Before string `json:"before"`
	After  string `json:"after"`
	Count  int    `json:"count"`
	Of     int    `json:"of"`
}

// Word is a word and a misspelling of it.
type Word struct {
	From  string `json:"from"`
	To    string `json:"to"`
	Count int    `json:"count"`
	Of    int    `json:"of"`
}

// Write writes confusions as JSON.
func (c *Confusions) Write(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	return e.Encode(c)
}

// ReadConfusions reads a file that [Confusions.Write] wrote. Errors name the file.
func ReadConfusions(path string) (*Confusions, error) {
	text, err := os.ReadFile(path)
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
		return nil, fmt.Errorf("noise: %s: %w", path, pathErr.Err)
	}
	var c *Confusions
	if err == nil {
		c, err = parseConfusions(text)
	}
	if err != nil {
		return nil, fmt.Errorf("noise: %s: %w", path, err)
	}
	return c, nil
}

// parseConfusions reads confusions and checks them.
func parseConfusions(text []byte) (*Confusions, error) {
	var c Confusions
	if err := json.Unmarshal(text, &c); err != nil || c.Format != confusionsFormat {
		return nil, fmt.Errorf("no confusions: want a file of 'retell noise fit', with the format %q", confusionsFormat)
	}
	var v setting.Check
	v.Within("errors", c.Errors, 0, 1)
	v.Within("rate", c.Rate, 0, 1)
	v.Within("lines", c.Lines, 0, 1)
	counts := func(path string, count, of int) {
		if count < 1 || of < count {
			v.Add(path, "count %d of %d: want 1 or more, and no more than all", count, of)
		}
	}
	for i, e := range c.Edits {
		path := fmt.Sprintf("edits.%d", i)
		counts(path, e.Count, e.Of)
		if e.From == e.To {
			v.Add(path, "from %q to %q: want a change", e.From, e.To)
		}
		for j, x := range e.Contexts {
			counts(fmt.Sprintf("%s.contexts.%d", path, j), x.Count, x.Of)
		}
	}
	for i, w := range c.Words {
		counts(fmt.Sprintf("words.%d", i), w.Count, w.Of)
	}
	if err := v.Err(); err != nil {
		return nil, err
	}
	return &c, nil
}
