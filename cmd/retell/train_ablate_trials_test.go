package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSettingsTextOrder checks that results and states of trials have the settings in the order of earlier versions.
func TestSettingsTextOrder(t *testing.T) {
	text, err := settingsText(defaultRunConfig(kindSeqAE))
	if err != nil {
		t.Fatal(err)
	}
	at := strings.Index(text, "\ntrain:\n")
	for _, key := range []string{"average", "keep", "latent", "patience", "save_every", "save_seconds", "on_divergence"} {
		next := strings.Index(text, "\n  "+key+":")
		if next < at {
			t.Errorf("%s stands before the key that should precede it:\n%s", key, text)
		}
		at = next
	}
	if n := strings.Count(text, "save_seconds"); n != 1 {
		t.Errorf("save_seconds stands %d times: want once", n)
	}
}

// TestReadTrials checks that a line that a kill cut off is removed, that a trial that two ablations wrote counts once,
// and that any other fault is an error with its place.
func TestReadTrials(t *testing.T) {
	path := filepath.Join(t.TempDir(), "results.jsonl")
	if done, err := readTrials(path); done != nil || err != nil {
		t.Errorf("no file: %v, %v: want nothing", done, err)
	}
	first := trial{Settings: []string{"a=1"}, Seed: 1, Loss: 2}
	second := trial{Settings: []string{"a=1"}, Seed: 2, Loss: 3}
	for _, r := range []trial{first, first} {
		if err := appendTrial(path, r); err != nil {
			t.Fatal(err)
		}
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	line := string(whole[:len(whole)/2])
	if err := os.WriteFile(path, append(whole, line[:len(line)-7]...), 0o666); err != nil {
		t.Fatal(err)
	}
	done, err := readTrials(path)
	if err != nil || len(done) != 1 || !done[0].same(first) {
		t.Fatalf("trials %v, %v: want the first alone", done, err)
	}
	if err := appendTrial(path, second); err != nil {
		t.Fatal(err)
	}
	if done, err = readTrials(path); err != nil || len(done) != 2 || !done[1].same(second) {
		t.Errorf("trials %v, %v: want two", done, err)
	}
	if err := os.WriteFile(path, []byte(line+"{}\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := readTrials(path); err == nil || !strings.Contains(err.Error(), "results.jsonl:2: want a result") {
		t.Errorf("error %v: want one about line 2", err)
	}
}

// TestSummarize checks that combinations are ranked by the measure that compares validations, those with failures last.
func TestSummarize(t *testing.T) {
	of := func(x float64) *float64 { return &x }
	settings := [][]string{{"a=1"}, {"a=2"}, {"a=3"}}
	done := []trial{
		{Settings: settings[0], Seed: 1, Loss: 3, Metric: "ter", Score: of(50)},
		{Settings: settings[1], Seed: 1, Loss: 4, Metric: "ter", Score: of(40)},
		{Settings: settings[1], Seed: 2, Loss: 4, Metric: "ter", Score: of(44)},
		{Settings: settings[2], Seed: 1, Loss: 1, Metric: "ter", Score: of(1)},
		{Settings: settings[2], Seed: 2, Failed: "diverged"},
	}
	order := func(all []combination) string {
		var b strings.Builder
		for _, c := range all {
			b.WriteString(strings.Join(c.Settings, ""))
			if c.Best {
				b.WriteString("!")
			}
			b.WriteString(" ")
		}
		return b.String()
	}
	all := summarize(settings, done)
	if got := order(all); got != "a=2! a=1 a=3 " {
		t.Errorf("by an error rate: %s: want a=2 before a=1, and a=3 last", got)
	}
	if s := all[0].Score; s.Mean != 42 || s.Deviation == nil || all[1].Score.Deviation != nil {
		t.Errorf("score %+v: want 42 with a deviation, and none of a single trial", s)
	}
	for i := range done {
		done[i].Metric = "bleu"
	}
	if got := order(summarize(settings, done)); got != "a=1! a=2 a=3 " {
		t.Errorf("by BLEU: %s: want a=1 first", got)
	}
	done[0].Metric = "chrf"
	if got := order(summarize(settings, done[:3])); got != "a=1! a=2 a=3 " {
		t.Errorf("by two metrics: %s: want a=1 first, by its loss", got)
	}
	var table strings.Builder
	if err := writeAblation(&table, all); err != nil {
		t.Fatal(err)
	}
	want := "      settings  seeds  failed  score             loss           accuracy\n" +
		"best  a=2       2              ter 42.00 ± 2.83  4.000 ± 0.000  0.00 ± 0.00\n"
	if got := table.String(); !strings.HasPrefix(got, want) {
		t.Errorf("table\n%s\nwant it to begin with\n%s", got, want)
	}
}
