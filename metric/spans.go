package metric

import (
	"fmt"
	"slices"
	"strings"

	"github.com/retell-rnn/retell/internal/setting"
)

// SpanScheme says how labels mark spans: O outside a span, and a prefix with a type, such as B-LOC, inside one.
type SpanScheme string

// The schemes. A label without a type, such as B, has the type _.
const (
	// Lenient reads IOB1, IOB2, IOE1, IOE2 and BIOES, also if a prefix is missing or wrong: an I that follows no span of
	// its type begins one. These are the spans of conlleval and of seqeval's default mode.
	Lenient SpanScheme = ""
	// The others read one scheme and ignore spans that it does not allow, as seqeval's strict mode does. IOB1 and IOE1
	// mark the border of two adjacent spans of a type only, IOB2 the begin and IOE2 the end of every span, BIOES and
	// BILOU both.
	IOB1  SpanScheme = "iob1"
	IOB2  SpanScheme = "iob2"
	IOE1  SpanScheme = "ioe1"
	IOE2  SpanScheme = "ioe2"
	BIOES SpanScheme = "bioes"
	BILOU SpanScheme = "bilou"
)

// SpanSchemes returns every scheme.
func SpanSchemes() []SpanScheme {
	return []SpanScheme{Lenient, IOB1, IOB2, IOE1, IOE2, BIOES, BILOU}
}

// Check returns an error if s is not a scheme.
func (s SpanScheme) Check() error { return setting.OneOf(s, SpanSchemes()...) }

// Span is a typed part of a sequence of tokens.
type Span struct {
	Type  string `json:"type"`  // type, such as LOC; _ for labels without one
	Start int    `json:"start"` // first token, from 0
	End   int    `json:"end"`   // token after the last
}

// Spans returns the spans of a sequence of labels, in order. A label that the scheme does not have is an error; Lenient
// takes any label but the empty one.
func (s SpanScheme) Spans(labels []string) ([]Span, error) {
	if i := slices.Index(labels, ""); i >= 0 {
		return nil, fmt.Errorf("metric: label %d is empty: want a label", i+1)
	}
	if s == Lenient {
		return lenientSpans(labels), nil
	}
	return s.strictSpans(labels)
}

// lenientSpans returns the spans of conlleval.
//
// Tjong Kim Sang and Buchholz, Introduction to the CoNLL-2000 Shared Task: Chunking, 2000.
func lenientSpans(labels []string) []Span {
	var spans []Span
	was, wasType, begin := "O", "", 0
	for i := range len(labels) + 1 {
		label := "O"
		if i < len(labels) {
			label = labels[i]
		}
		is, kind := splitLabel(label)
		if kind = cutDash(kind); kind == "" {
			kind = "_"
		}
		if ends(was, is) || was != "O" && was != "." && wasType != kind {
			spans = append(spans, Span{wasType, begin, i})
		}
		if begins(was, is) || is != "O" && is != "." && wasType != kind {
			begin = i
		}
		was, wasType = is, kind
	}
	return spans
}

// splitLabel separates the first character of a label from the rest.
func splitLabel(label string) (prefix, rest string) {
	for i := range label {
		if i > 0 {
			return label[:i], label[i:]
		}
	}
	return label, ""
}

// cutDash returns the text after the first dash; all of it if there is none.
func cutDash(rest string) string {
	if _, after, ok := strings.Cut(rest, "-"); ok {
		return after
	}
	return rest
}

// ends reports whether a span ends between two prefixes of one type.
func ends(was, is string) bool {
	switch was {
	case "E", "S":
		return true
	case "B", "I":
		return is == "B" || is == "S" || is == "O"
	}
	return false
}

// begins reports whether a span begins between two prefixes of one type.
func begins(was, is string) bool {
	switch is {
	case "B", "S":
		return true
	case "E", "I":
		return was == "E" || was == "S" || was == "O"
	}
	return false
}

// step is a pair of adjacent prefixes and what it says of their types: they are equal (=), differ (!) or do not matter
// (*). It is written as two sets of prefixes and that mark: "O I *".
type step string

// has reports whether the step is that of two prefixes whose types are the same or not.
func (s step) has(was, is string, same bool) bool {
	part := strings.Fields(string(s))
	return strings.Contains(part[0], was) && strings.Contains(part[1], is) && (part[2] == "*" || (part[2] == "=") == same)
}

func anyStep(steps []step, was, is string, same bool) bool {
	return slices.ContainsFunc(steps, func(s step) bool { return s.has(was, is, same) })
}

// rules are the steps at which a span begins, goes on and ends, and the prefixes of a scheme.
type rules struct {
	prefixes            string
	begin, inside, ends []step
}

// rulesOf returns the rules of a scheme. They are those of seqeval 1.2.2 (Nakayama, seqeval, 2018), and so are gaps:
// its IOE1 has no span that is one E.
func rulesOf(s SpanScheme) rules {
	const all = "IOBESUL"
	switch s {
	case IOB1:
		return rules{
			"IOB",
			[]step{"O I *", "I I !", "B I *", "IB B ="},
			[]step{"BI I ="},
			[]step{"I I !", "I OB *", "B O *", "B I !", "B B ="},
		}
	case IOB2:
		return rules{"IOB", []step{all + " B *"}, []step{"BI I ="}, []step{"IB O *", "IB I !", "IB B *"}}
	case IOE1:
		return rules{
			"IOE",
			[]step{"O I *", "I I !", "E I *", "E E ="},
			[]step{"I IE ="},
			[]step{"I I !", "I O *", "I E !", "E IE ="},
		}
	case IOE2:
		return rules{"IOE", []step{"OE IE *", "I IE !"}, []step{"I IE ="}, []step{"E " + all + " *"}}
	case BIOES:
		return rules{"IOBES", []step{all + " BS *"}, []step{"BI IE ="}, []step{"SE " + all + " *"}}
	default:
		return rules{"BILOU", []step{all + " BU *"}, []step{"BI IL ="}, []step{"UL " + all + " *"}}
	}
}

// strictSpans returns the spans that the scheme allows.
func (s SpanScheme) strictSpans(labels []string) ([]Span, error) {
	if err := s.Check(); err != nil {
		return nil, fmt.Errorf("metric: scheme: %w", err)
	}
	r := rulesOf(s)
	prefixes, kinds := make([]string, len(labels)+1), make([]string, len(labels)+1)
	for i, label := range append(slices.Clone(labels), "O") {
		prefix, kind := splitLabel(label)
		if kind = strings.Trim(kind, "-"); kind == "" {
			kind = "_"
		}
		if !strings.Contains(r.prefixes, prefix) {
			return nil, fmt.Errorf("metric: label %d is %q: want one that begins with one of %s, as %s has", i+1, label, strings.Join(strings.Split(r.prefixes, ""), " "), s)
		}
		prefixes[i], kinds[i] = prefix, kind
	}
	var spans []Span
	was, wasKind := "O", "_"
	for i := 0; i < len(prefixes); {
		if !anyStep(r.begin, was, prefixes[i], wasKind == kinds[i]) {
			was, wasKind = prefixes[i], kinds[i]
			i++
			continue
		}
		end := i + 1
		for end < len(prefixes) && anyStep(r.inside, prefixes[end-1], prefixes[end], kinds[end-1] == kinds[end]) {
			end++
		}
		if anyStep(r.ends, prefixes[end-1], prefixes[end], kinds[end-1] == kinds[end]) {
			spans = append(spans, Span{kinds[i], i, end})
		}
		i = end
		was, wasKind = prefixes[end-1], kinds[end-1]
	}
	return spans, nil
}
