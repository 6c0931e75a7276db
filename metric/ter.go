package metric

import "strings"

// TEROptions are the settings of TER. The zero value and a nil pointer mean sacreBLEU's defaults.
type TEROptions struct {
	Normalize     bool // tokenize like Tercom: decode entities, split off punctuation and 's
	NoPunctuation bool // remove punctuation
	Asian         bool // apply both settings to East Asian text too, where each character is a token
	CaseSensitive bool // keep case; otherwise compare in lower case
}

// TER is the number of edits as a percentage of the reference length, where a shift of a run of words is one edit
// (Snover et al., A Study of Translation Edit Rate with Targeted Human Annotation, 2006). It equals sacreBLEU's, which
// follows Tercom. With several references, the edits are those of the nearest one, and the length is their mean.
//
// Its statistics are: edits, mean length of the references.
type TER struct {
	opts TEROptions
}

// NewTER returns TER with the given settings.
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

// Signature returns sacreBLEU's signature.
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

// Score computes the rate, which may exceed 100. If the references have no words, it is 0 without edits, and otherwise
// 100.
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

// tokens returns the words of a line after Tercom's normalization.
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

// referenceTokens returns the words of a reference. It normalizes references twice, as sacreBLEU does, because scores
// depend on it: "it's." becomes "it's ." and then "it 's .".
func (m *TER) referenceTokens(line string) []string {
	list := m.tokens(line)
	if m.opts.Normalize {
		list = m.tokens(strings.Join(list, " "))
	}
	return list
}

// normalizeWestern is the tokenization of 13a, with two differences: it splits off a possessive 's, and it removes a
// line break together with a following dash.
func normalizeWestern(line string) string {
	line = strings.ReplaceAll(line, "\n-", "")
	line = strings.ReplaceAll(line, "\n", " ")
	line = string(splitPunctuation([]byte(" " + unescape(line) + " ")))
	line = strings.ReplaceAll(line, "'s ", " 's ")
	return string(splitNumbers([]byte(line)))
}

// normalizeAsian makes a token of each character that sacreBLEU treats as East Asian. It does not split runs of kana:
// sacreBLEU's patterns for kana never match a line that starts with a space, and every normalized line does.
func normalizeAsian(line string) string {
	line = spaceAround(line, func(r rune) bool {
		return r >= 0x4E00 && r <= 0x9FFF || r >= 0x3200 && r <= 0x4DBF || // ideographs, enclosed letters
			r >= 0x31C0 && r <= 0x31EF || r >= 0x2E80 && r <= 0x2EFF || // strokes, radicals
			r >= 0xF900 && r <= 0xFAFF || r >= 0xFE30 && r <= 0xFE4F // compatibility ideographs and forms
	})
	return spaceAround(line, isAsianPunctuation)
}

// isAsianPunctuation reports whether Tercom treats r as East Asian or full-width punctuation.
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
