package provider_test

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/provider"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// TestEverythingIsDescribed walks every schema of the provider, as Terraform
// gets it.
func TestEverythingIsDescribed(t *testing.T) {
	t.Parallel()
	server := provider.NewServer("test")()
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]*tfprotov6.Schema{"provider": schemas.Provider}
	for name, s := range schemas.ResourceSchemas {
		all["resource "+name] = s
	}
	for name, s := range schemas.DataSourceSchemas {
		all["data source "+name] = s
	}
	for name, s := range schemas.ListResourceSchemas {
		all["list resource "+name] = s
	}
	for name, s := range schemas.EphemeralResourceSchemas {
		all["ephemeral resource "+name] = s
	}
	for name, s := range schemas.ActionSchemas {
		all["action "+name] = s.Schema
	}
	attributes := 0
	for name, s := range all {
		described(t, name, s.Block.Description)
		walk(s.Block, name, func(path string, a *tfprotov6.SchemaAttribute) {
			attributes++
			described(t, path, a.Description)
			secret := regexp.MustCompile(`secret|master_keys?$`).MatchString(a.Name)
			if secret != a.Sensitive {
				t.Errorf("%s: sensitive is %t", path, a.Sensitive)
			}
		})
	}
	for name, f := range schemas.Functions {
		described(t, "function "+name, f.Description)
		described(t, "summary of function "+name, f.Summary+".")
		for _, p := range f.Parameters {
			described(t, name+"."+p.Name, p.Description)
		}
	}
	if len(all) < 12 || attributes < 150 || len(schemas.Functions) < 4 {
		t.Errorf("only %d schemas with %d attributes, and %d functions", len(all), attributes, len(schemas.Functions))
	}
}

// described insists on whole sentences that end: markdown that was cut or
// put together badly seldom does.
func described(t *testing.T, what, text string) {
	t.Helper()
	switch {
	case strings.TrimSpace(text) == "":
		t.Errorf("%s has no description", what)
	case strings.TrimSpace(text) != text || strings.Contains(text, "  "):
		t.Errorf("%s: superfluous space in %q", what, text)
	case !strings.HasSuffix(text, ".") && !strings.HasSuffix(text, "`"):
		t.Errorf("%s: the description does not end: %q", what, text)
	case text[0] < 'A' || text[0] > 'Z':
		t.Errorf("%s: the description does not begin with a noun: %q", what, text)
	case strings.Count(text, "`")%2 != 0:
		t.Errorf("%s: a backtick is missing in %q", what, text)
	}
}

func walk(b *tfprotov6.SchemaBlock, path string, visit func(string, *tfprotov6.SchemaAttribute)) {
	var nested func(string, []*tfprotov6.SchemaAttribute)
	nested = func(path string, attributes []*tfprotov6.SchemaAttribute) {
		for _, a := range attributes {
			visit(path+"."+a.Name, a)
			if a.NestedType != nil {
				nested(path+"."+a.Name, a.NestedType.Attributes)
			}
		}
	}
	nested(path, b.Attributes)
	for _, inner := range b.BlockTypes {
		walk(inner.Block, path+"."+inner.TypeName, visit)
	}
}

// TestDescriptionsTellDefaultsAndReplacements compares what the schemas of
// resources do with what they say.
func TestDescriptionsTellDefaultsAndReplacements(t *testing.T) {
	t.Parallel()
	defaults, replacements := 0, 0
	for _, construct := range provider.New("test")().Resources(t.Context()) {
		var (
			meta resource.MetadataResponse
			resp resource.SchemaResponse
		)
		construct().Metadata(t.Context(), resource.MetadataRequest{ProviderTypeName: "aep"}, &meta)
		construct().Schema(t.Context(), resource.SchemaRequest{}, &resp)
		for _, name := range slices.Sorted(maps.Keys(resp.Schema.Attributes)) {
			a := resp.Schema.Attributes[name]
			text, path := a.GetMarkdownDescription(), meta.TypeName+"."+name
			if value, ok := defaultOf(t.Context(), a); ok {
				defaults++
				if !coretest.Says(text, "Defaults to `"+value) {
					t.Errorf("%s defaults to %s, but says %q", path, value, text)
				}
				if choices := choicesOf(t.Context(), a); choices != "" && !strings.Contains(choices, `: ["`+value+`" `) {
					t.Errorf("%s defaults to %s, but a refusal of a value names another first: %q", path, value, choices)
				}
			}
			if replaces(t.Context(), a) {
				replacements++
				if !coretest.Says(text, "Changing this replaces the") {
					t.Errorf("%s replaces the resource, but says %q", path, text)
				}
			}
		}
	}
	if defaults < 15 || replacements < 6 {
		t.Errorf("only %d defaults and %d replacements were found", defaults, replacements)
	}
}

// defaultOf returns the default of an attribute as the documentation writes it.
func defaultOf(ctx context.Context, a schema.Attribute) (string, bool) {
	field := reflect.ValueOf(a).FieldByName("Default")
	if !field.IsValid() || field.IsNil() {
		return "", false
	}
	describer, ok := field.Interface().(interface{ Description(context.Context) string })
	if !ok {
		return "", false
	}
	text := describer.Description(ctx)
	return strings.TrimSuffix(strings.Trim(text[strings.LastIndex(text, " ")+1:], `"`), ".000000"), true
}

// choicesOf returns the text that lists the values of an attribute that has few.
func choicesOf(ctx context.Context, a schema.Attribute) string {
	if text, ok := a.(schema.StringAttribute); ok {
		for _, v := range text.Validators {
			if it := v.Description(ctx); strings.Contains(it, "one of") {
				return it
			}
		}
	}
	return ""
}

func replaces(ctx context.Context, a schema.Attribute) bool {
	field := reflect.ValueOf(a).FieldByName("PlanModifiers")
	if !field.IsValid() {
		return false
	}
	for i := range field.Len() {
		describer, ok := field.Index(i).Interface().(interface{ Description(context.Context) string })
		if ok && strings.Contains(describer.Description(ctx), "destroy and recreate") {
			return true
		}
	}
	return false
}

// TestDeviceSetPlanTellsItsID reads what the plan of a new set says when its
// task is known.
func TestDeviceSetPlanTellsItsID(t *testing.T) {
	t.Parallel()
	p := coretest.NewPlatform(t)
	task, _ := coretest.ConsoleTask(t, p, simulator.TaskDraft{Name: "meters"}, 0)
	c := coretest.New(t, p, nil)
	planned := c.Plan(t.Context(), c.Absent("aep_upgrade_devices"), coretest.Config{
		"product_id": coretest.LwM2MProduct, "task_id": task, "device_ids": p.DeviceIDs(coretest.LwM2MProduct)[:2],
	})
	if text := planned.Diags.Errors(); text != "" {
		t.Fatal(text)
	}
	var attributes map[string]tftypes.Value
	if err := planned.Planned.As(&attributes); err != nil {
		t.Fatal(err)
	}
	if want := tftypes.NewValue(tftypes.String, fmt.Sprintf("%d/%d/default", coretest.LwM2MProduct, task)); !attributes["id"].Equal(want) {
		t.Errorf("the plan says %s, want %s", attributes["id"], want)
	}
}
