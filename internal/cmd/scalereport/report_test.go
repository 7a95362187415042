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
	arguments := []string{"-devices", "1000", "-repeat", "3", "-latency", "0s", "-write", file}
	var stdout, stderr bytes.Buffer
	if err := run(t.Context(), arguments, &stdout, &stderr); err != nil {
		t.Fatalf("%v\n%s", err, &stderr)
	}
	if written, err := os.ReadFile(file); err != nil || !bytes.Equal(written, stdout.Bytes()) {
		t.Errorf("the file has %q and the error %v, want what was printed:\n%s", written, err, &stdout)
	}
	want := map[string]string{
		"work":                                                       "calls",
		"attach 1000 devices":                                        "24",
		"plan without change":                                        "12",
		"plan of +2 −1":                                              "12",
		"plan without change, device_ids_wo":                         "12",
		"remove 10 of 1000 devices":                                  "37",
		"full check of 1000 devices":                                 "12",
		"plan without change, consecutive ids":                       "12",
		"full check of 1000 devices, consecutive ids":                "12",
		"attach 1000 devices, 200 ids, pages cut to 100 rows":        "24",
		"attach 1000 devices, 100 ids, pages above 100 rows refused": "24",
		"full check of 5 sets and a data source of one task":         "12",
		"plan without change of 10 tasks":                            "3",
		"progress of an LwM2M task":                                  "15",
		"progress of a T-Link task":                                  "7",
		"list 10 of 1000 subtasks":                                   "15",
		"list 200 of 1000 subtasks":                                  "16",
		"attach 10000 devices":                                       "204",
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
