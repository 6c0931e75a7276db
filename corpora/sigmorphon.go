package corpora

import (
	"errors"
	"fmt"
	"strings"

	"github.com/retell-rnn/retell/internal/quote"
)

// parseSIGMORPHON reads a line of the CoNLL-SIGMORPHON 2017 shared task 1, `lemma TAB form TAB FEAT;FEAT`. With
// sourceOnly, it also accepts `lemma TAB FEAT;FEAT`.
//
// The source is one symbol for each feature, then the letters of the lemma: `+V +PST g e h e n`. A feature, a plus and
// its name, has at least two code points and never equals a letter. Features come first as in MED, the winner of the
// task in 2016 (Kann and Schütze, Single-Model Encoder-Decoder with Explicit Morphological Representation for
// Reinflection, 2016).
func parseSIGMORPHON(line string, sourceOnly bool) (Example, error) {
	in, err := splitSIGMORPHON(line, sourceOnly)
	if err != nil {
		return Example{}, err
	}
	var source strings.Builder
	for feature := range strings.SplitSeq(in.features, ";") {
		source.WriteString("+" + feature + " ")
	}
	e := Example{Source: source.String() + Letters(in.lemma)}
	if !sourceOnly {
		e.Targets = []string{Letters(in.form)}
	}
	return e, nil
}

// inflection holds the columns of a line. form is empty with sourceOnly.
type inflection struct{ lemma, form, features string }

// splitSIGMORPHON returns the columns of a line.
func splitSIGMORPHON(line string, sourceOnly bool) (inflection, error) {
	columns := strings.Split(line, "\t")
	switch {
	case line == "":
		return inflection{}, errors.New("line is empty: want `lemma TAB form TAB features`")
	case sourceOnly && len(columns) != 2 && len(columns) != 3:
		return inflection{}, fmt.Errorf("line has %s: want 2 (lemma, features) or 3 (lemma, form, features), separated by tabs",
			number(len(columns), "column"))
	case !sourceOnly && len(columns) != 3:
		return inflection{}, fmt.Errorf("line has %s: want 3 (lemma, form, features), separated by tabs", number(len(columns), "column"))
	}
	in := inflection{lemma: columns[0], features: strings.TrimSpace(columns[len(columns)-1])}
	for feature := range strings.SplitSeq(in.features, ";") {
		if feature == "" || strings.Contains(feature, " ") {
			return inflection{}, fmt.Errorf("features are %s: want names without spaces, separated by semicolons", quote.Text(in.features))
		}
	}
	if isBlank(in.lemma) {
		return inflection{}, errors.New("lemma is empty: want letters")
	}
	if !sourceOnly {
		in.form = columns[1]
	}
	return in, nil
}
