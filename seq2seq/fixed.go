package seq2seq

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/retell-rnn/retell/corpora"
)

// Fixed is a part of an [Input]'s source that is not translated: Text replaces it in the translation. The pieces
// between fixed parts are translated separately, and keep their order. White space and punctuation beside a fixed part,
// and pieces without a letter or digit, stay as they are.
//
// The n-th hypothesis of such a line joins the n-th hypotheses of its pieces. Its Score is the mean of their scores,
// weighted by tokens. The input's prefix applies to the first piece, its constraints to the longest.
type Fixed struct {
	From, To int // first byte of the part in the source, and the byte after its end
	Text     string
}

// Held is a phrase that a translation must hold, for the glossary term at byte At of the source.
type Held struct {
	At      int
	Text    string
	Capital bool // begins with a capital letter at the beginning of a translation
}

// fixes reports whether any of the bytes from..to is fixed.
func (in *Input) fixes(from, to int) bool {
	return slices.ContainsFunc(in.Fixed, func(f Fixed) bool { return f.From < to && from < f.To })
}

// piece is a part of a line: a piece to translate, or text that stays as it is.
type piece struct {
	text string
	in   *Input // the piece to translate; nil for text that stays
	at   int    // first byte in the source
}

// pieces divides an input at its fixed parts.
func (in *Input) pieces() ([]piece, error) {
	var out []piece
	add := func(text string, at int) {
		if text != "" {
			out = append(out, piece{text: text, at: at})
		}
	}
	longest, at := -1, 0
	for i := range len(in.Fixed) + 1 {
		f := Fixed{From: len(in.Source), To: len(in.Source)}
		if i < len(in.Fixed) {
			f = in.Fixed[i]
		}
		if f.From < at || f.To < f.From || f.To > len(in.Source) {
			return nil, fmt.Errorf("bytes %d to %d are fixed: want parts of the line's %d bytes, in order", f.From, f.To, len(in.Source))
		}
		from, to := trimmed(in.Source, at, f.From, at > 0, f.From < len(in.Source))
		add(in.Source[at:from], at)
		if from < to {
			p := &Input{Source: in.Source[from:to], Avoid: in.Avoid}
			for _, h := range in.Held {
				if from <= h.At && h.At < to {
					p.Held = append(p.Held, Held{h.At - from, h.Text, h.Capital && longest < 0})
				}
			}
			if longest < 0 {
				p.Prefix = in.Prefix
			}
			if longest < 0 || to-from > len(out[longest].in.Source) {
				longest = len(out)
			}
			out = append(out, piece{in: p, at: from})
		}
		add(in.Source[to:f.From], to)
		add(f.Text, f.From)
		at = f.To
	}
	if longest >= 0 {
		out[longest].in.Constraints = in.Constraints
	}
	return out, nil
}

// UnseenInput is [Ensemble.Unseen] for an input; it skips fixed parts.
func (e *Ensemble) UnseenInput(in Input) []string {
	if len(in.Fixed) == 0 {
		return e.Unseen(in.Source)
	}
	pieces, err := in.pieces()
	if err != nil {
		return nil // translating it returns the error
	}
	var unseen []string
	for _, p := range pieces {
		if p.in != nil {
			unseen = append(unseen, e.Unseen(p.in.Source)...)
		}
	}
	return unseen
}

// trimmed trims the bytes from..to of a line to the part that is translated: without white space at the ends and,
// beside a fixed part, without punctuation. The part is empty if it has no letter or digit.
func trimmed(line string, from, to int, fixedBefore, fixedBehind bool) (int, int) {
	isText := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
	isInk := func(r rune) bool { return !unicode.IsSpace(r) }
	part := line[from:to]
	if !strings.ContainsFunc(part, isText) {
		return to, to
	}
	first, last := isInk, isInk
	if fixedBefore {
		first = isText
	}
	if fixedBehind {
		last = isText
	}
	begin := strings.IndexFunc(part, first)
	end := strings.LastIndexFunc(part, last)
	for end++; end < len(part) && !isStart(part[end]); end++ { // to the end of a letter of several bytes
	}
	return from + begin, from + end
}

// isStart reports whether a UTF-8 byte begins a character.
func isStart(b byte) bool { return b&0xc0 != 0x80 }

// inParts encodes the pieces of an input. number is the input's place in the stream, from 0.
func (r *runner) inParts(in Input, number int) (request, error) {
	var q request
	list, err := in.pieces()
	if err != nil {
		return q, corpora.LineError(fmt.Errorf("seq2seq: line %d: %w", number+1, err))
	}
	for k, p := range list {
		part := part{text: p.text, words: len(strings.Fields(in.Source[:p.at]))}
		if p.at > 0 && !strings.HasSuffix(in.Source[:p.at], " ") {
			part.words-- // the piece continues a word
		}
		if p.in != nil {
			if part.request, err = r.request(*p.in, number); err != nil {
				return q, err
			}
			part.sentence.Number += uint64(k) << 40 // each piece has its own random numbers
			part.translated = true
		}
		q.parts = append(q.parts, part)
	}
	return q, nil
}

// whole returns the requests to search: the translated parts, or the request itself if it has no parts.
func (q request) whole() []request {
	if q.parts == nil {
		return []request{q}
	}
	var out []request
	for _, p := range q.parts {
		if p.translated {
			out = append(out, p.request)
		}
	}
	return out
}

// part is an encoded piece.
type part struct {
	request
	translated bool
	text       string // text that stays, if not translated
	words      int    // number of source words before the piece
}

// join makes one translation from the translations of the parts.
func (q request) join(found []Translation) Translation {
	out := Translation{Source: q.typed}
	most := 1
	for _, t := range found {
		most = max(most, len(t.Hypotheses))
	}
	for rank := range most {
		var h Hypothesis
		rest, weight := found, 0
		for _, p := range q.parts {
			if !p.translated {
				h.Text += p.text
				continue
			}
			if list := rest[0].Hypotheses; len(list) > 0 {
				g := list[min(rank, len(list)-1)]
				h.append(g, p.words)
				weight += len(g.LogProbs)
			}
			rest = rest[1:]
		}
		h.Score /= float64(max(1, weight))
		h.Confidence, h.Entropy = meanOf(h.Margins), meanOf(h.Entropies)
		out.Hypotheses = append(out.Hypotheses, h)
	}
	normalize(out.Hypotheses)
	out.Text = out.Hypotheses[0].Text
	return out
}

// append adds a piece's hypothesis; before is the number of source words before the piece.
func (h *Hypothesis) append(g Hypothesis, before int) {
	written := len(strings.Fields(h.Text))
	if h.Text != "" && !strings.HasSuffix(h.Text, " ") {
		written--
	}
	for _, l := range g.Alignment {
		h.Alignment = append(h.Alignment, Link{Source: l.Source + before, Target: l.Target + written})
	}
	h.Text += g.Text
	h.Score += g.Score * float64(len(g.LogProbs))
	h.LogProb += g.LogProb
	h.Tokens, h.LogProbs = append(h.Tokens, g.Tokens...), append(h.LogProbs, g.LogProbs...)
	h.Margins, h.Entropies = append(h.Margins, g.Margins...), append(h.Entropies, g.Entropies...)
	h.Cut = h.Cut || g.Cut
}
