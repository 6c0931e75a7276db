package main

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
)

// TestDemo runs a demonstration that is too short to learn anything.
func TestDemo(t *testing.T) {
	var out, errs bytes.Buffer
	cmd := newRoot()
	cmd.SetContext(t.Context())
	cmd.SetIn(strings.NewReader(""))
	cmd.SetOut(&out)
	cmd.SetErr(&errs)
	demo := demonstration{train: 100, test: 10, watched: 2, steps: 4, lookEach: 2, seed: 1}
	if err := demo.run(cmd); err != nil {
		t.Fatal(err)
	}
	want := regexp.MustCompile(`(?s)^A network of \d+ numbers learns to read dates, from 100 made-up examples.*
step 2 of 4, loss \d\.\d{3}
(    .{34} → \S* +(right|wrong: \d{4}-\d\d-\d\d)
){2}
step 4 of 4, loss \d\.\d{3}
(    .{34} → \S* +(right|wrong: \d{4}-\d\d-\d\d)
){2}
Exact match on 10 unseen dates: \d+\.\d %
$`)
	if !want.MatchString(out.String()) {
		t.Errorf("output:\n%s", out.String())
	}
	if errs.Len() > 0 {
		t.Errorf("standard error:\n%s", errs.String())
	}
}
