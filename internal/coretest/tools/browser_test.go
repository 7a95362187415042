package tools

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestSearchSkipsBrowsersThatDoNotWork has a program that refuses to run, as the
// substitute for a snap does, and one that reads no file, as a snap does.
func TestSearchSkipsBrowsersThatDoNotWork(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the programs are shell scripts")
	}
	folder := t.TempDir()
	t.Setenv("PATH", folder)
	program := func(name, script string) {
		t.Helper()
		//nolint:gosec // It must be executable.
		if err := os.WriteFile(filepath.Join(folder, name), []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	program("google-chrome", "echo 'requires a snap'; exit 1")
	program("chromium", "echo '<p>no such file</p>'")
	_, err := search()
	if err == nil || !strings.Contains(err.Error(), "requires a snap") || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("got %v", err)
	}
	program("chromium-browser", "echo '<p>the page is read</p>'")
	found, err := search()
	if want := filepath.Join(folder, "chromium-browser"); err != nil || found.program != want {
		t.Errorf("got %v, %v, want %s", found, err, want)
	}
}
