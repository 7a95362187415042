package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/cmd/internal/cli"
)

func TestReportCountsCalls(t *testing.T) {
	if testing.Short() || cli.Find() == "" {
		t.Skip("runs terraform or tofu from PATH")
	}
	file := filepath.Join(t.TempDir(), "report.md")
	arguments := []string{
		"-devices", "3000", "-repeat", "3", "-latency", "0s", "-write", file,
		"-rows", "set,share,tasks,progress,subtasks,memory", // a refused call takes half a minute
	}
	var stdout, stderr bytes.Buffer
	if err := run(t.Context(), arguments, &stdout, &stderr); err != nil {
		t.Fatalf("%v\n%s", err, &stderr)
	}
	if written, err := os.ReadFile(file); err != nil || !bytes.Equal(written, stdout.Bytes()) {
		t.Errorf("the file has %q and the error %v, want what was printed:\n%s", written, err, &stdout)
	}
	want := map[string]string{
		"work":                                               "calls",
		"attach 3000 devices":                                "14",
		"plan without change":                                "3",
		"plan of +2 −1":                                      "3",
		"full check of 3000 devices":                         "5",
		"plan without change, device_ids_wo":                 "3",
		"remove 30 of 3000 devices":                          "14",
		"plan without change, consecutive ids":               "3",
		"full check of 3000 devices, consecutive ids":        "5",
		"full check of 5 sets and a data source of one task": "5",
		"plan without change of 30 tasks":                    "3",
		"progress of an LwM2M task":                          "15",
		"progress of a T-Link task":                          "7",
		"list 30 of 3000 subtasks":                           "15",
		"list 600 of 3000 subtasks":                          "15",
		"attach 30000 devices":                               "68",
	}
	got := map[string]string{}
	for line := range strings.Lines(stdout.String()) {
		if cells := strings.Split(line, " | "); len(cells) > 2 {
			got[strings.TrimPrefix(cells[0], "| ")] = cells[2]
		}
	}
	for work, calls := range want {
		if got[work] != calls {
			t.Errorf("%s: %q calls, want %s", work, got[work], calls)
		}
	}
	if len(got) != len(want) {
		t.Errorf("the table has %d lines, want %d:\n%s", len(got), len(want), &stdout)
	}
}

func TestReportRejectsArguments(t *testing.T) {
	t.Parallel()
	for _, arguments := range []string{"-rows set,x", "-latency 5", "-repeat 0", "-devices 0", "-x"} {
		if err := run(t.Context(), strings.Fields(arguments), io.Discard, io.Discard); err == nil {
			t.Errorf("%s is accepted", arguments)
		}
	}
}
