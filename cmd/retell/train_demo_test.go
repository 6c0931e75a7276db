package main

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// TestDemo runs demonstrations that are too short to learn anything.
func TestDemo(t *testing.T) {
	dates := datesDemo{train: 100, test: 10, watched: 2, steps: 4, lookEach: 2, seed: 1}
	testDemo(t, dates.run, `(?s)^A translator with \d+ parameters learns to read dates from 100 made-up examples.*
step 2 of 4, loss \d\.\d{3}
(    .{34} → \S* +(right|wrong: \d{4}-\d\d-\d\d)
){2}
step 4 of 4, loss \d\.\d{3}
(    .{34} → \S* +(right|wrong: \d{4}-\d\d-\d\d)
){2}
Exact match on 10 unseen dates: \d+\.\d %
$`)
	scenes := scenesDemo{train: 100, test: 10, watched: 2, steps: 4, lookEach: 2, seed: 1}
	testDemo(t, scenes.run, `(?s)^An autoencoder with \d+ parameters learns .* from 100 made-up sentences such as
.*
step 2 of 4, loss \d\.\d{3}: of 10 unseen sentences \d+ % come back word for word
step 4 of 4, .*
Unseen sentences, each written back from its vector:
(    .*\n      → .*\n){2}
From one sentence's vector to another's, decoded on the way:
(    .*\n){6}
The unseen sentences nearest to "an old man sleeps under a tree":
(    -?[01]\.\d\d  .+\n){4}$`)
}

func testDemo(t *testing.T, run func(*cobra.Command) error, want string) {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := newRoot()
	cmd.SetContext(t.Context())
	cmd.SetIn(strings.NewReader(""))
	cmd.SetOut(&out)
	cmd.SetErr(&errs)
	if err := run(cmd); err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(want).MatchString(out.String()) {
		t.Errorf("output:\n%s", out.String())
	}
	if errs.Len() > 0 {
		t.Errorf("standard error:\n%s", errs.String())
	}
}
