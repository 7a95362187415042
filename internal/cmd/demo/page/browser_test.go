package page

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// probe notes what a page has requested, the colour of its ground, whether it fits
// into the window, and its headings. Only tests add it: the page has no script.
const probe = `<script>addEventListener("load", () => {
const b = document.body;
b.dataset.requests = performance.getEntriesByType("resource").map(r => r.name).join();
b.dataset.ground = getComputedStyle(b).backgroundColor;
b.dataset.fits = document.documentElement.scrollWidth <= innerWidth;
b.dataset.texts = [...document.querySelectorAll("h2")].map(h => h.innerText.split(/\s/)[0]).join();
})</script>`

// open opens a page with the probe in a browser. It returns the document as the
// browser made it, and the messages of the console.
func open(t *testing.T, html, scheme string, flags ...string) (document string, messages []string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(file, []byte(strings.Replace(html, "</body>", probe+"</body>", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	printed, err := Browse(t.Context(), file, scheme, append(flags, "--enable-logging=stderr", "--dump-dom")...)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(printed) {
		if strings.Contains(line, ":CONSOLE") {
			messages = append(messages, line)
		}
	}
	_, document, _ = strings.Cut(printed, "<body")
	return document, messages
}

// needBrowser skips a test where there is no browser.
func needBrowser(t *testing.T) {
	t.Helper()
	if testing.Short() || Browser() == "" {
		t.Skip("opens a Chromium from PATH")
	}
}

// TestPageInABrowser opens the page in both colour schemes, on a wide window and on
// a narrow one.
func TestPageInABrowser(t *testing.T) {
	needBrowser(t)
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
	needBrowser(t)
	document, messages := open(t, `<body><img src="http://elsewhere.example/x.png"><script>console.error("wrong")</script></body>`, "light")
	if !strings.Contains(document, `data-requests="http://elsewhere.example/x.png"`) ||
		!strings.Contains(strings.Join(messages, ""), "wrong") {
		t.Errorf("messages %q, document %s", messages, document)
	}
}
