package internal_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// listedPackage is what `go list` tells of a package.
type listedPackage struct {
	ImportPath, Dir, Export string
	GoFiles                 []string
}

// TestFilesOfAPackageFormNoCircle insists that the files of every package can be put
// in an order in which each refers only to files below it. References are uses of
// types, functions, methods, fields, variables and constants of the same package.
func TestFilesOfAPackageFormNoCircle(t *testing.T) {
	t.Parallel()
	packages := listPackages(t)
	checked := 0
	for _, p := range packages {
		if !strings.HasPrefix(p.ImportPath, module) {
			continue
		}
		checked++
		if circle := circleAmong(references(t, p, packages)); circle != "" {
			t.Errorf("%s: files refer to each other in a circle:\n%s", p.ImportPath, circle)
		}
	}
	if checked < len(layers) {
		t.Errorf("%d packages were checked, want all %d", checked, len(layers))
	}
}

func TestCircleAmong(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		uses map[string]map[string]string
		want string
	}{
		"a chain":  {map[string]map[string]string{"a": {"b": "B"}, "b": {"c": "C"}}, ""},
		"a square": {map[string]map[string]string{"a": {"b": "B", "c": "C"}, "b": {"d": "D"}, "c": {"d": "D"}}, ""},
		"a circle": {map[string]map[string]string{"a": {"b": "B"}, "b": {"c": "C"}, "c": {"b": "D"}}, "b uses C of c\nc uses D of b\n"},
	} {
		if got := circleAmong(c.uses); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

// listPackages returns the packages of this module and all that they import, by
// import path.
func listPackages(t *testing.T) map[string]listedPackage {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go", "list", "-export", "-deps", "-json=ImportPath,Dir,Export,GoFiles", module+"/...")
	output, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	packages := make(map[string]listedPackage)
	for decoder := json.NewDecoder(bytes.NewReader(output)); ; {
		var p listedPackage
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			return packages
		}
		if err != nil {
			t.Fatal(err)
		}
		packages[p.ImportPath] = p
	}
}

// references returns which files of a package use which others, with a name that is
// used.
func references(t *testing.T, p listedPackage, packages map[string]listedPackage) map[string]map[string]string {
	t.Helper()
	positions := token.NewFileSet()
	var files []*ast.File
	for _, name := range p.GoFiles {
		file, err := parser.ParseFile(positions, filepath.Join(p.Dir, name), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	config := types.Config{Importer: importer.ForCompiler(positions, "gc", func(path string) (io.ReadCloser, error) {
		return os.Open(packages[path].Export)
	})}
	info := &types.Info{Uses: make(map[*ast.Ident]types.Object)}
	checked, err := config.Check(p.ImportPath, positions, files, info)
	if err != nil {
		t.Fatal(err)
	}
	uses := make(map[string]map[string]string)
	for name, object := range info.Uses {
		from := filepath.Base(positions.Position(name.Pos()).Filename)
		to := filepath.Base(positions.Position(object.Pos()).Filename)
		if object.Pkg() != checked || from == to || !object.Pos().IsValid() {
			continue
		}
		if uses[from] == nil {
			uses[from] = make(map[string]string)
		}
		uses[from][to] = max(uses[from][to], name.Name)
	}
	return uses
}

// circleAmong describes the files that use each other in a circle, "" if there are
// none: what remains when files that use no remaining file, or that no remaining
// file uses, are taken away.
func circleAmong(uses map[string]map[string]string) string {
	rest := make(map[string]map[string]string)
	for from, to := range uses {
		rest[from] = maps.Clone(to)
	}
	for changed := true; changed; {
		changed = false
		used := make(map[string]bool)
		for from, to := range rest {
			maps.DeleteFunc(to, func(file, _ string) bool { return rest[file] == nil })
			if len(to) == 0 {
				delete(rest, from)
				changed = true
			}
			for file := range to {
				used[file] = true
			}
		}
		for from := range rest {
			if !used[from] {
				delete(rest, from)
				changed = true
			}
		}
	}
	var text strings.Builder
	for _, from := range slices.Sorted(maps.Keys(rest)) {
		for _, to := range slices.Sorted(maps.Keys(rest[from])) {
			fmt.Fprintf(&text, "%s uses %s of %s\n", from, rest[from][to], to)
		}
	}
	return text.String()
}
