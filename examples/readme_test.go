package examples_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	relativeLink = regexp.MustCompile(`\]\(([^):#]+)(?:#[^)]*)?\)`)
	variableName = regexp.MustCompile(`AEP_[A-Z0-9_]+`)
)

// TestReadmes holds the introductions in both languages against each other and
// against what is there. The test of the demo compares their transcripts.
func TestReadmes(t *testing.T) {
	t.Parallel()
	english, chinese := read(t, "../README.md"), read(t, "../README.zh-CN.md")
	for what, pattern := range map[string]*regexp.Regexp{"variables": variableName, "pages": regexp.MustCompile(`docs/[\w/-]+\.md`)} {
		a, b := unique(pattern.FindAllString(english, -1)), unique(pattern.FindAllString(chinese, -1))
		if what == "pages" {
			// The Chinese one leaves out some guides.
			a = slices.DeleteFunc(a, func(page string) bool { return strings.HasPrefix(page, "docs/guides/") })
			b = slices.DeleteFunc(b, func(page string) bool { return strings.HasPrefix(page, "docs/guides/") })
		}
		if len(a) < 5 || !slices.Equal(a, b) {
			t.Errorf("%s: %v in one, %v in the other", what, a, b)
		}
	}
}

// maxPicture is the largest size of a picture in bytes.
const maxPicture = 300_000

// TestReadmePictures expects each introduction to show the page of the demo in both
// colour schemes, with a text alternative.
func TestReadmePictures(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"../README.md", "../README.zh-CN.md"} {
		text := read(t, name)
		for _, picture := range []string{".github/images/demo-light.png", ".github/images/demo-dark.png"} {
			if !strings.Contains(text, `"`+picture+`"`) {
				t.Errorf("%s does not show %s", name, picture)
			}
			content := read(t, "../"+picture)
			if !strings.HasPrefix(content, "\x89PNG\r\n") || len(content) > maxPicture {
				t.Errorf("%s has %d bytes, want a PNG of at most %d", picture, len(content), maxPicture)
			}
		}
		if !pictureWithText.MatchString(text) {
			t.Errorf("%s shows a picture without a text alternative", name)
		}
	}
}

// pictureWithText matches an image with a text alternative of a sentence.
var pictureWithText = regexp.MustCompile(`<img src="[^"]+" alt="[^"]{40,}">`)

func unique(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}

// TestReadmeConfigurations plans the configuration that an introduction opens with.
func TestReadmeConfigurations(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"README.md", "README.zh-CN.md"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorkspace(t)
			w.write("devices.txt", strings.Join(w.platform.DeviceIDs(lwm2mProduct)[:20], "\n"))
			for _, b := range blocksOf(read(t, filepath.Join("..", name))) {
				if b.language == "terraform" {
					w.write("main.tf", b.text)
					break
				}
			}
			w.requireProvider()
			w.run("terraform init && terraform apply")
			if output, code := w.shell("terraform plan -detailed-exitcode"); code != 0 {
				t.Errorf("a second plan is not empty:\n%s", output)
			}
			w.run("terraform destroy -target=aep_upgrade_devices.fleet && terraform destroy")
		})
	}
}

// TestLinks looks for the file behind every relative link of the documentation.
func TestLinks(t *testing.T) {
	t.Parallel()
	pages := []string{"../README.md", "../README.zh-CN.md", "../CONTRIBUTING.md", "../SECURITY.md", "../CHANGELOG.md", "../docs/index.md"}
	guides, err := filepath.Glob("../docs/guides/*.md")
	if err != nil || len(guides) < 7 {
		t.Fatalf("%d guides: %v", len(guides), err)
	}
	links := 0
	for _, page := range append(pages, guides...) {
		for _, match := range relativeLink.FindAllStringSubmatch(read(t, page), -1) {
			links++
			if _, err := os.Stat(filepath.Join(filepath.Dir(page), filepath.FromSlash(match[1]))); err != nil {
				t.Errorf("%s links to %s, which is not there", page, match[1])
			}
		}
	}
	if links < 40 {
		t.Errorf("only %d links were found", links)
	}
}
