package main

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestSurvivorsArePrinted(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds a package for each mutant")
	}
	var stdout, stderr bytes.Buffer
	if err := run(t.Context(), []string{"-n", "100", "./testdata/sample"}, &stdout, &stderr); err != nil {
		t.Fatalf("%v\n%s", err, &stderr)
	}
	var lines []string
	for line := range strings.Lines(stdout.String()) {
		lines = append(lines, filepath.Base(strings.TrimSpace(line)))
	}
	slices.Sort(lines)
	want := []string{
		"sample.go:10: >= instead of >",
		"sample.go:6: without calls++",
		"sample.go:7: <= instead of <",
		"sample: 6 of about 6 mutants tried with seed 1: 3 killed, 3 survived",
	}
	if !slices.Equal(lines, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
}

func TestArgumentsAreChecked(t *testing.T) {
	t.Parallel()
	var stdout, stderr bytes.Buffer
	for _, arguments := range [][]string{nil, {"./testdata/missing"}, {"-n", "x"}} {
		if err := run(t.Context(), arguments, &stdout, &stderr); err == nil {
			t.Errorf("run accepts %q", arguments)
		}
	}
}
