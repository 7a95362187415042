package examples_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// block is a fenced block of a guide, with the comment before it.
type block struct {
	line           int
	language, note string
	text           string
}

// TestGuides follows every guide from top to bottom. A `terraform` block whose first
// line is a comment with a file name becomes that file. A `shell` block is run, and
// must print the `text` block after it.
func TestGuides(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("../templates/guides/*.md")
	if err != nil || len(names) == 0 {
		t.Fatal("no guides:", err)
	}
	for _, name := range names {
		if strings.HasPrefix(filepath.Base(name), chinesePrefix) {
			continue // TestChineseGuides shows that it has the blocks of the English one.
		}
		t.Run(strings.TrimSuffix(filepath.Base(name), ".md"), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(blocksOf(string(text)), func(b block) bool { return b.language == "shell" }) {
				t.Skip("it has nothing to run")
			}
			// As many devices as `make simulate` has, and with the same versions.
			w := newWorkspace(t, func(o *simulator.Options) {
				o.Products = simulator.DefaultProducts(5000)
				o.Products[0].Versions = simulatedVersions
			})
			prepareGuide(w, strings.TrimSuffix(filepath.Base(name), ".md"))
			follow(w, string(text))
		})
	}
}

// simulatedVersions are the versions that command aep-simulator deals to the water meters.
var simulatedVersions = []string{
	"1.3000", "1.3000", "1.3251", "1.3000", "1.2800", "1.4000", "1.3000", "1.3251", simulator.NoVersion, "1.3000", "1.2800", "1.4000",
}

// prepareGuide provides what a guide says the reader has.
func prepareGuide(w *workspace, guide string) {
	w.write("devices.txt", strings.Join(w.platform.DeviceIDs(lwm2mProduct), "\n")+"\n")
	switch guide {
	case "adopting-existing-tasks":
		w.task(simulator.TaskDraft{ProductID: lwm2mProduct, FirmwareID: lwm2mFirmware, Name: "Water meters, spring", RetryTimes: 1}, 3)
	case "reports":
		seedReport(w)
	}
}

// meanwhile does what a note says that others do before a block.
func meanwhile(w *workspace, note string) {
	w.t.Helper()
	w.platform.Configure(func(o *simulator.Options) {
		if strings.Contains(note, "30 percent of the devices fail") {
			o.Upgrade.Fail = simulator.FailPercent(30, "8")
		}
		if strings.Contains(note, "slowly") {
			o.Upgrade.UpgradeTime = time.Hour
		}
	})
	if strings.Contains(note, "renamed in the console") {
		id := w.platform.Tasks(lwm2mProduct)[0].ID
		if err := w.platform.ModifyTask(id, func(task *simulator.Task) { task.Name = "TEST, do not start" }); err != nil {
			w.t.Fatal(err)
		}
	}
}

var (
	fileComment = regexp.MustCompile(`^# ([\w/-]+\.(?:tf|tfquery\.hcl|tftest\.hcl|txt))\b`)
	exitNote    = regexp.MustCompile(`exit code (\d+)`)
	needsNote   = regexp.MustCompile(`needs Terraform ([\d.]+)`)
)

func follow(w *workspace, guide string) {
	w.t.Helper()
	var printed string
	skipped := false
	for _, b := range blocksOf(guide) {
		if needed := needsNote.FindStringSubmatch(b.note); needed != nil {
			if reason := lacks(needed[1]); reason != "" {
				w.t.Logf("line %d: %s", b.line, reason)
				skipped = true
				continue
			}
		}
		if b.note == "needs jq" && !found("jq") {
			w.t.Log("jq is not on PATH")
			skipped = true
			continue
		}
		switch {
		case b.note == "not run":
			skipped = true
		case b.language == "terraform":
			name := fileComment.FindStringSubmatch(b.text)
			if name == nil {
				w.t.Errorf("line %d: the block names no file in its first line", b.line)
				continue
			}
			w.write(name[1], b.text)
		case b.language == "shell":
			meanwhile(w, b.note)
			want := 0
			if code := exitNote.FindStringSubmatch(b.note); code != nil {
				want, _ = strconv.Atoi(code[1])
			}
			output, code := w.shell(b.text)
			if code != want {
				w.t.Fatalf("line %d: exit code %d, not %d\n%s\n%s", b.line, code, want, b.text, output)
			}
			printed, skipped = output, false
		case b.language == "text" && !skipped:
			if missing := notPrinted(b.text, printed); missing != "" {
				w.t.Errorf("line %d: the guide shows %q, which was not printed there:\n%s", b.line, missing, printed)
			}
		}
	}
}

func found(program string) bool {
	_, err := exec.LookPath(program)
	return err == nil
}

// notPrinted returns the first line of shown that is not in printed, after the
// lines before it. Spaces do not count, nor do lines of three dots.
func notPrinted(shown, printed string) string {
	lines := strings.Split(printed, "\n")
	for line := range strings.Lines(shown) {
		want := squeezed(line)
		if want == "" || want == "..." {
			continue
		}
		at := slices.IndexFunc(lines, func(l string) bool { return squeezed(l) == want })
		if at < 0 {
			return want
		}
		lines = lines[at+1:]
	}
	return ""
}

var seconds = regexp.MustCompile(`\b\d+s\b`)

// squeezed returns a line without the frame of a diagnostic, with single spaces
// and every time taken as the same.
func squeezed(line string) string {
	return seconds.ReplaceAllString(strings.Join(strings.Fields(strings.TrimLeft(line, "│╷╵ ")), " "), "0s")
}

var noteComment = regexp.MustCompile(`^<!-- (.*) -->$`)

func blocksOf(text string) []block {
	var (
		blocks []block
		open   *block
		note   string
		number int
	)
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSuffix(line, "\n")
		language, fence := strings.CutPrefix(line, "```")
		switch {
		case fence && open == nil:
			open = &block{line: number, language: language, note: note}
			note = ""
		case fence:
			blocks = append(blocks, *open)
			open = nil
		case open != nil:
			open.text += line + "\n"
		case noteComment.MatchString(line):
			note = noteComment.FindStringSubmatch(line)[1]
		case line != "":
			note = ""
		}
	}
	return blocks
}

func TestNotPrinted(t *testing.T) {
	t.Parallel()
	const printed = "first\n│ Error: no\n│   more   words\nafter 12s\nlast\n"
	for shown, want := range map[string]string{
		"first\n...\nlast":            "",
		"Error: no\nmore words":       "",
		"after 3s":                    "",
		"last\nfirst":                 "first",
		"something else":              "something else",
		"first\n\nError: no\n\nnever": "never",
	} {
		if got := notPrinted(shown, printed); got != want {
			t.Errorf("%q: %q, want %q", shown, got, want)
		}
	}
}

var (
	summaryCall = regexp.MustCompile(`(?:Add(?:Error|Warning)|New(?:Error|Warning)Diagnostic)\("([^"]+)",|` +
		`Add(?:Attribute)(?:Error|Warning)\(.*?, "([A-Z][^"]+)",`)
	helperCall = regexp.MustCompile(`\b(?:warning|failure)\("([^"]+)",`)
	unableCall = regexp.MustCompile(`\bunable\("([^"]+)", "([^"]+)"`)
	readCall   = regexp.MustCompile(`\bunableTo(Read)\("([^"]+)"`)
	importCall = regexp.MustCompile(`\bnot(Import)ed\("([^"]+)"`)
)

// TestEveryDiagnosticIsExplained compares the guide to failures with the code.
func TestEveryDiagnosticIsExplained(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("../templates/guides/when-something-fails.md")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("../internal/provider/*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		code, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var summaries []string
		for _, match := range summaryCall.FindAllStringSubmatch(string(code), -1) {
			summaries = append(summaries, match[1]+match[2])
		}
		for _, match := range helperCall.FindAllStringSubmatch(string(code), -1) {
			summaries = append(summaries, match[1])
		}
		for _, call := range []*regexp.Regexp{unableCall, readCall, importCall} {
			for _, match := range call.FindAllStringSubmatch(string(code), -1) {
				summaries = append(summaries, fmt.Sprintf("Unable to %s %s", strings.ToLower(match[1]), match[2]))
			}
		}
		for _, summary := range summaries {
			found++
			if summary = strings.TrimSpace(summary); !strings.Contains(string(guide), summary) && summary != "Unable to" {
				t.Errorf("%s: the guide does not explain %q", filepath.Base(name), summary)
			}
		}
	}
	if found < 50 {
		t.Errorf("only %d diagnostics were found in the code", found)
	}
}
