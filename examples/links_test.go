package examples_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	linkWithAnchor = regexp.MustCompile(`\]\(([^):#]*)#([^)]+)\)`)
	heading        = regexp.MustCompile(`(?m)^#{1,6} +(.+)$`)
	outsideSlug    = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
	anchorTag      = regexp.MustCompile(`<a id="([^"]+)">`)
)

// TestLinksOfPages looks for the file and the heading behind every relative link of the pages of resources, data sources,
// actions and functions, and for the headings behind the links of the other documents.
func TestLinksOfPages(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob("../docs/*/*.md")
	if err != nil {
		t.Fatal(err)
	}
	files, anchors := 0, 0
	for _, page := range append(pages, "../docs/index.md", "../README.md", "../CONTRIBUTING.md") {
		text, folder := read(t, page), filepath.Dir(page)
		for _, match := range relativeLink.FindAllStringSubmatch(text, -1) {
			files++
			if _, err := os.Stat(filepath.Join(folder, filepath.FromSlash(match[1]))); err != nil {
				t.Errorf("%s links to %s, which is not there", page, match[1])
			}
		}
		for _, match := range linkWithAnchor.FindAllStringSubmatch(text, -1) {
			target := page
			if match[1] != "" {
				target = filepath.Join(folder, filepath.FromSlash(match[1]))
			}
			content, err := os.ReadFile(target)
			if err != nil {
				continue // the loop above reports it
			}
			anchors++
			if !slugs(string(content))[match[2]] {
				t.Errorf("%s links to %s#%s, which has no such heading", page, match[1], match[2])
			}
		}
	}
	if files < 120 || anchors < 30 {
		t.Errorf("only %d links and %d anchors were found", files, anchors)
	}
}

// slugs returns the anchors of a page: those of its headings, and the tags of the generated schema.
func slugs(page string) map[string]bool {
	all := map[string]bool{}
	for _, match := range heading.FindAllStringSubmatch(page, -1) {
		words := outsideSlug.ReplaceAllString(strings.ToLower(match[1]), "")
		all[strings.ReplaceAll(words, " ", "-")] = true
	}
	for _, match := range anchorTag.FindAllStringSubmatch(page, -1) {
		all[match[1]] = true
	}
	return all
}
