package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

const (
	root = "../../.."
	// releasedFile holds the contract of the newest release. Its first line names the version.
	releasedFile  = "internal/provider/testdata/surface-released.txt"
	statesFolder  = "internal/provider/testdata/states"
	changelogFile = "CHANGELOG.md"
	// firstEdition is the version of the contract before the first release.
	firstEdition = "0.0.1"
)

// heading is the heading of a release in the changelog.
var heading = regexp.MustCompile(`(?m)^## \[(\d[^\]]*)\]`)

// newest returns the version of the newest release in a changelog.
func newest(changelog string) string {
	if found := heading.FindStringSubmatch(changelog); found != nil {
		return found[1]
	}
	return firstEdition
}

// TestContractIsOfTheNewestRelease finds a contract that `make freeze` has not recorded for the newest release.
func TestContractIsOfTheNewestRelease(t *testing.T) {
	t.Parallel()
	version := newest(committed(t, changelogFile))
	first, lines, _ := strings.Cut(committed(t, releasedFile), "\n")
	if first != "# "+version {
		t.Errorf("%s begins with %q, want %q: the newest release of %s. Only `make freeze VERSION=%s` writes the file.",
			releasedFile, first, "# "+version, changelogFile, version)
	}
	if strings.Contains(lines, "; ") {
		t.Errorf("%s has words of validators, which are no contract. Only `make freeze` writes the file.", releasedFile)
	}
	if _, err := os.Stat(filepath.Join(root, statesFolder, version+".json")); err != nil {
		t.Errorf("the states of %s are not recorded: %v", version, err)
	}
}

func TestNewestRelease(t *testing.T) {
	t.Parallel()
	for changelog, want := range map[string]string{
		"# Changelog\n\n## [Unreleased]\n\n- `a`\n":                               firstEdition,
		"## [Unreleased]\n\n## [1.2.0] - 2027-01-01\n\n## [1.1.0] - 2026-12-01\n": "1.2.0",
		"## [Unreleased]\n\n## [2.0.0-beta.1]\n":                                  "2.0.0-beta.1",
	} {
		if got := newest(changelog); got != want {
			t.Errorf("%q: the newest release is %s, want %s", changelog, got, want)
		}
	}
}

func TestSurfaceIsCommitted(t *testing.T) {
	t.Parallel()
	got, err := surface(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	before, after := surfaceIn(committed(t, surfaceFile)), surfaceIn(got)
	for _, one := range changes(before, after) {
		t.Errorf("%s is not as committed in %s.\n  committed: %s\n  now:       %s\nRun `make generate`, and commit the file.",
			one, surfaceFile, before[one], after[one])
	}
	if len(after) < 350 {
		t.Errorf("the surface has only %d lines", len(after))
	}
}

// TestChangesSinceTheReleaseAreInTheChangelog insists on a line under Unreleased that names each object and each
// attribute that differs from the newest release. Whether the line tells every change of it, a reviewer must judge.
func TestChangesSinceTheReleaseAreInTheChangelog(t *testing.T) {
	t.Parallel()
	before, after := contractIn(committed(t, releasedFile)), contractIn(committed(t, surfaceFile))
	for _, one := range unnamed(before, after, unreleased(committed(t, changelogFile))) {
		t.Errorf("%s differs from the newest release, and no line under Unreleased in %s names it in backticks.\n  release: %s\n  now:     %s",
			one, changelogFile, before[one], after[one])
	}
}

// TestUnnamedChanges shows what a line of the changelog must name.
func TestUnnamedChanges(t *testing.T) {
	t.Parallel()
	const before = "provider\n  page_size, number\nresource aep_a\n  (state) version 0\n  name, string, value defaults to x\n  old, bool\n"
	for name, one := range map[string]struct {
		after, changelog string
		want             []string
	}{
		"no change": {before, "", nil},
		"new object": {
			before + "resource aep_b\n  name, string\n", "- Resource `aep_a`.",
			[]string{"resource aep_b", "resource aep_b: name"},
		},
		"new object, named": {before + "resource aep_b\n  name, string\n", "- Resource\n  `aep_b`.", nil},
		"default":           {strings.Replace(before, "to x", "to y", 1), "- `aep_a`.\n- `name`.", []string{"resource aep_a: name"}},
		"default, named":    {strings.Replace(before, "to x", "to y", 1), "- `name` of\n  `aep_a` defaults to `y`.", nil},
		"attribute is gone": {strings.Replace(before, "  old, bool\n", "", 1), "- `older` of `aep_a`.", []string{"resource aep_a: old"}},
		"object is gone":    {"provider\n  page_size, number\n", "- Resource `aep_a` is removed.", nil},
		"provider": {
			strings.Replace(before, "size, number", "size, string", 1), "- `page_size` of `aep_a`.", []string{"provider: page_size"},
		},
		"provider, named":    {strings.Replace(before, "size, number", "size, string", 1), "- Provider argument `page_size` is text.", nil},
		"state":              {strings.Replace(before, "version 0", "version 1", 1), "- `name` of `aep_a`.", []string{"resource aep_a: (state)"}},
		"state, named":       {strings.Replace(before, "version 0", "version 1", 1), "- The state of `aep_a` is upgraded.", nil},
		"words of a library": {strings.Replace(before, "old, bool", "old, bool; must be a bool", 1), "", nil},
		"rule": {
			before + "  (rule) exactly one of name or old\n", "- `aep_a`.",
			[]string{"resource aep_a: (rule) exactly one of name or old"},
		},
		"rule, named": {before + "  (rule) exactly one of name or old\n", "- `aep_a` needs one of `name` and `old`.", nil},
		"one of two changes": {
			strings.Replace(before, "name, string", "name, bool", 1), "- `old` of `aep_a`.", []string{"resource aep_a: name"},
		},
	} {
		const released = "## [1.0.0]\n\n- `name` and `old` of `aep_a`, `aep_b`, provider `page_size`, state.\n"
		changelog := unreleased("## [Unreleased]\n\n" + one.changelog + "\n\n" + released)
		if got := unnamed(contractIn(before), contractIn(one.after), changelog); !slices.Equal(got, one.want) {
			t.Errorf("%s: %q, want %q", name, got, one.want)
		}
	}
}

// TestContractOfValidators finds the values that validators accept, whatever words a library has for them.
func TestContractOfValidators(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"value must be between 0.000000 and 100.000000": "[limits 0 100]",
		"a number from 0 to 100":                        "[limits 0 100]",
		"a duration of at least 1m30s":                  "[limits 1m30s]",
		"must be lwm2m or t_link":                       "[]",
	} {
		if got := fmt.Sprint(limits([]string{text})); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	nested := []validator.List{listvalidator.ValueStringsAre(
		stringvalidator.RegexMatches(regexp.MustCompile("^a$"), "be a"), listed{"c", "b"},
	)}
	if got := fmt.Sprint(choices(reflect.ValueOf(nested))); got != "[pattern ^a$ one of b c]" {
		t.Errorf("choices are %s", got)
	}
}

// listed accepts these texts.
type listed []string

func (listed) Description(context.Context) string { return "" }

func (listed) MarkdownDescription(context.Context) string                                         { return "" }
func (listed) ValidateString(context.Context, validator.StringRequest, *validator.StringResponse) {}

func committed(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// surfaceIn returns the lines of a surface by what they describe: "resource aep_upgrade_task: name".
func surfaceIn(text string) map[string]string {
	lines, object := map[string]string{}, ""
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		rest, indented := strings.CutPrefix(line, "  ")
		switch {
		case strings.HasPrefix(line, "# "):
			continue
		case !indented:
			object = line
			lines[object] = line
			continue
		}
		name, _, _ := strings.Cut(rest, ",")
		word, value, _ := strings.Cut(rest, " ")
		switch {
		case word == "(rule)":
			name = rest
		case strings.HasPrefix(word, "(") && word != "(identity)":
			name, rest = word, value
		}
		lines[object+": "+name] = rest
	}
	return lines
}

// contractIn returns the lines of a surface without the words of validators.
func contractIn(text string) map[string]string {
	var kept strings.Builder
	for line := range strings.Lines(text) {
		kept.WriteString(contract(strings.TrimRight(line, "\n")) + "\n")
	}
	return surfaceIn(kept.String())
}

// changes returns what differs between two surfaces, sorted.
func changes(before, after map[string]string) (all []string) {
	both := maps.Clone(before)
	maps.Copy(both, after)
	for _, one := range slices.Sorted(maps.Keys(both)) {
		if before[one] != after[one] {
			all = append(all, one)
		}
	}
	return all
}

// unnamed returns the differences of two surfaces that no entry of the changelog names. An entry names the object, or
// the provider, and the attribute. An entry for an object that is new or gone names only the object.
func unnamed(before, after map[string]string, entries []string) (all []string) {
	for _, one := range changes(before, after) {
		object, attribute, _ := strings.Cut(one, ": ")
		name := object[strings.LastIndex(object, " ")+1:]
		if before[object] == "" || after[object] == "" {
			attribute = ""
		}
		if !slices.ContainsFunc(entries, func(entry string) bool { return names(entry, name) && names(entry, attribute) }) {
			all = append(all, one)
		}
	}
	return all
}

// names reports whether an entry names an object, an attribute, or an argument of a rule.
func names(entry, name string) bool {
	if word := map[string]string{"provider": "rovider", "(state)": "state", "(import)": "import", "(result)": "result"}[name]; word != "" {
		return strings.Contains(entry, word)
	}
	named := func(name string) bool { return strings.Contains(entry, fmt.Sprintf("`%s`", name)) }
	if rule, found := strings.CutPrefix(name, "(rule) "); found {
		return slices.ContainsFunc(words.FindAllString(rule, -1), named)
	}
	return name == "" || named(strings.TrimPrefix(name, "(identity) "))
}

// unreleased returns the entries of the section Unreleased.
func unreleased(changelog string) []string {
	_, section, _ := strings.Cut(changelog, "## [Unreleased]")
	section, _, _ = strings.Cut(section, "\n## ")
	return strings.Split(section, "\n- ")[1:]
}
