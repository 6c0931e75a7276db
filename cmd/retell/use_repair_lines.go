package main

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"strings"
	"sync"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/corpora/markup"
	"github.com/retell-rnn/retell/seqae/repair"
)

// lineStream is a stream of lines.
type lineStream = iter.Seq2[string, error]

// objectTexts streams the texts of JSON objects, one a line.
func objectTexts(lines lineStream) lineStream {
	return func(yield func(string, error) bool) {
		for line, err := range lines {
			if err == nil {
				if line, err = objectText(line); err != nil {
					line, err = "", corpora.LineError(err)
				}
			}
			if !yield(line, err) {
				return
			}
		}
	}
}

// objectText returns the text of a JSON object.
func objectText(line string) (string, error) {
	var in struct {
		Text *string `json:"text"`
	}
	if err := json.Unmarshal([]byte(line), &in); err != nil || in.Text == nil {
		return "", errors.New(`line is no JSON object with a text: want one such as {"text": "teh cat"}`)
	}
	if strings.ContainsAny(*in.Text, "\n\r\x00") {
		return "", errors.New("text has a line break or a NUL: want a line")
	}
	return *in.Text, nil
}

// lineRepairs repairs the texts within lines and yields whole lines.
type lineRepairs struct {
	model   *repair.Repairer
	reader  *markup.Reader
	lines   lineStream
	numbers *lineNumbers // of lines, if they may be unreadable
	options *repair.Options

	mu      sync.Mutex // the model may read ahead in another goroutine
	waiting []*pending // in order
}

// pending is a line whose texts are being repaired.
type pending struct {
	line  markup.Line
	bad   *badLine
	texts []repair.Repair // so far
}

// answeredLine is a line with its repair.
type answeredLine struct {
	repair.Repair
	bad *badLine // why the line could not be read; nil if it could
}

// all yields the lines with their repairs, in order. An error ends the stream.
func (p *lineRepairs) all(ctx context.Context) iter.Seq2[answeredLine, error] {
	return func(yield func(answeredLine, error) bool) {
		for text, err := range p.model.Repair(ctx, p.texts, p.options) {
			if err != nil {
				yield(answeredLine{}, err)
				return
			}
			if done, ok := p.take(text); ok && !yield(done, nil) {
				return
			}
		}
	}
}

// texts yields the texts of all lines: at least one for each, which may be empty, so that no line waits for the next.
func (p *lineRepairs) texts(yield func(string, error) bool) {
	for line, err := range p.lines {
		if err != nil {
			yield("", err)
			return
		}
		l := p.reader.Split(line)
		var bad *badLine
		if p.numbers != nil {
			bad = p.numbers.last
		}
		p.mu.Lock()
		p.waiting = append(p.waiting, &pending{line: l, bad: bad})
		p.mu.Unlock()
		if len(l.Texts) == 0 && !yield("", nil) {
			return
		}
		for _, t := range l.Texts {
			if !yield(t.Text, nil) {
				return
			}
		}
	}
}

// take adds a repaired text to the first line that waits. It returns the line if it is complete.
func (p *lineRepairs) take(text repair.Repair) (answeredLine, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	first := p.waiting[0]
	first.texts = append(first.texts, text)
	if len(first.texts) < len(first.line.Texts) {
		return answeredLine{}, false
	}
	p.waiting = p.waiting[1:]
	return answeredLine{first.whole(), first.bad}, true
}

// whole returns the repair of a line. Edits across markup are left out.
func (p *pending) whole() repair.Repair {
	r := repair.Repair{Source: p.line.Source, Edits: []repair.Edit{}}
	var edits []markup.Edit
	for i, text := range p.line.Texts {
		done := p.texts[i]
		r.Flagged = r.Flagged || done.Flagged
		for _, e := range done.Edits {
			if at, ok := text.InLine(markup.Edit{Start: e.Start, End: e.End, Text: e.Text}); ok {
				edits = append(edits, at)
				r.Edits = append(r.Edits, repair.Edit{Start: at.Start, End: at.End, Text: at.Text, Probability: e.Probability})
			}
		}
		for _, s := range done.Suggestions {
			if at, ok := text.InLine(markup.Edit{Start: s.Start, End: s.End}); ok {
				r.Suggestions = append(r.Suggestions, repair.Suggestion{Start: at.Start, End: at.End, Candidates: s.Candidates})
			}
		}
	}
	r.Text = markup.Apply(p.line.Source, edits)
	return r
}
