package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// TestProviderSchemasAgreeWithTerraform compares the schema of this process with
// that of the installed Terraform, in all parts that this Terraform knows.
func TestProviderSchemasAgreeWithTerraform(t *testing.T) {
	t.Parallel()
	terraform, err := exec.LookPath("terraform")
	if err != nil {
		t.Skip("compares with terraform, which is not on PATH")
	}
	ours, err := providerSchemas(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got, want struct {
		Schemas map[string]map[string]any `json:"provider_schemas"`
	}
	decode(t, ours, &got)
	decode(t, terraformSchemas(t, terraform), &want)
	const address = "registry.terraform.io/ctwing/aep"
	if len(want.Schemas[address]) < 2 {
		t.Fatalf("terraform has %v", want.Schemas)
	}
	for part, theirs := range want.Schemas[address] {
		compare(t, part, got.Schemas["aep"][part], theirs)
	}
}

// compare walks both trees and reports each difference with its path.
func compare(t *testing.T, path string, got, want any) {
	t.Helper()
	theirs, isObject := want.(map[string]any)
	ours, both := got.(map[string]any)
	if !isObject || !both {
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v, terraform has %v", path, got, want)
		}
		return
	}
	for name := range ours {
		if _, known := theirs[name]; !known {
			t.Errorf("%s.%s: terraform does not have it", path, name)
		}
	}
	for name, value := range theirs {
		compare(t, path+"."+name, ours[name], value)
	}
}

// terraformSchemas returns the output of `terraform providers schema -json` for
// a provider that is built from this repository.
func terraformSchemas(t *testing.T, terraform string) []byte {
	t.Helper()
	folder := t.TempDir()
	run := func(program string, environment []string, arguments ...string) []byte {
		t.Helper()
		command := exec.CommandContext(t.Context(), program, arguments...)
		command.Env = append(os.Environ(), environment...)
		var stderr bytes.Buffer
		command.Stderr = &stderr
		if program == terraform {
			command.Dir = folder
		}
		output, err := command.Output()
		if err != nil {
			t.Fatalf("%s %s: %v\n%s", program, strings.Join(arguments, " "), err, &stderr)
		}
		return output
	}
	run("go", nil, "build", "-o", filepath.Join(folder, "terraform-provider-aep"), "github.com/ctwing/terraform-provider-aep")
	settings := filepath.Join(folder, "cli.tfrc")
	write(t, settings, `provider_installation {
  dev_overrides { "registry.terraform.io/ctwing/aep" = "`+filepath.ToSlash(folder)+`" }
  direct {}
}`)
	write(t, filepath.Join(folder, "main.tf"), `terraform {
  required_providers { aep = { source = "ctwing/aep" } }
}`)
	return run(terraform, []string{"TF_CLI_CONFIG_FILE=" + settings, "CHECKPOINT_DISABLE=1"}, "providers", "schema", "-json")
}

func write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func decode(t *testing.T, text []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatal(err)
	}
}
