package corpora

import "strings"

// readReversed yields what a format reads with source and target exchanged: an example for each target.
func (f Format) readReversed(path string, opts *ReadOptions, yield func(Example, error) bool) error {
	forward, both := f, *opts
	forward.Reverse, both.SourceOnly = false, false // what is the source here is the target there
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

// reversedSource is Source for a format whose sides are exchanged.
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

// reversedDisplay is Display for a format whose sides are exchanged.
func (f Format) reversedDisplay(target string) string {
	switch f.Type {
	case TypeCMUdict: // letters
		return JoinLetters(target)
	case TypeSIGMORPHON: // features, and letters of a lemma
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
