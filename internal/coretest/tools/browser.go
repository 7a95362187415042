package tools

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// Browser is a headless Chromium or Chrome that works.
type Browser struct{ program string }

// NeedBrowser returns the browser on PATH. Without one that works, it skips the
// test, see Lack.
func NeedBrowser(t *testing.T) Browser {
	t.Helper()
	if testing.Short() {
		t.Skip("opens a browser")
	}
	found, err := findBrowser()
	if err != nil {
		Lack(t, err.Error())
	}
	return found
}

// findBrowser searches once for all tests of a package.
var findBrowser = sync.OnceValues(search)

// search returns the first browser on PATH that works.
func search() (Browser, error) {
	problem := errors.New("no Chrome or Chromium is on PATH")
	for _, name := range []string{"google-chrome", "google-chrome-stable", "chromium", "chromium-browser", "chrome"} {
		program, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		found := Browser{program}
		if err := found.probe(); err != nil {
			problem = errors.Join(problem, fmt.Errorf("%s does not work: %w", program, err))
			continue
		}
		return found, nil
	}
	return Browser{}, problem
}

// probe returns an error unless the browser runs, and reads a file in the folder
// for temporary files. A browser in a sandbox such as a snap can't read it.
func (b Browser) probe() error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if output, err := exec.CommandContext(ctx, b.program, "--version").CombinedOutput(); err != nil {
		return fmt.Errorf("--version: %w: %s", err, output)
	}
	folder, err := os.MkdirTemp("", "browser-probe-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	page := filepath.Join(folder, "page.html")
	if err := os.WriteFile(page, []byte("<p>the page is read</p>"), 0o600); err != nil {
		return err
	}
	document, log, err := b.run(ctx, filepath.Join(folder, "profile"), "--dump-dom", FileURL(page))
	if err == nil && !strings.Contains(document, "the page is read") {
		err = fmt.Errorf("it shows %q for a file in %s\n%s", document, folder, log)
	}
	return err
}

// patience limits one run of the browser. It is for a browser that never ends.
const patience = 5 * time.Minute

// FileURL returns the URL of a file with an absolute path.
func FileURL(file string) string {
	path := filepath.ToSlash(file)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/a on Windows
	}
	return (&url.URL{Scheme: "file", Path: path}).String()
}

// Open opens a page. It returns the document as the browser made it, and what the
// browser logged.
func (b Browser) Open(t *testing.T, page string, flags ...string) (document, log string) {
	t.Helper()
	return b.fresh(t, append(flags, "--dump-dom", page)...)
}

// Picture writes a picture of a page into a PNG file with an absolute path.
func (b Browser) Picture(t *testing.T, page, file string, flags ...string) {
	t.Helper()
	b.fresh(t, append(flags, "--screenshot="+file, page)...)
}

// fresh runs the browser with a new profile.
func (b Browser) fresh(t *testing.T, arguments ...string) (stdout, stderr string) {
	t.Helper()
	profile, err := os.MkdirTemp("", "browser-profile-") //nolint:usetesting // A remainder must not fail the test.
	if err != nil {
		t.Fatal(err)
	}
	// A process of the browser may still write.
	t.Cleanup(func() { _ = os.RemoveAll(profile) })
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	stdout, stderr, err = b.run(ctx, profile, arguments...)
	if err != nil {
		t.Fatal(err)
	}
	return stdout, stderr
}

// run runs the browser with a profile. The browser reaches no host but this machine.
func (b Browser) run(ctx context.Context, profile string, arguments ...string) (stdout, stderr string, err error) {
	arguments = append([]string{
		"--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--hide-scrollbars", "--user-data-dir=" + profile,
		"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
	}, arguments...)
	command := exec.CommandContext(ctx, b.program, arguments...)
	var out, log bytes.Buffer
	command.Stdout, command.Stderr = &out, &log
	command.WaitDelay = time.Minute
	if err := command.Run(); err != nil {
		return "", "", fmt.Errorf("%s: %w\n%s", b.program, err, &log)
	}
	return out.String(), log.String(), nil
}
