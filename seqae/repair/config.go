package repair

import (
	"cmp"
	"slices"

	"github.com/retell-rnn/retell/corpora/noise"
	"github.com/retell-rnn/retell/internal/setting"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/tokenize"
)

// Kind is the kind of file that holds a repairer; see [seq2seq.LoadKind].
const Kind = "repairer"

// Form is how a model repairs lines. Empty means [FormEdit].
type Form string

const (
	FormEdit  Form = "edit"  // labels say what becomes of each character
	FormWrite Form = "write" // a decoder writes the clean line
	FormWord  Form = "word"  // words of a lexicon replace misspelled ones
)

// MarshalText returns the name.
func (f Form) MarshalText() ([]byte, error) { return setting.Marshal(f, FormEdit, FormWrite, FormWord) }

// UnmarshalText reads a name. An unknown one is an error.
func (f *Form) UnmarshalText(text []byte) error {
	return setting.Unmarshal(f, text, FormEdit, FormWrite, FormWord)
}

// Config defines a repairer.
type Config struct {
	Model seq2seq.Config // a labeler for FormEdit, a writer for FormWrite
	Task  Task           // what it repairs
}

// Task says what a repairer learns to repair, and how it is used unless [Options] say otherwise. Model files hold it.
type Task struct {
	// Form is how the model repairs lines: edit (the default), labels that say what becomes of each character; write, a
	// decoder that writes the clean line; or word, for misspellings: words of a lexicon, chosen by how likely the noise
	// makes them look so and by how well they fit between their neighbors.
	Form Form `yaml:"form" json:"form"`

	// Noise lists the errors that training puts into clean lines, anew each time that it reads them: names of kinds, or
	// kinds with rates, such as {kind: typos, rate: 0.05}. Empty means none, for given pairs.
	Noise noise.Spec `yaml:"noise" json:"noise,omitempty"`

	NoisyPairs bool `yaml:"noisy_pairs" json:"noisy_pairs,omitempty"` // puts the noise into the dirty lines of given pairs, too

	// Window is the number of characters that the model reads at a time, 32 to 65536; 0 means 256. Longer lines are
	// repaired in windows. Those of the form edit overlap by a quarter, and the middle of each counts.
	Window int `yaml:"window" json:"window,omitzero"`

	// Threshold is the least probability of an edit that is made, 0 to 1; 0 means 0.5, and a negative number no
	// threshold. Edits of a word that touch stand or fall together.
	Threshold float64 `yaml:"threshold" json:"threshold,omitzero"`

	// Bound is the greatest share of a line's characters that may change, 0 to 1, beside case, accents and spaces; 0 means
	// 0.3, and a negative number no bound. A line that would change more, and in more than three characters, stays as it
	// is and is flagged.
	Bound float64 `yaml:"bound" json:"bound,omitzero"`

	// Lexicon holds words to know beside those of the training text. [Begin] adds the words that occur three times in the
	// text, if letters are repaired. Among several repairs of a word, those in the lexicon are preferred. If only spaces
	// are repaired, lines are divided into words of the lexicon and of Counts where possible.
	Lexicon []string `yaml:"-" json:"lexicon,omitempty"`

	// Cases tells how the text writes its words, in lower case: if only case is repaired, a word's case elsewhere counts
	// beside what the model reads. [Begin] counts them.
	Cases map[string]Cases `yaml:"-" json:"cases,omitempty"`

	// Counts tells how often text holds a word: in lower case, unless the text holds it with a capital alone. If only
	// spaces are repaired, [Begin] adds the words of the text, and frequent words are preferred.
	Counts map[string]int `yaml:"-" json:"counts,omitempty"`

	// Confusions tells how words are misspelled, for the form word. [Begin] learns it from the noise and from given pairs.
	Confusions *noise.Confusions `yaml:"-" json:"confusions,omitempty"`
}

// Validate returns [seq2seq.Violations], or nil.
func (t Task) Validate() error {
	var v setting.Check
	v.Name("form", t.Form)
	v.In("noise", t.Noise.Validate())
	if t.Window != 0 {
		v.Between("window", t.Window, 32, 1<<16)
	}
	checkShare(&v, "threshold", t.Threshold)
	checkShare(&v, "bound", t.Bound)
	for word, n := range t.Counts {
		if n < 1 {
			v.Add("counts", "%d of %q: want 1 or more", n, word)
			break
		}
	}
	return v.Err()
}

// checkShare checks a share that a negative number turns off.
func checkShare(v *setting.Check, path string, x float64) {
	if !(x <= 1) {
		v.Add(path, "%v: want 0 to 1, or a negative number for none", x)
	}
}

// resolved returns the task with defaults in place of zero values.
func (t Task) resolved() Task {
	t.Form = cmp.Or(t.Form, FormEdit)
	t.Window = cmp.Or(t.Window, 256)
	t.Threshold = cmp.Or(t.Threshold, 0.5)
	t.Bound = cmp.Or(t.Bound, 0.3)
	return t
}

// spells reports whether letters are repaired, not only their case, their accents or what is between words.
func (t Task) spells() bool {
	others := []string{noise.Accents, noise.Case, noise.Flip, noise.Punctuation, noise.Spaces}
	return slices.ContainsFunc(t.Kinds(), func(kind string) bool { return !slices.Contains(others, kind) })
}

// capitalizes reports whether nothing but case is repaired.
func (t Task) capitalizes() bool {
	others := func(kind string) bool { return kind != noise.Case && kind != noise.Flip }
	return len(t.Noise) > 0 && t.resolved().Form == FormEdit && !slices.ContainsFunc(t.Kinds(), others)
}

// spaces reports whether labels repair nothing but spaces.
func (t Task) spaces() bool {
	return t.resolved().Form == FormEdit && slices.Equal(t.Kinds(), []string{noise.Spaces})
}

// divides reports whether nothing but spaces is repaired, with known words.
func (t Task) divides() bool { return len(t.Lexicon)+len(t.Counts) > 0 && t.spaces() }

// Words returns the number of words in the lexicon and in the counts.
func (t Task) Words() int {
	all := make(map[string]bool, len(t.Lexicon)+len(t.Counts))
	for _, word := range t.Lexicon {
		all[word] = true
	}
	for word := range t.Counts {
		all[word] = true
	}
	return len(all)
}

// Kinds returns the names of the task's kinds of noise.
func (t Task) Kinds() []string {
	var names []string
	for _, s := range t.Noise {
		if s.Kind != noise.Clean && !slices.Contains(names, s.Kind) {
			names = append(names, s.Kind)
		}
	}
	return names
}

// Validate returns [seq2seq.Violations], or nil.
func (c Config) Validate() error {
	var v setting.Check
	v.In("model", c.Model.Validate())
	v.In("repair", c.Task.Validate())
	switch labels := c.Model.Labeler.Output != ""; {
	case c.Task.Form == FormWord && (!labels || !c.Model.Labeler.Cloze):
		v.Add("model.labeler.cloze", "false with repair.form %s: want a labeler with cloze: true", FormWord)
	case c.Task.resolved().Form == FormEdit && !labels:
		v.Add("model.labeler.output", "none with repair.form %s: want softmax or crf", FormEdit)
	case c.Task.Form == FormWrite && (labels || c.Model.Decoder.Layers == 0):
		v.Add("model.decoder.layers", "%d with repair.form %s: want 1 or more, and no labeler", c.Model.Decoder.Layers, FormWrite)
	case c.Task.Form == FormWrite && c.Model.Bottleneck.Size > 0:
		v.Add("model.bottleneck.size", "%d with repair.form %s: want 0, and attention", c.Model.Bottleneck.Size, FormWrite)
	}
	return v.Err()
}

// DefaultConfig returns a repairer of a form that learns from tens of thousands of lines: characters and two
// bidirectional layers.
func DefaultConfig(form Form) Config {
	var c seq2seq.Config
	if form == FormWord {
		c = seq2seq.DefaultLabelerConfig()
		c.Target.Normalize = tokenize.None
		c.Encoder.Factors, c.Encoder.Chars, c.Encoder.WordDropout = seq2seq.FactorConfig{}, seq2seq.CharConfig{}, 0
		c.Encoder.NGrams = seq2seq.NGramConfig{Min: 2, Max: 4, Buckets: 32768}
		c.Encoder.Hidden, c.Encoder.Embedding = 512, 256
		c.Dropout, c.Labeler.Cloze = 0.3, true
		return Config{Model: c, Task: Task{Form: form}}
	}
	if form == FormWrite {
		c = seq2seq.DefaultConfig()
		c.Source = tokenize.Config{Kind: tokenize.Chars, Lossless: true, KeepCase: true}
		c.Target, c.SharedVocab = c.Source, true
		c.Decoder.Attention, c.Decoder.Copy = rnn.General, true
		c.Decoder.Hidden, c.Decoder.Embedding = 256, 64
	} else {
		c = seq2seq.DefaultLabelerConfig()
		c.Source.Lowercase, c.Source.KeepCase, c.Target.Normalize = false, true, tokenize.None
		c.Encoder.Layers, c.Encoder.Factors, c.Encoder.Chars = 2, seq2seq.FactorConfig{}, seq2seq.CharConfig{}
	}
	c.Encoder.Hidden, c.Encoder.Embedding = 512, 64
	c.Dropout = 0.2
	return Config{Model: c, Task: Task{Form: form}}
}
