package page

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/coretest/tools"
)

// probe notes what a page has requested, its colour scheme, the colour of its
// ground, whether it fits into the window, and its headings. Only tests add it: the page has no script.
const probe = `<script>addEventListener("load", () => {
const b = document.body;
b.dataset.requests = performance.getEntriesByType("resource").map(r => r.name).join();
b.dataset.scheme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
b.dataset.ground = getComputedStyle(b).backgroundColor;
b.dataset.fits = document.documentElement.scrollWidth <= innerWidth;
b.dataset.texts = [...document.querySelectorAll("h2")].map(h => h.innerText.split(/\s/)[0]).join();
})</script>`

// schemeFlag returns the flag for a colour scheme, with the number that Chromium
// has for it.
func schemeFlag(scheme string) string {
	return fmt.Sprintf("--blink-settings=preferredColorScheme=%d", map[string]int{"dark": 0, "light": 1}[scheme])
}

// open opens a page with the probe in a browser. It returns the document as the
// browser made it, and the messages of the console. It skips the test if the
// browser does not follow the colour scheme.
func open(t *testing.T, html, scheme string, flags ...string) (document string, messages []string) {
	t.Helper()
	browser := tools.NeedBrowser(t)
	file := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(file, []byte(strings.Replace(html, "</body>", probe+"</body>", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	document, log := browser.Open(t, tools.FileURL(file), append(flags, schemeFlag(scheme), "--enable-logging=stderr")...)
	for line := range strings.Lines(log) {
		if strings.Contains(line, ":CONSOLE") {
			messages = append(messages, line)
		}
	}
	_, document, _ = strings.Cut(document, "<body")
	if strings.Contains(document, `data-scheme="`) && !strings.Contains(document, `data-scheme="`+scheme+`"`) {
		tools.Lack(t, "the browser does not follow "+schemeFlag(scheme))
	}
	return document, messages
}

// TestPictures writes pictures of the head of the demo's page into the folder
// AEP_PICTURES. The target pictures runs it after the demo.
func TestPictures(t *testing.T) {
	folder := os.Getenv("AEP_PICTURES")
	if folder == "" {
		t.Skip("AEP_PICTURES names no folder")
	}
	browser := tools.NeedBrowser(t)
	page, err := filepath.Abs(filepath.Join("..", "..", "..", "..", ".cache", "demo.html"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(page); err != nil {
		t.Fatal(err)
	}
	for _, scheme := range []string{"light", "dark"} {
		browser.Picture(t, tools.FileURL(page), filepath.Join(folder, "demo-"+scheme+".png"),
			"--window-size=968,900", "--force-device-scale-factor=2", schemeFlag(scheme))
	}
}

// TestPageInABrowser opens the page in both colour schemes, on a wide window and on
// a narrow one.
func TestPageInABrowser(t *testing.T) {
	html := rendered(t)
	for scheme, ground := range map[string]string{"light": "rgb(245, 247, 249)", "dark": "rgb(13, 18, 24)"} {
		for _, width := range []string{"1240", "500"} {
			document, messages := open(t, html, scheme, "--window-size="+width+",900")
			if len(messages) > 0 {
				t.Errorf("%s, %s: the console has %q", scheme, width, messages)
			}
			for _, want := range []string{
				`data-requests=""`, `data-ground="` + ground + `"`, `data-fits="true"`, `data-texts="Waves,Phases,Failures,Steps"`,
			} {
				if !strings.Contains(document, want) {
					t.Errorf("%s, %s: the document lacks %s: %.400s", scheme, width, want, document)
				}
			}
		}
	}
}

// TestBrowserShowsRequestsAndMessages opens a page that is not as it should be.
func TestBrowserShowsRequestsAndMessages(t *testing.T) {
	document, messages := open(t, `<body><img src="http://elsewhere.example/x.png"><script>console.error("wrong")</script></body>`, "light")
	if !strings.Contains(document, `data-requests="http://elsewhere.example/x.png"`) ||
		!strings.Contains(strings.Join(messages, ""), "wrong") {
		t.Errorf("messages %q, document %s", messages, document)
	}
}
