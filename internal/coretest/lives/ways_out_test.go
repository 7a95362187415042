package lives

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestWaysOutAreInMessages checks that a message of the provider or of the platform says
// each phrase of wayOut. Otherwise a reworded message would end lives early.
func TestWaysOutAreInMessages(t *testing.T) {
	t.Parallel()
	var messages strings.Builder
	for _, folder := range []string{"provider", "campaign", "simulator"} {
		files, err := filepath.Glob(filepath.Join("..", "..", folder, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatal(folder, err)
		}
		for _, file := range files {
			if content, err := os.ReadFile(file); err == nil && !strings.HasSuffix(file, "_test.go") {
				messages.Write(content)
			}
		}
	}
	joined := regexp.MustCompile(`" \+\s*"`).ReplaceAllString(messages.String(), "")
	ways, err := os.ReadFile("ways_out.go")
	if err != nil {
		t.Fatal(err)
	}
	phrases := regexp.MustCompile(`follow\(("(?:[^"\\]|\\.)+")`).FindAllSubmatch(ways, -1)
	if len(phrases) < 20 {
		t.Fatalf("ways_out.go has %d phrases; are they written in another way now?", len(phrases))
	}
	for _, found := range phrases {
		phrase, err := strconv.Unquote(string(found[1]))
		if err != nil {
			t.Fatal(err)
		}
		if phrase != "Cycle" && !strings.Contains(joined, phrase) && !strings.Contains(joined, strings.ReplaceAll(phrase, `"`, `\"`)) {
			t.Errorf("no message says %q", phrase)
		}
	}
}
