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
// people read. It leaves out tests, and the generated docs/ and BENCHMARKS.md,
// whose sources it reads.
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
		generated := entry.Name() == "BENCHMARKS.md"
		if !slices.Contains([]string{".go", ".md", ".tmpl", ".tf", ".hcl"}, kind) || strings.HasSuffix(name, "_test.go") || generated {
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

// checkLanguage returns the breaches in a file, which it parses by the kind
// that its name shows.
func checkLanguage(name string, content []byte) ([]finding, error) {
	switch filepath.Ext(name) {
	case ".go":
		passages, err := goPassages(name, content)
		return checkPassages(passages), err
	case ".md", ".tmpl":
		return checkPassages(markdownPassages(string(content))), nil
	default:
		return checkPassages(hashPassages(string(content))), nil
	}
}

// words returns a text of n words.
func words(n int) string { return strings.TrimSuffix(strings.Repeat("word ", n), " ") }

func TestCheckLanguageFinds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		file, content string
		line          int
	}{
		"a word in a comment":              {"a.go", "package a\n\n// f is told\n// twice.\nfunc f() {}\n", 3},
		"a word in a wrapped expression":   {"a.go", "package a\n\n// f is 1 in place\n// of 2.\nfunc f() {}\n", 3},
		"a word in a string":               {"a.go", "package a\n\nvar s = \"it\" +\n\t\" stands\"\n", 3},
		"a subject that is not named":      {"a.go", "package a\n\n// What is empty is 0.\nvar a int\n", 3},
		"a long sentence in a string":      {"a.go", "package a\n\nvar s = \"" + words(mostWords+1) + ".\"\n", 3},
		"a long sentence":                  {"a.md", "Short one. Another.\n" + words(mostWords+1) + ".\n", 2},
		"a sentence with an abbreviation":  {"a.md", words(mostWords-5) + " e.g. " + words(5) + ".\n", 1},
		"a word in a heading":              {"a.md", "## It stands\ntext\n", 1},
		"a comment in a configuration":     {"a.tf", "a = 1\n# It stands.\n", 2},
		"a description in a configuration": {"a.tf", "a = \"It stands.\"\n", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found, err := checkLanguage(c.file, []byte(c.content))
			if err != nil || len(found) != 1 || found[0].line != c.line {
				t.Errorf("got %v, %v, want one breach in line %d", found, err, c.line)
			}
		})
	}
}

func TestCheckLanguageAccepts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ file, content string }{
		"a word in a code span":             {"a.md", "Write `stands` or\n`stood`.\n"},
		"a word in an identifier":           {"a.go", "package a\n\n// standsFor is a name.\nvar standsFor int\n"},
		"a word in an import or a tag":      {"a.go", "package a\n\nimport _ \"told\"\n\ntype t struct {\n\tf int `told:\"\"`\n}\n"},
		"a sentence of the longest kind":    {"a.md", words(mostWords) + ".\n"},
		"a code span, which is one word":    {"a.md", words(mostWords-1) + " `many words of code`.\n"},
		"a name in bold, which is one word": {"a.md", words(mostWords-1) + " **many words**.\n"},
		"a table and a block of code":       {"a.md", "| stands |\n\n```\nIt stands.\n```\n"},
		"front matter":                      {"a.md", "---\ntitle: stands\n---\n\ntext\n"},
		"items, which end a sentence":       {"a.md", "- " + words(20) + "\n- " + words(20) + "\n"},
		"a question":                        {"a.md", "What is empty?\n"},
		"code in a comment":                 {"a.go", "package a\n\n// a is code:\n//\n//\tit stands\nvar a int\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if found, err := checkLanguage(c.file, []byte(c.content)); err != nil || len(found) > 0 {
				t.Errorf("got %v, %v, want no breach", found, err)
			}
		})
	}
}
