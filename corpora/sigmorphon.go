package corpora

import (
	"errors"
	"fmt"
	"strings"
)

// parseSIGMORPHON reads a line of the CoNLL-SIGMORPHON 2017 shared task 1, `lemma TAB form TAB FEAT;FEAT`, or where only the source
// is wanted also `lemma TAB FEAT;FEAT`.
//
// The source is one symbol for each feature, then the letters of the lemma: `+V +PST g e h e n`. A feature is a plus and its
// name, so two code points at least, and never equals a letter, which is one. Features come first as in MED, the winner of the
// task's 2016 edition (Kann and Schütze, Single-Model Encoder-Decoder with Explicit Morphological Representation for
// Reinflection, 2016).
func parseSIGMORPHON(line string, sourceOnly bool) (Example, error) {
	columns := strings.Split(line, "\t")
	switch {
	case line == "":
		return Example{}, errors.New("line is empty: want `lemma TAB form TAB features`")
	case sourceOnly && len(columns) != 2 && len(columns) != 3:
		return Example{}, fmt.Errorf("line has %s: want 2 (lemma, features) or 3 (lemma, form, features), separated by tabs",
			number(len(columns), "column"))
	case !sourceOnly && len(columns) != 3:
		return Example{}, fmt.Errorf("line has %s: want 3 (lemma, form, features), separated by tabs", number(len(columns), "column"))
	}
	lemma, features := columns[0], columns[len(columns)-1]
	var source strings.Builder
	for feature := range strings.SplitSeq(features, ";") {
		if feature == "" || strings.Contains(feature, " ") {
			return Example{}, fmt.Errorf("features are %q: want names without spaces, separated by semicolons", features)
		}
		source.WriteString("+" + feature + " ")
	}
	if isBlank(lemma) {
		return Example{}, errors.New("lemma is empty: want letters")
	}
	e := Example{Source: source.String() + Letters(lemma)}
	if !sourceOnly {
		e.Targets = []string{Letters(columns[1])}
	}
	return e, nil
}
