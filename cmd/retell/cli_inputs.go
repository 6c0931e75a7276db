package main

import (
	"fmt"
	"iter"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/tokenize"
)

// inputFlags are constraints on translations.
type inputFlags struct {
	asJSON bool
	prefix string
	avoid  string // a file

	glossary string // a file
	markup   []string
}

func (f *inputFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.BoolVar(&f.asJSON, "json-input", false, "read one JSON object a line, with conditions on its translation")
	flags.StringVar(&f.prefix, "prefix", "", "beginning of every translation, unless its line sets another")
	flags.StringVar(&f.avoid, "avoid-list", "", "file of phrases that no translation may contain, one a line")
	flags.StringVar(&f.glossary, "glossary", "", "file of terms, one a line: phrase TAB translation, or a phrase alone to keep as it is")
	flags.StringSliceVar(&f.markup, "markup", nil, "markup to keep as it is: xml, placeholders or xml,placeholders")
}

// read streams the models' inputs from the named file. format is the format of the models' training data.
func (f *inputFlags) read(cmd *cobra.Command, models *seq2seq.Ensemble, format corpora.Format, name string) (iter.Seq2[seq2seq.Input, error], error) {
	apply, err := f.terms(cmd, models)
	if err != nil {
		return nil, err
	}
	var avoid []string
	if f.avoid != "" {
		phrases, err := corpora.Collect(corpora.Lines(f.avoid, readOptions(cmd)))
		if err != nil {
			return nil, err
		}
		for i, phrase := range phrases {
			if tokenize.IsBlank(phrase) {
				return nil, fmt.Errorf("%s:%d: line is empty: want a phrase", f.avoid, i+1)
			}
		}
		avoid = phrases
	}
	return func(yield func(seq2seq.Input, error) bool) {
		for line, err := range corpora.Lines(name, readOptions(cmd)) {
			var in seq2seq.Input
			if err == nil {
				if in, err = f.parse(format, line); err == nil {
					in = apply(in)
					in.Avoid = append(in.Avoid, avoid...)
				} else {
					err = corpora.LineError(err)
				}
			}
			if !yield(in, err) {
				return
			}
		}
	}, nil
}

// terms returns a function that applies the glossary and the markup to an input.
func (f *inputFlags) terms(cmd *cobra.Command, models *seq2seq.Ensemble) (func(seq2seq.Input) seq2seq.Input, error) {
	markup, err := seq2seq.ParseMarkup(f.markup...)
	if err != nil {
		return nil, misuse{err}
	}
	var glossary *seq2seq.Glossary
	if f.glossary != "" {
		if glossary, err = seq2seq.ReadGlossary(f.glossary, readOptions(cmd)); err != nil {
			return nil, err
		}
	}
	return func(in seq2seq.Input) seq2seq.Input {
		if in = markup.Apply(in); glossary != nil {
			in = glossary.Apply(in, models.Target())
		}
		return in
	}, nil
}

func (f *inputFlags) parse(format corpora.Format, line string) (seq2seq.Input, error) {
	in := seq2seq.Input{Source: line}
	var err error
	if f.asJSON {
		if in, err = seq2seq.ParseInput(line); err != nil {
			return in, err
		}
	}
	if in.Prefix == "" {
		in.Prefix = f.prefix
	}
	in.Typed = in.Source
	in.Source, err = format.Source(in.Source)
	return in, err
}
