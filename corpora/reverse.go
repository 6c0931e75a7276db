package corpora

import "strings"

// readReversed yields the examples of a format with source and target swapped, one for each target.
func (f Format) readReversed(path string, opts *ReadOptions, yield func(Example, error) bool) error {
	forward, both := f, *opts
	forward.Reverse, both.SourceOnly = false, false // the forward target is the source here
	return forward.read(path, &both, func(e Example, err error) bool {
		if err != nil {
			return yield(Example{}, err)
		}
		for _, target := range e.Targets {
			r := e
			if r.Source, r.Targets = target, nil; !opts.SourceOnly {
				r.Targets = []string{e.Source}
			}
			if !yield(r, nil) {
				return false
			}
		}
		return true
	})
}

// reversedSource is Source with Reverse.
func (f Format) reversedSource(line string) string {
	switch f.Type {
	case TypeCMUdict: // phonemes
		phonemes := strings.Fields(line)
		for i, p := range phonemes {
			if !f.Stress {
				phonemes[i] = unstressed(p)
			}
		}
		return strings.Join(phonemes, " ")
	case TypeSIGMORPHON: // a form
		return Letters(line)
	}
	return line
}

// reversedDisplay is Display with Reverse.
func (f Format) reversedDisplay(target string) string {
	switch f.Type {
	case TypeCMUdict: // letters
		return JoinLetters(target)
	case TypeSIGMORPHON: // features and the letters of a lemma
		var features, letters []string
		for _, symbol := range strings.Fields(target) {
			if name, ok := strings.CutPrefix(symbol, "+"); ok && name != "" {
				features = append(features, name)
			} else {
				letters = append(letters, symbol)
			}
		}
		if lemma := JoinLetters(strings.Join(letters, " ")); len(features) > 0 {
			return lemma + "\t" + strings.Join(features, ";")
		}
		return JoinLetters(target)
	}
	return target
}
