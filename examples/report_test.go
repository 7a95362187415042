package examples_test

import (
	"encoding/csv"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// seedReport makes the campaign that the example and the guide report: three devices, of which one has failed.
func seedReport(w *workspace) {
	w.t.Helper()
	id := w.task(simulator.TaskDraft{ProductID: lwm2mProduct, FirmwareID: lwm2mFirmware, Name: "Water meters to 1.3251", RetryTimes: 2}, 3)
	devices := w.platform.DeviceIDs(lwm2mProduct)
	err := errors.Join(
		w.platform.SetSubtaskCode(id, devices[0], 8), w.platform.SetSubtaskResult(id, devices[0], "1", "1.3251"),
		w.platform.SetSubtaskCode(id, devices[1], 7), w.platform.SetSubtaskResult(id, devices[1], "5", ""),
		w.platform.SetTaskStatus(id, simulator.Running),
	)
	if err != nil {
		w.t.Fatal(err)
	}
}

// stepOf returns the script of a step of a workflow.
func stepOf(t *testing.T, workflow, name string) string {
	t.Helper()
	_, step, found := strings.Cut(read(t, workflow), "- name: "+name+"\n")
	step, _, _ = strings.Cut("\n"+step, "\n      - ")
	_, script, hasScript := strings.Cut(step, "\n        run: |\n")
	if !found || !hasScript {
		t.Fatalf("%s has no step %q", workflow, name)
	}
	script, _, _ = strings.Cut(script, "\n\n")
	return script
}

// fakeGH is a GitHub CLI that stores one comment in the file "posted". Before that, only a person's comment is
// listed, which has the same first line.
const fakeGH = `#!/bin/bash
set -eu
echo "$*" >> "$FOLDER/gh.log"
case "$*" in
*--jq*)
	{ echo '[{"id":1,"user":{"type":"User"},"body":"<!-- firmware campaign report -->"}'
	[ ! -e "$FOLDER/posted" ] || echo ',{"id":7,"user":{"type":"Bot"},"body":"<!-- firmware campaign report -->\nold"}'
	echo ']'; } | jq "${@: -1}" ;;
*) cp comment.md "$FOLDER/posted" ;;
esac
`

// TestReportWorkflow runs the steps of the example's workflow that read the report and post it.
func TestReportWorkflow(t *testing.T) {
	t.Parallel()
	if !found("jq") {
		t.Skip("jq is not on PATH")
	}
	const workflow = "report/.github/workflows/report.yml"
	w := newWorkspace(t)
	seedReport(w)
	w.copied("report")
	writes := len(w.platform.Writes())
	w.run(stepOf(t, workflow, "Read the report"))
	if n := len(w.platform.Writes()); n != writes {
		t.Errorf("%d writes arrived", n-writes)
	}
	markdown := read(t, filepath.Join(w.folder, "report.md"))
	if !strings.HasPrefix(markdown, "### Water meters to 1.3251\n") ||
		!strings.Contains(markdown, "| `5` package failed its integrity check | 1 |") {
		t.Error(markdown)
	}
	records, err := csv.NewReader(strings.NewReader(read(t, filepath.Join(w.folder, "report.csv")))).ReadAll()
	if err != nil || len(records) != 4 || records[2][7] != "5" {
		t.Errorf("%q: %v", records, err)
	}

	tools := t.TempDir()
	if err := os.WriteFile(filepath.Join(tools, "gh"), []byte(fakeGH), 0o700); err != nil {
		t.Fatal(err)
	}
	for i, variable := range w.environment {
		if path, ok := strings.CutPrefix(variable, "PATH="); ok {
			w.environment[i] = "PATH=" + tools + string(os.PathListSeparator) + path
		}
	}
	w.environment = append(w.environment, "FOLDER="+tools, "PULL_REQUEST=5", "GITHUB_REPOSITORY=o/r", "RUN=https://example.com/run")
	for range 2 {
		w.run(stepOf(t, workflow, "Post the report"))
	}
	posted := read(t, filepath.Join(tools, "posted"))
	if !strings.HasPrefix(posted, "<!-- firmware campaign report -->\n"+markdown) || len(posted) > len(markdown)+200 {
		t.Error(posted)
	}
	var calls []string
	for line := range strings.Lines(read(t, filepath.Join(tools, "gh.log"))) {
		if !strings.Contains(line, "--jq") {
			calls = append(calls, strings.TrimSpace(line))
		}
	}
	want := []string{
		"api --silent repos/o/r/issues/5/comments -F body=@comment.md",
		"api --silent -X PATCH repos/o/r/issues/comments/7 -F body=@comment.md",
	}
	if strings.Join(calls, "\n") != strings.Join(want, "\n") {
		t.Errorf("calls %q, want %q", calls, want)
	}
}

var resultLine = regexp.MustCompile("(?m)^\\| `(\\d+)` \\| (.*) \\|$")

// TestGuideListsTheResultCodes compares the table of the guide with the list in the code.
func TestGuideListsTheResultCodes(t *testing.T) {
	t.Parallel()
	var got []progress.Result
	for _, match := range resultLine.FindAllStringSubmatch(read(t, "../templates/guides/reports.md"), -1) {
		got = append(got, progress.Result{Code: match[1], Words: match[2]})
	}
	if len(got) != len(progress.LwM2MResults) {
		t.Fatalf("the guide has %d result codes, the code %d", len(got), len(progress.LwM2MResults))
	}
	for i, want := range progress.LwM2MResults {
		if got[i] != want {
			t.Errorf("the guide has %v, the code %v", got[i], want)
		}
	}
}
