package examples_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// newer is an example of a kind that not every CLI knows: an action, or a list.
type newer struct {
	file     string
	typeName string
	name     string
	config   map[string]any
}

func (e newer) address() string { return e.typeName + "." + e.name }

// newerExamples reads the `config` of every action or list below a folder. A reference
// to a resource becomes the seeded task or its devices. A file becomes one device.
func newerExamples(t *testing.T, folder string) []newer {
	t.Helper()
	var found []newer
	err := filepath.WalkDir(folder, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		file, diags := hclparse.NewParser().ParseHCLFile(name)
		if diags.HasErrors() {
			return diags
		}
		for _, block := range file.Body.(*hclsyntax.Body).Blocks {
			if block.Type != "action" && block.Type != "list" {
				continue
			}
			e := newer{file: name, typeName: block.Labels[0], name: block.Labels[1], config: map[string]any{}}
			for _, inner := range block.Body.Blocks {
				if inner.Type == "config" {
					e.config = values(t, inner.Body)
				}
			}
			found = append(found, e)
		}
		return nil
	})
	if err != nil || len(found) == 0 {
		t.Fatalf("%d examples in %s: %v", len(found), folder, err)
	}
	return found
}

func values(t *testing.T, body *hclsyntax.Body) map[string]any {
	t.Helper()
	all := map[string]any{}
	for name, attribute := range body.Attributes {
		all[name] = valueOf(t, name, attribute.Expr)
	}
	for _, block := range body.Blocks {
		all[block.Type] = values(t, block.Body)
	}
	return all
}

func valueOf(t *testing.T, name string, expression hcl.Expression) any {
	t.Helper()
	if len(expression.Variables()) > 0 {
		file := filepath.Join(t.TempDir(), "devices.txt")
		if err := os.WriteFile(file, []byte("f11853c1e650682625c4cc57eb85601b\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		return map[string]any{"product_id": lwm2mProduct, "task_id": 3456, "device_ids_file": file, "expected_device_count": seededDevices}[name]
	}
	if elements, diags := hcl.ExprList(expression); !diags.HasErrors() {
		list := make([]any, len(elements))
		for i, element := range elements {
			list[i] = valueOf(t, name, element)
		}
		return list
	}
	value, diags := expression.Value(nil)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	switch value.Type().FriendlyName() {
	case "string":
		return value.AsString()
	case "bool":
		return value.True()
	}
	number, _ := value.AsBigFloat().Float64()
	return number
}

// coreFor returns a core for a workspace's platform.
func coreFor(t *testing.T, w *workspace) *coretest.Core {
	t.Helper()
	return coretest.New(t, w.platform, coretest.Config{"master_key": simulator.LwM2MMasterKey})
}

func TestActionsOverTheProtocol(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, e := range newerExamples(t, "actions") {
		seen[e.typeName] = true
		t.Run(e.address(), func(t *testing.T) {
			t.Parallel()
			w := newWorkspace(t)
			seedForActions(w, e.typeName)
			if e.typeName == "aep_upgrade_retry" {
				e.config["poll_interval"] = "1s"
			}
			core := coreFor(t, w)
			planned := core.PlanAction(t.Context(), e.typeName, e.config)
			core.NoErrors(planned)
			if len(planned) == 0 {
				t.Error("the plan previews nothing")
			}
			progress, diags := core.Invoke(t.Context(), e.typeName, e.config)
			core.NoErrors(diags)
			t.Log(planned.Warnings(), strings.Join(progress, "\n"))
		})
	}
	if len(seen) != 4 {
		t.Errorf("there are only examples of %v", seen)
	}
}

func TestListResourcesOverTheProtocol(t *testing.T) {
	t.Parallel()
	for _, e := range newerExamples(t, "list-resources") {
		w := newWorkspace(t)
		w.task(simulator.TaskDraft{ProductID: lwm2mProduct, FirmwareID: lwm2mFirmware, Name: "meters by day"}, 0)
		core := coreFor(t, w)
		var listed []string
		for _, result := range core.List(t.Context(), e.typeName, e.config, 100, false) {
			core.NoErrors(result.Diagnostics)
			listed = append(listed, result.DisplayName)
		}
		if got := fmt.Sprint(listed); got != "[meters by day (pending, task 3456)]" {
			t.Errorf("%s lists %s", e.address(), got)
		}
	}
}
