package main

import (
	"encoding/json"
	"iter"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/corpora"
)

// sentence is an input of label predict: a text and the places of its tokens.
type sentence struct {
	text   string
	tokens []corpora.Token
}

// line returns the tokens as a labeler reads them.
func (s sentence) line() string {
	texts := make([]string, len(s.tokens))
	for i, t := range s.tokens {
		texts[i] = t.Text
	}
	return corpora.JoinFields(texts)
}

// ofTokens returns the sentence of tokens joined by spaces.
func ofTokens(tokens []string) sentence {
	var s sentence
	var text strings.Builder
	for i, token := range tokens {
		if i > 0 {
			text.WriteByte(' ')
		}
		start := text.Len()
		text.WriteString(token)
		s.tokens = append(s.tokens, corpora.Token{Text: token, Start: start, End: text.Len()})
	}
	s.text = text.String()
	return s
}

// sentences streams the sentences of the named file.
func (f *labelPredictFlags) sentences(cmd *cobra.Command, name string) iter.Seq2[sentence, error] {
	opts := readOptions(cmd)
	opts.SourceOnly, opts.AllowEmpty = true, true
	split := corpora.SplitWords
	if f.chars {
		split = corpora.SplitCharacters
	}
	format := corpora.Format{Type: f.input, Tokens: f.tokens}
	return func(yield func(sentence, error) bool) {
		switch f.input {
		case fromText, corpora.TypeTokens, corpora.TypeTagged:
			for line, err := range corpora.Lines(name, opts) {
				var s sentence
				if err == nil {
					if s, err = f.parse(line, format, split); err != nil {
						err = corpora.LineError(err)
					}
				}
				if !yield(s, err) {
					return
				}
			}
		default:
			for e, err := range format.Read(name, opts) {
				if !yield(ofTokens(corpora.SplitFields(e.Source)), err) {
					return
				}
			}
		}
	}
}

// parse returns the sentence of a line.
func (f *labelPredictFlags) parse(line string, format corpora.Format, split func(string) []corpora.Token) (sentence, error) {
	switch {
	case f.input == corpora.TypeTagged:
		return ofTokens(strings.Fields(line)), nil
	case f.input == fromText:
		return sentence{line, split(line)}, nil
	case strings.TrimSpace(line) == "":
		return sentence{}, nil
	}
	var object struct {
		Text *string `json:"text"`
	}
	if f.tokens == "" && json.Unmarshal([]byte(line), &object) == nil && object.Text != nil && !strings.Contains(line, `"tokens"`) {
		return sentence{*object.Text, split(*object.Text)}, nil
	}
	e, err := format.Parse(line)
	return ofTokens(corpora.SplitFields(e.Source)), err
}

// sentenceQueue keeps the sentences that a labeler has read and not yet answered.
type sentenceQueue struct {
	mu   sync.Mutex
	read []sentence
}

// lines streams the tokens of sentences, and keeps the sentences.
func (q *sentenceQueue) lines(sentences iter.Seq2[sentence, error]) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for s, err := range sentences {
			q.mu.Lock()
			q.read = append(q.read, s)
			q.mu.Unlock()
			if !yield(s.line(), err) {
				return
			}
		}
	}
}

// next removes the oldest sentence. Answers come in order, one for each sentence.
func (q *sentenceQueue) next() sentence {
	q.mu.Lock()
	defer q.mu.Unlock()
	s := q.read[0]
	q.read = q.read[1:]
	return s
}
