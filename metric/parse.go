package metric

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/retell-rnn/retell/internal/setting"
)

// Names returns the names of the metrics that Parse accepts.
func Names() []string {
	return []string{"bleu", "chrf", "chrf++", "ter", "wer", "per", "cer", "ser", "exact", "accuracy"}
}

// Parse returns the metric of a specification: a name and settings, with the keys and values of signatures. Missing
// settings have their defaults. An error about settings wraps [Violations].
//
//	bleu:tok=intl,smooth=floor,value=0.1,eff=yes,case=lc,order=4
//	chrf:nc=6,nw=2,beta=2,case=lc,space=yes,eff=no
//	ter:norm=yes,punct=no,asian=yes,case=mixed
//	wer
func Parse(spec string) (Metric, error) {
	name, rest, _ := strings.Cut(spec, ":")
	s := settings{values: map[string]string{}}
	if rest != "" {
		for item := range strings.SplitSeq(rest, ",") {
			key, value, ok := strings.Cut(item, "=")
			if !ok {
				return nil, fmt.Errorf("metric: %s: setting %q: want key=value", name, item)
			}
			s.values[key] = value
		}
	}
	var m Metric
	var err error
	switch name {
	case "bleu":
		m, err = NewBLEU(&BLEUOptions{
			Tokenizer:      Tokenizer(s.text("tok")),
			Lowercase:      s.either("case", "lc", "mixed"),
			Smooth:         Smoothing(s.text("smooth")),
			SmoothValue:    s.number("value"),
			MaxOrder:       s.integer("order"),
			EffectiveOrder: s.either("eff", "yes", "no"),
		})
	case "chrf", "chrf++":
		opts := &ChrFOptions{
			CharOrder:  s.integer("nc"),
			Beta:       s.integer("beta"),
			Lowercase:  s.either("case", "lc", "mixed"),
			Whitespace: s.either("space", "yes", "no"),
			Epsilon:    s.either("eff", "no", "yes"),
			WordOrder:  2,
		}
		if name == "chrf" {
			opts.WordOrder = s.integer("nw")
		}
		m, err = NewChrF(opts)
	case "ter":
		m = NewTER(&TEROptions{
			Normalize:     s.either("norm", "yes", "no"),
			NoPunctuation: s.either("punct", "no", "yes"),
			Asian:         s.either("asian", "yes", "no"),
			CaseSensitive: s.either("case", "mixed", "lc"),
		})
	case "wer":
		m = NewWER()
	case "per":
		m = NewPER()
	case "cer":
		m = NewCER()
	case "ser":
		m = NewSER()
	case "exact":
		m = NewExactMatch()
	case "accuracy":
		m = NewTokenAccuracy()
	default:
		return nil, fmt.Errorf("metric: unknown metric %q: want one of %s", name, strings.Join(Names(), ", "))
	}
	s.wrong.In("", err)
	if err := s.err(); err != nil {
		return nil, fmt.Errorf("metric: %s: %w", name, err)
	}
	return m, nil
}

// settings holds the keys and values of a specification. Reading a value removes it.
type settings struct {
	values map[string]string
	known  []string // keys read so far
	wrong  setting.Check
}

// text returns the value of a key, or "" if the key is not set.
func (s *settings) text(key string) string {
	value := s.values[key]
	delete(s.values, key)
	s.known = append(s.known, key)
	return value
}

// either reports whether the value of a key is yes. The only other values are no and "".
func (s *settings) either(key, yes, no string) bool {
	value := s.text(key)
	if value != "" {
		s.wrong.In(key, setting.OneOf(value, yes, no))
	}
	return value == yes
}

// integer returns the value of a key, or 0 if the key is not set.
func (s *settings) integer(key string) int {
	value := s.text(key)
	if value == "" {
		return 0
	}
	n, err := strconv.Atoi(value)
	if err != nil {
		s.wrong.Add(key, "%q: want an integer", value)
	}
	return n
}

// number returns the value of a key, or 0 if the key is not set.
func (s *settings) number(key string) float64 {
	value := s.text(key)
	if value == "" {
		return 0
	}
	x, err := strconv.ParseFloat(value, 64)
	if err != nil {
		s.wrong.Add(key, "%q: want a number", value)
	}
	return x
}

// err returns the violations, including one for each key that was not read.
func (s *settings) err() error {
	for _, key := range slices.Sorted(maps.Keys(s.values)) {
		want := "no settings"
		if len(s.known) > 0 {
			want = setting.List(s.known...)
		}
		s.wrong.Add(key, "unknown setting: want %s", want)
	}
	return s.wrong.Err()
}
