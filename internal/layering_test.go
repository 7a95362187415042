package internal_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/ctwing/terraform-provider-aep"

// layers lists the packages that the shipped files of each package may import beside
// the standard library. Packages of this module are listed by their folder, others by a
// prefix of their path. A package that is not listed may not exist.
var layers = map[string][]string{
	".":              {"internal/provider", "github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"},
	"internal/syncs": {},
	"internal/aep": {
		"internal/syncs", "github.com/cenkalti/backoff/v5", "golang.org/x/",
	},
	"internal/campaign/deviceset": {},
	"internal/campaign/progress":  {"internal/aep"},
	"internal/campaign/ownership": {"internal/campaign/deviceset", "internal/aep"},
	"internal/campaign":           {"internal/campaign", "internal/syncs", "internal/aep", "golang.org/x/"},
	"internal/catalog":            {"internal/syncs", "internal/aep"},
	"internal/provider": {
		"internal/campaign", "internal/catalog", "internal/aep", "golang.org/x/",
		"github.com/hashicorp/terraform-plugin-framework",
		"github.com/hashicorp/terraform-plugin-go",
		"github.com/hashicorp/terraform-plugin-log",
		"github.com/vmihailenco/msgpack/v5",
	},
	"internal/simulator":         {},
	"internal/simulator/console": {"internal/simulator"},
	"internal/coretest": {
		"internal/provider", "internal/aep", "internal/simulator",
		"github.com/hashicorp/terraform-plugin-go",
	},
	"internal/coretest/cli":      {"internal/coretest", "internal/simulator", "github.com/hashicorp/go-version"},
	"internal/coretest/tools":    {},
	"internal/coretest/lives":    {"internal/coretest", "internal/simulator", "github.com/hashicorp/terraform-plugin-go"},
	"internal/cmd/aep-simulator": {"internal/simulator"}, // and the console below it
	"internal/cmd/demo":          {"internal/aep", "internal/campaign/progress", "internal/cmd/demo/page", "internal/cmd/internal/cli"},
	"internal/cmd/demo/page":     {},
	"internal/cmd/scalereport":   {"internal/aep", "internal/simulator", "internal/cmd/internal/cli"},
	"internal/cmd/mutate":        {},
	"internal/cmd/internal/cli":  {"github.com/hashicorp/hc-install", "github.com/hashicorp/go-version"},
	"internal/cmd/generate": {
		"internal/provider",
		"github.com/hashicorp/hcl/v2/hclwrite",
		"github.com/hashicorp/terraform-plugin-framework",
		"github.com/hashicorp/terraform-plugin-go",
	},
}

// testHarness is the folder of the packages that tests share. Its files are no
// tests, because tests of several packages import them, and are not shipped.
const testHarness = "internal/coretest"

// forbidden must not be imported by a shipped file of any package.
var forbidden = []string{
	module + "/" + testHarness,
	"testing", "net/http/httptest",
	"github.com/hashicorp/terraform-plugin-testing", "go.uber.org/goleak", "pgregory.net/rapid",
}

func TestShippedFilesKeepTheLayers(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	for file, imports := range shippedImports(t, "..") {
		folder := path.Dir(file)
		seen[folder]++
		for _, imported := range imports {
			if problem := layerProblem(folder, imported); problem != "" {
				t.Errorf("%s: %s", file, problem)
			}
		}
	}
	for folder := range layers {
		if seen[folder] == 0 {
			t.Errorf("no file was read in %s", folder)
		}
	}
}

func TestLayerProblem(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		folder, imported string
		allowed          bool
	}{
		"down one layer":               {"internal/campaign", module + "/internal/aep", true},
		"up one layer":                 {"internal/aep", module + "/internal/campaign", false},
		"the simulator in the client":  {"internal/aep", module + "/internal/simulator", false},
		"the client in the simulator":  {"internal/simulator", module + "/internal/aep", false},
		"a library in the simulator":   {"internal/simulator", "golang.org/x/sync/errgroup", false},
		"Terraform in the client":      {"internal/aep", "github.com/hashicorp/terraform-plugin-log/tflog", false},
		"Terraform in the provider":    {"internal/provider", "github.com/hashicorp/terraform-plugin-log/tflog", true},
		"HTTP in the provider":         {"internal/provider", "net/http", false},
		"HTTP in campaign":             {"internal/campaign", "net/http", false},
		"HTTP in the catalog":          {"internal/catalog", "net/http", false},
		"campaign in the catalog":      {"internal/catalog", module + "/internal/campaign", false},
		"HTTP in the client":           {"internal/aep", "net/http", true},
		"the client for the demo":      {"internal/cmd/demo", module + "/internal/aep", true},
		"the provider in the demo":     {"internal/cmd/demo", module + "/internal/provider", false},
		"a test package":               {"internal/provider", "testing", false},
		"a package below a test one":   {"internal/aep", "testing/synctest", false},
		"the test harness":             {"internal/provider", module + "/internal/coretest", false},
		"below the test harness":       {"internal/cmd/demo", module + "/internal/coretest/cli", false},
		"a test package for tests":     {"internal/coretest", "testing", true},
		"the provider for tests":       {"internal/coretest", module + "/internal/provider", true},
		"campaign for tests":           {"internal/coretest", module + "/internal/campaign", false},
		"a package of an unknown kind": {"internal/util", "fmt", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			problem := layerProblem(c.folder, c.imported)
			if (problem == "") != c.allowed {
				t.Errorf("%s importing %s: %q", c.folder, c.imported, problem)
			}
		})
	}
}

// layerProblem says why a shipped file in folder may not import a package, or
// nothing.
func layerProblem(folder, imported string) string {
	allowed, known := layers[folder]
	if !known {
		return "no layer is defined for " + folder
	}
	if !within(folder, testHarness) && slices.ContainsFunc(forbidden, func(f string) bool { return within(imported, f) }) {
		return "a shipped file imports " + imported + ", which is for tests"
	}
	if imported == "net/http" && slices.Contains([]string{"internal/provider", "internal/campaign", "internal/catalog"}, folder) {
		return folder + " knows no HTTP but imports " + imported
	}
	if !strings.Contains(strings.Split(imported, "/")[0], ".") {
		return ""
	}
	local := strings.TrimPrefix(imported, module+"/")
	if !slices.ContainsFunc(allowed, func(a string) bool { return within(local, a) }) {
		return folder + " may not import " + imported
	}
	return ""
}

// within reports whether a package is that of a path, or below it, or of the
// same family, as terraform-plugin-framework-timeouts is of the framework.
func within(imported, prefix string) bool {
	rest, found := strings.CutPrefix(imported, prefix)
	return found && (rest == "" || strings.HasSuffix(prefix, "/") || rest[0] == '/' || rest[0] == '-')
}

// shippedImports returns the imports of every Go file below root that is not
// a test, by the file's path from there.
func shippedImports(t *testing.T, root string) map[string][]string {
	t.Helper()
	imports := map[string][]string{}
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if base := entry.Name(); name != root && (base[0] == '.' || base == "testdata") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		relative = filepath.ToSlash(relative)
		imports[relative] = []string{}
		for _, spec := range parsed.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			imports[relative] = append(imports[relative], imported)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return imports
}
