package page

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// Browser returns the Chromium or Chrome on PATH, and "" without one.
func Browser() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if program, err := exec.LookPath(name); err == nil {
			return program
		}
	}
	return ""
}

// Schemes are the colour schemes of the page, with Chromium's number for each.
var Schemes = map[string]int{"dark": 0, "light": 1}

// Picture writes the head of a page as demo-light.png and demo-dark.png.
func Picture(ctx context.Context, file, folder string) error {
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return err
	}
	folder, err := filepath.Abs(folder)
	if err != nil {
		return err
	}
	for scheme := range Schemes {
		_, err := Browse(ctx, file, scheme, "--window-size=968,900", "--force-device-scale-factor=2",
			"--screenshot="+filepath.Join(folder, "demo-"+scheme+".png"))
		if err != nil {
			return err
		}
	}
	return nil
}

// Browse opens a page in a headless browser that has a new profile and no network.
// It returns what the browser printed.
func Browse(ctx context.Context, file, scheme string, flags ...string) (output string, err error) {
	program := Browser()
	if program == "" {
		return "", errors.New("no Chromium is on PATH")
	}
	profile, err := os.MkdirTemp("", "aep-demo-browser-")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(profile)) }()
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	flags = append(flags, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--hide-scrollbars", "--user-data-dir="+profile,
		"--host-resolver-rules=MAP * ~NOTFOUND",
		fmt.Sprintf("--blink-settings=preferredColorScheme=%d", Schemes[scheme]), "file://"+filepath.ToSlash(file))
	printed, err := exec.CommandContext(ctx, program, flags...).CombinedOutput() //nolint:gosec // The program was found on PATH.
	if err != nil {
		err = fmt.Errorf("%s: %w\n%s", program, err, printed)
	}
	return string(printed), err
}
