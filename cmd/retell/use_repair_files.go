package main

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/atomicfile"
	"github.com/retell-rnn/retell/internal/linelog"
	"github.com/retell-rnn/retell/seqae/repair"
)

// toFile writes the repairs of an input to f.output, and continues an earlier run if asked to.
func (f *repairFlags) toFile(cmd *cobra.Command, model *repair.Repairer, name string) error {
	sum, err := checksum(f.path)
	if err != nil {
		return err
	}
	origin := fmt.Sprintf("model %s, int8 %v, markup %q, threshold %v, bound %v, suggest %d, json %v", sum, f.int8, f.markup,
		f.options.Threshold, f.options.Bound, f.options.Suggest, f.json)
	if f.options.Suggest > 0 && !f.json {
		return misusef("--suggest %d: want --json with -o", f.options.Suggest)
	}
	out, err := linelog.Create(f.output, origin, f.resume)
	if err != nil {
		return err
	}
	if out.Rows() > 0 {
		logger(cmd).Info("continuing", "lines", out.Rows())
	}
	ctx, stop := untilSignal(cmd.Context())
	defer stop()
	numbers := f.lines.numbers(cmd, name)
	lines, err := f.repaired(cmd, model, name, numbers, nil)
	if err == nil {
		lines.lines = func(yield func(string, error) bool) {
			for line, err := range f.read(cmd, numbers, name) {
				if err == nil {
					var has bool
					if has, err = out.Has(line); has {
						lines.reader.Split(line) // remembers code in Markdown
						continue
					}
				}
				if !yield(line, err) {
					return
				}
			}
		}
		total := tally{lines: out.Rows()}
		for r, failed := range lines.all(ctx) {
			if err = failed; err == nil {
				total.add(cmd, numbers.input, total.lines+1, r)
				var b strings.Builder
				err = cmp.Or(f.writeLine(&b, "", 0, r), out.Write(r.Source, strings.TrimSuffix(b.String(), "\n")))
			}
			if err != nil {
				break
			}
		}
		if err == nil {
			total.log(cmd)
		}
	}
	if err == nil {
		return cmp.Or(out.Close(), numbers.end())
	}
	if stopped := out.Stop(); stopped != nil {
		return stopped
	}
	return interrupted(ctx, err, "the same command with --resume continues from there")
}

// errUnchanged ends the rewriting of a file that has nothing to repair.
var errUnchanged = errors.New("unchanged")

// rewrite repairs files in place. A file with a line that cannot be read stays as it is.
func (f *repairFlags) rewrite(cmd *cobra.Command, model *repair.Repairer, files []string) error {
	ctx, stop := untilSignal(cmd.Context())
	defer stop()
	for _, name := range files {
		var total tally
		text := rawText{name: name}
		err := atomicfile.Write(name, buffered(func(w *bufio.Writer) error {
			lines, err := f.repaired(cmd, model, name, nil, text.lines)
			if err != nil {
				return err
			}
			for r, err := range lines.all(ctx) {
				if err != nil {
					return err
				}
				total.add(cmd, name, total.lines+1, r)
				if total.lines > 1 {
					w.WriteByte('\n')
				}
				w.WriteString(r.Text) // the error stays and is returned by Flush
			}
			if text.ended {
				w.WriteByte('\n')
			}
			if total.changed == 0 {
				return errUnchanged
			}
			return nil
		}))
		if bad, ok := errors.AsType[*corpora.Error](err); ok {
			return bad // without the name a second time
		}
		if err != nil && !errors.Is(err, errUnchanged) {
			return interrupted(ctx, err, "the file is as it was")
		}
		logger(cmd).Info("repaired", "file", name, "lines", total.lines, "changed", total.changed, "left as they are", total.flagged)
	}
	return nil
}

// rawText is the text of a file, read so that it can be written again to the byte.
type rawText struct {
	name  string
	ended bool // the last line has a line feed; known after the lines
}

// maxRawLine is the most bytes of a line.
const maxRawLine = 1 << 20

// lines streams the lines without line feeds. Carriage returns and a byte order mark stay.
func (t *rawText) lines(yield func(string, error) bool) {
	file, err := os.Open(t.name)
	if failed, ok := errors.AsType[*fs.PathError](err); ok {
		err = failed.Err // the caller names the file
	}
	if err != nil {
		yield("", err)
		return
	}
	defer file.Close()
	in := bufio.NewReaderSize(file, 1<<16)
	for number := 1; ; number++ {
		line, err := readLine(in)
		if err == io.EOF && line == "" {
			return
		}
		t.ended = err == nil
		if err == nil || err == io.EOF {
			switch {
			case len(line) > maxRawLine:
				err = &corpora.Error{File: t.name, Line: number, Msg: fmt.Sprintf("line is longer than %d bytes: want shorter ones", maxRawLine)}
			case !utf8.ValidString(line) || strings.ContainsRune(line, 0):
				err = &corpora.Error{File: t.name, Line: number, Msg: "line is not UTF-8 text: want a file of text"}
			default:
				err = nil
			}
		}
		if !yield(line, err) || err != nil || !t.ended {
			return
		}
	}
}

// readLine reads a line without its line feed, or more than maxRawLine bytes of it. The last line may come with io.EOF.
func readLine(in *bufio.Reader) (string, error) {
	var line []byte
	for {
		piece, err := in.ReadSlice('\n')
		line = append(line, piece...)
		if err != bufio.ErrBufferFull || len(line) > maxRawLine {
			if err == bufio.ErrBufferFull {
				err = nil
			}
			return strings.TrimSuffix(string(line), "\n"), err
		}
	}
}
