package internal_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestLanguage keeps the language rules of CONTRIBUTING.md in all files that
// people read, but not in docs/, which is generated, and in tests.
func TestLanguage(t *testing.T) {
	t.Parallel()
	read := map[string]int{}
	err := filepath.WalkDir("..", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			skipped := []string{"docs", "testdata", "bin", "dist"}
			if base := entry.Name(); name != ".." && (base[0] == '.' || slices.Contains(skipped, base)) {
				return filepath.SkipDir
			}
			return nil
		}
		kind := filepath.Ext(name)
		if !slices.Contains([]string{".go", ".md", ".tmpl", ".tf", ".hcl"}, kind) || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		content, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		read[kind]++
		found, err := checkLanguage(name, content)
		for _, f := range found {
			t.Errorf("%s:%d: %s", strings.TrimPrefix(filepath.ToSlash(name), "../"), f.line, f.text)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for kind, least := range map[string]int{".go": 100, ".md": 10, ".tmpl": 1, ".tf": 20} {
		if read[kind] < least {
			t.Errorf("read %d files of kind %s, want at least %d", read[kind], kind, least)
		}
	}
}

func TestCheckLanguage(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("word ", mostWords) + "more."
	for name, c := range map[string]struct {
		file, content string
		want          []int
	}{
		"a word in a comment":              {"a.go", "package a\n\n// f is told\n// twice.\nfunc f() {}\n", []int{3}},
		"a word in a wrapped expression":   {"a.go", "package a\n\n// f is 1 in place\n// of 2.\nfunc f() {}\n", []int{3}},
		"a word in a string":               {"a.go", "package a\n\nvar s = \"it\" +\n\t\" stands\"\n", []int{3}},
		"a word in a code span":            {"a.md", "Write `stands` or\n`stood`.\n", nil},
		"a word in an identifier":          {"a.go", "package a\n\n// standsFor is a name.\nvar standsFor int\n", nil},
		"a word in an import or a tag":     {"a.go", "package a\n\nimport _ \"told\"\n\ntype t struct {\n\tf int `told:\"\"`\n}\n", nil},
		"a sentence that is too long":      {"a.md", "Short one. Another.\n" + long + "\n", []int{2}},
		"a sentence of the longest kind":   {"a.md", strings.TrimPrefix(long, "word ") + "\n", nil},
		"a long sentence in a string":      {"a.go", "package a\n\nvar s = \"" + long + "\"\n", []int{3}},
		"code spans count as one word":     {"a.md", strings.Repeat("word ", mostWords-1) + "`many words of code`.\n", nil},
		"a name in bold counts as one":     {"a.md", strings.Repeat("word ", mostWords-1) + "**many words**.\n", nil},
		"a word in a heading":              {"a.md", "## It stands\ntext\n", []int{1}},
		"a table and a block of code":      {"a.md", "| stands |\n\n```\n" + long + "\n```\n", nil},
		"front matter":                     {"a.md", "---\ntitle: stands\n---\n\ntext\n", nil},
		"an item ends a sentence":          {"a.md", "- " + strings.Repeat("word ", 20) + "\n- " + strings.Repeat("word ", 20) + "\n", nil},
		"a comment in a configuration":     {"a.tf", "a = 1\n# It stands.\n", []int{2}},
		"a description in one":             {"a.tf", "a = \"It stands.\"\n", []int{1}},
		"a subject that is not named":      {"a.go", "package a\n\n// What is empty is 0.\nvar a int\n", []int{3}},
		"a question":                       {"a.md", "What is empty?\n", nil},
		"code in a comment":                {"a.go", "package a\n\n// a is code:\n//\n//\tit stands\nvar a int\n", nil},
		"an abbreviation ends no sentence": {"a.md", strings.Repeat("word ", 20) + "e.g. " + strings.Repeat("word ", 20) + "\n", []int{1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found, err := checkLanguage(c.file, []byte(c.content))
			if err != nil {
				t.Fatal(err)
			}
			var lines []int
			for _, f := range found {
				lines = append(lines, f.line)
			}
			if !slices.Equal(lines, c.want) {
				t.Errorf("got %v, want lines %v", found, c.want)
			}
		})
	}
}
