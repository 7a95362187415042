package main

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/ctwing/terraform-provider-aep/internal/provider"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/list"
	framework "github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/defaults"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// surfaceFile holds the surface of the provider: what configurations, states and commands may rely on.
const surfaceFile = "internal/provider/testdata/surface.txt"

// complete is a provider with every kind of object.
type complete interface {
	framework.Provider
	framework.ProviderWithFunctions
	framework.ProviderWithActions
	framework.ProviderWithListResources
	framework.ProviderWithEphemeralResources
}

// surface returns the surface as text: each object, with a line for each of its attributes. A line without indentation
// begins an object. The first word of an indented line names the attribute. The words after a semicolon describe the
// line to people, and are no promise; see contract.
func surface(ctx context.Context) (string, error) {
	all := provider.New("dev")().(complete)
	var block framework.SchemaResponse
	all.Schema(ctx, framework.SchemaRequest{}, &block)
	objects := map[string][]string{"provider": linesOf(ctx, all, block.Schema)}
	addDataSources(ctx, all, objects)
	addActions(ctx, all, objects)
	for _, construct := range all.Functions(ctx) {
		name, lines := functionSurface(ctx, construct())
		objects["function "+name] = lines
	}
	for _, construct := range all.Resources(ctx) {
		name, lines, err := resourceSurface(ctx, construct())
		if err != nil {
			return "", err
		}
		objects["resource "+name] = lines
	}
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(objects)) {
		fmt.Fprintf(&text, "%s\n  %s\n", name, strings.Join(objects[name], "\n  "))
	}
	return text.String(), nil
}

// addDataSources adds data sources, ephemeral resources and list resources.
func addDataSources(ctx context.Context, all complete, objects map[string][]string) {
	for _, construct := range all.DataSources(ctx) {
		var meta datasource.MetadataResponse
		var resp datasource.SchemaResponse
		construct().Metadata(ctx, datasource.MetadataRequest{ProviderTypeName: "aep"}, &meta)
		construct().Schema(ctx, datasource.SchemaRequest{}, &resp)
		objects["data source "+meta.TypeName] = linesOf(ctx, construct(), resp.Schema)
	}
	for _, construct := range all.EphemeralResources(ctx) {
		var meta ephemeral.MetadataResponse
		var resp ephemeral.SchemaResponse
		construct().Metadata(ctx, ephemeral.MetadataRequest{ProviderTypeName: "aep"}, &meta)
		construct().Schema(ctx, ephemeral.SchemaRequest{}, &resp)
		objects["ephemeral resource "+meta.TypeName] = linesOf(ctx, construct(), resp.Schema)
	}
	for _, construct := range all.ListResources(ctx) {
		var meta resource.MetadataResponse
		var resp list.ListResourceSchemaResponse
		construct().Metadata(ctx, resource.MetadataRequest{ProviderTypeName: "aep"}, &meta)
		construct().ListResourceConfigSchema(ctx, list.ListResourceSchemaRequest{}, &resp)
		objects["list resource "+meta.TypeName] = linesOf(ctx, construct(), resp.Schema)
	}
}

func addActions(ctx context.Context, all complete, objects map[string][]string) {
	for _, construct := range all.Actions(ctx) {
		var meta action.MetadataResponse
		var resp action.SchemaResponse
		construct().Metadata(ctx, action.MetadataRequest{ProviderTypeName: "aep"}, &meta)
		construct().Schema(ctx, action.SchemaRequest{}, &resp)
		objects["action "+meta.TypeName] = linesOf(ctx, construct(), resp.Schema)
	}
}

// linesOf returns the lines of an object: its rules, then its attributes.
func linesOf(ctx context.Context, object, schema any) []string {
	lines := members(ctx, "", reflect.ValueOf(schema))
	return append(rules(ctx, object, lines), lines...)
}

// resourceSurface returns the name of a resource, and its lines with those of state, import id and identity.
func resourceSurface(ctx context.Context, r resource.Resource) (name string, lines []string, err error) {
	var meta resource.MetadataResponse
	var resp resource.SchemaResponse
	r.Metadata(ctx, resource.MetadataRequest{ProviderTypeName: "aep"}, &meta)
	r.Schema(ctx, resource.SchemaRequest{}, &resp)
	form, err := importForm(ctx, meta.TypeName)
	if err != nil {
		return "", nil, err
	}
	lines = append(lines, fmt.Sprintf("(state) version %d", resp.Schema.Version), "(import) "+form)
	if r, ok := r.(resource.ResourceWithIdentity); ok {
		var identity resource.IdentitySchemaResponse
		r.IdentitySchema(ctx, resource.IdentitySchemaRequest{}, &identity)
		for _, name := range slices.Sorted(maps.Keys(identity.IdentitySchema.Attributes)) {
			a := identity.IdentitySchema.Attributes[name]
			words := []string{"(identity) " + name, typeText(ctx, a.GetType())}
			words = appendIf(words, a.IsRequiredForImport(), "required for import")
			lines = append(lines, strings.Join(appendIf(words, a.IsOptionalForImport(), "optional for import"), ", "))
		}
	}
	return meta.TypeName, append(lines, linesOf(ctx, r, resp.Schema)...), nil
}

// importForm returns the form of an import id, from the error about an id that has another form.
func importForm(ctx context.Context, typeName string) (string, error) {
	resp, err := provider.NewServer("dev")().ImportResourceState(ctx, &tfprotov6.ImportResourceStateRequest{TypeName: typeName, ID: "?"})
	if err != nil {
		return "", err
	}
	for _, d := range resp.Diagnostics {
		if _, form, found := strings.Cut(d.Detail, "is not of the form "); found {
			form, _, _ = strings.Cut(form, ", such as")
			return form, nil
		}
	}
	return "", fmt.Errorf("no error tells the form of an import id of %s: %v", typeName, resp.Diagnostics)
}

// functionSurface returns the name of a function, and a line for each parameter and the result.
func functionSurface(ctx context.Context, f function.Function) (name string, lines []string) {
	var meta function.MetadataResponse
	var resp function.DefinitionResponse
	f.Metadata(ctx, function.MetadataRequest{}, &meta)
	f.Definition(ctx, function.DefinitionRequest{}, &resp)
	for _, p := range resp.Definition.Parameters {
		words := []string{p.GetName(), typeText(ctx, p.GetType())}
		words = appendIf(words, p.GetAllowNullValue(), "may be null")
		lines = append(lines, strings.Join(appendIf(words, p.GetAllowUnknownValues(), "may be unknown"), ", "))
	}
	if p := resp.Definition.VariadicParameter; p != nil {
		lines = append(lines, fmt.Sprintf("%s, %s, any number", p.GetName(), typeText(ctx, p.GetType())))
	}
	return meta.Name, append(lines, "(result) "+typeText(ctx, resp.Definition.Return.GetType()))
}

// attribute is what all kinds of schemas have in common. Actions and data sources lack some of the rest.
type attribute interface {
	IsRequired() bool
	IsOptional() bool
	IsComputed() bool
	IsSensitive() bool
	IsWriteOnly() bool
	GetType() attr.Type
	GetDeprecationMessage() string
	GetMarkdownDescription() string
}

// members returns a line for each attribute of a schema, an object or a block, sorted by path.
func members(ctx context.Context, path string, of reflect.Value) (lines []string) {
	if nested := of.FieldByName("NestedObject"); nested.IsValid() {
		of = reflect.Indirect(nested)
	}
	for _, field := range []string{"Attributes", "Blocks"} {
		all := of.FieldByName(field)
		if !all.IsValid() {
			continue
		}
		for _, key := range all.MapKeys() {
			name, member := path+key.String(), all.MapIndex(key).Elem()
			if a, ok := reflect.TypeAssert[attribute](member); ok {
				lines = append(lines, attributeLine(ctx, name, a, member))
			}
			lines = append(lines, members(ctx, name+".", member)...)
		}
	}
	slices.Sort(lines)
	return lines
}

var (
	variable    = regexp.MustCompile("AEP_[A-Z0-9_]+")
	saidDefault = regexp.MustCompile("Defaults to `([^`]+)`")
)

// attributeLine returns the line of an attribute.
func attributeLine(ctx context.Context, name string, a attribute, value reflect.Value) string {
	text := a.GetMarkdownDescription()
	kind, _, nested := strings.Cut(typeText(ctx, a.GetType()), `["`)
	if nested { // the members have lines of their own
		kind += strings.Repeat("]", strings.Count(kind, "["))
	}
	words := []string{name, kind}
	words = appendIf(words, a.IsRequired(), "required")
	words = appendIf(words, a.IsOptional(), "optional")
	words = appendIf(words, a.IsComputed(), "computed")
	words = appendIf(words, a.IsSensitive(), "sensitive")
	words = appendIf(words, a.IsWriteOnly(), "write-only")
	words = appendIf(words, a.GetDeprecationMessage() != "", "deprecated")
	if given := defaultOf(ctx, value.FieldByName("Default")); given != "" {
		words = append(words, "default "+given)
	} else if said := saidDefault.FindStringSubmatch(text); said != nil && a.IsOptional() {
		words = append(words, "default "+said[1])
	}
	for _, text := range described(ctx, value.FieldByName("PlanModifiers")) {
		words = appendIf(words, strings.Contains(text, "destroy and recreate"), "a change replaces")
	}
	if one := variable.FindString(text); one != "" && a.IsOptional() {
		words = append(words, "environment "+one)
	}
	validators := value.FieldByName("Validators")
	texts := described(ctx, validators)
	words = append(words, limits(texts)...)
	words = append(words, choices(validators)...)
	return withWords(strings.Join(words, ", "), texts)
}

// defaultOf returns the default of a schema as text, "" if there is none. Actions, data sources and the provider have
// none in their schema, and name it in their description.
func defaultOf(ctx context.Context, field reflect.Value) string {
	if !field.IsValid() || field.IsNil() {
		return ""
	}
	switch d := field.Interface().(type) {
	case defaults.Bool:
		var resp defaults.BoolResponse
		d.DefaultBool(ctx, defaults.BoolRequest{}, &resp)
		return resp.PlanValue.String()
	case defaults.Int64:
		var resp defaults.Int64Response
		d.DefaultInt64(ctx, defaults.Int64Request{}, &resp)
		return resp.PlanValue.String()
	case defaults.Float64:
		var resp defaults.Float64Response
		d.DefaultFloat64(ctx, defaults.Float64Request{}, &resp)
		return number(resp.PlanValue.String())
	case defaults.String:
		var resp defaults.StringResponse
		d.DefaultString(ctx, defaults.StringRequest{}, &resp)
		return resp.PlanValue.ValueString()
	default:
		return strings.Join(described(ctx, field), " ")
	}
}

func typeText(ctx context.Context, t attr.Type) string {
	return strings.ToLower(strings.ReplaceAll(t.TerraformType(ctx).String(), "tftypes.", ""))
}

func appendIf(words []string, holds bool, word string) []string {
	if holds {
		return append(words, word)
	}
	return words
}
