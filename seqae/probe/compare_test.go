package probe

import (
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/seq2seq"
)

// judgedPairs are 12 pairs of two genres; their scores agree with the cosines of letters in the first one.
func judgedPairs() []corpora.Judged {
	var pairs []corpora.Judged
	for i, p := range []struct {
		b     string
		score float64
	}{{"aa", 5}, {"aaab", 4}, {"aab", 3}, {"ab", 2}, {"abb", 1}, {"b", 0}} {
		pairs = append(pairs,
			corpora.Judged{A: "a", B: p.b, Score: p.score, File: "captions"},
			corpora.Judged{A: "a", B: p.b, Score: float64(i%3) + 1, File: "news"})
	}
	return pairs
}

func collectReport(t *testing.T, tasks []Task, subjects []Subject, opts *CompareOptions) Report {
	t.Helper()
	var r Report
	for result, err := range Compare(t.Context(), tasks, subjects, opts) {
		if err != nil {
			t.Fatal(err)
		}
		r = append(r, result)
	}
	return r
}

func TestReport(t *testing.T) {
	good, bad := fake{"good", letters}, fake{"bad", func(line string) []float32 { return []float32{float32(len(line)), 1, 0} }}
	subjects := []Subject{
		{Model: good, Baselines: []Embedder{fake{"word vectors", bad.f}}},
		{Model: bad, Sizes: []int{1}, Baselines: []Embedder{fake{"word vectors", good.f}}},
	}
	tasks := []Task{
		SimilarityTask("sts", judgedPairs()),
		RetrieveTask("paraphrases", []string{"ab", "c"}, []string{"b", "cccc"}),
	}
	opts := &CompareOptions{Baselines: []Embedder{fake{"letters", letters}}, Seed: 1}
	overlaps, err := FindOverlaps(t.Context(), tasks, corpora.Stream([]string{"Abb!", "cccc"}))
	if err != nil {
		t.Fatal(err)
	}
	opts.Overlaps = overlaps
	got := collectReport(t, tasks[:1], subjects, &CompareOptions{Baselines: opts.Baselines, Overlaps: overlaps[:1], Seed: 1}).String()
	const want = `sts (12 pairs)  spearman                                    pearson
                all             unseen   captions  news     all
  pairs         12              10       6         6        12
good            41.9 ± 61.0     38.9     100.0     -47.8 *  44.2
  word vectors  -30.5 ± 58.1    -39.2    -41.2     -6.2     -27.9
bad             -30.5 ± 58.1 *  -39.2 *  -41.2 *   -6.2     -27.9 *
bad:1           0.0 ± 0.0 *     0.0 *    0.0 *     0.0      0.0 *
  word vectors  41.9 ± 61.0     38.9     100.0     -47.8    44.2
letters         41.9 ± 61.0     38.9     100.0     -47.8    44.2
  good: spearman is 72.4 better than word vectors (95 %: -32.8 to 158.0, p=0.192, paired bootstrap);
    chance may explain it
  good: spearman equals that of letters (p=1.000, paired bootstrap)
  good: a baseline is better in spearman news (word vectors -6.2, p=0.675)
  bad: spearman is 72.4 worse than word vectors (95 %: -32.7 to 158.5, p=0.192, paired bootstrap);
    chance may explain it
  bad: spearman is 72.4 worse than letters (95 %: -32.7 to 158.5, p=0.192, paired bootstrap); chance
    may explain it
  bad: a baseline is better in spearman unseen (word vectors 38.9, p=0.228), spearman captions (word
    vectors 100.0, p=0.058), pearson (word vectors 44.2, p=0.200)
  bad:1: spearman is 41.9 worse than word vectors (95 %: -28.3 to 93.5, p=0.218, paired bootstrap);
    chance may explain it
  bad:1: spearman is 41.9 worse than letters (95 %: -28.3 to 93.5, p=0.218, paired bootstrap); chance
    may explain it
  bad:1: a baseline is better in spearman unseen (word vectors 38.9, p=0.342), spearman captions (word
    vectors 100.0, p=0.012), pearson (word vectors 44.2, p=0.148)
  seen in training: 1 of 7 texts (14.3 %) are equal to a training text, 0 more (0.0 %) are near to
    one; 2 of 12 pairs have such a text
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}

	got = collectReport(t, tasks[1:], subjects[:1], &CompareOptions{Baselines: opts.Baselines, Overlaps: overlaps[1:], Samples: -1}).String()
	const without = `paraphrases (2 pairs)  error                                 recall@5         recall@10         mrr
                       a→b    a→b unseen  b→a    b→a unseen  a→b       b→a    a→b        b→a    a→b    b→a
  pairs                2      1           2      1           2         2      2          2      2      2
good                   0.0    0.0         0.0    0.0         100.0     100.0  100.0      100.0  100.0  100.0
  word vectors         100.0  100.0       100.0  100.0       100.0     100.0  100.0      100.0  50.0   50.0
letters                0.0    0.0         0.0    0.0         100.0     100.0  100.0      100.0  100.0  100.0
  seen in training: 1 of 4 texts (25.0 %) are equal to a training text, 0 more (0.0 %) are near to
    one; 1 of 2 pairs have such a text
`
	if diff := cmp.Diff(without, got); diff != "" {
		t.Error(diff)
	}
}

// TestOwnMean holds that a model whose vectors are the mean of its word vectors has no such baseline.
func TestOwnMean(t *testing.T) {
	c := seq2seq.DefaultEmbedderConfig()
	c.Encoder.NGrams, c.Encoder.Embedding, c.Bottleneck.Size = seq2seq.NGramConfig{}, 4, 4
	c.Source.MinCount, c.Target.MinCount = 1, 1
	data := []corpora.Example{{Source: "a", Targets: []string{"b"}}, {Source: "c", Targets: []string{"d"}}}
	for _, test := range []struct {
		projection rnn.Projection
		pool       seq2seq.EmbedPooling
		want       int
	}{{rnn.ProjectNone, "", 1}, {rnn.ProjectLinear, "", 2}, {rnn.ProjectLinear, seq2seq.EmbedMean, 1}, {rnn.ProjectLinear, seq2seq.EmbedWords, 1}} {
		c.Bottleneck.Projection = test.projection
		e, _, err := seq2seq.BeginEmbedder(c, data, 1, nil)
		if err != nil {
			t.Fatal(err)
		}
		s, err := ModelSubject("e", e.Network, &seq2seq.EmbedOptions{Pool: test.pool})
		if err != nil || len(s.Baselines) != test.want {
			t.Errorf("projection %s, pool %q: %d baselines, error %v: want %d", test.projection, test.pool, len(s.Baselines), err, test.want)
		}
	}
}

func TestCompareIsDeterministic(t *testing.T) {
	run := func() Report {
		return collectReport(t, []Task{SimilarityTask("sts", judgedPairs())}, []Subject{{Model: fake{"letters", letters}}},
			&CompareOptions{Baselines: []Embedder{&TFIDF{}, &TFIDF{Min: 1, Max: 2}}, Seed: 7})
	}
	first := run()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(5))
	if diff := cmp.Diff(first[0].Models[0].Tests, run()[0].Models[0].Tests); diff != "" {
		t.Error(diff)
	}
	if first[0].Models[0].Figures[0].Interval == nil {
		t.Error("no interval")
	}
}

func TestCompareErrors(t *testing.T) {
	for _, test := range []struct {
		opts *CompareOptions
		want string
	}{
		{&CompareOptions{Samples: -2}, "probe: compare options: samples: -2: want 1 or more, 0 for the default, or -1 for none"},
		{&CompareOptions{Overlaps: []Overlap{{}, {}}}, "probe: compare options: 2 overlaps for 1 tasks: want one per task"},
	} {
		for _, err := range Compare(t.Context(), make([]Task, 1), nil, test.opts) {
			if err == nil || err.Error() != test.want {
				t.Errorf("%v; want %s", err, test.want)
			}
		}
	}
	tasks := []Task{SimilarityTask("sts", judgedPairs())}
	for _, err := range Compare(t.Context(), tasks, []Subject{{Model: &TFIDF{}, Sizes: []int{9}}}, nil) {
		if err == nil || !strings.HasPrefix(err.Error(), "probe: TF-IDF:9: first 9 of ") {
			t.Errorf("%v: want an error about the size", err)
		}
	}
}
