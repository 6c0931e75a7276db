package corpora

import (
	"fmt"
	"iter"
	"math"
	"slices"
	"strings"

	"github.com/retell-rnn/retell/internal/setting"
)

// The types of [Format]. The names of made-up tasks ([Tasks]) are types too: [WriteTSV] writes their files, in TSV.
const (
	TypeLines      = "lines"      // two files, aligned by line: see [Pairs]
	TypeTSV        = "tsv"        // columns separated by tabs, without quoting
	TypeJSONL      = "jsonl"      // a JSON object on each line
	TypeCMUdict    = "cmudict"    // letters of a word -> phonemes
	TypeSIGMORPHON = "sigmorphon" // features and letters of a lemma -> letters of the inflected form
	TypeSets       = "sets"       // columns that all mean the same
	TypeTriplets   = "triplets"   // columns: a text, one that means the same, and others that do not
	TypeJudged     = "judged"     // columns: the similarity of two texts, and the texts
	TypeSTS        = "sts"        // pairs with a similarity: see [STS]
	TypeSICK       = "sick"       // pairs with a similarity: see [SICK]
	TypeCoNLL      = "conll"      // a token and its labels on each line, a blank line behind each sentence
	TypeCoNLLU     = "conllu"     // the ten columns of Universal Dependencies
	TypeTagged     = "tagged"     // token/LABEL, separated by spaces
	TypeTokens     = "tokens"     // a JSON object with an array of tokens and one of labels on each line
	TypeSegmented  = "segmented"  // words separated by spaces: characters, labeled as the begin or inside of a word
)

// Format is the file format of examples. The zero value is line-aligned pairs. Fields that the type does not use must
// be zero.
type Format struct {
	// Type is lines, tsv, jsonl, cmudict, sigmorphon or the name of a made-up task; for sentence vectors also sets,
	// triplets, judged, sts or sick; for labelers conll, conllu, tagged, tokens or segmented.
	// "" means lines.
	//
	// A line of sets has two or more columns, separated by tabs, that all mean the same. A line of triplets has a text,
	// one that means the same, and one or more that do not, although they look like it. A line of judged has a
	// similarity and two texts. The lines of a file have equally many columns; sets of unequal sizes fit jsonl, where
	// target may be an array.
	Type string `yaml:"type" json:"type"`
	// SourceColumn and TargetColumn are the columns of source and target in a tsv, from 1; 0 means 1 and 2. If neither is
	// set, a line with more than two columns is an error, because its text probably contains a tab.
	SourceColumn int `yaml:"source_column,omitempty" json:"source_column,omitempty"`
	TargetColumn int `yaml:"target_column,omitempty" json:"target_column,omitempty"`
	// WeightColumn is the column of the positive training weights in a tsv; 0 means none.
	WeightColumn int `yaml:"weight_column,omitempty" json:"weight_column,omitempty"`
	// MinScore and MaxScore are the least and the greatest similarity in a file of type judged; 0 and 0 mean 0 and 1.
	MinScore float64 `yaml:"min_score,omitempty" json:"min_score,omitempty"`
	MaxScore float64 `yaml:"max_score,omitempty" json:"max_score,omitempty"`
	// Header skips the first line of a tsv, sets, triplets, judged or conll file, which names its columns.
	Header bool `yaml:"header,omitempty" json:"header,omitempty"`
	// SourceField and TargetField are the fields of source and target in a jsonl object; "" means "source" and "target".
	SourceField string `yaml:"source_field,omitempty" json:"source_field,omitempty"`
	TargetField string `yaml:"target_field,omitempty" json:"target_field,omitempty"`
	// WeightField is the field of the weight in a jsonl object; "" means none.
	WeightField string `yaml:"weight_field,omitempty" json:"weight_field,omitempty"`
	// Stress keeps the digits 0, 1 and 2 on the vowels of ARPABET, cmudict's alphabet; otherwise they are removed.
	// Digits of other phonemes, such as tones, are always kept.
	Stress bool `yaml:"stress,omitempty" json:"stress,omitempty"`
	// Reverse swaps source and target of tsv, jsonl, cmudict and sigmorphon: in cmudict, phonemes become the source and
	// letters the target. An example with several targets becomes several examples.
	Reverse bool `yaml:"reverse,omitempty" json:"reverse,omitempty"`
	// Tokens is the column of the tokens in a conll file, a number from 1 or a name, or their field in the objects of
	// tokens; "" means 1 and "tokens". Names of columns are in a comment `# global.columns = FORM UPOS`, or in the first
	// line.
	Tokens string `yaml:"tokens,omitempty" json:"tokens,omitempty"`
	// Labels are the columns of the labels in a conll or conllu file, numbers from 1 or names, or their fields in the
	// objects of tokens, separated by commas; "" means the last column, UPOS and "tags".
	Labels string `yaml:"labels,omitempty" json:"labels,omitempty"`
	// Separator is the text between token and label in a tagged file; "" means /. The last one in a word counts.
	Separator string `yaml:"separator,omitempty" json:"separator,omitempty"`
	// Scheme is how the labels of the first column mark spans: iob1, iob2, bioes or bilou. They become IOB2 (B-LOC begins
	// a span, I-LOC goes on, O is outside). "" and none leave labels as they are. A list separated by commas is for the
	// first columns.
	Scheme string `yaml:"scheme,omitempty" json:"scheme,omitempty"`
	// Repair corrects labels that the scheme does not allow, such as an I-LOC that follows no LOC, as conlleval reads
	// them; otherwise they are errors.
	Repair bool `yaml:"repair,omitempty" json:"repair,omitempty"`
}

// Types returns every value of Format.Type.
func Types() []string {
	return append([]string{
		TypeLines, TypeTSV, TypeJSONL, TypeCMUdict, TypeSIGMORPHON, TypeSets, TypeTriplets, TypeJudged, TypeSTS, TypeSICK,
		TypeCoNLL, TypeCoNLLU, TypeTagged, TypeTokens, TypeSegmented,
	}, Tasks()...)
}

// Violations are all wrong settings of a [Format] or a [Filter], each with its path. They are an error that [errors.As]
// finds.
type Violations = setting.Violations

// Validate returns [Violations], or nil.
func (f Format) Validate() error {
	var v setting.Check
	d := f.withDefaults()
	if !slices.Contains(Types(), d.Type) {
		v.Add("type", "%q: want one of %s", f.Type, strings.Join(Types(), ", "))
		return v.Err() // nothing else can be judged
	}
	for _, field := range [...]struct {
		name string
		set  bool
		of   []string
	}{
		{"source_column", f.SourceColumn != 0, []string{TypeTSV}},
		{"target_column", f.TargetColumn != 0, []string{TypeTSV}},
		{"weight_column", f.WeightColumn != 0, []string{TypeTSV}},
		{"min_score", f.MinScore != 0, []string{TypeJudged}},
		{"max_score", f.MaxScore != 0, []string{TypeJudged}},
		{"header", f.Header, []string{TypeTSV, TypeSets, TypeTriplets, TypeJudged, TypeCoNLL}},
		{"source_field", f.SourceField != "", []string{TypeJSONL}},
		{"target_field", f.TargetField != "", []string{TypeJSONL}},
		{"weight_field", f.WeightField != "", []string{TypeJSONL}},
		{"stress", f.Stress, []string{TypeCMUdict}},
		{"reverse", f.Reverse, []string{TypeTSV, TypeJSONL, TypeCMUdict, TypeSIGMORPHON}},
		{"tokens", f.Tokens != "", []string{TypeCoNLL, TypeTokens}},
		{"labels", f.Labels != "", []string{TypeCoNLL, TypeCoNLLU, TypeTokens}},
		{"separator", f.Separator != "", []string{TypeTagged}},
		{"scheme", f.Scheme != "", labeledTypes()},
		{"repair", f.Repair, labeledTypes()},
	} {
		if field.set && !slices.Contains(field.of, d.Type) {
			v.Add(field.name, "set: want it with type %s only, not %s", setting.List(field.of...), d.Type)
		}
	}
	switch d.Type {
	case TypeTSV:
		v.AtLeast("source_column", d.SourceColumn, 1)
		v.AtLeast("target_column", d.TargetColumn, 1)
		if d.WeightColumn < 0 || d.WeightColumn == d.SourceColumn || d.WeightColumn == d.TargetColumn {
			v.Add("weight_column", "%d: want a column of its own, or 0", d.WeightColumn)
		}
		if d.SourceColumn == d.TargetColumn {
			v.Add("target_column", "%d as source_column: want two columns", d.TargetColumn)
		}
	case TypeJudged:
		if low, high := d.scores(); !(low < high) || math.IsInf(high-low, 0) {
			v.Add("max_score", "%v: want more than min_score, %v", high, low)
		}
	case TypeJSONL:
		if d.SourceField == d.TargetField {
			v.Add("target_field", "%q as source_field: want two fields", d.TargetField)
		}
	}
	f.validateLabeled(&v)
	return v.Err()
}

// Resolved returns an equivalent format in which defaults replace "".
func (f Format) Resolved() Format {
	d := f.withDefaults()
	f.Type = d.Type
	if f.Type == TypeJSONL {
		f.SourceField, f.TargetField = d.SourceField, d.TargetField
	}
	return f // columns stay 0, so that a third column remains an error
}

// withDefaults replaces zeros by the defaults.
func (f Format) withDefaults() Format {
	if f.Type == "" {
		f.Type = TypeLines
	}
	if f.SourceColumn == 0 {
		f.SourceColumn = 1
	}
	if f.TargetColumn == 0 {
		f.TargetColumn = 2
	}
	if f.SourceField == "" {
		f.SourceField = "source"
	}
	if f.TargetField == "" {
		f.TargetField = "target"
	}
	return f
}

// Read streams the examples of one file; see [Lines] for compression and standard input. The type lines needs two
// files, see [Pairs], unless opts.SourceOnly is set. A file without examples is an error.
func (f Format) Read(path string, opts *ReadOptions) iter.Seq2[Example, error] {
	return reading(opts, func(opts *ReadOptions, yield func(Example, error) bool) error {
		return f.read(path, opts, yield)
	})
}

// read yields the examples of a file. It returns nil if yield returns false.
func (f Format) read(path string, opts *ReadOptions, yield func(Example, error) bool) error {
	if err := f.Validate(); err != nil {
		return fmt.Errorf("corpora: format: %w", err)
	}
	if f.Reverse {
		return f.readReversed(path, opts, yield)
	}
	d := f.withDefaults()
	if d.Type == TypeLines && !opts.SourceOnly {
		return fmt.Errorf("corpora: %s: format lines has its targets in a second file: want a pair of files", path)
	}
	switch d.Type {
	case TypeCMUdict:
		return readCMUdict(path, d.Stress, opts, yield)
	case TypeSTS:
		return readJudged(STS(path, opts), 0, 5, opts, yield)
	case TypeSICK:
		return readJudged(SICK(path, opts), 1, 5, opts, yield)
	case TypeCoNLL, TypeCoNLLU:
		return d.readCoNLL(path, opts, yield)
	case TypeSets, TypeTriplets, TypeJudged:
		return d.readTable(path, opts, yield)
	}
	parse := func(line string) (Example, error) {
		e, err := f.parse(line, opts.SourceOnly)
		if err == nil && !opts.AllowEmpty {
			err = checkSides(e)
		}
		return e, err
	}
	if !d.Header {
		return readRecords(path, opts, nil, parse, yield)
	}
	columns := 0
	header := func(line string) error { // accepts any names
		columns = 1 + strings.Count(line, "\t")
		return nil
	}
	return readRecords(path, opts, header, func(line string) (Example, error) {
		if n := 1 + strings.Count(line, "\t"); line != "" && n != columns {
			return Example{}, fmt.Errorf("line has %s: want %d, as the header has", number(n, "column"), columns)
		}
		return parse(line)
	}, yield)
}

// Parse reads the source of an example from a line of a format whose examples are single lines: their targets are not
// read.
func (f Format) Parse(line string) (Example, error) {
	e, err := f.parse(line, true)
	if err != nil {
		err = fmt.Errorf("corpora: %w", err)
	}
	return e, err
}

// parse reads an example from one line. Its error is the Msg of an Error.
func (f Format) parse(line string, sourceOnly bool) (Example, error) {
	switch f.Type {
	case "", TypeLines:
		return Example{Source: line}, nil
	case TypeJSONL:
		return f.parseJSON(line, sourceOnly)
	case TypeSIGMORPHON:
		return parseSIGMORPHON(line, sourceOnly)
	case TypeTagged:
		return f.parseTagged(line, sourceOnly)
	case TypeTokens:
		return f.parseTokens(line, sourceOnly)
	case TypeSegmented:
		return parseSegmented(line, sourceOnly), nil
	default: // tsv and the tasks
		return f.parseTSV(line, sourceOnly)
	}
}

// Source converts a line of input to the source of a model trained on this format: the letters of a word for cmudict,
// features and letters of `lemma TAB FEAT;FEAT` for sigmorphon, and the unchanged line for other types. A blank line
// becomes empty. With Reverse, phonemes lose their stress unless the format keeps it, and an inflected form becomes its
// letters.
func (f Format) Source(line string) (string, error) {
	switch {
	case isBlank(line):
		return "", nil
	case f.Reverse:
		return f.reversedSource(line), nil
	case f.Type == TypeCMUdict:
		return Letters(line), nil
	case f.Type == TypeSIGMORPHON:
		e, err := parseSIGMORPHON(line, true)
		if err != nil {
			return "", fmt.Errorf("corpora: %w", err)
		}
		return e.Source, nil
	}
	return line, nil
}

// Display converts a target to readable text: it joins the letters of sigmorphon and returns other targets unchanged.
// With Reverse, it joins the letters of cmudict, and writes sigmorphon as `lemma TAB FEAT;FEAT`.
func (f Format) Display(target string) string {
	if f.Reverse {
		return f.reversedDisplay(target)
	}
	if f.Type == TypeSIGMORPHON {
		return JoinLetters(target)
	}
	return target
}
