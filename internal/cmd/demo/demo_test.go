package main

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/cmd/demo/page"
)

// varies matches what differs from run to run.
var varies = regexp.MustCompile(`\b(?:\d+m)?[\d.]+m?s\b|(Terraform|OpenTofu) \d[\d.]+`)

// TestDemo runs the whole demo. It compares what the demo prints with the
// transcript in both introductions, and leaves no file but the page.
func TestDemo(t *testing.T) {
	if testing.Short() {
		t.Skip("builds two programs and runs Terraform")
	}
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	file := filepath.Join(t.TempDir(), "cache", "demo.html")
	var out bytes.Buffer
	if err := demonstrate(t.Context(), &screen{out: &out}, file); err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	printed := varies.ReplaceAllString(printedByMake(t)+out.String(), "...")
	for _, name := range []string{"README.md", "README.zh-CN.md"} {
		if shown := transcript(t, filepath.Join("..", "..", "..", name)); shown != printed {
			t.Errorf("the transcript in %s is\n%s\nbut the demo printed\n%s", name, shown, printed)
		}
	}
	if left, err := os.ReadDir(temporary); err != nil || len(left) > 0 && os.Getenv("TMPDIR") == temporary {
		t.Errorf("the demo leaves %v, %v", left, err)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, words := range []string{"A bad firmware reached 50 of 5,000 devices", "never created", "23 failed", "terraform destroy"} {
		if !strings.Contains(string(content), words) {
			t.Errorf("the page does not say %q", words)
		}
	}
}

// printedByMake returns what the target demo prints before the demo begins.
func printedByMake(t *testing.T) string {
	t.Helper()
	makefile, err := os.ReadFile(filepath.Join("..", "..", "..", "GNUmakefile"))
	if err != nil {
		t.Fatal(err)
	}
	_, target, _ := strings.Cut(string(makefile), "\ndemo:")
	_, rest, _ := strings.Cut(target, "@echo '")
	line, _, found := strings.Cut(rest, "'\n\t@go run ./internal/cmd/demo\n")
	if !found {
		t.Fatal("the target demo prints nothing before the builds")
	}
	return line + "\n"
}

// transcript returns the first text block of an introduction.
func transcript(t *testing.T, readme string) string {
	t.Helper()
	content, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(content), "```text\n")
	block, _, found := strings.Cut(rest, "```\n")
	if !found {
		t.Fatalf("%s shows no transcript", readme)
	}
	return varies.ReplaceAllString(block, "...")
}

func TestExported(t *testing.T) {
	t.Parallel()
	got := exported("export AEP_ENDPOINT=http://127.0.0.1:1 AEP_APP_SECRET=a=b AEP_MASTER_KEYS='{\"1\":\"x\"}'\n")
	want := map[string]string{"AEP_ENDPOINT": "http://127.0.0.1:1", "AEP_APP_SECRET": "a=b", "AEP_MASTER_KEYS": `{"1":"x"}`}
	if !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

const shownPlan = `{
  "resource_changes": [
    {"address": "b.new", "mode": "managed", "change": {"actions": ["create"], "before": null, "after": {"name": "x"}}},
    {"address": "a.changed", "mode": "managed", "change": {"actions": ["update"],
      "before": {"name": "x", "same": 1, "times": 0, "unset": 1}, "after": {"name": "y", "same": 1, "times": 2, "unset": null}}},
    {"address": "a.same", "mode": "managed", "change": {"actions": ["no-op"], "before": {}, "after": {}}},
    {"address": "a.replaced", "mode": "managed", "change": {"actions": ["delete", "create"], "before": {}, "after": {}}},
    {"address": "data.a.read", "mode": "data", "change": {"actions": ["read"], "before": null, "after": {}}}
  ]
}`

func TestParsePlan(t *testing.T) {
	t.Parallel()
	changes, err := parsePlan([]byte(shownPlan))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"~ a.changed", "-/+ a.replaced", "+ b.new"}
	if err := expect(changes, want...); err != nil {
		t.Error(err)
	}
	for name, other := range map[string][]string{
		"another action": {"+ a.changed", "-/+ a.replaced", "+ b.new"}, "one too few": want[:2], "one too many": append(want, "+ c"),
	} {
		if expect(changes, other...) == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if got, want := changes[0].differences(), []string{`name = "x" -> "y"`, "times = 0 -> 2"}; !slices.Equal(got, want) {
		t.Errorf("the changed resource shows %q, want %q", got, want)
	}
}

func TestSentence(t *testing.T) {
	t.Parallel()
	output := "Error: x\n\nIn task 1, 27 of\n50 devices (54 %). The rest\n"
	if got, want := sentence(output, "In task "), "In task 1, 27 of 50 devices (54 %)."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := sentence(output, "absent"); got != "" {
		t.Errorf("got %q for words that are not there", got)
	}
}

// TestScreen compares what a terminal and a file show.
func TestScreen(t *testing.T) {
	t.Parallel()
	for live, want := range map[bool]string{false: "   a 1\n", true: clearLine + "half" + clearLine + "   a 1\n"} {
		var out bytes.Buffer
		s := &screen{out: &out, live: live}
		s.progress("half")
		s.say("a %d", 1)
		if out.String() != want {
			t.Errorf("live %v: got %q, want %q", live, out.String(), want)
		}
	}
}

func TestInWords(t *testing.T) {
	t.Parallel()
	got := inWords(page.Counts{page.Waiting: 1, page.Succeeded: 4453, page.Failed: 2})
	if want := "1 waiting, 4,453 succeeded, 2 failed"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
