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

	"github.com/hashicorp/go-version"
)

// block is a fenced block of a guide, with the comment before it.
type block struct {
	line           int
	language, note string
	text           string
}

// TestGuides follows every guide from top to bottom, as a reader does who has an empty folder. A block whose first
// line is a comment with a file name becomes that file. A `shell` block is run, and must print the `text` block after
// it. The block `make simulate` starts the simulated platform anew. A guide without it begins with it.
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
			blocks := blocksOf(read(t, name))
			if !slices.ContainsFunc(blocks, func(b block) bool { return b.language == "shell" && b.note != "not run" }) {
				t.Skip("it has nothing to run")
			}
			generates := slices.ContainsFunc(blocks, func(b block) bool { return strings.Contains(b.text, "plan -generate-config-out") })
			if reason := cannotGenerate(); generates && reason != "" {
				t.Skip(reason)
			}
			newReader(t).follow(blocks)
		})
	}
}

var (
	fileComment = regexp.MustCompile(`^# ([\w./-]+\.[a-z]+)\b`)
	exitNote    = regexp.MustCompile(`exit code (\d+)`)
	needsNote   = regexp.MustCompile(`needs Terraform ([\d.]+)`)
)

// passesOver returns why a block and its output are not followed, or "".
func passesOver(note string) string {
	if needed := needsNote.FindStringSubmatch(note); needed != nil {
		return lacks(needed[1])
	}
	if strings.Contains(note, "needs jq") && !found("jq") {
		return "jq is not on PATH"
	}
	if note == "not run" {
		return "the guide says so"
	}
	return ""
}

// follow does what each block says. A text block is compared with the output of the last shell block that was run.
func (r *reader) follow(blocks []block) {
	r.t.Helper()
	if !slices.ContainsFunc(blocks, func(b block) bool { return isSimulate(b) && b.note != "not run" }) {
		r.simulate("make simulate")
	}
	var printed string
	skipped := false
	for _, b := range blocks {
		if reason := passesOver(b.note); reason != "" {
			r.t.Logf("line %d is not followed: %s", b.line, reason)
			skipped = skipped || b.language == "shell"
			continue
		}
		name := fileComment.FindStringSubmatch(b.text)
		switch {
		case isSimulate(b):
			printed, skipped = r.simulate(strings.TrimSpace(b.text)), false
		case b.language == "shell":
			printed, skipped = r.runs(b), false
		case b.language == "text":
			if missing := notPrinted(b.text, printed); missing != "" && !skipped {
				r.t.Errorf("line %d: the guide shows %q, which was not printed there:\n%s", b.line, missing, printed)
			}
		case name != nil:
			r.write(name[1], forThisCLI(b.text))
		case b.language == "terraform":
			r.t.Errorf("line %d: the block names no file in its first line", b.line)
		}
	}
}

var keptBlock = regexp.MustCompile(`\n  lifecycle \{\n    destroy = false\n  \}\n`)

// forThisCLI returns a file without the lifecycle of removed blocks, which OpenTofu 1.8 does not know.
func forThisCLI(text string) string {
	if terraform.openTofu && terraform.version.Core().LessThan(version.Must(version.NewVersion("1.11"))) &&
		strings.Contains(text, "\nremoved {") {
		return keptBlock.ReplaceAllString(text, "")
	}
	return text
}

// runs runs a shell block, which must end with the exit code of its note or 0. It returns the output.
func (r *reader) runs(b block) string {
	r.t.Helper()
	want := 0
	if code := exitNote.FindStringSubmatch(b.note); code != nil {
		want, _ = strconv.Atoi(code[1])
	}
	output, code := r.types(b.text)
	if code != want {
		r.t.Fatalf("line %d: exit code %d, not %d\n%s\n%s", b.line, code, want, b.text, output)
	}
	return output
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

var (
	seconds   = regexp.MustCompile(`\b\d+s\b`)
	forgotten = regexp.MustCompile(`, \d+ (?:to forget|forgotten)\b`)
)

// squeezed returns a line without the frame of a diagnostic, with single spaces, with every time taken as the same, and
// with Terraform's words where OpenTofu has others.
func squeezed(line string) string {
	line = strings.Join(strings.Fields(strings.TrimLeft(line, "│╷╵ ")), " ")
	line = strings.Replace(line, "is tainted, so it must", "is tainted, so must", 1)
	return seconds.ReplaceAllString(forgotten.ReplaceAllString(line, ""), "0s")
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
	const printed = "first\n│ Error: no\n│   more   words\nafter 12s\nit is tainted, so it must go, 2 forgotten.\nlast\n"
	for shown, want := range map[string]string{
		"first\n...\nlast":            "",
		"Error: no\nmore words":       "",
		"after 3s":                    "",
		"it is tainted, so must go.":  "",
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
