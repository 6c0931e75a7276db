package seq2seq

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/metric"
	"github.com/retell-rnn/retell/seq2seq/internal/search"
	"github.com/retell-rnn/retell/tokenize"
)

// learned returns a tokenizer learned from text.
func learned(t *testing.T, c tokenize.Config, text ...string) *tokenize.Codec {
	t.Helper()
	codec, err := tokenize.Learn(c, lines(text...))
	if err != nil {
		t.Fatal(err)
	}
	return codec
}

func TestWordsOf(t *testing.T) {
	const line = "Where, my dear, is (the) owl?"
	for _, kind := range []tokenize.Kind{tokenize.Words, tokenize.Space, tokenize.Chars, tokenize.Bytes, tokenize.BPE} {
		c := tokenize.Config{Kind: kind}
		if kind == tokenize.BPE {
			c.Merges = 10
		}
		codec := learned(t, c, line)
		ids := codec.Encode(line)
		want := strings.Fields(line)
		got := make([][]int32, len(want))
		for i, w := range wordsOf(codec, ids) {
			if w >= 0 {
				got[w] = append(got[w], ids[i])
			}
		}
		for i, tokens := range got {
			if text := strings.TrimSpace(codec.Decode(tokens)); text != want[i] {
				t.Errorf("%s: word %d is %q: want %q", kind, i, text, want[i])
			}
		}
	}
}

func TestAlignment(t *testing.T) {
	a := Alignment{{Source: 0, Target: 1}, {Source: 2, Target: 0}, {Source: 10, Target: 3}}
	if a.String() != "0-1 2-0 10-3" || Alignment(nil).String() != "" {
		t.Errorf("%q and %q", a, Alignment(nil))
	}
	if text, err := json.Marshal(Hypothesis{Alignment: a}); err != nil || !strings.Contains(string(text), `"alignment":"0-1 2-0 10-3"`) {
		t.Errorf("%s, error %v", text, err)
	}
}

// TestAttentionUses checks alignments and the replacement of unknown words for given attention weights.
func TestAttentionUses(t *testing.T) {
	const line = "Herr Quux, (Zyzzy) ging."
	words := tokenize.Config{Kind: tokenize.Words}
	e := (&Model{&Network{
		source: learned(t, words, "Herr , ( ) ging ."),
		target: learned(t, words, "Mr went , ( )", "x."),
	}}).alone()
	source := e.models[0].encodeSource(line, new([]string))
	from := e.Source().Tokens(line)
	tgt := e.Target().Encode("Mr Quux, (Zyzzy) went.")
	// Each token attends to the source token of the same text; went attends to ging, and Zyzzy more to a mark than to
	// the word.
	attention := make([][]float32, len(tgt))
	for i, token := range e.Target().Tokens("Mr Quux, (Zyzzy) went.") {
		attention[i] = make([]float32, len(from))
		if at := slices.Index(from, map[string]string{"Mr": "Herr", "went": "ging"}[token]); at >= 0 {
			attention[i][at] = 1
			continue
		}
		if at := slices.Index(from, token); at >= 0 {
			attention[i][at] = 0.4
		}
		if at := slices.Index(from, "￭"); token == "Zyzzy" && at >= 0 {
			attention[i][at] = 0.6
		}
	}
	h := search.Hypothesis{Tokens: tgt, Finished: true, Attention: attention}
	if got := e.hypothesis(h, line, source, &SearchOptions{}); got.Alignment != nil || got.Text != "Mr <unk>, (<unk>) went." {
		t.Errorf("unasked: %+v", got)
	}
	got := e.hypothesis(h, line, source, &SearchOptions{Align: true, ReplaceUnknown: true, Lexicon: map[string]string{"Zyzzy": "New York", "Herr": "Sir"}})
	if want := "Mr Quux, (New York) went."; got.Text != want {
		t.Errorf("text %q: want %q", got.Text, want)
	}
	if diff := cmp.Diff(e.Target().Tokens("Mr Quux, (Zyzzy) went.")[0], got.Tokens[0]); diff != "" {
		t.Error(diff)
	}
	for _, want := range []string{"0-0", "1-1", "3-3"} {
		if !slices.Contains(strings.Fields(got.Alignment.String()), want) {
			t.Errorf("alignment %v: want %s in it", got.Alignment, want)
		}
	}
}

// TestExplain compares explanations with translations and scores, and checks that attention weights sum to 1.
func TestExplain(t *testing.T) {
	m, data := trained(t)
	src := sourcesOf(data[:12])
	o := &SearchOptions{NBest: 3, Align: true, BatchSentences: 5}
	for i, tr := range collect(t, m.Translate(t.Context(), lines(src...), o)) {
		x, err := m.Explain(t.Context(), src[i], "", nil)
		if err != nil {
			t.Fatal(err)
		}
		best := tr.Hypotheses[0]
		if x.Text != tr.Text || !cmp.Equal(x.Alignment, best.Alignment) || len(x.Attention) != len(x.Target) {
			t.Errorf("%q: %q, aligned %v: the translation is %q, aligned %v", src[i], x.Text, x.Alignment, tr.Text, best.Alignment)
		}
		for t1, row := range x.Attention {
			sum := float32(0)
			for _, a := range row {
				sum += a
			}
			if math.Abs(float64(sum)-1) > 1e-5 || len(row) != len(x.Source) {
				t.Errorf("attention of token %d over %d tokens sums to %v", t1, len(row), sum)
			}
		}
		alone := collect(t, m.Translate(t.Context(), lines(src[i]), o))
		if diff := cmp.Diff(alone[0], tr); diff != "" {
			t.Errorf("%q alone: %s", src[i], diff)
		}
	}
	given, err := m.Explain(t.Context(), data[0].Source, data[0].Targets[0], nil)
	if err != nil {
		t.Fatal(err)
	}
	scored := collect(t, m.Score(t.Context(), corpora.Stream(data[:1]), nil))[0].Targets[0]
	if given.Text != data[0].Targets[0] || !slices.Equal(given.Target, scored.Tokens) {
		t.Errorf("%q explained as %q", data[0].Targets[0], given.Target)
	}
	for i, p := range given.LogProbs {
		if math.Abs(float64(p)-scored.LogProbs[i]) > 1e-5 {
			t.Errorf("token %d: log-probability %v: want %v", i, p, scored.LogProbs[i])
		}
	}
}

func TestAttentionErrors(t *testing.T) {
	data := collect(t, corpora.Task("copy", 5, 10))
	c := smallConfig()
	c.Decoder.Attention, c.Decoder.InputFeeding = "none", false
	m := newModel(t, c, data, 1)
	const want = "seq2seq: alignments: the model has no attention: want a model with attention"
	if _, err := m.Explain(t.Context(), data[0].Source, "", nil); err == nil || err.Error() != want {
		t.Errorf("error %v: want %s", err, want)
	}
	for _, o := range []*SearchOptions{{Align: true}, {ReplaceUnknown: true}} {
		for _, err := range m.Translate(t.Context(), lines(data[0].Source), o) {
			if err == nil || err.Error() != want {
				t.Errorf("error %v: want %s", err, want)
			}
		}
	}
	if _, err := m.Explain(t.Context(), "", "1", nil); err == nil || !strings.Contains(err.Error(), "no tokens") {
		t.Errorf("error %v: want one about no tokens", err)
	}
	if _, err := m.Explain(t.Context(), "1", "", &SearchOptions{MBR: metric.NewWER()}); err == nil || !strings.Contains(err.Error(), "mbr") {
		t.Errorf("error %v: want one about mbr", err)
	}
	if err := (&SearchOptions{Lexicon: map[string]string{}}).Validate(); err == nil || err.Error() != "lexicon: without replace_unknown: want both" {
		t.Errorf("error %v", err)
	}
}
