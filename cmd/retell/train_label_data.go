package main

import (
	"fmt"
	"iter"
	"log/slog"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/setting"
)

// sequenceConfig names the training and validation data of a labeler.
type sequenceConfig struct {
	Format corpora.Format `yaml:"format"` // format of the files; the names and contents of the files decide what is not set
	Root   string         `yaml:"root"`   // folder that relative paths start from
	Train  fileList       `yaml:"train"`
	Valid  fileList       `yaml:"valid"`

	// Holdout is the number of training sentences to validate on if no validation file is given; 0 means one of twenty,
	// 1,000 at most, and -1 none.
	Holdout int `yaml:"holdout"`

	// Tokenizer is a ready tokenizer of the tokens, used unchanged: a file of 'retell tokenizer learn', or a model.
	Tokenizer string `yaml:"tokenizer"`
}

// validate returns violations, or nil.
func (d *sequenceConfig) validate() error {
	var v setting.Check
	if len(d.Train) == 0 {
		v.Add("train", "no file: want --data FILE")
	}
	if d.Format.Type != "" {
		if !d.Format.IsLabeled() {
			v.Add("format.type", "%q: want %s", d.Format.Type, setting.List(labelFormats()...))
		} else {
			f := d.Format
			f.Repair = f.Repair && f.Scheme != "" // the labels may decide the scheme
			v.In("format", f.Validate())
		}
	}
	if d.Holdout < -1 || d.Holdout > 0 && len(d.Valid) > 0 {
		v.Add("holdout", "%d: want 0 or more, or -1 for none, and 0 beside files to validate on", d.Holdout)
	}
	return v.Err()
}

func labelFormats() []string {
	return []string{corpora.TypeCoNLL, corpora.TypeCoNLLU, corpora.TypeTagged, corpora.TypeTokens, corpora.TypeSegmented}
}

// sequenceHelp explains the formats, for verbs that read labeled sentences.
const sequenceHelp = `Formats (--format): conll has a token and its labels on each line, in columns that --tokens and --labels name or number,
and a blank line behind each sentence; conllu is that of Universal Dependencies; tagged has token/LABEL; tokens has JSON
objects with arrays "tokens" and "tags"; segmented has text whose spaces show the words, to learn to place them. Without
--format, the names and first lines of the files decide.`

// sequenceFlags are flags for the format of labeled sentences.
type sequenceFlags struct {
	format, tokens, labels, separator, scheme string
	repair                                    bool
}

func (f *sequenceFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.format, "format", "", "format: conll, conllu, tagged, tokens or segmented (data.format.type; default: by the files)")
	flags.StringVar(&f.tokens, "tokens", "", "column or field of the tokens (data.format.tokens)")
	flags.StringVar(&f.labels, "labels", "", "columns or fields of the labels, separated by commas (data.format.labels)")
	flags.StringVar(&f.separator, "separator", "", "text between token and label in tagged files (data.format.separator)")
	flags.StringVar(&f.scheme, "scheme", "", "scheme of spans: iob1, iob2, bioes, bilou or none (data.format.scheme; default: by the labels)")
	flags.BoolVar(&f.repair, "repair", false, "correct labels that the scheme does not allow, instead of leaving out their sentences (data.format.repair)")
}

// apply sets the settings of the given flags.
func (f *sequenceFlags) apply(cmd *cobra.Command, to *corpora.Format) {
	for name, set := range map[string]func(){
		"format":    func() { to.Type = f.format },
		"tokens":    func() { to.Tokens = f.tokens },
		"labels":    func() { to.Labels = f.labels },
		"separator": func() { to.Separator = f.separator },
		"scheme":    func() { to.Scheme = f.scheme },
		"repair":    func() { to.Repair = f.repair },
	} {
		if cmd.Flags().Changed(name) {
			set()
		}
	}
}

// load returns the training and validation examples, and completes the format. The training examples are shuffled by
// seed.
func (d *sequenceConfig) load(opts *corpora.ReadOptions, seed uint64, log *slog.Logger) (train, valid []corpora.Example, err error) {
	files, err := d.Train.under(d.Root)
	if err != nil {
		return nil, nil, err
	}
	if d.Format, err = completeFormat(d.Format, files, opts, log); err != nil {
		return nil, nil, err
	}
	if train, err = readSequences(files, d.Format, "training", opts, log); err != nil {
		return nil, nil, err
	}
	corpora.Shuffle(train, seed)
	if len(d.Valid) > 0 {
		files, err := d.Valid.under(d.Root)
		if err != nil {
			return nil, nil, err
		}
		valid, err = readSequences(files, d.Format, "validation", opts, log)
		return train, valid, err
	}
	n := d.Holdout
	switch {
	case n == 0:
		n = min(1000, len(train)/20)
	case n < 0:
		n = 0
	case n >= len(train):
		return nil, nil, fmt.Errorf("there are %d sentences to train on: want more than the %d that are held out", len(train), n)
	}
	return train[n:], train[:n:n], nil
}

// readSequences returns the examples of files. It leaves out sentences that cannot be read.
func readSequences(files []string, format corpora.Format, what string, opts *corpora.ReadOptions, log *slog.Logger) ([]corpora.Example, error) {
	var streams []iter.Seq2[corpora.Example, error]
	for _, file := range files {
		streams = append(streams, format.Read(file, opts))
	}
	return clean(corpora.Concat(streams...), what, corpora.Filter{}, false, log)
}

// completeFormat sets the type of a format and the scheme of its labels, if they are not set, by the first file.
func completeFormat(f corpora.Format, files []string, opts *corpora.ReadOptions, log *slog.Logger) (corpora.Format, error) {
	var said []any
	if f.Type == "" {
		kind, err := guessType(files[0], opts)
		if err != nil {
			return f, err
		}
		f.Type = kind
		said = append(said, "format", kind)
	}
	repair := f.Repair
	if f.Scheme == "" {
		f.Repair = false // it needs a scheme
	}
	if err := f.Validate(); err != nil {
		return f, misuse{fmt.Errorf("format: %w", err)}
	}
	if f.Scheme == "" && f.Type != corpora.TypeSegmented && files[0] != "-" {
		schemes, err := guessSchemes(f, files[0], opts)
		if err != nil {
			return f, err
		}
		if f.Scheme = schemes; f.Scheme != "" {
			f.Repair = repair
			said = append(said, "scheme", f.Scheme)
		}
	}
	if len(said) > 0 {
		log.Info("format by the data", append([]any{"file", filepath.Base(files[0])}, said...)...)
	}
	return f, nil
}

// guessType returns the format of a file by its name and first line.
func guessType(file string, opts *corpora.ReadOptions) (string, error) {
	if kind := labelTypeByName(file); kind != "" {
		return kind, nil
	}
	if file == "-" {
		return "", misusef("standard input with a format that its name cannot tell: want --format %s", setting.List(labelFormats()...))
	}
	for line, err := range corpora.Lines(file, opts) {
		switch columns := strings.Split(line, "\t"); {
		case corpora.IsLineError(err), line == "", strings.HasPrefix(line, "# "):
			continue
		case err != nil:
			return "", err
		case strings.HasPrefix(line, "{"):
			return corpora.TypeTokens, nil
		case len(columns) == 10 && startsWithNumber(columns[0]):
			return corpora.TypeCoNLLU, nil
		case len(columns) == 1 && len(strings.Fields(line)) > 0 && !slices.ContainsFunc(strings.Fields(line), func(word string) bool { return !strings.Contains(word, "/") }):
			return corpora.TypeTagged, nil
		}
		return corpora.TypeCoNLL, nil
	}
	return corpora.TypeCoNLL, nil // reading says what the file lacks
}

// startsWithNumber reports whether a column is an id of CoNLL-U, such as 1 or 1-2.
func startsWithNumber(id string) bool {
	first, _, _ := strings.Cut(id, "-")
	_, err := strconv.ParseFloat(first, 64)
	return err == nil
}

// labelTypeByName returns the format that the extension of a file's name implies; "" if it implies none.
func labelTypeByName(file string) string {
	name := strings.ToLower(filepath.Base(file))
	for _, packed := range []string{".gz", ".zst", ".xz", ".bz2"} {
		name = strings.TrimSuffix(name, packed)
	}
	switch filepath.Ext(name) {
	case ".conllu":
		return corpora.TypeCoNLLU
	case ".conll", ".iob", ".iob2", ".bio", ".bioes", ".tsv":
		return corpora.TypeCoNLL
	case ".jsonl", ".ndjson":
		return corpora.TypeTokens
	}
	return ""
}

// guessSchemes returns the schemes of the label columns of a file, as a format lists them; "" if none marks spans.
func guessSchemes(f corpora.Format, file string, opts *corpora.ReadOptions) (string, error) {
	const most = 2000 // sentences
	var columns [][][]string
	n := 0
	for e, err := range f.Read(file, opts) {
		if corpora.IsLineError(err) {
			continue
		}
		if err != nil {
			return "", err
		}
		for k, labels := range append(e.Targets[:1:1], e.Labels...) {
			if k == len(columns) {
				columns = append(columns, nil)
			}
			columns[k] = append(columns[k], corpora.SplitFields(labels))
		}
		if n++; n == most {
			break
		}
	}
	schemes, spans := make([]string, len(columns)), false
	for k, sequences := range columns {
		if schemes[k] = corpora.GuessScheme(sequences); schemes[k] == "" {
			schemes[k] = corpora.SchemeNone
		} else {
			spans = true
		}
	}
	if !spans {
		return "", nil
	}
	return strings.Join(schemes, ","), nil
}
