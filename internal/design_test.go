package internal_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// designSection returns the text of a section of DESIGN.md.
func designSection(t *testing.T, heading string) string {
	t.Helper()
	design, err := os.ReadFile("../DESIGN.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(design), "\n## "+heading+"\n")
	if !found {
		t.Fatalf("DESIGN.md has no section %q", heading)
	}
	section, _, _ = strings.Cut(section, "\n## ")
	return section
}

var codeInBackticks = regexp.MustCompile("`([^`]+)`")

// TestWalkNamesWhatExists compares the table of the walk with the code: every
// file declares the functions that its row names.
func TestWalkNamesWhatExists(t *testing.T) {
	t.Parallel()
	rows := 0
	for line := range strings.Lines(designSection(t, "The walk of one value")) {
		cells := strings.Split(line, "|")
		if len(cells) != 5 || !strings.Contains(cells[3], "`") {
			continue
		}
		rows++
		file := strings.Trim(strings.TrimSpace(cells[3]), "`")
		declared := declaredIn(t, filepath.Join("..", filepath.FromSlash(file)))
		names := codeInBackticks.FindAllStringSubmatch(cells[2], -1)
		if len(names) == 0 {
			t.Errorf("the row of %s names no function", file)
		}
		for _, name := range names {
			if !slices.Contains(declared, name[1]) {
				t.Errorf("DESIGN.md names %s in %s, which does not declare it", name[1], file)
			}
		}
	}
	if rows < 20 {
		t.Errorf("the walk has %d rows; is the table gone?", rows)
	}
}

// declaredIn returns the names of the functions and types of a file, and of
// its methods as Type.Method.
func declaredIn(t *testing.T, file string) (names []string) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	for _, declaration := range parsed.Decls {
		switch d := declaration.(type) {
		case *ast.FuncDecl:
			names = append(names, receiver(d)+d.Name.Name)
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				if named, ok := spec.(*ast.TypeSpec); ok {
					names = append(names, named.Name.Name)
				}
			}
		}
	}
	return names
}

// receiver returns the type of a method's receiver with a dot, "" for a function.
func receiver(d *ast.FuncDecl) string {
	if d.Recv == nil {
		return ""
	}
	kind := d.Recv.List[0].Type
	if pointer, ok := kind.(*ast.StarExpr); ok {
		kind = pointer.X
	}
	if generic, ok := kind.(*ast.IndexExpr); ok {
		kind = generic.X
	}
	if name, ok := kind.(*ast.Ident); ok {
		return name.Name + "."
	}
	return ""
}

// TestDesignNamesEveryPackage keeps the table of packages complete.
func TestDesignNamesEveryPackage(t *testing.T) {
	t.Parallel()
	section := designSection(t, "Packages")
	for folder := range layers {
		if !strings.HasPrefix(folder, "internal/cmd") && folder != "." && !strings.Contains(section, "`"+folder+"`") {
			t.Errorf("the table of packages lacks %s", folder)
		}
	}
	for _, name := range codeInBackticks.FindAllStringSubmatch(section, -1) {
		if _, known := layers[name[1]]; strings.HasPrefix(name[1], "internal/") && !known {
			t.Errorf("the table of packages names %s, which does not exist", name[1])
		}
	}
}

// TestDesignNamesEveryLockAndCache compares the tables of locks and caches with
// the fields of these types.
func TestDesignNamesEveryLockAndCache(t *testing.T) {
	t.Parallel()
	section := designSection(t, "Concurrency")
	var named []string
	for _, row := range regexp.MustCompile("(?m)^\\| `([\\w.]+)`").FindAllStringSubmatch(section, -1) {
		named = append(named, row[1])
	}
	var fields []string
	for folder := range layers {
		files, err := filepath.Glob(filepath.Join("..", filepath.FromSlash(folder), "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if !strings.HasSuffix(file, "_test.go") {
				fields = append(fields, syncFields(t, file)...)
			}
		}
	}
	slices.Sort(named)
	slices.Sort(fields)
	if !slices.Equal(named, fields) {
		t.Errorf("DESIGN.md has the locks and caches\n%v, and the code\n%v", named, fields)
	}
}

// syncFields returns the fields of types of package syncs in the structs of a
// file, as Struct.field.
func syncFields(t *testing.T, file string) (names []string) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(parsed, func(node ast.Node) bool {
		named, ok := node.(*ast.TypeSpec)
		if !ok {
			return true
		}
		fields, ok := named.Type.(*ast.StructType)
		if !ok {
			return false
		}
		for _, field := range fields.Fields.List {
			if isSyncType(field.Type) {
				names = append(names, named.Name.Name+"."+field.Names[0].Name)
			}
		}
		return false
	})
	return names
}

// isSyncType reports whether a type is syncs.X[K] or syncs.X[K, V].
func isSyncType(expression ast.Expr) bool {
	switch e := expression.(type) {
	case *ast.IndexExpr:
		return isSyncType(e.X)
	case *ast.IndexListExpr:
		return isSyncType(e.X)
	case *ast.SelectorExpr:
		pkg, ok := e.X.(*ast.Ident)
		return ok && pkg.Name == "syncs" && e.Sel.Name != "Mode"
	}
	return false
}

// TestDesignNamesEveryDependency compares the table of dependencies with go.mod.
func TestDesignNamesEveryDependency(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	section := designSection(t, "Dependencies")
	found := 0
	for line := range strings.Lines(string(content)) {
		required, direct := strings.CutPrefix(strings.TrimRight(line, "\n"), "\t")
		path, _, _ := strings.Cut(required, " ")
		if !direct || strings.HasSuffix(required, "// indirect") || !strings.Contains(path, ".") {
			continue
		}
		found++
		if name := dependencyName(path); !strings.Contains(section, name) {
			t.Errorf("the table of dependencies lacks %s (as %s)", path, name)
		}
	}
	if found < 10 {
		t.Errorf("go.mod has %d dependencies; has its form changed?", found)
	}
}

// dependencyName returns the part of a module path by which DESIGN.md names it.
func dependencyName(path string) string {
	path = regexp.MustCompile(`/v\d+$`).ReplaceAllString(path, "")
	if name, found := strings.CutPrefix(path, "golang.org/"); found {
		return name
	}
	name := filepath.Base(path)
	if family := "terraform-plugin-framework"; name != family {
		name = strings.TrimPrefix(name, family)
	}
	return strings.TrimPrefix(name, "terraform-plugin")
}

// TestDesignNamesTestsThatExist keeps the table of platform facts true: a fact
// whose test is gone is a claim.
func TestDesignNamesTestsThatExist(t *testing.T) {
	t.Parallel()
	design, err := os.ReadFile("../DESIGN.md")
	if err != nil {
		t.Fatal(err)
	}
	var tests strings.Builder
	err = filepath.WalkDir(".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		content, err := os.ReadFile(path)
		tests.Write(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile("`(Test\\w+)`").FindAllStringSubmatch(string(design), -1)
	if len(named) < 20 {
		t.Fatalf("DESIGN.md names %d tests; is the table gone?", len(named))
	}
	for _, name := range named {
		if !strings.Contains(tests.String(), "func "+name[1]+"(") {
			t.Errorf("DESIGN.md names %s, which does not exist", name[1])
		}
	}
}
