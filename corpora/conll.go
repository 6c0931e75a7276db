package corpora

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// conllUColumns are the columns of CoNLL-U.
var conllUColumns = strings.Fields("id form lemma upos xpos feats head deprel deps misc")

// docStart is the token that begins a document in files of CoNLL-2003.
const docStart = "-DOCSTART-"

// readCoNLL yields the sentences of a file with a token on each line. Columns are separated by tabs if the first line
// of tokens has one, and by white space otherwise. An error about a line takes the place of its sentence.
//
// Buchholz and Marsi, CoNLL-X Shared Task on Multilingual Dependency Parsing, 2006. Nivre et al., Universal
// Dependencies v1, 2016.
func (f Format) readCoNLL(path string, opts *ReadOptions, yield func(Example, error) bool) error {
	r, err := openLines(path, opts)
	if err != nil {
		return err
	}
	defer r.close()
	c := conllReader{format: f, sourceOnly: opts.SourceOnly, header: f.Header}
	if f.Type == TypeCoNLLU {
		c.names, c.width, c.tabs = conllUColumns, len(conllUColumns), true
	}
	found := false
	for {
		line, err := r.next()
		ended := err == io.EOF || err == nil && c.isBreak(line)
		switch {
		case ended:
			e, some, bad := c.sentence(r)
			if found = found || some; some && !yield(e, bad) {
				return nil
			}
			if err == io.EOF {
				return r.wantSome(found || opts.SourceOnly) // nothing to label is no error
			}
		case IsLineError(err):
			c.bad = cmp.Or(c.bad, err)
		case err != nil:
			return err
		default:
			err := c.add(line, r)
			if fatal, ok := errors.AsType[wrongFile](err); ok {
				return unmarked(r.bad(fatal.Error()))
			}
			if err != nil {
				c.bad = cmp.Or(c.bad, r.bad(err.Error()))
			}
		}
	}
}

// conllReader collects the lines of a sentence.
type conllReader struct {
	format     Format
	sourceOnly bool
	header     bool     // the next line names the columns
	names      []string // of the columns, in lower case; nil if they are not known
	width      int      // number of columns of a line; 0 before the first
	tabs       bool     // tabs separate columns
	placed     bool     // token and labels are set
	token      int      // column of the tokens, from 0
	labels     []int    // columns of the labels, from 0

	tokens []string
	column [][]string // labels of each column
	lines  []int      // line of each token
	bytes  int        // length of the sentence's lines
	bad    error      // first error within the sentence
}

// isBreak reports whether a line ends a sentence.
func (c *conllReader) isBreak(line string) bool {
	return isBlank(line) && !strings.Contains(line, "\t") || strings.HasPrefix(line, docStart) && isBreakAfter(line[len(docStart):])
}

// isBreakAfter reports whether a column ends before rest.
func isBreakAfter(rest string) bool { return rest == "" || rest[0] == ' ' || rest[0] == '\t' }

// add reads a line within a sentence. An error is about the line, or a wrongFile.
func (c *conllReader) add(line string, r *lineReader) error {
	if c.isComment(line) {
		if names, ok := strings.CutPrefix(strings.TrimSpace(line[1:]), "global.columns"); ok {
			c.names = strings.Fields(strings.ToLower(strings.TrimLeft(names, " =")))
			c.width, c.placed = len(c.names), false
		}
		return nil
	}
	if c.width == 0 {
		c.tabs = strings.Contains(line, "\t")
	}
	columns := c.split(line)
	if c.header || c.names == nil && c.needsNames() {
		c.header, c.width = false, len(columns)
		c.names = strings.Split(strings.ToLower(strings.Join(columns, "\t")), "\t")
		return nil
	}
	if c.width == 0 {
		c.width = len(columns)
	}
	if !c.placed {
		if err := c.place(); err != nil {
			return wrongFile{err}
		}
	}
	if n := len(columns); n != c.width && !(c.sourceOnly && n > c.token && c.format.Type == TypeCoNLL) {
		return fmt.Errorf("line has %s: want %d, as the lines before", number(n, "column"), c.width)
	}
	if c.format.Type == TypeCoNLLU && strings.ContainsAny(columns[0], "-.") {
		return nil // a range of words, such as 1-2, or an empty node, such as 1.1
	}
	if c.bytes += len(line) + 1; c.bytes > r.max {
		c.tokens, c.column, c.lines = nil, nil, nil // another error is already noted
		return fmt.Errorf("sentence is longer than %d bytes: want a blank line behind each sentence", r.max)
	}
	return c.addToken(columns, r.line)
}

// addToken reads the columns of a token.
func (c *conllReader) addToken(columns []string, line int) error {
	token := columns[c.token]
	if isBlank(token) {
		return errors.New("token is empty: want text")
	}
	if c.column == nil {
		c.column = make([][]string, len(c.labels))
	}
	for k, at := range c.labels {
		if isBlank(columns[at]) {
			return fmt.Errorf("label of %q in column %d is empty: want a label", token, at+1)
		}
		c.column[k] = append(c.column[k], columns[at])
	}
	c.tokens, c.lines = append(c.tokens, token), append(c.lines, line)
	return nil
}

// isComment reports whether a line is a comment. A # alone in its column is a token.
func (c *conllReader) isComment(line string) bool {
	if !strings.HasPrefix(line, "#") {
		return false
	}
	switch {
	case c.format.Type == TypeCoNLLU, strings.HasPrefix(line, "# global.columns"):
		return true
	case c.width == 0:
		return strings.HasPrefix(line, "# ") && !strings.Contains(line, "\t")
	}
	return !strings.Contains(line, "\t") && len(c.split(line)) != c.width
}

// split returns the columns of a line.
func (c *conllReader) split(line string) []string {
	if c.tabs {
		return strings.Split(line, "\t")
	}
	return strings.Fields(line)
}

// needsNames reports whether the format names a column.
func (c *conllReader) needsNames() bool {
	named := func(column string) bool {
		_, err := strconv.Atoi(column)
		return err != nil
	}
	return c.format.Tokens != "" && named(c.format.Tokens) || !c.sourceOnly && slices.ContainsFunc(splitList(c.format.Labels), named)
}

// place finds the columns of the tokens and labels.
func (c *conllReader) place() error {
	f := c.format
	tokens, labels := cmp.Or(f.Tokens, "1"), splitList(f.Labels)
	if f.Type == TypeCoNLLU {
		tokens = "form"
		if len(labels) == 0 {
			labels = []string{"upos"}
		}
	}
	var err error
	if c.token, err = c.find(tokens); err != nil {
		return err
	}
	c.labels, c.placed = nil, true
	if c.sourceOnly {
		return nil
	}
	if len(labels) == 0 {
		if c.width < 2 {
			return fmt.Errorf("line has %s: want at least 2, a token and its label", number(c.width, "column"))
		}
		labels = []string{strconv.Itoa(c.width)}
	}
	for _, name := range labels {
		at, err := c.find(name)
		switch {
		case err != nil:
			return err
		case at == c.token || slices.Contains(c.labels, at):
			return fmt.Errorf("column %s is used twice: want columns of their own for tokens and labels", name)
		}
		c.labels = append(c.labels, at)
	}
	return nil
}

// find returns a column, from 0, by its number from 1 or its name.
func (c *conllReader) find(column string) (int, error) {
	if n, err := strconv.Atoi(column); err == nil {
		if n > c.width {
			return 0, fmt.Errorf("line has %s, and no column %d: want at least %d", number(c.width, "column"), n, n)
		}
		return n - 1, nil
	}
	at := slices.Index(c.names, strings.ToLower(column))
	if at < 0 {
		return 0, fmt.Errorf("file has no column %q: want one of %s", column, strings.Join(c.names, ", "))
	}
	return at, nil
}

// sentence returns the sentence that has ended, if there is one, or its error, and begins the next.
func (c *conllReader) sentence(r *lineReader) (Example, bool, error) {
	tokens, column, lines, bad := c.tokens, c.column, c.lines, c.bad
	c.tokens, c.column, c.lines, c.bad, c.bytes = nil, nil, nil, nil, 0
	switch {
	case bad != nil:
		return Example{}, true, bad
	case len(tokens) == 0:
		return Example{}, false, nil
	}
	e, at, err := c.format.labeled(tokens, column)
	if err != nil {
		return Example{}, true, LineError(&Error{File: r.name, Line: lines[at], Msg: err.Error()})
	}
	return e, true, nil
}
