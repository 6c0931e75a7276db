package corpora

import (
	"fmt"
	"slices"
	"strings"

	"github.com/retell-rnn/retell/internal/setting"
)

// The schemes by which labels mark spans: O is outside, and B-LOC, I-LOC, E-LOC and S-LOC are the begin, the inside,
// the end and the whole of a span of type LOC.
const (
	SchemeIOB1  = "iob1"  // B only between adjacent spans of a type
	SchemeIOB2  = "iob2"  // B begins every span
	SchemeBIOES = "bioes" // E ends every span, S is a span of one token
	SchemeBILOU = "bilou" // bioes with L for E and U for S
	SchemeNone  = "none"  // labels mark no spans, whatever they look like
)

// Schemes returns every scheme but none.
func Schemes() []string { return []string{SchemeIOB1, SchemeIOB2, SchemeBIOES, SchemeBILOU} }

// ToIOB2 returns the labels of a scheme in IOB2. A label that must not follow the one before it is an error; with
// repair, it begins a span, as conlleval reads it.
func ToIOB2(scheme string, labels []string, repair bool) ([]string, error) {
	if err := setting.OneOf(scheme, Schemes()...); err != nil {
		return nil, fmt.Errorf("corpora: scheme: %w", err)
	}
	out, at, err := toIOB2(scheme, labels, repair)
	if err != nil {
		return nil, fmt.Errorf("corpora: label %d: %w", at+1, err)
	}
	return out, nil
}

// toIOB2 is ToIOB2 with the place of the error, from 0.
func toIOB2(scheme string, labels []string, repair bool) (out []string, at int, err error) {
	out = make([]string, len(labels))
	was, inside, kind := "", false, "" // the label before, whether its span goes on, and its type
	ends := scheme == SchemeBIOES || scheme == SchemeBILOU
	for i, label := range labels {
		prefix, of, ok := cutLabel(scheme, label)
		if !ok {
			return nil, i, fmt.Errorf("label is %q: want O or %s with a type, as %s has", label, prefixes(scheme), scheme)
		}
		same := inside && of == kind
		begins := prefix == "B" || prefix == "S"
		switch {
		case repair:
		case ends && inside && !(same && !begins):
			return nil, i, fmt.Errorf("label is %q after %q: want the end of that span", label, was)
		case scheme != SchemeIOB1 && (prefix == "I" || prefix == "E") && !same:
			return nil, i, fmt.Errorf("label is %q %s: want B%s, or repair", label, after(was), label[1:])
		}
		out[i] = prefix
		switch {
		case prefix == "O":
		case begins || !same:
			out[i] = "B" + label[1:]
		default:
			out[i] = "I" + label[1:]
		}
		was, kind = label, of
		inside = prefix == "B" || prefix == "I"
	}
	if ends && inside && !repair {
		return nil, len(labels) - 1, fmt.Errorf("label is %q at the end: want the end of that span", was)
	}
	return out, 0, nil
}

// after names the label before.
func after(was string) string {
	if was == "" {
		return "at the beginning"
	}
	return fmt.Sprintf("after %q", was)
}

// prefixes lists the prefixes of a scheme.
func prefixes(scheme string) string {
	switch scheme {
	case SchemeBIOES:
		return "B, I, E or S"
	case SchemeBILOU:
		return "B, I, L or U"
	}
	return "B or I"
}

// cutLabel returns the prefix of a label in bioes, and its type. It reports whether the scheme has the label.
func cutLabel(scheme, label string) (prefix, kind string, ok bool) {
	if label == "O" {
		return "O", "", true
	}
	if label == "" || len(label) > 1 && label[1] != '-' {
		return "", "", false
	}
	prefix, kind = label[:1], strings.TrimPrefix(label[1:], "-")
	switch {
	case prefix == "B" || prefix == "I":
		return prefix, kind, true
	case scheme == SchemeBIOES && (prefix == "E" || prefix == "S"):
		return prefix, kind, true
	case scheme == SchemeBILOU && prefix == "L":
		return "E", kind, true
	case scheme == SchemeBILOU && prefix == "U":
		return "S", kind, true
	}
	return "", "", false
}

// FromIOB2 returns labels that are valid IOB2 in another scheme.
func FromIOB2(scheme string, labels []string) ([]string, error) {
	if err := setting.OneOf(scheme, Schemes()...); err != nil {
		return nil, fmt.Errorf("corpora: scheme: %w", err)
	}
	out := slices.Clone(labels)
	end, whole := "E", "S"
	if scheme == SchemeBILOU {
		end, whole = "L", "U"
	}
	for i, label := range labels {
		prefix, kind, ok := cutLabel(SchemeIOB2, label)
		switch {
		case !ok:
			return nil, fmt.Errorf("corpora: label %d is %q: want O or B or I with a type", i+1, label)
		case prefix == "O":
			continue
		}
		last := i+1 == len(labels) || labels[i+1] != "I"+label[1:]
		switch scheme {
		case SchemeIOB1:
			out[i] = "I" + label[1:]
			if i > 0 && prefix == "B" {
				if was, of, _ := cutLabel(SchemeIOB2, labels[i-1]); was != "O" && of == kind {
					out[i] = label
				}
			}
		case SchemeBIOES, SchemeBILOU:
			switch {
			case last && prefix == "B":
				out[i] = whole + label[1:]
			case last:
				out[i] = end + label[1:]
			}
		}
	}
	return out, nil
}

// GuessScheme returns the scheme by which sequences of labels seem to mark spans; "" if some label has no prefix of any
// scheme.
func GuessScheme(sequences [][]string) string {
	seen := map[string]bool{}
	bare, marked := 0, 0 // spans that begin with I, and with B where IOB1 has none
	for _, labels := range sequences {
		was, kind := "O", ""
		for _, label := range labels {
			prefix, of, ok := cutLabel(SchemeIOB1, label)
			if !ok {
				if _, of, ok = cutLabel(SchemeBIOES, label); !ok {
					_, of, ok = cutLabel(SchemeBILOU, label)
				}
				if !ok {
					return ""
				}
				prefix = label[:1]
			}
			seen[prefix] = true
			if fresh := was == "O" || of != kind; fresh && prefix == "I" {
				bare++
			} else if fresh && prefix == "B" {
				marked++
			}
			was, kind = prefix, of
		}
	}
	switch {
	case seen["L"] || seen["U"]:
		return SchemeBILOU
	case seen["E"] || seen["S"]:
		return SchemeBIOES
	case !seen["B"] && !seen["I"]:
		return ""
	case bare > marked:
		return SchemeIOB1
	}
	return SchemeIOB2
}
