package seq2seq

import (
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/tokenize"
)

func TestFactorValues(t *testing.T) {
	f := FactorConfig{Stem: "english", Case: true, Shape: true, Columns: 2, Buckets: 1 << 20}
	words := tokenize.Config{Kind: tokenize.Words}
	const line = "Dogs,￨N￨pl bark￨V USA's￨N￨sg￨more 1984"
	if got, want := f.text(words, line), "Dogs, bark USA's 1984"; got != want {
		t.Errorf("text %q: want %q", got, want)
	}
	codec, err := tokenize.Learn(words, func(yield func(string, error) bool) { yield(f.text(words, line), nil) })
	if err != nil {
		t.Fatal(err)
	}
	row := func(values ...string) []int32 {
		var out []int32
		for _, v := range values {
			h := fnv.New32a()
			_, _ = h.Write([]byte(v))
			out = append(out, int32(h.Sum32()%(1<<20)))
		}
		return out
	}
	tokens := codec.Tokens(f.text(words, line))
	if want := []string{"Dogs", "￭,", "bark", "USA's", "1984"}; !slices.Equal(tokens, want) {
		t.Fatalf("tokens %q: want %q", tokens, want)
	}
	want := [][]int32{
		row("N", "N", "V", "N", ""),
		row("pl", "pl", "", "sg", ""),
		row("dog", "", "bark", "usa", "1984"),
		row("title", "none", "lower", "mixed", "none"),
		row("Xxxx,", "￭,", "xxxx", "XXX'x", "dddd"),
	}
	if diff := cmp.Diff(want, f.values(codec, line)); diff != "" {
		t.Error(diff)
	}
	for word, want := range map[string]string{"A": "title", "AB": "upper", "Ab": "title", "aB": "mixed", "ab": "lower", "ABc": "mixed", "7": "none", "": "none"} {
		if got := caseOf(word); got != want {
			t.Errorf("case of %q is %s: want %s", word, got, want)
		}
	}
	for word, want := range map[string]string{"Straßenbahn-7": "Xxxxx-d", "123456": "dddd", "a1b2": "xdxd"} {
		if got := shapeOf(word); got != want {
			t.Errorf("shape of %q is %s: want %s", word, got, want)
		}
	}
	if got := f.values(codec, "  "); len(got[0]) != len(codec.Encode(f.text(words, "  "))) {
		t.Errorf("a line of spaces has %d values", len(got[0]))
	}
}

// TestFactorsAreRead learns a task whose solution is only in the features.
func TestFactorsAreRead(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	var data []corpora.Example
	for range 200 {
		var e corpora.Example
		target := ""
		for i := range 1 + rng.IntN(4) {
			if i > 0 {
				e.Source, target = e.Source+" ", target+" "
			}
			k := rng.IntN(5)
			e.Source += fmt.Sprintf("word￨f%d", k)
			target += fmt.Sprintf("t%d", k)
		}
		e.Targets = []string{target}
		data = append(data, e)
	}
	for _, join := range []Join{JoinConcat, JoinSum} {
		c := smallConfig()
		c.Encoder.Bidirectional = true
		c.Encoder.Factors = FactorConfig{Columns: 1, Join: join}
		m := newModel(t, c, data, 1)
		if n := m.Source().Size(); n != 5 {
			t.Fatalf("the source's vocabulary has %d tokens: want only the token word", n)
		}
		train(t, m, data, nil, &TrainOptions{Epochs: 20, BatchSentences: 20, Schedule: rnn.Schedule{Rate: 0.01}})
		r, err := m.Evaluate(context.Background(), data, nil)
		if err != nil {
			t.Fatal(err)
		}
		if r.Exact < 0.95 {
			t.Errorf("%s: exact match %g: want 0.95", join, r.Exact)
		}
	}
}

// TestExplainLeavesFeaturesOut holds that feature columns of a line are not tokens.
func TestExplainLeavesFeaturesOut(t *testing.T) {
	data := []corpora.Example{{Source: "a￨1 b￨2", Targets: []string{"x y"}}}
	c := smallConfig()
	c.Encoder.Factors = FactorConfig{Columns: 1}
	m := newModel(t, c, data, 1)
	x, err := m.Explain(context.Background(), data[0].Source, "x y", nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"a", "b"}; !slices.Equal(x.Source, want) || len(x.Attention[0]) != len(want) {
		t.Errorf("source %q, attention %v: want %q and as many weights", x.Source, x.Attention[0], want)
	}
}
