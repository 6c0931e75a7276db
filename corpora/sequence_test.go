package corpora

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// showSequence returns tokens and label columns, with | for tabs.
func showSequence(e Example) string {
	return strings.ReplaceAll(strings.Join(append(append([]string{e.Source}, e.Targets...), e.Labels...), " > "), "\t", "|")
}

func TestLabeledSequences(t *testing.T) {
	const conllU = `# sent_id = 1
1-2	dámelo	_	_	_	_	_	_	_	_
1	da	dar	VERB	v	Mood=Imp|Number=Sing	0	root	_	_
2	me	yo	PRON	p	_	1	iobj	_	_
2.1	x	x	X	x	_	_	_	_	_
3	New York	x	PROPN	n	_	1	obj	_	_

1	#	#	SYM	_	_	0	root	_	_
`
	for _, test := range []struct {
		name    string
		format  Format
		content string
		want    []string
	}{
		{
			"tabs",
			Format{Type: TypeCoNLL},
			"# a comment\n-DOCSTART-\tO\n\nNew York\tB-LOC\n#\tO\n#tag\tO\n\n\n.\tO",
			[]string{"New York|#|#tag > B-LOC|O|O", ". > O"},
		},
		{
			"spaces",
			Format{Type: TypeCoNLL},
			"-DOCSTART- -X- -X- O\n\nEU NNP B-NP I-ORG\n# SYM O O\n# a comment of many words\n\nrejects VBZ B-VP O\n",
			[]string{"EU|# > I-ORG|O", "rejects > O"},
		},
		{
			"columns by number, schemes",
			Format{Type: TypeCoNLL, Labels: "4, 2", Scheme: "iob1"},
			"EU NNP B-NP I-ORG\nof IN B-PP O\nUN NNP B-NP I-ORG\nUN NNP B-NP B-ORG\n",
			[]string{"EU|of|UN|UN > B-ORG|O|B-ORG|B-ORG > NNP|IN|NNP|NNP"},
		},
		{
			"columns by name",
			Format{Type: TypeCoNLL, Tokens: "Word", Labels: "ner"},
			"ner\tpos\tword\nO\tX\ta\nB\tX\tb\n",
			[]string{"a|b > O|B"},
		},
		{
			"names in a comment",
			Format{Type: TypeCoNLL, Tokens: "FORM", Labels: "UPOS"},
			"# global.columns = ID FORM UPOS\n1\ta\tDET\n",
			[]string{"a > DET"},
		},
		{"header", Format{Type: TypeCoNLL, Header: true}, "token\ttag\na\tX\n", []string{"a > X"}},
		{"conllu", Format{Type: TypeCoNLLU}, conllU, []string{"da|me|New York > VERB|PRON|PROPN", "# > SYM"}},
		{
			"conllu columns",
			Format{Type: TypeCoNLLU, Labels: "xpos,feats,deprel"},
			conllU,
			[]string{"da|me|New York > v|p|n > Mood=Imp|Number=Sing|_|_ > root|iobj|obj", "# > _ > _ > root"},
		},
		{"tagged", Format{Type: TypeTagged}, "The/DET 1/2/NUM\ndog/NOUN\n", []string{"The|1/2 > DET|NUM", "dog > NOUN"}},
		{"tagged by _", Format{Type: TypeTagged, Separator: "_"}, "The_DET a_b_X\n", []string{"The|a_b > DET|X"}},
		{
			"tokens",
			Format{Type: TypeTokens},
			`{"id":1,"tokens":["New York","."],"tags":["B-LOC","O"]}` + "\n",
			[]string{"New York|. > B-LOC|O"},
		},
		{
			"tokens by name",
			Format{Type: TypeTokens, Tokens: "words", Labels: "ner,pos", Scheme: "bioes"},
			`{"words":["a","b"],"ner":["B-X","E-X"],"pos":["N","N"]}` + "\n",
			[]string{"a|b > B-X|I-X > N|N"},
		},
		{"segmented", Format{Type: TypeSegmented}, "ab  c\u200bd\n", []string{"a|b|c|d > B|I|B|I"}},
		{"no scheme", Format{Type: TypeCoNLL, Scheme: "none"}, "a\tI-X\n", []string{"a > I-X"}},
		{"repair", Format{Type: TypeCoNLL, Scheme: "iob2", Repair: true}, "a\tI-X\nb\tI-Y\nc\tI-Y\n", []string{"a|b|c > B-X|B-Y|I-Y"}},
	} {
		if diff := cmp.Diff(test.want, items(test.format.Read("-", text(test.content)), showSequence)); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}
}

func TestTokensAlone(t *testing.T) {
	for content, want := range map[string][]string{
		"a\nb\n\nc\n":      {"a|b", "c"},
		"a\tX\nb\n\nc\tX":  {"a|b", "c"},
		"a b\t\nc\tX\n":    {"a b|c"},
		"a N O\nb N O\n\n": {"a|b"},
	} {
		opts := text(content)
		opts.SourceOnly = true
		if diff := cmp.Diff(want, items((Format{Type: TypeCoNLL}).Read("-", opts), showSequence)); diff != "" {
			t.Errorf("%q: %s", content, diff)
		}
	}
}

func TestSequenceErrors(t *testing.T) {
	conll, tagged, tokens := Format{Type: TypeCoNLL}, Format{Type: TypeTagged}, Format{Type: TypeTokens}
	iob2, bioes := Format{Type: TypeCoNLL, Scheme: "iob2"}, Format{Type: TypeTagged, Scheme: "bioes"}
	for _, test := range []struct {
		format  Format
		content string
		want    string // after "corpora: standard input:"
	}{
		{conll, "", " file is empty: want at least one example"},
		{conll, "\n# x\n", " file has 2 lines and no example: want at least one"},
		{conll, "a\n", "1: line has 1 column: want at least 2, a token and its label"},
		{conll, "a\tX\n \tY\n", "2: token is empty: want text"},
		{conll, "a\tX\nb\t\n", "2: label of \"b\" in column 2 is empty: want a label"},
		{conll, "a\tX\nb\tX\tY\n\n", "2: line has 3 columns: want 2, as the lines before"},
		{Format{Type: TypeCoNLL, Labels: "4"}, "a\tX\tY\n", "1: line has 3 columns, and no column 4: want at least 4"},
		{Format{Type: TypeCoNLL, Labels: "ner"}, "word\tpos\na\tX\n", "2: file has no column \"ner\": want one of word, pos"},
		{Format{Type: TypeCoNLL, Labels: "1"}, "a\tX\n", "1: column 1 is used twice: want columns of their own for tokens and labels"},
		{Format{Type: TypeCoNLLU}, "1\ta\tX\n", "1: line has 3 columns: want 10, as the lines before"},
		{iob2, "a\tO\nb\tI-X\n", "2: label is \"I-X\" after \"O\": want B-X, or repair"},
		{iob2, "a\tI-X\n", "1: label is \"I-X\" at the beginning: want B-X, or repair"},
		{iob2, "a\tNOUN\n", "1: label is \"NOUN\": want O or B or I with a type, as iob2 has"},
		{tagged, "a/X b\n", "1: word 2 is \"b\": want token/LABEL"},
		{tagged, "/X\n", "1: word 1 is \"/X\", and its token is empty: want token/LABEL"},
		{tagged, "a/\n", "1: word 1 is \"a/\", and its label is empty: want token/LABEL"},
		{tagged, "\na/X\n", "1: source is empty: want text"},
		{bioes, "a/B-X b/O\n", "1: token 2 (\"b\"): label is \"O\" after \"B-X\": want the end of that span"},
		{bioes, "a/B-X\n", "1: token 1 (\"a\"): label is \"B-X\" at the end: want the end of that span"},
		{tokens, `{"tokens":["a"],"tags":["X","Y"]}`, `1: field "tags" has 2 labels: want 1, one for each token`},
		{tokens, `{"tokens":"a","tags":[]}`, `1: field "tokens" is a JSON string: want an array of strings`},
		{tokens, `{"tokens":["a",""],"tags":[]}`, `1: item 2 of field "tokens" is empty: want text`},
		{tokens, `{"tokens":["a"],"tags":[3]}`, `1: item 1 of field "tags" is a JSON number: want a string`},
		{tokens, `{"tokens":["a\tb"],"tags":["X"]}`, `1: item 1 of field "tokens" is "a\tb": want text without tabs and line breaks`},
		{tokens, `{"words":["a"]}`, `1: object has no field "tokens": want one with an array of strings`},
	} {
		_, err := Collect(test.format.Read("-", text(test.content)))
		if got := message(err); got != "corpora: standard input:"+test.want {
			t.Errorf("%q: %s\nwant %s", test.content, got, test.want)
		}
	}
}

// TestBadSentences holds that a reader continues behind a bad sentence, and that a sentence has a maximum length.
func TestBadSentences(t *testing.T) {
	content := "a\tX\n\nb\n c\tX\n\nd\tX\xff\ne\tX\n\n" + strings.Repeat("f\tX\n", 20) + "\ng\tX\n"
	opts := text(content)
	opts.MaxLineBytes = 50
	if diff := cmp.Diff([]string{"a > X", "bad 3", "bad 6", "bad 21", "g > X"}, items((Format{Type: TypeCoNLL}).Read("-", opts), showSequence)); diff != "" {
		t.Error(diff)
	}
}

func TestSchemes(t *testing.T) {
	for _, test := range []struct{ scheme, labels, iob2 string }{
		{SchemeIOB1, "I-A I-A B-A I-B O B-A", "B-A I-A B-A B-B O B-A"},
		{SchemeIOB2, "B-A I-A B-A B-B O B-A", "B-A I-A B-A B-B O B-A"},
		{SchemeBIOES, "B-A E-A S-A S-B O B-A I-A E-A", "B-A I-A B-A B-B O B-A I-A I-A"},
		{SchemeBILOU, "B-A L-A U-A U-B O", "B-A I-A B-A B-B O"},
		{SchemeBIOES, "B E S", "B I B"},
		{SchemeIOB2, "B I B", "B I B"},
	} {
		labels, want := strings.Fields(test.labels), strings.Fields(test.iob2)
		got, err := ToIOB2(test.scheme, labels, false)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s %v: %v, %v; want %v", test.scheme, labels, got, err, want)
		}
		back, err := FromIOB2(test.scheme, want)
		if test.scheme == SchemeIOB1 {
			labels[5] = "I-A" // the only way to write it there
		}
		if err != nil || !slices.Equal(back, labels) {
			t.Errorf("%s %v: %v, %v; want %v", test.scheme, want, back, err, labels)
		}
		if guess := GuessScheme([][]string{labels}); guess != test.scheme {
			t.Errorf("%v: guessed %s, want %s", labels, guess, test.scheme)
		}
	}
	if guess := GuessScheme([][]string{{"O", "NOUN"}}); guess != "" {
		t.Errorf("guessed %q of parts of speech", guess)
	}
	for _, test := range []struct{ scheme, labels, want string }{
		{SchemeBIOES, "I-A E-B B-A O", "B-A B-B B-A O"},
		{SchemeBILOU, "L-A B-A U-A", "B-A B-A B-A"},
	} {
		got, err := ToIOB2(test.scheme, strings.Fields(test.labels), true)
		if err != nil || !slices.Equal(got, strings.Fields(test.want)) {
			t.Errorf("%s repaired: %v, %v; want %s", test.labels, got, err, test.want)
		}
	}
	if _, err := ToIOB2("io", nil, false); message(err) != `corpora: scheme: "io": want iob1, iob2, bioes or bilou` {
		t.Error(err)
	}
	if _, err := FromIOB2(SchemeBIOES, []string{"O", "X"}); message(err) != `corpora: label 2 is "X": want O or B or I with a type` {
		t.Error(err)
	}
}

func TestSplitWords(t *testing.T) {
	line := "Don\u2019t  stop, 3.5\u200b\u00e9"
	for _, tokens := range [][]Token{SplitWords(line), SplitCharacters(line)} {
		for _, token := range tokens {
			if line[token.Start:token.End] != token.Text || isBlank(token.Text) {
				t.Errorf("%+v of %q", token, line)
			}
		}
	}
	var words []string
	for _, token := range SplitWords(line) {
		words = append(words, token.Text)
	}
	if diff := cmp.Diff([]string{"Don\u2019t", "stop", ",", "3.5", "\u00e9"}, words); diff != "" {
		t.Error(diff)
	}
}

func TestWriteSequences(t *testing.T) {
	examples := []Example{
		{Source: "The\tdog", Targets: []string{"DET\tNOUN"}, Labels: []string{"O\tB-X"}},
		{Source: "\"a\"", Targets: []string{"X"}, Labels: []string{"O"}},
	}
	var conll, tagged, tokens strings.Builder
	for _, test := range []struct {
		b     *strings.Builder
		write func() (int, error)
		want  string
	}{
		{&conll, func() (int, error) { return WriteCoNLL(&conll, Stream(examples)) }, "The\tDET\tO\ndog\tNOUN\tB-X\n\n\"a\"\tX\tO\n\n"},
		{&tagged, func() (int, error) { return WriteTagged(&tagged, Stream(examples), "") }, "The/DET dog/NOUN\n\"a\"/X\n"},
		{
			&tokens, func() (int, error) { return WriteTokens(&tokens, Stream(examples)) },
			`{"tokens":["The","dog"],"tags":["DET","NOUN"],"tags2":["O","B-X"]}` + "\n" + `{"tokens":["\"a\""],"tags":["X"],"tags2":["O"]}` + "\n",
		},
	} {
		if n, err := test.write(); n != 2 || err != nil || test.b.String() != test.want {
			t.Errorf("%d, %v, %q: want %q", n, err, test.b, test.want)
		}
	}
	for _, e := range []Example{{Source: "a\tb", Targets: []string{"X"}}, {Source: "a\t", Targets: []string{"X\tY"}}, {Source: "a b", Targets: []string{"X"}}} {
		if _, err := WriteTagged(&tagged, Stream([]Example{e}), ""); err == nil {
			t.Errorf("%+v: want an error", e)
		}
	}
}

// fuzzSequences fuzzes a reader of labeled sequences.
func fuzzSequences(f *testing.F, format Format, seeds ...string) {
	fuzzFormat(f, format, func(t *testing.T, e Example) {
		tokens, columns, err := columnsOf(e)
		if format.Type == TypeTagged && len(e.Targets) == 0 {
			return // any text has tokens
		}
		if err != nil || len(tokens) == 0 {
			t.Fatalf("%+v with %v: %v", e, columns, err)
		}
	}, seeds...)
}

func FuzzCoNLL(f *testing.F) {
	fuzzSequences(f, Format{Type: TypeCoNLL, Scheme: "bioes", Repair: true}, "a\tB-X\nb b\tE-X\n\n-DOCSTART-\tO\n", "# global.columns = A B\na O\n", "# a\n#\tO\n", "a b c\nd\n", "\t\n\n\t")
}

func FuzzCoNLLU(f *testing.F) {
	fuzzSequences(f, Format{Type: TypeCoNLLU, Labels: "upos,feats"}, "# x\n1-2\ta\t_\t_\t_\t_\t_\t_\t_\t_\n1\ta\t_\tX\t_\tA=B|C=D\t_\t_\t_\t_\n", "1\ta\n", "# global.columns = ID FORM UPOS FEATS\n1\ta\tX\t_\n", "# global.columns =\n1\n")
}

func FuzzTagged(f *testing.F) {
	fuzzSequences(f, Format{Type: TypeTagged, Scheme: "iob1"}, "a/I-X b/B-X\n", "a//O\n", "/ /\n", "a/\n")
}

func FuzzSegmented(f *testing.F) {
	fuzzSequences(f, Format{Type: TypeSegmented}, "ab c\n", "\u200b\n", "\t \n", "e\u0301 a")
}

func FuzzTokens(f *testing.F) {
	fuzzSequences(f, Format{Type: TypeTokens}, `{"tokens":["a"],"tags":["X"]}`, `{"tokens":[],"tags":[]}`, `{"tokens":["\t"]}`, `{"tokens":null}`, "[]")
}
