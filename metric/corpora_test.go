package metric

import (
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/retell-rnn/retell/internal/corporatest"
)

// readLines returns the lines of a gzipped file of the corpora.
func readLines(tb testing.TB, name string) []string {
	tb.Helper()
	f, err := os.Open(corporatest.Path(tb, name))
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		tb.Fatal(err)
	}
	data, err := io.ReadAll(z)
	if err != nil {
		tb.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
}

// newsRefs returns the references of WMT's news test of 2017.
func newsRefs(tb testing.TB) [][]string {
	tb.Helper()
	refs, err := References(readLines(tb, "sacrebleu/reference.txt.gz"))
	if err != nil {
		tb.Fatal(err)
	}
	return refs
}

// parse returns the metric of a valid specification.
func parse(tb testing.TB, spec string) Metric {
	tb.Helper()
	m, err := Parse(spec)
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

// TestNews compares the scores of whole systems with those of NIST's and chrF's own programs, to all given decimals.
// The latter smooths by an epsilon.
func TestNews(t *testing.T) {
	f, err := os.Open(corporatest.Path(t, "sacrebleu/expected.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comma = '\t'
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	refs := newsRefs(t)
	for _, row := range rows[1:] {
		hyps := readLines(t, "sacrebleu/"+row[0]+".txt.gz")
		for i, spec := range []string{"bleu", "chrf:eff=no", "chrf++:eff=no"} {
			want, decimals := row[i+1], 2
			if want == "" {
				continue
			}
			if spec != "bleu" {
				decimals = len(want) - strings.Index(want, ".") - 1
			}
			number, err := strconv.ParseFloat(want, 64)
			if err != nil {
				t.Fatal(err)
			}
			s, err := Corpus(parse(t, spec), hyps, refs)
			if err != nil {
				t.Fatal(err)
			}
			if math.Abs(s.Value-number) > 0.5001*math.Pow10(-decimals) {
				t.Errorf("%s %s: %f, want %s", row[0], spec, s.Value, want)
			}
		}
	}
}

// bleuTexts is one case of sacreBLEU: a corpus and its score.
type bleuTexts struct {
	Hyps  []string
	Refs  [][]string
	Score float64
}

// bleuCases is the file of sacreBLEU's own small cases.
type bleuCases struct {
	Corpus struct {
		bleuTexts
		Eps   float64
		Cases []struct {
			Tokenize, Smooth string
			Score            float64
		}
		MaxOrder map[string]float64 `json:"max_order_2dp"`
	}
	Raw        []bleuTexts `json:"raw_corpus_bleu_floor_0.01"`
	Statistics []struct {
		Hyp, Ref       string
		Counts, Totals []float64
		Floor          float64 `json:"bleu_floor_default_0.1"`
		None           float64 `json:"bleu_no_smoothing"`
	}
	FromStats []struct {
		Counts, Totals []float64
		SysLen         float64 `json:"sys_len"`
		RefLen         float64 `json:"ref_len"`
		BLEU           float64
	} `json:"from_stats"`
	Sentence struct {
		Eps      float64
		Ref, Hyp string
		Cases    [][]any
	} `json:"sentence_effective_order"`
}

// readBLEUCases reads the file.
func readBLEUCases(t *testing.T) (file bleuCases) {
	t.Helper()
	data, err := os.ReadFile(corporatest.Path(t, "sacrebleu/bleu_cases.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	return file
}

// bleu returns the corpus score of a case.
func (c bleuTexts) bleu(t *testing.T, opts *BLEUOptions) float64 {
	t.Helper()
	m, err := NewBLEU(opts)
	if err != nil {
		t.Fatal(err)
	}
	refs, err := References(c.Refs...)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Corpus(m, c.Hyps, refs)
	if err != nil {
		t.Fatal(err)
	}
	return s.Value
}

// within fails unless got and want differ by at most eps.
func within(t *testing.T, name string, got, want, eps float64) {
	t.Helper()
	if math.Abs(got-want) > eps {
		t.Errorf("%s: %.10f, want %.10f", name, got, want)
	}
}

// TestBLEUCorpora computes sacreBLEU's cases of corpora.
func TestBLEUCorpora(t *testing.T) {
	file := readBLEUCases(t)
	for _, c := range file.Corpus.Cases {
		got := file.Corpus.bleu(t, &BLEUOptions{Tokenizer: Tokenizer(c.Tokenize), Smooth: Smoothing(c.Smooth)})
		within(t, "corpus, "+c.Tokenize+" "+c.Smooth, got, c.Score, file.Corpus.Eps)
	}
	for order, want := range file.Corpus.MaxOrder {
		n, err := strconv.Atoi(order)
		if err != nil {
			t.Fatal(err)
		}
		within(t, "order "+order, file.Corpus.bleu(t, &BLEUOptions{MaxOrder: n}), want, 0.005)
	}
	for _, c := range file.Raw {
		opts := &BLEUOptions{Tokenizer: TokNone, Smooth: SmoothFloor, SmoothValue: 0.01, EffectiveOrder: true}
		within(t, "raw, "+c.Hyps[0], c.bleu(t, opts), c.Score, 1e-8)
	}
}

// TestBLEUSentences computes sacreBLEU's cases of sentences and of statistics.
func TestBLEUSentences(t *testing.T) {
	file := readBLEUCases(t)
	for _, c := range file.Statistics {
		floor := parse(t, "bleu:smooth=floor,tok=none")
		row := floor.Stats(c.Hyp, []string{c.Ref})
		for n := range c.Counts {
			within(t, "counts", row[2+n], c.Counts[n], 0)
			within(t, "totals", row[6+n], c.Totals[n], 0)
		}
		within(t, "floor", floor.Score(row).Value, c.Floor, 1e-8)
		within(t, "no smoothing", parse(t, "bleu:smooth=none").Score(row).Value, c.None, 1e-8)
	}
	for _, c := range file.FromStats {
		row := append(append(Stats{c.SysLen, c.RefLen}, c.Counts...), c.Totals...)
		within(t, "from statistics", parse(t, "bleu").Score(row).Value, c.BLEU, 1e-8)
	}
	for _, c := range file.Sentence.Cases {
		opts := &BLEUOptions{Smooth: Smoothing(c[0].(string)), Lowercase: c[2].(bool), Tokenizer: Tokenizer(c[3].(string)), EffectiveOrder: true}
		opts.SmoothValue, _ = c[1].(float64) // null means the default
		m, err := NewBLEU(opts)
		if err != nil {
			t.Fatal(err)
		}
		got := m.Score(m.Stats(file.Sentence.Hyp, []string{file.Sentence.Ref})).Value
		within(t, "sentence, "+m.Signature(1), got, c[4].(float64), file.Sentence.Eps)
	}
}

// Benchmarks score 3,004 sentences.
func benchmark(b *testing.B, spec string) {
	hyps, refs := readLines(b, "sacrebleu/newstest2017.FBK.4870.en-de.txt.gz"), newsRefs(b)
	m := parse(b, spec)
	for b.Loop() {
		if _, err := Corpus(m, hyps, refs); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBLEU(b *testing.B) { benchmark(b, "bleu") }
func BenchmarkChrF(b *testing.B) { benchmark(b, "chrf") }
func BenchmarkTER(b *testing.B)  { benchmark(b, "ter") }
func BenchmarkWER(b *testing.B)  { benchmark(b, "wer") }
func BenchmarkCER(b *testing.B)  { benchmark(b, "cer") }

func BenchmarkPairedBootstrap(b *testing.B) {
	m, refs := parse(b, "bleu"), newsRefs(b)
	x, err := CorpusStats(m, readLines(b, "sacrebleu/newstest2017.FBK.4870.en-de.txt.gz"), refs)
	if err != nil {
		b.Fatal(err)
	}
	y, err := CorpusStats(m, readLines(b, "sacrebleu/newstest2017.C-3MA.4959.en-de.txt.gz"), refs)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := PairedBootstrap(m, x, y, 1000, rand.New(rand.NewPCG(1, 2))); err != nil {
			b.Fatal(err)
		}
	}
}
