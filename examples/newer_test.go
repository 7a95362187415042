package examples_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/provider"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
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
	return json.Number(big.NewFloat(number).Text('f', -1))
}

// serverFor is the provider, configured for a workspace's platform.
func serverFor(t *testing.T, w *workspace) tfprotov6.ProviderServer {
	t.Helper()
	server := providerserver.NewProtocol6(provider.New("test")())()
	block := map[string]any{
		"app_key": simulator.DefaultAppKey, "app_secret": simulator.DefaultAppSecret, "requests_per_second": 0,
		"master_key": simulator.LwM2MMasterKey,
	}
	for _, variable := range w.environment {
		if endpoint, ok := strings.CutPrefix(variable, "AEP_ENDPOINT="); ok {
			block["endpoint"] = endpoint
		}
	}
	configured, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: encoded(t, block)})
	if err != nil {
		t.Fatal(err)
	}
	noErrors(t, configured.Diagnostics)
	return server
}

func encoded(t *testing.T, value map[string]any) *tfprotov6.DynamicValue {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return &tfprotov6.DynamicValue{JSON: text}
}

func noErrors(t *testing.T, diags []*tfprotov6.Diagnostic) {
	t.Helper()
	for _, d := range diags {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			t.Errorf("%s: %s", d.Summary, d.Detail)
		} else {
			t.Logf("warning: %s\n%s", d.Summary, d.Detail)
		}
	}
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
			server := serverFor(t, w).(tfprotov6.ActionServer)
			config := encoded(t, e.config)
			validated, err := server.ValidateActionConfig(t.Context(), &tfprotov6.ValidateActionConfigRequest{ActionType: e.typeName, Config: config})
			if err != nil {
				t.Fatal(err)
			}
			noErrors(t, validated.Diagnostics)
			planned, err := server.PlanAction(t.Context(), &tfprotov6.PlanActionRequest{ActionType: e.typeName, Config: config})
			if err != nil {
				t.Fatal(err)
			}
			noErrors(t, planned.Diagnostics)
			if len(planned.Diagnostics) == 0 {
				t.Error("the plan previews nothing")
			}
			invoked, err := server.InvokeAction(t.Context(), &tfprotov6.InvokeActionRequest{ActionType: e.typeName, Config: config})
			if err != nil {
				t.Fatal(err)
			}
			for event := range invoked.Events {
				switch e := event.Type.(type) {
				case tfprotov6.ProgressInvokeActionEventType:
					t.Log(e.Message)
				case tfprotov6.CompletedInvokeActionEventType:
					noErrors(t, e.Diagnostics)
				}
			}
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
		server := serverFor(t, w).(tfprotov6.ListResourceServer)
		config := encoded(t, e.config)
		validated, err := server.ValidateListResourceConfig(t.Context(), &tfprotov6.ValidateListResourceConfigRequest{TypeName: e.typeName, Config: config})
		if err != nil {
			t.Fatal(err)
		}
		noErrors(t, validated.Diagnostics)
		stream, err := server.ListResource(t.Context(), &tfprotov6.ListResourceRequest{TypeName: e.typeName, Config: config, Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		var listed []string
		for result := range stream.Results {
			noErrors(t, result.Diagnostics)
			listed = append(listed, result.DisplayName)
		}
		if got := fmt.Sprint(listed); got != "[meters by day (pending, task 3456)]" {
			t.Errorf("%s lists %s", e.address(), got)
		}
	}
}
