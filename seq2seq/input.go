package seq2seq

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/retell-rnn/retell/internal/quote"
	"github.com/retell-rnn/retell/seq2seq/internal/search"
	"github.com/retell-rnn/retell/tokenize"
)

// Input is a line to translate, with constraints on its translation. A translation holds a phrase if it holds the
// phrase's tokens at the beginning or after a space; the phrase may end within a word. An empty line has an empty
// translation, whatever its constraints.
//
// Its JSON has Sockeye's keys.
type Input struct {
	Source      string   `json:"text"`          // line to translate
	Typed       string   `json:"-"`             // the line before changes, for [Translation.Source]; "" means Source
	Prefix      string   `json:"target_prefix"` // beginning of the translation
	Constraints []string `json:"constraints"`   // phrases that the translation must hold, in any order; they may overlap
	Avoid       []string `json:"avoid"`         // phrases that the translation must not hold; a phrase that the vocabulary cannot spell has no effect

	Fixed []Fixed `json:"-"` // parts of Source that are not translated, in order; see [Markup]
	Held  []Held  `json:"-"` // phrases that the translation must hold; see [Glossary]
}

// ParseInput reads an Input from a line with a JSON object. Only "text" is required. Unknown keys are an error.
func ParseInput(line string) (Input, error) {
	var in struct {
		Input
		Source *string `json:"text"`
	}
	d := json.NewDecoder(bytes.NewReader([]byte(line)))
	d.DisallowUnknownFields()
	err := d.Decode(&in)
	switch {
	case errors.Is(err, io.EOF):
		return Input{}, errors.New(`seq2seq: line is empty: want a JSON object with "text"`)
	case err != nil:
		return Input{}, fmt.Errorf(`seq2seq: line is no JSON input: %s; want an object with "text" and optional "target_prefix", "constraints" and "avoid"`, quote.JSON(err))
	case d.More():
		return Input{}, errors.New("seq2seq: line goes on after its JSON object: want one object")
	case in.Source == nil:
		return Input{}, errors.New(`seq2seq: JSON object has no "text": want the line to translate`)
	}
	in.Input.Source = *in.Source
	return in.Input, nil
}

// sentence returns an input in the form that a search reads. source is its encoded source, number its place in the
// stream.
func (in *Input) sentence(target *tokenize.Codec, source sourceLine, number uint64) (search.Sentence, error) {
	oov := *source.oov
	s := search.Sentence{Source: len(source.src), Number: number, Prefix: encodeTarget(target, in.Prefix, oov)}
	if slices.Contains(s.Prefix, tokenize.Unk) {
		return s, fmt.Errorf("prefix %s: the vocabulary lacks a word of it", quote.Text(in.Prefix))
	}
	var avoid []search.Phrase
	var avoided []string
	for _, text := range in.Avoid {
		p, spelled := newPhrase(target, text, oov)
		switch {
		case len(p.First) == 0:
			return s, fmt.Errorf("avoid %s: it has no tokens", quote.Text(text))
		case p.Within(s.Prefix):
			return s, fmt.Errorf("avoid %s: the prefix %s holds it", quote.Text(text), quote.Text(in.Prefix))
		case spelled:
			s.Rules = append(s.Rules, search.Avoid(p))
			avoid, avoided = append(avoid, p), append(avoided, text)
		}
	}
	held := in.Held
	for _, text := range in.Constraints {
		held = append(slices.Clip(held), Held{Text: text})
	}
	for n, h := range held {
		text := h.Text
		if slices.ContainsFunc(held[:n], func(g Held) bool { return g.Text == text }) {
			continue // a repeated constraint
		}
		p, spelled := newPhrase(target, text, oov)
		if first := encodeTarget(target, capital(text), oov); h.Capital && spelled && !slices.Contains(first, tokenize.Unk) {
			p.First = first
		}
		switch {
		case len(p.First) == 0:
			return s, fmt.Errorf("constraint %s: it has no tokens", quote.Text(text))
		case !spelled:
			return s, fmt.Errorf("constraint %s: the vocabulary lacks a word of it", quote.Text(text))
		}
		for i, a := range avoid {
			if a.Within(p.First) || a.Within(slices.Concat([]int32{tokenize.BOS}, p.Later)) {
				return s, fmt.Errorf("constraint %s: it holds %s, which avoid excludes", quote.Text(text), quote.Text(avoided[i]))
			}
		}
		s.Wants = append(s.Wants, p)
	}
	return s, nil
}

// capital returns text with its first letter in upper case.
func capital(text string) string {
	r, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToTitle(r)) + text[size:]
}

// newPhrase encodes a phrase for the beginning of a translation and for later places. oov lists the source's
// out-of-vocabulary words. spelled reports whether the vocabulary and oov can spell the whole phrase.
func newPhrase(target *tokenize.Codec, text string, oov []string) (p search.Phrase, spelled bool) {
	const before = "x" // any word: tokens after a space do not depend on it
	p = search.Phrase{
		First: encodeTarget(target, text, oov),
		Later: encodeTarget(target, before+" "+text, oov)[len(target.Encode(before)):],
	}
	if len(p.Later) == 0 || len(p.First) == 0 {
		return search.Phrase{}, true
	}
	return p, !slices.Contains(p.First, tokenize.Unk) && !slices.Contains(p.Later, tokenize.Unk)
}
