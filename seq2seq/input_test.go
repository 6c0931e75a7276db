package seq2seq

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/tokenize"
)

func inputs(in ...Input) func(func(Input, error) bool) {
	return func(yield func(Input, error) bool) {
		for _, i := range in {
			if !yield(i, nil) {
				return
			}
		}
	}
}

// TestInputs checks prefixes, constraints and phrases to avoid, with every kind of tokens.
func TestInputs(t *testing.T) {
	data := []corpora.Example{
		{Source: "a b", Targets: []string{"The dog runs ."}},
		{Source: "b c", Targets: []string{"A big dog sleeps ."}},
		{Source: "c d", Targets: []string{"Dogs run , cats sleep ."}},
	}
	for _, kind := range []tokenize.Kind{tokenize.Words, tokenize.Space, tokenize.Chars, tokenize.Bytes, tokenize.BPE} {
		c := smallConfig()
		c.Target = tokenize.Config{Kind: kind}
		if kind == tokenize.BPE {
			c.Target.Merges = 20
		}
		m := newModel(t, c, data, 1)
		train(t, m, data, nil, &TrainOptions{MaxSteps: 5})
		in := []Input{
			{Source: "a b"},
			{Source: "b c", Prefix: "A big"},
			{Source: "a b", Constraints: []string{"big dog", "sleep"}},
			{Source: "c d", Prefix: "The", Constraints: []string{"cats"}, Avoid: []string{"dog", "unheard-of"}},
			{Source: "", Prefix: "A"},
		}
		// A short limit, so that constraints must extend it.
		o := &SearchOptions{Beam: 8, NBest: 4, MaxLengthConstant: 1}
		out := collect(t, m.TranslateInputs(t.Context(), inputs(in...), o))
		if diff := cmp.Diff(collect(t, m.Translate(t.Context(), lines("a b"), o))[0], out[0]); diff != "" {
			t.Errorf("%s: beside other lines: %s", kind, diff)
		}
		for i, tr := range out[:4] {
			for _, h := range tr.Hypotheses {
				if !strings.HasPrefix(h.Text, in[i].Prefix) {
					t.Errorf("%s: %q: want it to begin with %q", kind, h.Text, in[i].Prefix)
				}
				for _, phrase := range in[i].Constraints {
					if !strings.Contains(" "+h.Text, " "+phrase) {
						t.Errorf("%s: %q: want it to hold %q", kind, h.Text, phrase)
					}
				}
				if len(in[i].Avoid) > 0 && strings.Contains(" "+h.Text+" ", " dog ") {
					t.Errorf("%s: %q: want it not to hold dog", kind, h.Text)
				}
			}
		}
		if len(out[4].Hypotheses) != 0 {
			t.Errorf("%s: the empty line becomes %+v", kind, out[4])
		}
	}
}

func TestInputErrors(t *testing.T) {
	m, data := trained(t)
	for _, c := range []struct {
		in   Input
		o    *SearchOptions
		want string
	}{
		{Input{Prefix: "1 x"}, nil, `seq2seq: line 2: prefix "1 x": the vocabulary lacks a word of it`},
		{Input{Constraints: []string{"1", "y 2"}}, nil, `seq2seq: line 2: constraint "y 2": the vocabulary lacks a word of it`},
		{Input{Constraints: []string{""}}, nil, `constraint "": it has no tokens`},
		{Input{Avoid: []string{" "}}, nil, `avoid " ": it has no tokens`},
		{Input{Prefix: "1 2", Avoid: []string{"2"}}, nil, `avoid "2": the prefix "1 2" holds it`},
		{Input{Constraints: []string{"1 2 3"}, Avoid: []string{"x", "2"}}, nil, `constraint "1 2 3": it holds "2", which avoid excludes`},
		{Input{Constraints: []string{"1"}}, &SearchOptions{Sample: 2}, "constraints with samples"},
		{Input{Constraints: []string{"1"}}, &SearchOptions{Beam: 4, DiverseGroups: 2}, "constraints with samples or diverse groups"},
	} {
		c.in.Source = data[0].Source
		var end error
		for _, err := range m.TranslateInputs(t.Context(), inputs(Input{Source: data[0].Source}, c.in), c.o) {
			end = err
		}
		if end == nil || !strings.Contains(end.Error(), c.want) {
			t.Errorf("%+v: error %v: want %s", c.in, end, c.want)
		}
	}
}

func TestParseInput(t *testing.T) {
	got, err := ParseInput(`{"text": "a b", "target_prefix": "A", "constraints": ["x y", "z"], "avoid": ["w"]}`)
	if diff := cmp.Diff(Input{Source: "a b", Prefix: "A", Constraints: []string{"x y", "z"}, Avoid: []string{"w"}}, got); err != nil || diff != "" {
		t.Errorf("error %v; %s", err, diff)
	}
	if got, err := ParseInput(`{"text": ""}`); err != nil || got.Source != "" {
		t.Errorf("%+v, error %v", got, err)
	}
	for line, want := range map[string]string{
		"":                            "line is empty",
		"a b":                         "no JSON",
		`{"avoid": []}`:               `no "text"`,
		`{"text": "a", "factors": 1}`: `unknown field "factors"`,
		`{"text": "a"} {}`:            "goes on",
		`{"text": 1}`:                 "no JSON",
	} {
		if _, err := ParseInput(line); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v: want one line about %s", line, err, want)
		}
	}
}

func FuzzParseInput(f *testing.F) {
	f.Add(`{"text": "a", "constraints": ["b"]}`)
	f.Add(`{"text": null}`)
	f.Fuzz(func(t *testing.T, line string) {
		in, err := ParseInput(line)
		if err != nil && !cmp.Equal(in, Input{}) {
			t.Errorf("%+v beside error %v", in, err)
		}
	})
}
