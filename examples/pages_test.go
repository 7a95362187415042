package examples_test

import (
	"path/filepath"
	"regexp"
	"testing"
)

var (
	consolePlace = regexp.MustCompile(`产品概况|固件管理|分组管理|设备管理|固件远程升级管理`)
	countOfOne   = regexp.MustCompile(`Number of (?:the|a) (?:task|subtask|product|firmware|group|device)\b`)
)

// TestPagesNameAPlaceInTheConsole looks for the console's own words on every page about an object of the platform.
// "Number of" must count objects there, because an id is not a number of something.
func TestPagesNameAPlaceInTheConsole(t *testing.T) {
	t.Parallel()
	pages := 0
	for _, kind := range []string{"resources", "data-sources", "actions", "list-resources", "ephemeral-resources"} {
		names, err := filepath.Glob(filepath.Join("../docs", kind, "*.md"))
		if err != nil || len(names) == 0 {
			t.Fatalf("%d pages of %s: %v", len(names), kind, err)
		}
		for _, name := range names {
			pages++
			page := read(t, name)
			if !consolePlace.MatchString(page) {
				t.Errorf("%s does not say where the console shows it", name)
			}
			if id := countOfOne.FindString(page); id != "" {
				t.Errorf("%s says %q of an id", name, id)
			}
		}
	}
	if pages < 20 {
		t.Errorf("only %d pages were found", pages)
	}
}
