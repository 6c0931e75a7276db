package metric

import "strings"

// TEROptions are the settings of TER. The zero value and a nil pointer are sacreBLEU's defaults.
type TEROptions struct {
	Normalize     bool // Tercom's tokenisation: entities undone, punctuation and 's standing alone
	NoPunctuation bool // punctuation does not count
	Asian         bool // the two above treat East Asian characters (each a token) and punctuation too
	CaseSensitive bool // otherwise everything is compared in lower case
}

// TER is the number of edits, among which moving a run of words counts as one, by the number of words in the
// references, in per cent (Snover et al., A Study of Translation Edit Rate with Targeted Human Annotation, 2006). It is
// computed as sacreBLEU does, which follows Tercom. Of several references the one with the fewest edits gives the
// edits, the mean of all the length.
//
// Its statistics are: edits, mean length of the references.
type TER struct {
	opts TEROptions
}

// NewTER returns TER by the given settings.
func NewTER(opts *TEROptions) *TER {
	m := &TER{}
	if opts != nil {
		m.opts = *opts
	}
	return m
}

// Name returns TER.
func (m *TER) Name() string { return "TER" }

// HigherIsBetter returns false.
func (m *TER) HigherIsBetter() bool { return false }

// Signature is sacreBLEU's.
func (m *TER) Signature(nrefs int) string {
	return signature(nrefs,
		"case", choose(m.opts.CaseSensitive, "mixed", "lc"),
		"tok", "tercom",
		"norm", choose(m.opts.Normalize, "yes", "no"),
		"punct", choose(m.opts.NoPunctuation, "no", "yes"),
		"asian", choose(m.opts.Asian, "yes", "no"),
	)
}

// Stats returns the statistics of one sentence.
func (m *TER) Stats(hyp string, refs []string) Stats {
	numbers := words{}
	h := numbers.ids(nil, m.tokens(hyp))
	least, length := 0, 0
	for k, ref := range refs {
		r := numbers.ids(nil, m.referenceTokens(ref))
		length += len(r)
		if edits := editsWithShifts(h, r); k == 0 || edits < least {
			least = edits
		}
	}
	return Stats{float64(least), float64(length) / float64(len(refs))}
}

// Score computes the rate; a rate above 100 is possible. Without any words in the references it is 100, or 0 if there
// are no edits.
func (m *TER) Score(sum Stats) Score {
	s := Score{Metric: m.Name(), Ratio: &Ratio{sum[0], sum[1]}}
	switch {
	case sum[1] > 0:
		s.Value = 100 * (sum[0] / sum[1])
	case sum[0] > 0:
		s.Value = 100
	}
	return s
}

// tokens returns a line's words as Tercom's normaliser has them.
func (m *TER) tokens(line string) []string {
	line = trimRight(line)
	if line == "" {
		return nil
	}
	if !m.opts.CaseSensitive {
		line = lower(line)
	}
	if m.opts.Normalize {
		line = normalizeWestern(line)
		if m.opts.Asian {
			line = normalizeAsian(line)
		}
	}
	if m.opts.NoPunctuation {
		line = remove(line, func(r rune) bool { return strings.ContainsRune(`.,?:;!"()`, r) })
		if m.opts.Asian {
			line = remove(line, isAsianPunctuation)
		}
	}
	return fields(line)
}

// referenceTokens returns a reference's words. sacreBLEU normalises references twice, which splits some further (it's.
// becomes it's . and then it 's .), and scores depend on it.
func (m *TER) referenceTokens(line string) []string {
	list := m.tokens(line)
	if m.opts.Normalize {
		list = m.tokens(strings.Join(list, " "))
	}
	return list
}

// normalizeWestern is as 13a tokenises, except that a possessive 's stands alone too, and that a line break goes away
// with the dash after it.
func normalizeWestern(line string) string {
	line = strings.ReplaceAll(line, "\n-", "")
	line = strings.ReplaceAll(line, "\n", " ")
	line = string(splitPunctuation([]byte(" " + unescape(line) + " ")))
	line = strings.ReplaceAll(line, "'s ", " 's ")
	return string(splitNumbers([]byte(line)))
}

// normalizeAsian makes tokens of the characters that sacreBLEU takes for East Asian. Runs of kana stay whole: of the
// patterns for them, none can match a line that starts with a space, as every normalised one does.
func normalizeAsian(line string) string {
	line = spaceAround(line, func(r rune) bool {
		return r >= 0x4E00 && r <= 0x9FFF || r >= 0x3200 && r <= 0x4DBF || // ideographs, enclosed letters, compatibility
			r >= 0x31C0 && r <= 0x31EF || r >= 0x2E80 && r <= 0x2EFF || // strokes, radicals
			r >= 0xF900 && r <= 0xFAFF || r >= 0xFE30 && r <= 0xFE4F // compatibility ideographs and forms
	})
	return spaceAround(line, isAsianPunctuation)
}

// isAsianPunctuation reports whether r is one of the East Asian or full-width marks that Tercom knows.
func isAsianPunctuation(r rune) bool {
	switch r {
	case '、', '。', '・', '．', '，', '？', '：', '；', '！', '＂', '（', '）':
		return true
	}
	return r >= 0x3008 && r <= 0x3011 || r >= 0x3014 && r <= 0x301F || r >= 0xFF61 && r <= 0xFF65
}

// remove returns a line without the characters of a class.
func remove(line string, class func(rune) bool) string {
	return strings.Map(func(r rune) rune {
		if class(r) {
			return -1
		}
		return r
	}, line)
}
